// Biases that change with time, relative to those at the end of the training data.
import CKernels
import OsusumeData

/// How the biases of all users, or of all items, change: sums of mean-reverting processes (`ck_drift.h`).
///
/// Known at the times of their ratings; interpolated between them and extrapolated beyond by the processes' law.
public struct Drift: Sendable {
  /// The time constant of each process, in seconds: after it a deviation has decayed to 1/e.
  public let memories: [Float]
  /// rows + 1 offsets into `times`.
  public let offsets: [Int32]
  /// Seconds since 1970 at which the bias of a user, or item, is known, strictly ascending for each.
  public let times: [Int64]
  /// Each process at each time, [times, memories].
  public let states: [Float]
  /// The offsets, and those of one more user, or item, without times: the unknown one.
  private let padded: [Int32]

  /// Makes a drift from its parts.
  package init(memories: [Float], offsets: [Int32], times: [Int64], states: [Float]) {
    precondition(states.count == times.count * memories.count)
    precondition((1...Int(CK_DRIFT_PARTS)).contains(memories.count))
    self.memories = memories
    self.offsets = offsets
    self.times = times
    self.states = states
    padded = offsets + (offsets.last.map { [$0] } ?? [])
  }

  /// Number of users, or of items.
  public var count: Int { offsets.count - 1 }

  /// How far biases are from their long-term means at some times; 0 for indices beyond the last.
  ///
  /// Times are seconds since 1970.
  package func deviations(_ rows: [Int32], at times: [Int64], threads: Int) -> [Float] {
    precondition(rows.count == times.count)
    let known = rows.map { min($0, Int32(count)) }
    let rates = memories.map { 1 / Double($0) }
    return [Float](count: rows.count, chunk: 1 << 14, threads: threads) { places, out in
      ck_drift_at(
        rates, rates.count, padded, self.times, states, Array(known[places]),
        Array(times[places]), places.count, out)
    }
  }
}

/// How a model's biases at other times differ from those at the end of its training data.
///
/// Its vectors hold the biases of that moment, `now`: code that knows nothing of times answers as of then.
public struct TimeBiases: Sendable {
  /// How users' biases change.
  public let users: Drift
  /// How items' biases change.
  public let items: Drift
  /// The latest training rating: seconds since 1970.
  public let now: Int64
  /// Deviations at `now`, which the vectors hold already; 0 for one more, the unknown one.
  let userNow: [Float]
  let itemNow: [Float]

  /// Makes biases from how both sides change.
  package init(users: Drift, items: Drift, now: Int64) {
    self.users = users
    self.items = items
    self.now = now
    (userNow, itemNow) = (Self.deviations(users, at: now), Self.deviations(items, at: now))
  }

  private static func deviations(_ drift: Drift, at time: Int64) -> [Float] {
    let rows = (0...Int32(drift.count)).map { $0 }
    return drift.deviations(rows, at: rows.map { _ in time }, threads: allCores)
  }

  /// What to add to scores as of `now` for other times, which may be in milliseconds.
  ///
  /// Indices beyond the last are of unknown users and items, whose biases do not change.
  package func changes(
    users: [Int32], items: [Int32], timestamps: [Int64], threads: Int
  ) -> [Float] {
    let times = timestamps.map(Self.seconds)
    let byUser = self.users.deviations(users, at: times, threads: threads)
    let byItem = self.items.deviations(items, at: times, threads: threads)
    return users.indices.map { row in
      let now =
        userNow[min(Int(users[row]), userNow.count - 1)]
        + itemNow[min(Int(items[row]), itemNow.count - 1)]
      return byUser[row] + byItem[row] - now
    }
  }

  /// Moves the biases in the vectors from their long-term means to `now`.
  package func setBiases(asOfNow parameters: FactorParameters) {
    precondition(parameters.layout.biased)
    let (user, item) = (parameters.layout.userBiasLane, parameters.layout.itemBiasLane)
    for row in 0..<parameters.users.rows { parameters.users[row][user] += userNow[row] }
    for row in 0..<parameters.items.rows { parameters.items[row][item] += itemNow[row] }
  }

  /// Moves the biases in the vectors from `now` to a time.
  fileprivate func move(_ parameters: FactorParameters, to time: Int64) {
    let (user, item) = (parameters.layout.userBiasLane, parameters.layout.itemBiasLane)
    for (row, then) in Self.deviations(users, at: time).enumerated()
    where row < parameters.users.rows {
      parameters.users[row][user] += then - userNow[row]
    }
    for (row, then) in Self.deviations(items, at: time).enumerated()
    where row < parameters.items.rows {
      parameters.items[row][item] += then - itemNow[row]
    }
  }

  /// A timestamp in seconds since 1970: beyond the year 5138 it must be in milliseconds.
  ///
  /// Bounded so that differences cannot overflow.
  package static func seconds(_ timestamp: Int64) -> Int64 {
    abs(Double(timestamp)) > 1e11 ? timestamp / 1000 : timestamp
  }
}

extension PairScorer {
  /// Raw scores, each as of its time where biases change and there are times.
  package func scores(
    users: [Int32], items: [Int32], at times: [Int64], _ biases: TimeBiases?, threads: Int
  ) -> [Float] {
    let scores = scores(users: users, items: items, threads: threads)
    guard let biases, !times.isEmpty else { return scores }
    let changes = biases.changes(users: users, items: items, timestamps: times, threads: threads)
    return zip(scores, changes).map { $0 + $1 }
  }
}

extension Model {
  /// The model as of a time, in seconds since 1970, for callers that know nothing of times.
  ///
  /// Models whose biases do not change are the same at all times.
  public func asOf(_ time: Int64) -> Model {
    guard let biases = learned.timeBiases, let now = parameters.factors else { return self }
    let moved = now.copy()
    biases.move(moved, to: TimeBiases.seconds(time))
    var model = self
    model.parameters = moved
    model.learned.timeBiases = TimeBiases(
      users: biases.users, items: biases.items, now: TimeBiases.seconds(time))
    return model
  }

  /// Raw scores, each as of the time of its rating where biases change and ratings have times.
  package func scores(of ratings: IndexedRatings, threads: Int) -> [Float] {
    parameters.prepared(threads: threads).scores(
      users: ratings.users, items: ratings.items, at: ratings.timestamps, learned.timeBiases,
      threads: threads)
  }

  /// Errors on ratings, raw and clipped to the scale; nil without ratings.
  package func errors(on ratings: IndexedRatings, threads: Int) -> ErrorMetrics? {
    guard ratings.count > 0 else { return nil }
    return ErrorMetrics(
      predictions: scores(of: ratings, threads: threads), truths: ratings.values, scale: scale,
      threads: threads)
  }
}
