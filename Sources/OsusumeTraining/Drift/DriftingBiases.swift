// Fits biases of users and items that drift with time, in turn with the rest of the model.
import OsusumeData
import OsusumeModels

/// Biases that drift with time, as fitted so far; a part of a fit's state.
package final class DriftingBiases: @unchecked Sendable {
  private let rows: IndexedRatings
  /// What the biases add to the score of each rating.
  package private(set) var contributions: [Float]
  private var users: Side
  private var items: Side
  private let now: Int64
  /// The biases at all times, to be kept with a model.
  package private(set) var result: TimeBiases
  private let threads: Int

  /// Memories of users' biases at the start of the search, in seconds: within a sitting, over it, over years.
  private static let userMemories: [Double] = [60, 600, 31_557_600]
  /// Memories of items' biases, likewise.
  private static let itemMemories: [Double] = [31_557_600]
  /// Three months: an item does not change faster; who rates it does.
  private static let shortestItemMemory = 7_889_400.0

  /// Users or items: their ratings in order of time, and the law and the states of their biases.
  fileprivate struct Side {
    let series: DriftSeries
    let law: DriftLaw
    var states: [Float]

    /// Fits the drift law to the residuals of everything else, then smooths the biases under it.
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

    /// What the biases add to the score of each rating.
    var contributions: [Float] {
      let parts = law.memories.count
      guard parts > 0 else { return .init(repeating: 0, count: series.times.count) }
      return [Float](unsafeUninitializedCapacity: series.times.count) { contributions, filled in
        series.grouping.order.withUnsafeBufferPointer { order in
          states.withUnsafeBufferPointer { states in
            for (place, row) in order.enumerated() {
              var sum: Float = 0
              for part in 0..<parts { sum += states[place * parts + part] }
              contributions[Int(row)] = sum
            }
          }
        }
        filled = series.times.count
      }
    }
  }

  /// Fits the laws to the residuals of damped biases; ratings must be in order of time.
  package init(_ rows: IndexedRatings, users userCount: Int, items itemCount: Int, threads: Int) {
    self.rows = rows
    let times = rows.timestamps.map(TimeBiases.seconds)
    now = times.last ?? 0
    self.threads = threads
    let biases = DampedBiases(
      rows: rows, users: userCount, items: itemCount, damping: Self.damping, threads: threads)
    let residuals = rows.values.indices.map { row in
      rows.values[row] - Float(biases.mean) - biases.users[Int(rows.users[row])]
        - biases.items[Int(rows.items[row])]
    }
    users = Side(
      DriftSeries(keys: rows.users, times: times, count: userCount, threads: threads),
      memories: Self.userMemories, noneBelow: 1, explaining: residuals, threads: threads)
    let byUser = users.contributions
    items = Side(
      DriftSeries(keys: rows.items, times: times, count: itemCount, threads: threads),
      memories: Self.itemMemories, noneBelow: Self.shortestItemMemory,
      explaining: zip(residuals, byUser).map { $0 - $1 },
      threads: threads)
    let byItem = items.contributions
    contributions = zip(byUser, byItem).map { $0 + $1 }
    result = TimeBiases(users: users.drift, items: items.drift, now: now)
  }

  /// As the baseline has it.
  private static let damping = ModelSpec.bias.defaults.biasRegularization

  /// Fits the biases anew to the residuals of the rest of the model.
  package func fit(beside parameters: FactorParameters) {
    guard !isConstant else { return }
    let scores = parameters.scores(users: rows.users, items: rows.items, threads: threads)
    let residuals = zip(rows.values, scores).map { $0 - $1 }
    users.fit(to: zip(residuals, items.contributions).map { $0 - $1 }, threads: threads)
    items.fit(to: zip(residuals, users.contributions).map { $0 - $1 }, threads: threads)
    update()
  }

  /// Whether the laws say that no bias drifts.
  private var isConstant: Bool { users.law.memories.isEmpty && items.law.memories.isEmpty }

  /// Each rating less its biases.
  var residuals: [Float] { zip(rows.values, contributions).map { $0 - $1 } }

  /// Computes contributions and the result from the states.
  private func update() {
    contributions = zip(users.contributions, items.contributions).map { $0 + $1 }
    result = TimeBiases(users: users.drift, items: items.drift, now: now)
  }

  static let tableCount = 2

  /// The states of users' and of items' processes, each as one padded row.
  var tables: [FloatMatrix] {
    [users.states, items.states].map { states in
      let table = FloatMatrix(rows: 1, columns: max(1, states.count))
      states.withUnsafeBufferPointer {
        if let from = $0.baseAddress { table.base.update(from: from, count: $0.count) }
      }
      return table
    }
  }

  /// Sets the states to what `tables` had.
  func restore(_ tables: ArraySlice<FloatMatrix>) {
    func states(_ table: FloatMatrix?, _ count: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: table?.base, count: count))
    }
    users.states = states(tables.first, users.states.count)
    items.states = states(tables.last, items.states.count)
    update()
  }

  /// The rows by user or by item, in order of time.
  package func grouping(of entity: Entity) -> Grouping {
    (entity == .user ? users : items).series.grouping
  }

  /// A line for the user: how far biases drift within how long.
  package var note: String {
    "biases move: users' by \(users.law.inWords), items' by \(items.law.inWords)"
  }

  /// Other ratings less their biases.
  package func residuals(of rows: IndexedRatings) -> IndexedRatings {
    var residuals = rows
    let moved = result
    let times = rows.timestamps.map(TimeBiases.seconds)
    guard !times.isEmpty, !isConstant else { return residuals }
    let byUser = moved.users.deviations(rows.users, at: times, threads: threads)
    let byItem = moved.items.deviations(rows.items, at: times, threads: threads)
    for row in times.indices { residuals.values[row] -= byUser[row] + byItem[row] }
    return residuals
  }
}

extension DriftingBiases.Side {
  /// The biases at each time once, the last of equal ones.
  fileprivate var drift: Drift {
    let parts = law.memories.count
    // Constant biases need no times; a drift has a process all the same.
    guard parts > 0 else {
      return Drift(
        memories: [1], offsets: series.grouping.offsets.map { _ in 0 }, times: [], states: [])
    }
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

extension IndexedRatings {
  /// The same rows in order of their times, equal ones in the order they are in.
  var inOrderOfTime: IndexedRatings {
    let times = timestamps.map(TimeBiases.seconds)
    var order = (0..<Int32(count)).map { $0 }
    times.withUnsafeBufferPointer { times in
      order.sort { (times[Int($0)], $0) < (times[Int($1)], $1) }
    }
    return IndexedRatings(
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
    guard !memories.isEmpty else { return "nothing" }
    return zip(memories, variances).map { memory, variance in
      let unit = units.last { memory >= $0.1 } ?? units[0]
      return "\(rounded(variance.squareRoot(), 1000)) in \(rounded(memory / unit.1, 10)) \(unit.0)"
    }.joined(separator: ", ")
  }
}
