// Scores for user–item pairs that come as text, in bulk or one at a time.
import OsusumeData
import OsusumeModels

/// Predicts scores for pairs of original ids.
public struct PairPredictor: Sendable {
  /// How an id that the model does not know is answered.
  public enum Cold: String, Sendable, CaseIterable {
    /// An error that names the id.
    case refuse
    /// With the mean of all users, or items.
    case mean
  }

  /// Score of one pair.
  public struct Prediction: Sendable, Equatable, Codable {
    /// On the scale of the ratings, unless raw scores were asked for.
    public let score: Float
    /// Whether the user or the item is unknown.
    public let isCold: Bool
    /// The probability of each rating 1, 2, 3 …; nil for models that give none.
    public let distribution: [Float]?
    /// The interval of the rating at the probability asked for; nil where none was.
    public let interval: ClosedRange<Float>?
    /// The probability that the user likes the item, from models that predict it beside the rating; else nil.
    public var probability: Float?
    /// The rating nearest to the score of those that occur; nil for models that predict none, or keep none.
    public var rounded: Float?
  }

  /// Scores by the model's tables; with `Cold.mean`, their last rows are means.
  let scorer: any PairScorer
  let users: IDLookup
  let items: IDLookup
  private let cold: Cold
  /// Numbers of users and items of the model.
  private let sizes: (users: Int, items: Int)
  /// Indices of the means that `Cold.mean` answers with.
  private let unknownUser: Int32, unknownItem: Int32
  /// How biases change with time; nil where they do not.
  private let timeBiases: TimeBiases?
  private let bounds: ClosedRange<Float>?
  /// The ratings there are, where scores are such.
  private let steps: SeenRatings?
  /// Whether texts get a column for the probability of each rating.
  let withDistribution: Bool
  /// Whether pairs get the probability that the user likes the item, beside the rating.
  let givesProbabilities: Bool
  /// What texts with ratings get besides; nil where nobody wants it.
  let details: PairDetails?
  /// How intervals are found; nil: there are none.
  private let intervals: Intervals?

  /// Draws of the model's vectors, and the standard deviations from the score to either end.
  private struct Intervals {
    let draws: PosteriorDraws
    let vectors: FactorParameters
    let reach: Float
  }

  /// Makes a predictor; scores are clipped to the model's scale unless `raw`.
  ///
  /// `distribution` adds to texts the probability of each rating, where the model predicts it; `interval`, a
  /// probability, the interval that holds the rating with it, where the model has draws. With `details`, texts whose
  /// header names a column of ratings keep it and get what stands beside it: the score rounded to the steps of the
  /// scale, the error, and the title.
  ///
  /// Errors: `SettingError` for an interval that is no probability between 0 and 1.
  public init(
    _ model: Model, cold: Cold = .refuse, raw: Bool = false, distribution: Bool = false,
    interval: Double? = nil, details: Bool = false
  ) throws {
    if let interval, !(interval > 0 && interval < 1) {
      throw SettingError.outOfRange(
        setting: "interval", value: "\(interval)", range: "a probability between 0 and 1")
    }
    sizes = (model.userIDs.count, model.itemIDs.count)
    self.cold = cold
    self.details = details ? PairDetails(model) : nil
    withDistribution = distribution
    givesProbabilities = model.spec.predictsRatings && model.spec.needsLabels
    let further = cold == .mean ? 1 : 0
    let (users, items) = (model.userIDs.count + further, model.itemIDs.count + further)
    let known = model.parameters.extended(users: users, items: items)
    intervals = interval.flatMap { probability in
      guard let draws = model.learned.draws, let vectors = known.factors else { return nil }
      return Intervals(
        draws: draws.extended(users: users, items: items), vectors: vectors,
        reach: Float(normalQuantile(holding: probability)))
    }
    scorer = known.prepared(threads: allCores)
    (unknownUser, unknownItem) = (Int32(users - 1), Int32(items - 1))
    timeBiases = model.learned.timeBiases
    self.users = IDLookup(model.userIDs)
    self.items = IDLookup(model.itemIDs)
    steps = model.spec.predictsRatings ? model.seenRatings : nil
    bounds = raw || !model.spec.predictsRatings ? nil : model.scale
  }

