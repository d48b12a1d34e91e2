// Relations between items from their Gram matrix: who met both of two items.
import CKernels
import OsusumeData
import OsusumeModels

/// One relation of EASE (Steck 2019): B = I − P·diag(1/P_jj), P = (XᵀX + λI)⁻¹, X who met what.
///
/// Minimises |X − XB|² + λ|B|² with a diagonal of zeros. X has 1 where a user met an item. It is of a core of
/// items, which whoever few have met is not in: n people move a weight by n/(n + λ) at most. Deterministic:
/// the same bytes for any number of threads.
package struct ItemGram {
  /// People who must have met an item that is related to others, unless there are few items.
  private static let fewest = 10
  /// Items that are related whatever their number of people.
  private static let always = 2000
  /// Items that are related at most: a matrix of 1 GiB.
  private static let most = 16_384

  /// The items that are related, those most people met first; ties by item.
  let core: [Int32]
  /// Who met what of the core, by place in it, ascending within a user.
  let met: CompressedRows
  /// Number of items, related or not.
  let items: Int
  /// XᵀX, upper triangle: by places of two items the number of users who met both.
  let counts: FloatMatrix
  /// Threads at most.
  let threads: Int

  /// Counts who met both of two items, of so many.
  ///
  /// Errors: `TrainingError.tooManyItems` where `memory` bytes do not hold the counts.
  package init(
    _ met: CompressedRows, items: Int, memory: Int = .max, threads: Int
  ) throws {
    core = Self.core(of: met, items: items)
    let bytes = core.count * FloatMatrix.stride(columns: core.count) * MemoryLayout<Float>.size
    guard bytes <= memory else {
      throw TrainingError.tooManyItems(items: core.count, bytes: bytes)
    }
    self.met = Self.rows(of: met, core, items: items, threads: threads)
    counts = Self.counts(self.met, items: core.count, threads: threads)
    (self.items, self.threads) = (items, threads)
  }

  /// The items that `fewest` people or more have met, or the `always` most met if those are more.
  private static func core(of met: CompressedRows, items: Int) -> [Int32] {
    var people = [Int](repeating: 0, count: items)
    for item in met.columns { people[Int(item)] += 1 }
    let byPeople = (0..<items).filter { people[$0] > 0 }
      .sorted { (-people[$0], $0) < (-people[$1], $1) }
    let count = max(always, byPeople.count { people[$0] >= fewest })
    return byPeople.prefix(min(count, most)).map { Int32($0) }
  }

  /// Who met what, in places of a core.
  private static func rows(
    of met: CompressedRows, _ core: [Int32], items: Int, threads: Int
  ) -> CompressedRows {
    var places = [Int32](repeating: -1, count: items)
    for (place, item) in core.enumerated() { places[Int(item)] = Int32(place) }
    var rows = CompressedRows(offsets: [0], columns: [])
    rows.offsets.reserveCapacity(met.offsets.count)
    rows.columns.reserveCapacity(met.columns.count)
    for user in 0..<met.count {
      for item in met[user] where places[Int(item)] >= 0 {
        rows.columns.append(places[Int(item)])
      }
      rows.offsets.append(Int32(rows.columns.count))
    }
    rows.sortRows(columns: core.count, threads: threads)
    return rows
  }

  /// XᵀX, upper triangle.
  private static func counts(_ met: CompressedRows, items: Int, threads: Int) -> FloatMatrix {
    let gram = FloatMatrix(rows: items, columns: items)
    var next = [Int32](repeating: 0, count: items + 1)
    for item in met.columns { next[Int(item) + 1] += 1 }
    for item in 0..<items { next[item + 1] += next[item] }
    let starts = next
    var place = [Int32](repeating: 0, count: met.columns.count)
    var end = place
    ck_gram_entries(met.offsets, met.columns, met.count, &next, &place, &end)
    place.withUnsafeBufferPointer { place in
      end.withUnsafeBufferPointer { end in
        met.columns.withUnsafeBufferPointer { columns in
          nonisolated(unsafe) let (place, end, columns) = (place, end, columns)
          // Claimed in order: the first rows, which most people met, take longest.
          forEachChunk(items, threads: threads) { item in
            let own = Int(starts[item])..<Int(starts[item + 1])
            ck_gram_row(
              columns.baseAddress, place.baseAddress.map { $0 + own.lowerBound },
              end.baseAddress.map { $0 + own.lowerBound }, own.count, item, items,
              gram.base + item * gram.stride)
          }
        }
      }
    }
    return gram
  }

  /// Fits the relation and keeps its largest weights, about `most` for each of all items, times `scale`.
  ///
  /// Weights are kept wherever they are large: keeping as many of each item makes worse lists. `counts` is
  /// overwritten, so this comes last.
  package consuming func relation(
    regularization: Double, most: Int, scale: Float
  ) throws -> ItemRelation {
    try counts.negateAndInvert(adding: regularization, threads: threads)
    let kept = most * items
    return KeptWeights(self).relation(most: kept, scale: scale)
  }
}

extension FloatMatrix {
  /// Replaces a Gram matrix G, given by its upper triangle, by −(G + λI)⁻¹, both triangles filled.
  ///
  /// Errors: `TrainingError.notPositiveDefinite`.
  func negateAndInvert(adding penalty: Double, threads: Int) throws {
    for item in 0..<rows { base[item * (stride + 1)] += Float(penalty) }
    guard negateAndInvert(threads: threads) else {
      throw TrainingError.notPositiveDefinite(regularization: penalty)
    }
  }
}
