// What a model is, as a value: a score formula, how it is fitted, and its default settings.
import OsusumeData

/// What a score is to predict.
public enum Target: String, Codable, Sendable, Hashable {
  /// The rating.
  case rating
  /// Whether the user would like the item: the probability of a label of 1.
  case interaction
  /// Which rating, of 1, 2, 3 …: a distribution over as many as the score is wide.
  case ratingClass = "rating-class"
}

/// A further score of a model and what it costs to be wrong about it.
public struct Head: Codable, Sendable, Hashable {
  /// What it computes for a (user, item) pair.
  public var score: Formula
  /// What that is to predict.
  public var target: Target
  /// What is minimised.
  public var loss: Loss
  /// How much of it counts in the sum of the losses.
  public var weight: Double

  /// Makes a head from its parts.
  public init(_ score: Formula, target: Target, loss: Loss, weight: Double) {
    self.score = score
    self.target = target
    self.loss = loss
    self.weight = weight
  }
}

/// A model: what it computes, how it is fitted, which settings it starts from.
public struct ModelSpec: Codable, Sendable, Hashable {
  /// The catalog name.
  public var name: String
  /// One sentence for the catalog.
  public var summary: String
  /// What it computes for a (user, item) pair.
  public var score: Formula
  /// How its parameters are found.
  public var fit: FitKind
  /// The settings it starts from; any flag of the command line overrides one.
  public var defaults: Hyperparameters
  /// Where the model comes from: paper, tutorial.
  public var source: String
  /// What the score is to predict.
  public var target: Target
  /// Further scores learned with it, from the same vectors and layers.
  public var heads: [Head]
  /// How a second scorer is fitted, which makes the lists; nil: lists go by the score.
  ///
  /// Sorting by predicted ratings offers everybody the few items of the highest averages. Whether somebody
  /// meets an item is another question than how they rate it, and another model answers it better.
  public var lists: FitKind?

  /// Makes a specification from its parts.
  public init(
    _ name: String, summary: String, score: Formula, fit: FitKind, defaults: Hyperparameters,
    source: String, target: Target = .rating, heads: [Head] = [], lists: FitKind? = nil
  ) {
    self.name = name
    self.summary = summary
    self.score = score
    self.fit = fit
    self.defaults = defaults
    self.source = source
    self.target = target
    self.heads = heads
    self.lists = lists
  }

  /// The model that makes the lists; nil: this one.
  public var listsModel: ModelSpec? {
    lists.flatMap { kind in Self.catalog.first { $0.fit == kind } }
  }

  /// That model and its settings: its defaults, and of these settings those of relations; nil where lists go by the
  /// score.
  package func listsPart(
    _ settings: Hyperparameters
  ) -> (spec: ModelSpec, settings: Hyperparameters)? {
    guard let lists = listsModel else { return nil }
    var own = lists.defaults
    own.takeRelations(from: settings)
    return (lists, own)
  }

  /// Whether scores are on the scale of the ratings (so that RMSE means something).
  public var predictsRatings: Bool {
    !score.terms.contains { $0 == .itemCount || $0 == .relations } && target != .interaction
      && !fit.ranksOnly
  }

  /// Whether it can learn from who met what alone, without ratings: its lists need no more.
  public var takesInteractions: Bool { !predictsRatings && !needsLabels }

  /// Whether scores are sums of a mean, biases, inner products and means over neighbours: no network.
  public var isFactorModel: Bool {
    heads.isEmpty && target == .rating
      && score.terms.allSatisfy {
        switch $0 {
        case .globalMean, .bias, .drift, .dot, .itemCount, .neighbours, .relations: true
        default: false
        }
      }
  }

  /// Reads a specification as it was encoded; those of older files have but one score, of ratings.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    summary = try values.decode(String.self, forKey: .summary)
    score = try values.decode(Formula.self, forKey: .score)
    fit = try values.decode(FitKind.self, forKey: .fit)
    defaults = try values.decode(Hyperparameters.self, forKey: .defaults)
    source = try values.decode(String.self, forKey: .source)
    target = try values.decodeIfPresent(Target.self, forKey: .target) ?? .rating
    heads = try values.decodeIfPresent([Head].self, forKey: .heads) ?? []
    lists = try values.decodeIfPresent(FitKind.self, forKey: .lists)
  }
}
