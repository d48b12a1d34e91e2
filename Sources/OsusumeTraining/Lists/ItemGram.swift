// The relation between items from their Gram matrix: who met both of two items.
import CKernels
import OsusumeData
import OsusumeModels

/// The relation of EASE (Steck 2019): B = I − P·diag(1/P_jj), P = (XᵀX + λI)⁻¹, X who met what.
///
/// Minimises |X − XB|² + λ|B|² with a diagonal of zeros. It is of a core of items, the most met: the others
/// have a hundredth of the meetings and would take most of the time, which grows with the cube of the items.
/// Deterministic: the same bytes for any number of threads.
package struct ItemGram {
  /// The fraction of all meetings that the items which are related have.
  private static let carried = 0.99
  /// Items that are related whatever they carry.
  private static let always = 2000
  /// Items that are related at most: a matrix of 1 GiB.
  private static let most = 16_384

  /// The items that are related, those most people met first; ties by item.
  let core: [Int32]
  /// Who met what of the core, by place in it.
  let met: WeightedRows
  /// Number of items, related or not.
  let items: Int
  /// XᵀX by places of items, upper triangle.
  let counts: FloatMatrix
  /// Threads at most.
  let threads: Int

  /// The Gram matrix of the core of so many items.
  ///
  /// Errors: `TrainingError.tooManyItems` where `memory` bytes do not hold it.
  package init(
    _ met: WeightedRows, items: Int, memory: Int = AvailableMemory.bytes, threads: Int
  ) throws {
    var people = [Int32](repeating: 0, count: items)
    ck_columns_count(met.rows.columns, 0, met.rows.columns.count, &people)
    core = Self.core(people: people)
    try Self.check(core: core.count, memory: memory)
    var places = [Int32](repeating: -1, count: items)
    for (place, item) in core.enumerated() { places[Int(item)] = Int32(place) }
    self.met = met.renumbered(places, columns: core.count, threads: threads)
    counts = Self.counts(self.met, items: core.count, threads: threads)
    (self.items, self.threads) = (items, threads)
  }

  /// The items that carry `carried` of all meetings, or the `always` most met if those are more.
  ///
  /// `people` is how many have met each item.
  private static func core(people: [Int32]) -> [Int32] {
    let byPeople = people.indices.filter { people[$0] > 0 }
      .sorted { (-people[$0], $0) < (-people[$1], $1) }
    var left = Int(carried * Double(people.reduce(0) { $0 + Int($1) }))
    let count = byPeople.prefix { item in
      defer { left -= Int(people[item]) }
      return left > 0
    }.count
    return byPeople.prefix(min(max(always, count), most)).map { Int32($0) }
  }

  /// The number of items that would be related and the bytes that it takes, found from who met what alone: what
  /// counts nothing is among it.
  static func need(_ met: [[Int32]], items: Int) -> (items: Int, bytes: Int) {
    var people = [Int32](repeating: 0, count: items)
    for met in met { ck_columns_count(met, 0, met.count, &people) }
    let count = core(people: people).count
    return (count, bytes(core: count))
  }

  /// What a matrix of so many items takes, beside it panels of its inverse, and two matrices for the choice of the
  /// penalty.
  private static func bytes(core count: Int) -> Int {
    let ranked = min(count, PenaltyChoice.mostItems)
    let floats = [(count, count), (2 * count, FloatMatrix.blockSize), (2 * ranked, ranked)].map {
      $0 * FloatMatrix.stride(columns: $1)
    }
    return floats.reduce(0, +) * MemoryLayout<Float>.size
  }

  /// Fails where so many bytes do not hold what so many items need.
  ///
  /// Errors: `TrainingError.tooManyItems`.
  static func check(core count: Int, memory: Int) throws {
    let bytes = bytes(core: count)
    guard bytes <= memory else {
      throw TrainingError.tooManyItems(items: count, bytes: bytes, available: memory)
    }
  }

  /// XᵀX, upper triangle.
  private static func counts(_ met: WeightedRows, items: Int, threads: Int) -> FloatMatrix {
    let (met, strengths) = (met.rows, met.strengths)
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
              columns.baseAddress, strengths, place.baseAddress.map { $0 + own.lowerBound },
              end.baseAddress.map { $0 + own.lowerBound }, own.count, item, items,
              gram.base + item * gram.stride)
          }
        }
      }
    }
    return gram
  }

  /// Fits the relation and keeps its largest weights, about `most` for each of all items.
  ///
  /// Weights are kept wherever they are large: keeping as many of each item makes worse lists. `counts` is
  /// overwritten, so this comes last.
  package consuming func relation(regularization: Double, most: Int) throws -> ItemRelation {
    try counts.negateAndInvert(adding: regularization, threads: threads)
    let kept = most * items
    return KeptWeights(self).relation(most: kept)
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
