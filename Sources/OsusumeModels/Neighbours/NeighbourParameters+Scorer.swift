// Item neighbourhoods as a kind of scorer.
import OsusumeData

extension NeighbourParameters: Scorer {
  /// Number of users.
  public var userCount: Int { biases.userCount }
  /// Number of items.
  public var itemCount: Int { biases.itemCount }

  /// Collects each item's neighbours.
  public func prepared(threads: Int) -> any PairScorer { NeighbourScorer(self, threads: threads) }

  /// One raw score.
  public func score(user: Int, item: Int) -> Float { scores(user: user)[item] }

  /// A search that scores all items at once, by the neighbours of those that a user rated.
  public func search(candidates: [Int32]?, threads: Int) -> any ItemSearch {
    FullSearch(items: itemCount, candidates: candidates) { user, candidates in
      let scores = scores(user: Int(user))
      return candidates.map { scores[Int($0)] }
    }
  }

  /// The same with further users and items, of which nothing but the mean bias is known.
  public func extended(users: Int, items: Int) -> NeighbourParameters {
    NeighbourParameters(
      biases: biases.extended(users: users, items: items), reverseNeighbours: reverseNeighbours,
      ratings: ratings, damping: damping)
  }

  /// Fits a bias, and scores by the ratings themselves.
  public func foldIn(to model: Model) throws -> any FoldInMethod {
    NeighbourFoldIn(
      biases: FactorFoldIn(model, biases), scorer: NeighbourScorer(self, threads: allCores),
      model: model.spec.name)
  }

  /// The biases of users or of items.
  public func biases(of entity: Entity) -> [Float]? { biases.biases(of: entity) }

  /// The items among whose ratings' residuals an item's scores are averaged.
  public func neighbours(ofItem item: Int) -> [(item: Int, similarity: Float)]? {
    (0..<reverseNeighbours.count).flatMap { neighbour in
      (Int(reverseNeighbours.offsets[neighbour])..<Int(reverseNeighbours.offsets[neighbour + 1]))
        .filter { reverseNeighbours.items[$0] == Int32(item) }
        .map { (neighbour, reverseNeighbours.values[$0]) }
    }
  }
}

/// A neighbourhood model's way to take in users.
private struct NeighbourFoldIn: FoldInMethod {
  let biases: FactorFoldIn
  let scorer: NeighbourScorer
  /// Its name, for errors.
  let model: String

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    guard entity == .user else { throw FoldInError.usersOnly(model: model) }
    let bias = biases.vector(of: .user, ratings: ratings)
    return FoldedIn(.user, vector: bias, scorer: scorer.with(user: bias, ratings: ratings))
  }
}
