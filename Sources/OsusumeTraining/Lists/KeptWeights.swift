// The largest weights of a relation between items, out of the inverse of its Gram matrix.
import CKernels
import OsusumeData
import OsusumeModels

/// Chooses weights B_ij = −P_ij/P_jj, i ≠ j, relaxed and times (n_i/n_j)^a (`ItemGram.Options`), of a core of items, and
/// numbers them by item.
struct KeptWeights {
  /// −P, its rows times n_i^a.
  private let negated: FloatMatrix
  /// −1/P_jj, relaxed, divided by n_j^a.
  private let inverse: [Float]
  /// Places in the core and their items, by item.
  private let order: [Int32]
  private let names: [Int32]
  private let items: Int
  private let threads: Int

  /// Takes a relation whose counts have been replaced by −P, and what the diagonal got before that.
  init(_ gram: ItemGram, penalties: [Float]) {
    negated = gram.counts
    inverse = (0..<negated.rows).map { [negated] in
      let diagonal = negated.base[$0 * (negated.stride + 1)]
      return gram.options.relaxation(penalty: penalties[$0], diagonal: -diagonal) / diagonal
        / (gram.popularity.isEmpty ? 1 : gram.popularity[$0])
    }
    for (place, factor) in gram.popularity.enumerated() {
      for column in 0..<negated.rows { negated.base[place * negated.stride + column] *= factor }
    }
    order = (0..<Int32(gram.core.count)).sorted { gram.core[Int($0)] < gram.core[Int($1)] }
    names = order.map { gram.core[Int($0)] }
    (items, threads) = (gram.items, gram.threads)
  }

  /// At least the `most` largest, or all, and no zeros.
  ///
  /// Those less than a hundredth smaller than the smallest of them are kept too.
  func relation(most: Int) -> ItemRelation {
    let least = leastSize(most: most)
    let count = negated.rows
    let rows = mapChunks((count + 63) / 64, threads: threads) { chunk in
      var columns = [Int32](repeating: 0, count: count)
      var weights = [Float](repeating: 0, count: count)
      return (chunk * 64..<min(count, chunk * 64 + 64)).map { number in
        let place = Int(order[number])
        let kept = ck_gram_weights(
          negated.base + place * negated.stride, inverse, order, names, count, place, least,
          &columns, &weights)
        return (
          item: Int(names[number]), columns: Array(columns.prefix(kept)),
          weights: Array(weights.prefix(kept))
        )
      }
    }.flatMap { $0 }
    var offsets = [Int32](repeating: 0, count: items + 1)
    for row in rows { offsets[row.item + 1] = Int32(row.columns.count) }
    for item in 0..<items { offsets[item + 1] += offsets[item] }
    return ItemRelation(
      offsets: offsets, columns: rows.flatMap(\.columns), weights: rows.flatMap(\.weights))
  }

  /// The size that as many weights as are wanted have or exceed; 0 where all may be kept.
  private func leastSize(most: Int) -> UInt32 {
    let count = negated.rows
    guard most < count * (count - 1) else { return 0 }
    let parts = mapChunks(16, threads: threads) { part in
      var sizes = [UInt32](repeating: 0, count: Int(CK_GRAM_SIZES))
      for place in stride(from: part, to: count, by: 16) {
        ck_gram_sizes(negated.base + place * negated.stride, inverse, count, place, &sizes)
      }
      return sizes
    }
    var kept = 0
    for size in (0..<Int(CK_GRAM_SIZES)).reversed() {
      kept += parts.reduce(0) { $0 + Int($1[size]) }
      if kept >= most { return UInt32(size) }
    }
    return 0
  }
}
