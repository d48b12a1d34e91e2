// Scores for user–item pairs that come as text, in bulk or one at a time.
import OsusumeData

/// Predicts scores for pairs of original ids.
public struct PairPredictor: Sendable {
  /// What an id that the model does not know is answered with.
  public enum Cold: String, Sendable, CaseIterable {
    /// An error that names the id.
    case refuse
    /// The mean of all users, or items, stands in for it.
    case mean
  }

  /// Score of one pair.
  public struct Prediction: Sendable, Equatable {
    /// On the scale of the ratings, unless raw scores were asked for.
    public let score: Float
    /// Whether the user or the item is unknown.
    public let isCold: Bool
    /// The probability of each rating 1, 2, 3 …; nil for models that give none.
    public let distribution: [Float]?
    /// Where the rating lies with the probability asked for; nil where none was.
    public let interval: ClosedRange<Float>?
  }

  /// Scores by the model's tables; with `Cold.mean`, their last rows are means.
  let scorer: PairScorer
  let users: IDLookup
  let items: IDLookup
  private let cold: Cold
  /// How biases move, where they do.
  private let timeBiases: TimeBiases?
  private let bounds: ClosedRange<Float>?
  /// Whether texts get a column for the probability of each rating.
  let withDistribution: Bool
  /// Deviations of ratings from scores, and how many of them an interval reaches; nil: no intervals.
  private let spread: (draws: PosteriorDraws, reach: Float)?

  /// Makes a predictor; scores are clipped to the model's scale unless `raw`.
  ///
  /// `distribution` adds to texts the probability of each rating, where the model gives one; `interval`, a
  /// probability, where the rating lies with it, where the model keeps draws.
  public init(
    _ model: Model, cold: Cold = .refuse, raw: Bool = false, distribution: Bool = false,
    interval: Double? = nil
  ) {
    self.cold = cold
    withDistribution = distribution
    let known = model.parameters
    let further = cold == .mean ? 1 : 0
    spread = interval.flatMap { share in
      model.draws.map {
        let draws = $0.extended(
          users: known.users.rows + further, items: known.items.rows + further)
        return (draws, Float(normalQuantile(holding: share)))
      }
    }
    scorer = PairScorer(
      cold == .mean
        ? known.extended(users: known.users.rows + 1, items: known.items.rows + 1) : known,
      threads: allCores)
    timeBiases = model.timeBiases
    users = IDLookup(model.userIDs)
    items = IDLookup(model.itemIDs)
    bounds = raw || !model.spec.predictsRatings ? nil : model.scale
  }

  /// The score of one pair, as of a time in seconds since 1970 where the model's biases move; without, as of
  /// the end of its training data.
  ///
  /// Errors: `PairError`.
  public func predict(user: String, item: String, at time: Int64? = nil) throws -> Prediction {
    let place = PairError.Place.options
    let u = try index(of: Array(user.utf8)[...], .user, place)
    let i = try index(of: Array(item.utf8)[...], .item, place)
    let score = scores(users: [u.index], items: [i.index], at: time.map { [$0] } ?? [])[0]
    let distribution = scorer.distributions(users: [u.index], items: [i.index], threads: 1)
    let interval = interval(user: u.index, item: i.index, around: score)
    guard score.isFinite, distribution?.allSatisfy(\.isFinite) ?? true,
      interval != nil || spread == nil
    else { throw PairError.notFinite(user: user, item: item, place) }
    return Prediction(
      score: clip(score), isCold: u.isCold || i.isCold, distribution: distribution,
      interval: interval)
  }

  /// The score of an item for somebody who was folded into the model.
  ///
  /// Errors: `PairError` where the model does not know the item, or the score is not a finite number.
  public func predict(_ newcomer: Newcomer, item: String) throws -> Prediction {
    let i = try index(of: Array(item.utf8)[...], .item, .options)
    let score = newcomer.score(Int(i.index))
    guard score.isFinite else { throw PairError.notFinite(user: "", item: item, .options) }
    return Prediction(
      score: clip(score), isCold: false, distribution: nil, interval: nil)
  }

  /// Whether scores depend on time.
  public var isTimed: Bool { timeBiases != nil }

  /// Raw scores of pairs, each as of its time; without times, as of the end of the training data.
  func scores(users: [Int32], items: [Int32], at times: [Int64]) -> [Float] {
    let scores = scorer.scores(users: users, items: items, threads: 1)
    guard let timeBiases, !times.isEmpty else { return scores }
    let changes = timeBiases.changes(users: users, items: items, timestamps: times, threads: 1)
    return zip(scores, changes).map { $0 + $1 }
  }

  /// A time as a file of pairs states it.
  func time(_ text: ArraySlice<UInt8>, _ place: @autoclosure () -> PairError.Place) throws -> Int64
  {
    if let time = integer(text) { return time }
    throw PairError.notATime(String(decoding: text, as: UTF8.self), place())
  }

  /// Where a rating lies with the probability asked for; nil where none was, the model keeps no draws, or
  /// the bounds are not finite numbers.
  func interval(user: Int32, item: Int32, around score: Float) -> ClosedRange<Float>? {
    guard let spread, case .factors(let parameters) = scorer else { return nil }
    let deviation = spread.draws.deviation(user: Int(user), item: Int(item), in: parameters)
    let (low, high) = (score - spread.reach * deviation, score + spread.reach * deviation)
    return low.isFinite && high.isFinite ? clip(low)...clip(high) : nil
  }

  /// Whether pairs get intervals.
  public var givesIntervals: Bool { spread != nil }

  /// Whether the model gives a distribution over ratings, and over how many.
  public var classes: Int? { scorer.classes }

  /// A raw score on the scale that was asked for.
  func clip(_ score: Float) -> Float {
    guard let bounds else { return score }
    return min(max(score, bounds.lowerBound), bounds.upperBound)
  }

  /// The row of an id, or the mean row where it is unknown and that is what was asked for.
  func index(
    of id: ArraySlice<UInt8>, _ entity: Entity, _ place: @autoclosure () -> PairError.Place
  ) throws -> (index: Int32, isCold: Bool) {
    let lookup = entity == .user ? users : items
    if lookup.holdsIntegers {
      guard let number = integer(id) else {
        throw PairError.notAnInteger(entity, String(decoding: id, as: UTF8.self), place())
      }
      if let index = lookup.index(of: number) { return (index, false) }
    } else if let index = lookup.index(of: id) {
      return (index, false)
    }
    guard cold == .mean else {
      throw PairError.unknown(entity, String(decoding: id, as: UTF8.self), place())
    }
    let rows = entity == .user ? scorer.users : scorer.items
    return (Int32(rows - 1), true)
  }
}

/// The integer that is written in decimal digits, with an optional minus; nil for anything else.
func integer(_ text: ArraySlice<UInt8>) -> Int64? {
  let negative = text.first == UInt8(ascii: "-")
  var value: Int64 = 0
  for byte in negative ? text.dropFirst() : text {
    let digit = byte &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    let (tens, tooBig) = value.multipliedReportingOverflow(by: 10)
    let (sum, tooLarge) =
      negative
      ? tens.subtractingReportingOverflow(Int64(digit))
      : tens.addingReportingOverflow(Int64(digit))
    if tooBig || tooLarge { return nil }
    value = sum
  }
  return text.count > (negative ? 1 : 0) ? value : nil
}
