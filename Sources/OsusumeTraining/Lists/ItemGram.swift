// Relations between items from their Gram matrix: who met both of two items.
import CKernels
import OsusumeData
import OsusumeModels

/// One relation of EASE (Steck 2019): B = I − P·diag(1/P_jj), P = (XᵀX + λI)⁻¹, X who met what.
///
/// Minimises |X − XB|² + λ|B|² with a diagonal of zeros. X has 1 where a user met an item. Deterministic: the
/// same bytes for any number of threads.
package struct ItemGram {
  /// Who met what, items ascending within a user.
  let met: CompressedRows
  /// Number of items.
  let items: Int
  /// Threads at most.
  let threads: Int

  /// Makes the problem of who met which of so many items.
  package init(_ met: CompressedRows, items: Int, threads: Int) {
    (self.met, self.items, self.threads) = (met, items, threads)
  }

  /// XᵀX, upper triangle: by pair of `count` items the number of users who met both.
  package func counts(_ met: CompressedRows, count: Int) -> FloatMatrix {
    let gram = FloatMatrix(rows: count, columns: count)
    var next = [Int32](repeating: 0, count: count + 1)
    for item in met.columns { next[Int(item) + 1] += 1 }
    for item in 0..<count { next[item + 1] += next[item] }
    let starts = next
    var place = [Int32](repeating: 0, count: met.columns.count)
    var end = place
    ck_gram_entries(met.offsets, met.columns, met.count, &next, &place, &end)
    // Chunks of rows that are claimed in order; the first ones, whose rows are longest, take longest.
    let chunks = (count + 31) / 32
    place.withUnsafeBufferPointer { place in
      end.withUnsafeBufferPointer { end in
        met.columns.withUnsafeBufferPointer { columns in
          nonisolated(unsafe) let (place, end, columns) = (place, end, columns)
          forEachChunk(chunks, threads: threads) { chunk in
            for item in chunk * 32..<min(count, chunk * 32 + 32) {
              let first = Int(starts[item])
              guard let place = place.baseAddress, let end = end.baseAddress else { continue }
              ck_gram_row(
                columns.baseAddress, place + first, end + first, nil,
                Int(starts[item + 1]) - first, item, count, gram.base + item * gram.stride)
            }
          }
        }
      }
    }
    return gram
  }

  /// −P for a penalty.
  func negatedInverse(
    _ met: CompressedRows, count: Int, regularization: Double
  ) throws -> FloatMatrix {
    let matrix = counts(met, count: count)
    for item in 0..<count { matrix.base[item * (matrix.stride + 1)] += Float(regularization) }
    guard matrix.negateAndInvert(threads: threads) else {
      throw TrainingError.notPositiveDefinite(regularization: regularization)
    }
    return matrix
  }

  /// Fits the relation and keeps the `most` largest weights of each item, times `scale`.
  package func relation(regularization: Double, most: Int, scale: Float) throws -> ItemRelation {
    let negated = try negatedInverse(met, count: items, regularization: regularization)
    var inverse = [Float](repeating: 0, count: items)
    for item in 0..<items {
      inverse[item] = 1 / negated.base[item * (negated.stride + 1)]
    }
    let chunks = (items + 63) / 64
    let parts = mapChunks(chunks, threads: threads) { chunk in
      var scratch = [UInt32](repeating: 0, count: items)
      var columns = [Int32](repeating: 0, count: max(1, min(most, items)))
      var weights = [Float](repeating: 0, count: max(1, min(most, items)))
      var part = (counts: [Int32](), columns: [Int32](), weights: [Float]())
      for item in chunk * 64..<min(items, chunk * 64 + 64) {
        // An item nobody met says nothing.
        let kept = ck_gram_weights(
          negated.base + item * negated.stride, inverse, items, item, min(most, items), &scratch,
          &columns, &weights)
        part.counts.append(Int32(kept))
        part.columns += columns.prefix(kept)
        part.weights += weights.prefix(kept).map { $0 * scale }
      }
      return part
    }
    var offsets: [Int32] = [0]
    for count in parts.flatMap(\.counts) { offsets.append(offsets[offsets.count - 1] + count) }
    return ItemRelation(
      offsets: offsets, columns: parts.flatMap(\.columns), weights: parts.flatMap(\.weights))
  }
}
