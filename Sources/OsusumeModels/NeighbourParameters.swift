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
  }

  /// μ, b_u and b_i: parameters without factors.
  public let biases: FactorParameters
  /// By item j: the items that have j among their neighbours, and how similar they are.
  public let spokenFor: Lists
  /// By user: the items rated, ascending, and what the biases leave of the ratings.
  public let ratings: Lists
  /// Pulls towards the biases where few neighbours are rated.
  public let damping: Float

  /// Makes parameters from their parts.
  public init(biases: FactorParameters, spokenFor: Lists, ratings: Lists, damping: Float) {
    precondition(biases.layout.factors == 0)
    self.biases = biases
    self.spokenFor = spokenFor
    self.ratings = ratings
    self.damping = damping
  }

  /// The same with further users and items, of whom nothing but the mean bias is known.
  func extended(users: Int, items: Int) -> NeighbourParameters {
    NeighbourParameters(
      biases: biases.extended(users: users, items: items), spokenFor: spokenFor, ratings: ratings,
      damping: damping)
  }

  /// Raw scores of a user for all items.
  func scores(user: Int) -> [Float] {
    var scores = [Float](repeating: 0, count: biases.items.rows)
    if user < ratings.count {
      let places = Int(ratings.offsets[user])..<Int(ratings.offsets[user + 1])
      var weights = [Float](repeating: 0, count: spokenFor.count)
      ratings.items.withUnsafeBufferPointer { rated in
        ratings.values.withUnsafeBufferPointer { residuals in
          ck_knn_scores(
            rated.baseAddress.map { $0 + places.lowerBound },
            residuals.baseAddress.map { $0 + places.lowerBound }, places.count, spokenFor.offsets,
            spokenFor.items, spokenFor.values, spokenFor.count, damping, &weights, &scores)
        }
      }
    }
    let base = biases.mean + biases.users[user][biases.layout.userBiasLane]
    let (table, lane) = (biases.items, biases.layout.itemBiasLane)
    for item in scores.indices { scores[item] += base + table.base[item * table.stride + lane] }
    return scores
  }

  /// Raw scores of pairs, a user's pairs together; indices must be in range.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    let byUser = Grouping(keys: users, count: biases.users.rows, threads: threads)
    let asked = (0..<biases.users.rows).filter { !byUser[$0].isEmpty }
    let chunks = (asked.count + 255) / 256
    return [Float](unsafeUninitializedCapacity: users.count) { out, filled in
      // Each pair belongs to one user, each user to one chunk.
      nonisolated(unsafe) let out = out
      forEachChunk(chunks, threads: threads) { chunk in
        for user in asked[evenRange(chunk, of: chunks, count: asked.count)] {
          let scores = scores(user: user)
          for place in byUser[user] { out[Int(place)] = scores[Int(items[Int(place)])] }
        }
      }
      filled = users.count
    }
  }
}

/// The items of a neighbourhood model, ready to be ranked for users.
public struct NeighbourhoodSearch: Sendable {
  private let parameters: NeighbourParameters
  /// Candidates, ascending.
  private let candidates: [Int32]

  /// Prepares all items, or those of `candidates` (distinct item indices).
  init(_ parameters: NeighbourParameters, candidates: [Int32]?) {
    self.parameters = parameters
    self.candidates = candidates?.sorted() ?? (0..<Int32(parameters.biases.items.rows)).map { $0 }
  }

  /// As `TopItemSearch.top`.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    let rows = mapChunks(users.count, threads: threads) { place in
      let scores = parameters.scores(user: Int(users[place]))
      let own = candidates.map { scores[Int($0)] }
      var items = [Int32](repeating: -1, count: count)
      var best = [Float](repeating: -.infinity, count: count)
      (seen?[Int(users[place])] ?? []).withUnsafeBufferPointer { seen in
        ck_topn_select(
          own, candidates, candidates.count, seen.baseAddress, seen.count, count, &items, &best)
      }
      return TopItems(width: count, items: items, scores: best)
    }
    return TopItems(width: count, items: rows.flatMap(\.items), scores: rows.flatMap(\.scores))
  }
}
