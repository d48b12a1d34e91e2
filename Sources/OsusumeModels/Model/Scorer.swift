// What every kind of model can do: score, rank, take in newcomers, be saved and be read back.
import OsusumeData

/// Learned parameters that score (user, item) pairs.
///
/// A model with another way to score is one type that conforms and one line in `Model.scorerKinds`
/// (docs/adding-a-scorer.md). Indices handed to a scorer are in range: its callers have checked them.
public protocol Scorer: Sendable {
  /// Number of users it scores.
  var userCount: Int { get }
  /// Number of items it scores.
  var itemCount: Int { get }

  // MARK: Scores

  /// The scorer with everything computed that does not depend on the pair.
  func prepared(threads: Int) -> any PairScorer

  /// One raw (unclipped) score.
  func score(user: Int, item: Int) -> Float

  /// A search for the best of all items, or of `candidates` (distinct item indices).
  func search(candidates: [Int32]?, threads: Int) -> any ItemSearch

  /// The same scorer with further users and items, of which nothing is known but the mean of the others.
  func extended(users: Int, items: Int) -> Self

  /// How users and items that the model does not know are scored.
  func foldIn(to model: Model) throws -> any FoldInMethod

  // MARK: The model file

  /// Whether models of this specification are saved as this kind of scorer.
  static func reads(_ spec: ModelSpec) -> Bool

  /// Reads the tensors that `tensors` wrote, each of the shape that follows from the others.
  ///
  /// Errors: `ModelFileFault`.
  init(from reader: inout TensorReader, _ context: ScorerContext) throws

  /// Everything learned, under names of its own.
  var tensors: [Tensor] { get }

  /// Checks that every number and index is in its range: no other code does.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws

  /// A bound: no score, nor any number on the way to one, has a larger magnitude.
  func largestScore() -> Double

  /// What that bound may be at most.
  static var scoreLimit: Double { get }

  // MARK: Optional; by default nil, empty, or the scorer itself

  /// The vectors of users or of items that similarity goes by.
  func vectors(of entity: Entity) -> FactorVectors?

  /// The vectors whose inner products are part of every score, exactly: what was added to them or they were
  /// multiplied by on the way is in them.
  func innerVectors(of entity: Entity, threads: Int) -> FactorVectors?

  /// The biases of users or of items, in order of index.
  func biases(of entity: Entity) -> [Float]?

  /// The items that the scorer itself relates to an item, in order of index, and how similar they are.
  func neighbours(ofItem item: Int) -> [(item: Int, similarity: Float)]?

  /// What those similarities are.
  var neighbourMeasure: NeighbourMeasure { get }

  /// The tables that training changes in place: of users, of items, then any others.
  var tables: [FloatMatrix] { get }

  /// A copy with tables of its own.
  func copy() -> Self
}

/// What a scorer's own similarities between items are.
public enum NeighbourMeasure: String, Sendable, Codable {
  /// The cosine between residuals of ratings, shrunk the more the fewer people rated both items.
  case cosine
  /// The correlation between who met two items, all other items held fixed.
  case partialCorrelation = "partial_correlation"
}

/// Scores of pairs by parameters that no longer change.
public protocol PairScorer: Sendable {
  /// Raw scores: element n is of users[n] and items[n].
  func scores(users: [Int32], items: [Int32], threads: Int) -> [Float]

  /// Number of ratings 1, 2, 3 … of the distribution that it predicts; nil unless it predicts one.
  var classes: Int? { get }

  /// The probability of each rating, [pairs, classes]; nil unless it predicts a distribution.
  func distributions(users: [Int32], items: [Int32], threads: Int) -> [Float]?

  /// The probability that each pair's label is 1; nil unless it predicts labels.
  func probabilities(users: [Int32], items: [Int32], threads: Int) -> [Float]?

  /// What each item that a user has met adds to the score of an item, in order of item; the sum is the score.
  ///
  /// nil where scores are not such sums.
  func contributions(user: Int, item: Int) -> [Contribution]?
}

/// An item that a user has met, and what it adds to a score.
public struct Contribution: Sendable, Equatable {
  /// Index of the item.
  public let item: Int32
  /// What it adds; below 0 where it speaks against.
  public let value: Float
}

/// What a model file holds besides a scorer's tensors, for a scorer that is being read from it.
public struct ScorerContext: Sendable {
  /// What the model is.
  public let spec: ModelSpec
  /// The settings it was trained with.
  public let hyperparameters: Hyperparameters
  /// Number of users.
  public let userCount: Int
  /// Original item ids, in order of index.
  public let itemIDs: IDMap
  /// Number of training ratings of each item.
  public let itemCounts: [Int32]
  /// Metadata of items.
  public let catalog: ItemCatalog
  /// The lowest and the highest training rating.
  public let scale: ClosedRange<Float>
  /// What each user has rated; its indices are not checked yet.
  public let seen: SeenItems
  /// What they rated it, checked; nil where the file does not say.
  public let seenRatings: SeenRatings?
  /// What each user has seen without rating it, likewise not checked; nil where the file does not say.
  public let seenUnrated: SeenItems?

  /// Number of items.
  public var itemCount: Int { itemIDs.count }
}
