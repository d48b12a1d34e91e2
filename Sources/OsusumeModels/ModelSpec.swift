// What a model is, as a value: a score formula, how it is fitted, and its default settings.
import OsusumeData

/// Whose bias, embedding or factor a term belongs to.
public enum Entity: String, Codable, Sendable, Hashable {
  /// The one who rates.
  case user
  /// The thing rated.
  case item
}

/// A score formula: a small expression tree over a (user, item) pair.
public indirect enum Expression: Codable, Sendable, Hashable {
  /// μ, the mean of the training ratings (not learned).
  case globalMean
  /// A learned scalar for each user or item.
  case bias(Entity)
  /// p·q: the inner product of a learned vector of the user and one of the item; its width is the
  /// setting `factors`.
  case dot
  /// The number of training ratings of the item.
  case itemCount
  /// The sum of its terms.
  case sum([Expression])

  /// Sum of two expressions, flattened.
  public static func + (left: Self, right: Self) -> Self {
    .sum(left.terms + right.terms)
  }

  /// The terms of a sum; the expression itself otherwise.
  public var terms: [Self] {
    if case .sum(let terms) = self { terms } else { [self] }
  }
}

/// How a model's parameters are found.
public enum Fit: String, Codable, Sendable, Hashable {
  /// Minibatches and an optimizer with state (Adam and its kin).
  case minibatch
  /// One update a rating, tile by tile (stochastic gradient descent).
  case tiledSGD
  /// Each side's rows in closed form given the other's, in turn (alternating least squares).
  case als
  /// A closed form or a convergent alternation of closed forms.
  case closedForm
}

/// A model: what it computes, how it is fitted, which settings it starts from.
public struct ModelSpec: Codable, Sendable, Hashable {
  /// The catalog name.
  public var name: String
  /// One sentence for the catalog.
  public var summary: String
  /// What it computes for a (user, item) pair.
  public var score: Expression
  /// How its parameters are found.
  public var fit: Fit
  /// The settings it starts from; any flag of the command line overrides one.
  public var defaults: Hyperparameters
  /// Where the model comes from: paper, tutorial.
  public var source: String

  /// Makes a specification from its parts.
  public init(
    _ name: String, summary: String, score: Expression, fit: Fit, defaults: Hyperparameters,
    source: String
  ) {
    self.name = name
    self.summary = summary
    self.score = score
    self.fit = fit
    self.defaults = defaults
    self.source = source
  }

  /// Whether scores are on the scale of the ratings (so that RMSE means something).
  public var predictsRatings: Bool { !score.terms.contains(.itemCount) }
}
