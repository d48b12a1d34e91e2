// Biases that move with time: what users and items differ by from how they stand at the end of the data.
import CKernels
import OsusumeData

/// How the biases of all users, or of all items, move: sums of processes that forget (`ck_drift.h`).
///
/// Known at the times of their ratings; between them and beyond, what the law makes of those.
public struct Drift: Sendable {
  /// After how many seconds each process has forgotten all but 1/e.
  public let memories: [Float]
  /// rows + 1 offsets into `times`.
  public let offsets: [Int32]
  /// Seconds since 1970 at which a row's bias is known, strictly ascending within a row.
  public let times: [Int64]
  /// Each process at each time, [times, memories].
  public let states: [Float]
  /// The offsets, and those of one more row that has no times: whoever is unknown.
  private let padded: [Int32]

  /// Makes a drift from its parts.
  public init(memories: [Float], offsets: [Int32], times: [Int64], states: [Float]) {
    precondition(states.count == times.count * memories.count)
    precondition((1...Int(CK_DRIFT_PARTS)).contains(memories.count))
    self.memories = memories
    self.offsets = offsets
    self.times = times
    self.states = states
    padded = offsets + (offsets.last.map { [$0] } ?? [])
  }

  /// Number of rows.
  public var count: Int { offsets.count - 1 }

  /// How far the biases of rows are from their long-term means at times; 0 for rows beyond the last.
  ///
  /// Times are seconds since 1970.
  public func deviations(_ rows: [Int32], at times: [Int64], threads: Int) -> [Float] {
    precondition(rows.count == times.count)
    let known = rows.map { min($0, Int32(count)) }
    let rates = memories.map { 1 / Double($0) }
    let chunk = 1 << 14
    return [Float](unsafeUninitializedCapacity: rows.count) { out, filled in
      nonisolated(unsafe) let base = out.baseAddress
      known.withUnsafeBufferPointer { known in
        times.withUnsafeBufferPointer { when in
          nonisolated(unsafe) let (known, when) = (known, when)
          forEachChunk((rows.count + chunk - 1) / chunk, threads: threads) { part in
            guard let base, let known = known.baseAddress, let when = when.baseAddress else {
              return
            }
            let first = part * chunk
            ck_drift_at(
              rates, rates.count, padded, self.times, states, known + first, when + first,
              min(chunk, rows.count - first), base + first)
          }
        }
      }
      filled = rows.count
    }
  }
}

/// What the biases in a model's rows differ by at other times than the end of its training data.
///
/// Rows hold the biases of that moment, `now`, so that whatever knows nothing of times answers as of then.
public struct TimeBiases: Sendable {
  /// How users' biases move.
  public let users: Drift
  /// How items' biases move.
  public let items: Drift
  /// The latest training rating: seconds since 1970.
  public let now: Int64
  /// Deviations at `now`, which rows hold already; 0 for one more row, whoever is unknown.
  let userNow: [Float]
  let itemNow: [Float]

  /// Makes biases from how both sides move.
  public init(users: Drift, items: Drift, now: Int64) {
    self.users = users
    self.items = items
    self.now = now
    (userNow, itemNow) = (Self.deviations(users, at: now), Self.deviations(items, at: now))
  }

  private static func deviations(_ drift: Drift, at time: Int64) -> [Float] {
    let rows = (0...Int32(drift.count)).map { $0 }
    return drift.deviations(rows, at: rows.map { _ in time }, threads: allCores)
  }

  /// What scores as of now have to be added at other times, which may be milliseconds.
  ///
  /// Indices beyond the last row are of somebody unknown, whose bias does not move.
  public func changes(
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

  /// Moves the biases of rows from their long-term means to `now`.
  public func setBiases(asOfNow parameters: FactorParameters) {
    precondition(parameters.layout.biased)
    let (user, item) = (parameters.layout.userBiasLane, parameters.layout.itemBiasLane)
    for row in 0..<parameters.users.rows { parameters.users[row][user] += userNow[row] }
    for row in 0..<parameters.items.rows { parameters.items[row][item] += itemNow[row] }
  }

  /// Moves the biases of rows from `now` to a time.
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
  public static func seconds(_ timestamp: Int64) -> Int64 {
    abs(Double(timestamp)) > 1e11 ? timestamp / 1000 : timestamp
  }
}

extension Parameters {
  /// Raw scores of rows, each as of its own time where biases move and rows have times.
  public func scores(of rows: IndexedRatings, timeBiases: TimeBiases?, threads: Int) -> [Float] {
    let scores = scores(users: rows.users, items: rows.items, threads: threads)
    guard let timeBiases, !rows.timestamps.isEmpty else { return scores }
    let changes = timeBiases.changes(
      users: rows.users, items: rows.items, timestamps: rows.timestamps, threads: threads)
    return zip(scores, changes).map { $0 + $1 }
  }
}

extension Model {
  /// The model as it stands at a time, in seconds since 1970: what knows nothing of times answers as of then.
  ///
  /// Models whose biases stand still are the same at all times.
  public func asOf(_ time: Int64) -> Model {
    guard let biases = timeBiases, case .factors(let now) = parameters else { return self }
    let moved = now.copy()
    biases.move(moved, to: TimeBiases.seconds(time))
    var model = self
    model.parameters = .factors(moved)
    model.timeBiases = TimeBiases(
      users: biases.users, items: biases.items, now: TimeBiases.seconds(time))
    return model
  }

  /// Raw scores of rows, each as of its own time where biases move and rows have times.
  public func scores(of rows: IndexedRatings, threads: Int) -> [Float] {
    parameters.scores(of: rows, timeBiases: timeBiases, threads: threads)
  }

  /// Errors on rows, raw and clipped to the scale; nil without rows.
  public func errors(on rows: IndexedRatings, threads: Int) -> ErrorMetrics? {
    guard rows.count > 0 else { return nil }
    return ErrorMetrics(
      predictions: scores(of: rows, threads: threads), truths: rows.values, scale: scale,
      threads: threads)
  }
}
