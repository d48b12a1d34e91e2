// Item neighbourhoods as a model: which items are similar, and each user's residuals under the biases.
import CKernels
import OsusumeData

/// score(u, i) = μ + b_u + b_i + Σ s_ij·e_uj / (Σ |s_ij| + damping), over the items j that u has rated and
/// that are among the neighbours of i; e are the residuals of the user's ratings under the biases.
public struct NeighbourParameters: Sendable {
  /// Rows of compressed lists with a number beside each entry.
  public struct Lists: Sendable {
    /// rows + 1 offsets.
    public var offsets: [Int32]
    /// Item indices.
    public var items: [Int32]
    /// A number for each.
    public var values: [Float]

    /// Makes lists from their parts.
    package init(offsets: [Int32], items: [Int32], values: [Float]) {
      (self.offsets, self.items, self.values) = (offsets, items, values)
    }

    /// Number of rows.
    public var count: Int { offsets.count - 1 }

    /// Calls `body` with the lists, which it may read until it returns.
    package func withKernel<Result>(
      _ body: (UnsafePointer<ck_csr>) throws -> Result
    ) rethrows -> Result {
      try ck_csr.lend(offsets: offsets, columns: items, values: values, to: body)
    }

    /// Calls `body` with the entries of some places, which it may read until it returns.
    func withEntries(_ places: Range<Int>, _ body: (UnsafePointer<ck_csr_row>) -> Void) {
      items[places].withUnsafeBufferPointer { items in
        values[places].withUnsafeBufferPointer { values in
          let row = ck_csr_row(
            count: places.count, columns: items.baseAddress, values: values.baseAddress)
          withUnsafePointer(to: row) { body($0) }
        }
      }
    }

    /// The same entries by column, `columns` of them: from the neighbours j of each item i to the items i
    /// that each j is a neighbour of, ascending, and back.
    package func transposed(columns: Int, threads: Int) -> Lists {
      var owners = [Int32](repeating: 0, count: items.count)
      for row in 0..<count {
        for place in Int(offsets[row])..<Int(offsets[row + 1]) { owners[place] = Int32(row) }
      }
      let groups = Grouping(keys: items, count: columns, threads: threads)
      return Lists(
        offsets: groups.offsets, items: groups.order.map { owners[Int($0)] },
        values: groups.order.map { values[Int($0)] })
    }
  }

  /// μ, b_u and b_i: parameters without factors.
  public let biases: FactorParameters
  /// By item j: the items that have j among their neighbours, and how similar they are.
  public let reverseNeighbours: Lists
  /// By user: the items rated, ascending, and the residuals of the ratings under the biases.
  public let ratings: Lists
  /// Pulls towards the biases where few neighbours are rated.
  public let damping: Float

  /// Makes parameters from their parts.
  package init(biases: FactorParameters, reverseNeighbours: Lists, ratings: Lists, damping: Float) {
    precondition(biases.layout.factors == 0)
    self.biases = biases
    self.reverseNeighbours = reverseNeighbours
    self.ratings = ratings
    self.damping = damping
  }

  /// Raw scores of a user for all items.
  func scores(user: Int) -> [Float] {
    var scores = [Float](repeating: 0, count: biases.items.rows)
    var sums = [Float](repeating: 0, count: 2 * reverseNeighbours.count)
    ratings.withEntries(places(ofUser: user)) { own in
      reverseNeighbours.withKernel { ck_knn_scores(own, $0, damping, &sums, &scores) }
    }
    let base = biases.mean + biases.users[user][biases.layout.userBiasLane]
    let (table, lane) = (biases.items, biases.layout.itemBiasLane)
    for item in scores.indices { scores[item] += base + table.base[item * table.stride + lane] }
    return scores
  }

  /// Where a user's ratings are in `ratings`; nowhere for a user beyond the last one that has any.
  func places(ofUser user: Int) -> Range<Int> {
    user < ratings.count
      ? Int(ratings.offsets[user])..<Int(ratings.offsets[user + 1])
      : ratings.items.endIndex..<ratings.items.endIndex
  }
}
