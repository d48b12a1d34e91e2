// What a model has learned: packed rows whose inner products are scores, or a network.
import OsusumeData

/// The learned numbers of any model, and scores by them.
public enum Parameters: Sendable {
  /// Scores are inner products of packed rows.
  case factors(FactorParameters)
  /// Scores are what a network makes of rows.
  case network(NetworkParameters)
  /// Scores are what a user's ratings of similar items say.
  case neighbours(NeighbourParameters)

  /// The packed rows; nil for a network.
  public var factors: FactorParameters? {
    if case .factors(let factors) = self { factors } else { nil }
  }

  /// The network; nil for packed rows.
  public var network: NetworkParameters? {
    if case .network(let network) = self { network } else { nil }
  }

  /// The users' rows: learned vectors from lane 0 on.
  public var users: FloatMatrix {
    switch self {
    case .factors(let factors): factors.users
    case .network(let network): network.users
    case .neighbours(let neighbours): neighbours.biases.users
    }
  }

  /// The items' rows: learned vectors from lane 0 on.
  public var items: FloatMatrix {
    switch self {
    case .factors(let factors): factors.items
    case .network(let network): network.items
    case .neighbours(let neighbours): neighbours.biases.items
    }
  }

  /// Width of an entity's vector, which begins its row; nil where it has none.
  public func vectorWidth(of entity: Entity) -> Int? {
    switch self {
    case .factors(let factors):
      factors.layout.factors > 0 ? factors.layout.factors : nil
    case .network(let network):
      network.plan.slots[entity == .user ? 0 : 1]
        .first { $0.kind != .bias && $0.place == 0 }?.columns
    case .neighbours: nil
    }
  }

  /// Lane of an entity's bias in its row; nil where it has none.
  public func biasLane(of entity: Entity) -> Int? {
    switch self {
    case .factors(let factors):
      guard factors.layout.biased else { return nil }
      return entity == .user ? factors.layout.userBiasLane : factors.layout.itemBiasLane
    case .network(let network):
      return network.plan.slots[entity == .user ? 0 : 1].first { $0.kind == .bias }?.place
    case .neighbours(let neighbours):
      let layout = neighbours.biases.layout
      return entity == .user ? layout.userBiasLane : layout.itemBiasLane
    }
  }

  /// All learned tables: users, items and, in a network, layers.
  package var tables: [FloatMatrix] { [users, items] + (network.map { [$0.layers] } ?? []) }

  /// Copies the contents of other tables, of the same sizes, into these.
  package func restore(_ tables: [FloatMatrix]) {
    for (mine, theirs) in zip(self.tables, tables) {
      precondition(mine.capacity == theirs.capacity)
      mine.base.update(from: theirs.base, count: mine.capacity)
    }
  }

  /// A copy in memory of its own.
  public func copy() -> Parameters {
    switch self {
    case .factors(let factors): .factors(factors.copy())
    case .network(let network): .network(network.copy())
    case .neighbours: self  // nothing writes to it
    }
  }

  /// The same parameters with further users and items, which get the mean of the rows there are.
  public func extended(users: Int, items: Int) -> Parameters {
    switch self {
    case .factors(let factors): .factors(factors.extended(users: users, items: items))
    case .network(let network): .network(network.extended(users: users, items: items))
    case .neighbours(let neighbours):
      .neighbours(neighbours.extended(users: users, items: items))
    }
  }

  /// Raw scores of pairs; indices must be in range.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    switch self {
    case .factors(let factors): factors.scores(users: users, items: items, threads: threads)
    case .network(let network): network.scores(users: users, items: items, threads: threads)
    case .neighbours(let neighbours):
      NeighbourScorer(neighbours, threads: threads)
        .scores(users: users, items: items, threads: threads)
    }
  }

  /// One raw (unclipped) score.
  public func score(user: Int, item: Int) -> Float {
    switch self {
    case .factors(let factors): factors.score(user: user, item: item)
    case .network(let network):
      network.scores(users: [Int32(user)], items: [Int32(item)], threads: 1)[0]
    case .neighbours(let neighbours): neighbours.scores(user: user)[item]
    }
  }

  /// Errors on rows, raw and clipped to the scale; nil without rows.
  public func errors(
    on rows: IndexedRatings, scale: ClosedRange<Float> = -.infinity ... .infinity, threads: Int
  ) -> ErrorMetrics? {
    guard rows.count > 0 else { return nil }
    return ErrorMetrics(
      predictions: scores(users: rows.users, items: rows.items, threads: threads),
      truths: rows.values, scale: scale, threads: threads)
  }

  /// The `count` best items of each user, best first, ties by lower item index.
  public func topItems(
    for users: [Int32], count: Int, excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    ItemSearch(self, threads: threads).top(count, for: users, excluding: seen, threads: threads)
  }
}

