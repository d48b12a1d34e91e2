// Item neighbourhoods as a model: which items speak for which, and what each user's ratings left over.
import CKernels
import OsusumeData

/// score(u, i) = μ + b_u + b_i + Σ s_ij·e_uj / (Σ |s_ij| + damping), over the items j that u has rated and
/// that are among the neighbours of i; e are what the biases leave of ratings.
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
    public init(offsets: [Int32], items: [Int32], values: [Float]) {
      (self.offsets, self.items, self.values) = (offsets, items, values)
    }

    /// Number of rows.
    public var count: Int { offsets.count - 1 }

    /// The same entries by column, `columns` of them: from "item i has neighbours j" to "item j speaks
    /// for items i", i ascending, and back.
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
  /// By user: the items rated, ascending, and what the biases leave of the ratings.
  public let ratings: Lists
  /// Pulls towards the biases where few neighbours are rated.
  public let damping: Float

  /// Makes parameters from their parts.
  public init(biases: FactorParameters, reverseNeighbours: Lists, ratings: Lists, damping: Float) {
    precondition(biases.layout.factors == 0)
    self.biases = biases
    self.reverseNeighbours = reverseNeighbours
    self.ratings = ratings
    self.damping = damping
  }

  /// The same with further users and items, of whom nothing but the mean bias is known.
  func extended(users: Int, items: Int) -> NeighbourParameters {
    NeighbourParameters(
      biases: biases.extended(users: users, items: items), reverseNeighbours: reverseNeighbours,
      ratings: ratings,
      damping: damping)
  }

  /// Raw scores of a user for all items.
  func scores(user: Int) -> [Float] {
    let places = places(ofUser: user)
    var scores = [Float](repeating: 0, count: biases.items.rows)
    var sums = [Float](repeating: 0, count: 2 * reverseNeighbours.count)
    ratings.items[places].withUnsafeBufferPointer { rated in
      ratings.values[places].withUnsafeBufferPointer { residuals in
        ck_knn_scores(
          rated.baseAddress, residuals.baseAddress, rated.count, reverseNeighbours.offsets,
          reverseNeighbours.items, reverseNeighbours.values, reverseNeighbours.count, damping,
          &sums, &scores)
      }
    }
    let base = biases.mean + biases.users[user][biases.layout.userBiasLane]
    let (table, lane) = (biases.items, biases.layout.itemBiasLane)
    for item in scores.indices { scores[item] += base + table.base[item * table.stride + lane] }
    return scores
  }

  /// Where a user's ratings stand; nowhere for a user beyond the last one that has any.
  func places(ofUser user: Int) -> Range<Int> {
    user < ratings.count
      ? Int(ratings.offsets[user])..<Int(ratings.offsets[user + 1])
      : ratings.items.endIndex..<ratings.items.endIndex
  }
}

/// The items of a neighbourhood model, ready to be ranked for users.
public struct NeighbourhoodSearch: Sendable {
  let parameters: NeighbourParameters
  /// Candidates, ascending.
  private let candidates: [Int32]

  /// Prepares all items, or those of `candidates` (distinct item indices).
  init(_ parameters: NeighbourParameters, candidates: [Int32]?) {
    self.parameters = parameters
    self.candidates = candidates?.sorted() ?? (0..<Int32(parameters.biases.items.rows)).map { $0 }
  }

  /// As `FactorSearch.top`.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    let rows = mapChunks(users.count, threads: threads) { place in
      let user = Int(users[place])
      return top(count, scores: parameters.scores(user: user), excluding: seen?[user] ?? [])
    }
    return TopItems(width: count, items: rows.flatMap(\.items), scores: rows.flatMap(\.scores))
  }

  /// The `count` best items by somebody's scores for all items.
  func top(_ count: Int, scores: [Float], excluding seen: ArraySlice<Int32>) -> TopItems {
    let own = candidates.map { scores[Int($0)] }
    var items = [Int32](repeating: -1, count: count)
    var best = [Float](repeating: -.infinity, count: count)
    seen.withUnsafeBufferPointer { seen in
      ck_topn_select(
        own, candidates, candidates.count, seen.baseAddress, seen.count, count, &items, &best)
    }
    return TopItems(width: count, items: items, scores: best)
  }
}
