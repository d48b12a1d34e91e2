// Fits how the biases of users and items move, in turn with all else that explains their ratings.
import CKernels
import OsusumeData
import OsusumeModels

/// Biases that move, as far as ratings are explained by them so far.
package struct MovingBiases {
  /// The training rows in order of time.
  package let rows: RatingRows
  /// What moving biases say of each rating.
  package private(set) var shares: [Float]
  private var users: Side
  private var items: Side
  private let now: Int64
  private let threads: Int

  /// How long users' biases remember at the start of the search: within a sitting, over it, over years.
  private static let userMemories: [Double] = [60, 600, 31_557_600]
  /// The same of items.
  private static let itemMemories: [Double] = [31_557_600]
  /// Three months: an item does not change faster; who rates it does.
  private static let shortestItemMemory = 7_889_400.0

  /// One side: its ratings in order of time, the law of its biases, and where they stand.
  fileprivate struct Side {
    let series: DriftSeries
    let law: DriftLaw
    private(set) var states: [Float]

    /// Finds the law of what else leaves of ratings, and the biases by it.
    init(
      _ series: DriftSeries, memories: [Double], noneBelow shortest: Double,
      explaining values: [Float], threads: Int
    ) {
      self.series = series
      let arranged = series.arranged(values)
      law = DriftLaw(
        startingAt: memories, noneBelow: shortest, fittedTo: series, arranged, threads: threads)
      states = series.smoothed(arranged, by: law, threads: threads)
    }

    mutating func fit(to values: [Float], threads: Int) {
      states = series.smoothed(series.arranged(values), by: law, threads: threads)
    }

    /// What the biases say of each row.
    var shares: [Float] {
      let parts = law.memories.count
      return [Float](unsafeUninitializedCapacity: series.times.count) { shares, filled in
        series.grouping.order.withUnsafeBufferPointer { order in
          states.withUnsafeBufferPointer { states in
            for (place, row) in order.enumerated() {
              var sum: Float = 0
              for part in 0..<parts { sum += states[place * parts + part] }
              shares[Int(row)] = sum
            }
          }
        }
        filled = series.times.count
      }
    }
  }

  /// Sorts training rows by time and finds the laws of what damped biases leave of their ratings.
  package init(_ train: RatingRows, users userCount: Int, items itemCount: Int, threads: Int) {
    let seconds = train.timestamps.map(TimeBiases.seconds)
    let rows = train.inOrder(of: seconds)
    self.rows = rows
    let times = seconds.sorted()
    now = times.last ?? 0
    self.threads = threads
    let biases = DampedBiases(
      rows: rows, users: userCount, items: itemCount, damping: Self.damping, threads: threads)
    let left = rows.values.indices.map { row in
      rows.values[row] - Float(biases.mean) - biases.users[Int(rows.users[row])]
        - biases.items[Int(rows.items[row])]
    }
    users = Side(
      DriftSeries(keys: rows.users, times: times, count: userCount, threads: threads),
      memories: Self.userMemories, noneBelow: 1, explaining: left, threads: threads)
    let byUser = users.shares
    items = Side(
      DriftSeries(keys: rows.items, times: times, count: itemCount, threads: threads),
      memories: Self.itemMemories, noneBelow: Self.shortestItemMemory,
      explaining: zip(left, byUser).map { $0 - $1 },
      threads: threads)
    let byItem = items.shares
    shares = zip(byUser, byItem).map { $0 + $1 }
  }

  /// As the baseline has it.
  private static let damping = ModelSpec.bias.defaults.biasRegularization

  /// Fits the biases anew to what a model of all else leaves of the ratings.
  package mutating func fit(beside parameters: FactorParameters) {
    let scores = parameters.scores(users: rows.users, items: rows.items, threads: threads)
    let left = zip(rows.values, scores).map { $0 - $1 }
    users.fit(to: zip(left, items.shares).map { $0 - $1 }, threads: threads)
    let userShares = users.shares
    items.fit(to: zip(left, userShares).map { $0 - $1 }, threads: threads)
    shares = zip(userShares, items.shares).map { $0 + $1 }
  }

  /// The rows by user or by item, in order of time.
  package func grouping(of entity: Entity) -> Grouping {
    (entity == .user ? users : items).series.grouping
  }

  /// The biases at all times, to be kept with a model.
  package var result: TimeBiases {
    TimeBiases(users: users.drift, items: items.drift, now: now)
  }

  /// A line for the user: how far biases move within how long.
  package var note: String {
    "biases move: users' by \(users.law.inWords), items' by \(items.law.inWords)"
  }

  /// Ratings of other rows less what the biases say of them.
  package func left(of rows: RatingRows) -> RatingRows {
    var left = rows
    let moved = result
    let times = rows.timestamps.map(TimeBiases.seconds)
    guard !times.isEmpty else { return left }
    let byUser = moved.users.deviations(rows.users, at: times, threads: threads)
    let byItem = moved.items.deviations(rows.items, at: times, threads: threads)
    for row in times.indices { left.values[row] -= byUser[row] + byItem[row] }
    return left
  }
}

extension MovingBiases.Side {
  /// The biases at each time once, the last of equal ones.
  fileprivate var drift: Drift {
    let parts = law.memories.count
    var offsets: [Int32] = [0]
    var times: [Int64] = []
    var kept: [Float] = []
    for (low, high) in zip(series.grouping.offsets, series.grouping.offsets.dropFirst()) {
      for place in Int(low)..<Int(high)
      where place + 1 == Int(high) || series.times[place] < series.times[place + 1] {
        times.append(series.times[place])
        kept += states[place * parts..<(place + 1) * parts]
      }
      offsets.append(Int32(times.count))
    }
    return Drift(
      memories: law.memories.map { Float($0) }, offsets: offsets, times: times, states: kept)
  }
}

extension RatingRows {
  /// The same rows in order of times, equal ones in the order they are in.
  fileprivate func inOrder(of times: [Int64]) -> RatingRows {
    var order = (0..<Int32(count)).map { $0 }
    times.withUnsafeBufferPointer { times in
      order.sort { (times[Int($0)], $0) < (times[Int($1)], $1) }
    }
    return RatingRows(
      users: order.map { users[Int($0)] }, items: order.map { items[Int($0)] },
      values: order.map { values[Int($0)] }, timestamps: order.map { timestamps[Int($0)] })
  }
}

extension DriftLaw {
  /// Standard deviations and memories, such as `0.25 in 1 minute, 0.09 in 1.4 years`.
  fileprivate var inWords: String {
    let units: [(String, Double)] = [
      ("seconds", 1), ("minutes", 60), ("hours", 3600), ("days", 86_400), ("years", 31_557_600),
    ]
    func rounded(_ number: Double, _ scale: Double) -> Double { (number * scale).rounded() / scale }
    return zip(memories, variances).map { memory, variance in
      let unit = units.last { memory >= $0.1 } ?? units[0]
      return "\(rounded(variance.squareRoot(), 1000)) in \(rounded(memory / unit.1, 10)) \(unit.0)"
    }.joined(separator: ", ")
  }
}