/// Scores of pairs by parameters that stand still: what can be computed beforehand is.
public enum PairScorer: Sendable {
  /// By inner products.
  case factors(FactorParameters)
  /// By a network.
  case network(NetworkScorer)
  /// By neighbourhoods.
  case neighbours(NeighbourScorer)

  /// Prepares parameters.
  public init(_ parameters: Parameters, threads: Int) {
    switch parameters {
    case .factors(let factors): self = .factors(factors)
    case .network(let network): self = .network(NetworkScorer(network, threads: threads))
    case .neighbours(let neighbours):
      self = .neighbours(NeighbourScorer(neighbours, threads: threads))
    }
  }

  /// Number of users.
  public var users: Int {
    switch self {
    case .factors(let factors): factors.users.rows
    case .network(let network): network.users.rows
    case .neighbours(let neighbours): neighbours.parameters.biases.users.rows
    }
  }

  /// Number of items.
  public var items: Int {
    switch self {
    case .factors(let factors): factors.items.rows
    case .network(let network): network.items.rows
    case .neighbours(let neighbours): neighbours.parameters.biases.items.rows
    }
  }

  /// Raw scores of pairs; indices must be in range.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    switch self {
    case .factors(let factors): factors.scores(users: users, items: items, threads: threads)
    case .network(let network): network.scores(users: users, items: items, threads: threads)
    case .neighbours(let neighbours):
      neighbours.scores(users: users, items: items, threads: threads)
    }
  }

  /// Number of ratings of the distribution that the model gives; nil for models that give none.
  public var classes: Int? {
    guard case .network(let network) = self else { return nil }
    let output = network.parameters.plan.outputs[0]
    return output.target == .ratingClass ? output.value.width : nil
  }

  /// The probability of each rating for pairs, [pairs, classes]; nil for models that give none.
  public func distributions(users: [Int32], items: [Int32], threads: Int) -> [Float]? {
    guard classes != nil, case .network(let network) = self else { return nil }
    return network.distributions(users: users, items: items, threads: threads)
  }
}

/// A search for the best items of users, by any model.
public enum ItemSearch: Sendable {
  /// By bounds on inner products.
  case factors(FactorSearch)
  /// By scoring every item.
  case network(NetworkSearch)
  /// By what neighbours say of every item.
  case neighbours(NeighbourhoodSearch)

  /// Prepares all items, or those of `candidates` (distinct item indices).
  public init(_ parameters: Parameters, candidates: [Int32]? = nil, threads: Int = allCores) {
    switch parameters {
    case .factors(let factors): self = .factors(FactorSearch(factors, candidates: candidates))
    case .network(let network):
      self = .network(
        NetworkSearch(NetworkScorer(network, threads: threads), candidates: candidates))
    case .neighbours(let neighbours):
      self = .neighbours(NeighbourhoodSearch(neighbours, candidates: candidates))
    }
  }

  /// The `count` best items of a user folded into the model.
  func top(_ count: Int, for newcomer: Newcomer, excludeRated: Bool) -> TopItems {
    let rated = excludeRated ? newcomer.rated : []
    let seen = SeenItems(offsets: [0, Int32(rated.count)], items: rated)
    switch self {
    case .factors(let search):
      return search.top(count, for: [0], in: newcomer.row, excluding: seen, threads: 1)
    case .neighbours(let search):
      let items = search.parameters.biases.items.rows
      let scores = newcomer.scores((0..<Int32(items)).map { $0 })
      return search.top(count, scores: scores, excluding: rated[...])
    case .network(let search):
      return search.top(count, forRow: newcomer.row, excluding: seen)
    }
  }

  /// The `count` best items of each user, best first, ties by lower item index.
  public func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems? = nil, threads: Int
  ) -> TopItems {
    switch self {
    case .factors(let search):
      search.top(count, for: users, excluding: seen, threads: threads)
    case .network(let search):
      search.top(count, for: users, excluding: seen, threads: threads)
    case .neighbours(let search):
      search.top(count, for: users, excluding: seen, threads: threads)
    }
  }
}
