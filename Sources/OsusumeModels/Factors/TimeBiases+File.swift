// Biases that change with time in a model file: tensors, and what must hold of them.
import CKernels
import OsusumeData

extension TimeBiases {
  /// Reads biases that change with time; nil where the file has none.
  ///
  /// Errors: `ModelFileFault`.
  init?(
    from reader: inout TensorReader, users: Int, items: Int, layout: FactorLayout?
  ) throws {
    guard reader.has("drift_now") else { return nil }
    let sides = try [("user_drift", users), ("item_drift", items)].map { name, rows in
      let memories = try reader.vector(name + "_memory", as: Float.self)
      let times = try reader.vector(name + "_times", as: Int64.self)
      return try Drift(
        checking: name, memories: memories,
        offsets: try reader.vector(name + "_offsets", count: rows + 1), times: times,
        states: try reader.tensor(name, shape: [times.count, memories.count]))
    }
    // Packed vectors must hold the biases of that moment.
    guard layout?.biased == true else { throw ModelFileFault.tensorMissing("user_bias") }
    let now: Int64 = try reader.tensor("drift_now", shape: [])[0]
    guard Self.isPlausible(now) else { throw ModelFileFault.index("drift_now", at: 0) }
    self.init(users: sides[0], items: sides[1], now: now)
  }

  /// The latest training rating, and for each side times, processes and their time constants.
  var tensors: [Tensor] {
    [("user", users), ("item", items)].flatMap { side, drift in
      [
        Tensor("\(side)_drift_offsets", drift.offsets),
        Tensor("\(side)_drift_times", drift.times),
        Tensor(
          "\(side)_drift", drift.states, shape: [drift.times.count, drift.memories.count]),
        Tensor("\(side)_drift_memory", drift.memories),
      ]
    } + [Tensor("drift_now", [now], shape: [])]
  }

  /// Checks that indices and times are in range and order, and every number finite.
  ///
  /// Errors: `ModelFileFault`.
  func check(users userCount: Int, items itemCount: Int) throws {
    guard Self.isPlausible(now) else { throw ModelFileFault.index("drift_now", at: 0) }
    for (side, drift, rows) in [("user", users, userCount), ("item", items, itemCount)] {
      let name = "\(side)_drift"
      guard drift.count == rows else {
        throw ModelFileFault.tensorShape(
          name + "_offsets", [drift.offsets.count], expected: [rows + 1])
      }
      try checkRange(drift.states, name)
      try Drift.check(drift.memories, name)
      try drift.checkOrder(name)
    }
  }

  /// Whether a time is such that differences of two can be taken.
  static func isPlausible(_ time: Int64) -> Bool { time.magnitude < 1 << 60 }
}

extension Drift {
  /// A drift from a file's tensors, if they are such that kernels can read them.
  ///
  /// Errors: `ModelFileFault`.
  init(
    checking name: String, memories: [Float], offsets: [Int32], times: [Int64], states: [Float]
  ) throws {
    guard (1...Int(CK_DRIFT_PARTS)).contains(memories.count) else {
      throw ModelFileFault.tensorShape(
        name + "_memory", [memories.count], expected: [Int(CK_DRIFT_PARTS)])
    }
    try Self.check(memories, name)
    guard offsets.first == 0, offsets.last.map(Int.init) == times.count else {
      throw ModelFileFault.offsets(name + "_offsets", at: 0)
    }
    self.init(memories: memories, offsets: offsets, times: times, states: states)
    try checkOrder(name)
  }

  /// Checks how many seconds processes remember: a thousandth to thirty thousand years.
  fileprivate static func check(_ memories: [Float], _ name: String) throws {
    try checkRange(memories, name + "_memory", 1e-3...1e12)
  }

  fileprivate func checkOrder(_ name: String) throws {
    for row in 0..<count {
      guard offsets[row] >= 0, offsets[row] <= offsets[row + 1],
        Int(offsets[row + 1]) <= times.count
      else { throw ModelFileFault.offsets(name + "_offsets", at: row) }
      for place in Int(offsets[row])..<Int(offsets[row + 1]) {
        guard TimeBiases.isPlausible(times[place]),
          place == Int(offsets[row]) || times[place - 1] < times[place]
        else { throw ModelFileFault.index(name + "_times", at: place) }
      }
    }
  }
}