  /// The score of one pair, as of a time in seconds since 1970 where the model's biases change; without a
  /// time, as of the end of its training data.
  ///
  /// Errors: `PairError`.
  public func predict(user: String, item: String, at time: Int64? = nil) throws -> Prediction {
    let place = PairError.Place.options
    let u = try index(of: Array(user.utf8)[...], .user, place)
    let i = try index(of: Array(item.utf8)[...], .item, place)
    let score = scores(users: [u.index], items: [i.index], at: time.map { [$0] } ?? [])[0]
    let distribution = scorer.distributions(users: [u.index], items: [i.index], threads: 1)
    let interval = interval(user: u.index, item: i.index, around: score)
    let probability =
      givesProbabilities
      ? scorer.probabilities(users: [u.index], items: [i.index], threads: 1)?.first : nil
    guard score.isFinite, distribution?.allSatisfy(\.isFinite) ?? true,
      probability?.isFinite ?? true, interval != nil || intervals == nil
    else { throw PairError.notFinite(user: user, item: item, place) }
    return Prediction(
      score: clip(score), isCold: u.isCold || i.isCold, distribution: distribution,
      interval: interval, probability: probability, rounded: steps?.nearest(to: score))
  }

  /// The score of an item for somebody who was folded into the model.
  ///
  /// Errors: `PairError` where the model does not know the item, or the score is not a finite number;
  /// `NewcomerError`.
  public func predict(_ newcomer: Newcomer, item: String) throws -> Prediction {
    try newcomer.check(.user, others: sizes.items)
    let i = try index(of: Array(item.utf8)[...], .item, .options)
    let score = newcomer.score(Int(i.index))
    guard score.isFinite else { throw PairError.notFinite(user: "", item: item, .options) }
    return Prediction(
      score: clip(score), isCold: false, distribution: nil, interval: nil,
      rounded: steps?.nearest(to: score))
  }

  /// Whether scores depend on time.
  public var isTimed: Bool { timeBiases != nil }

  /// Raw scores of pairs, each as of its time; without times, as of the end of the training data.
  func scores(users: [Int32], items: [Int32], at times: [Int64]) -> [Float] {
    scorer.scores(users: users, items: items, at: times, timeBiases, threads: 1)
  }

  /// The interval of a rating at the probability asked for; nil where none was, the model has no draws, or
  /// the bounds are not finite numbers.
  func interval(user: Int32, item: Int32, around score: Float) -> ClosedRange<Float>? {
    guard let intervals else { return nil }
    let half =
      intervals.reach
      * intervals.draws.deviation(user: Int(user), item: Int(item), in: intervals.vectors)
    let (low, high) = (score - half, score + half)
    return low.isFinite && high.isFinite ? clip(low)...clip(high) : nil
  }

  /// Whether pairs get intervals.
  public var givesIntervals: Bool { intervals != nil }

  /// Number of ratings of the distribution that the model predicts; nil where it predicts none.
  public var classes: Int? { scorer.classes }

  /// A raw score on the scale that was asked for.
  func clip(_ score: Float) -> Float {
    guard let bounds else { return score }
    return min(max(score, bounds.lowerBound), bounds.upperBound)
  }

  /// The index of an id, or that of the mean where it is unknown and `cold` allows it.
  func index(
    of id: ArraySlice<UInt8>, _ entity: Entity, _ place: @autoclosure () -> PairError.Place
  ) throws -> (index: Int32, isCold: Bool) {
    let lookup = entity == .user ? users : items
    if let index = lookup.index(of: id) { return (index, false) }
    guard cold == .mean else {
      throw PairError.unknown(entity, String(decoding: id, as: UTF8.self), place())
    }
    return (entity == .user ? unknownUser : unknownItem, true)
  }
}
