// One kernel under the clock: checked first, then timed, then compared with what the machine can do.

/// A kernel with work to do and a way to know whether it did it right.
public struct KernelBench {
  /// Family and verb, as in `ck_<family>_<verb>`.
  public let name: String
  /// What it is paid by: a rating, a row, a user.
  public let unit: String
  /// Units in one run.
  public let units: Int
  /// Bytes that a unit must move, by the header's contract.
  public let bytes: Double
  /// Float operations that a unit takes, by the header's contract; 0 where none to speak of.
  public let flops: Double
  /// Where most of its bytes come from at full size.
  public let bandwidth: Bandwidth?
  /// Where time goes besides moving bytes.
  public let remark: String
  /// One run on a number of threads.
  public let run: (_ threads: Int) -> Void
  /// The same rows read (or read and written) in the same order with nothing done to them.
  public let moveAlone: ((_ threads: Int) -> Void)?
  /// Whether what a run on a number of threads has left is right, by a slow path.
  public let isRight: (_ threads: Int) -> Bool

  /// Describes a kernel.
  public init(
    _ name: String, unit: String, units: Int, bytes: Double, flops: Double = 0,
    bandwidth: Bandwidth?, remark: String, run: @escaping (_ threads: Int) -> Void,
    moveAlone: ((_ threads: Int) -> Void)? = nil, isRight: @escaping (_ threads: Int) -> Bool
  ) {
    self.name = name
    self.unit = unit
    self.units = units
    self.bytes = bytes
    self.flops = flops
    self.bandwidth = bandwidth
    self.remark = remark
    self.run = run
    self.moveAlone = moveAlone
    self.isRight = isRight
  }

  /// Runs and checks on each number of threads, and times what was right on all of them.
  public func result(limits: [Limits], repeats: Int) -> KernelResult {
    var result = KernelResult(
      name: name, unit: unit, units: units, bytes: bytes, flops: flops, bandwidth: bandwidth,
      remark: remark)
    for limit in limits {
      run(limit.threads)
      result.correct = result.correct && isRight(limit.threads)
    }
    guard result.correct else { return result }
    // In turn: what is compared, numbers of threads and moving alone, meets the same moments.
    let runs = limits.map { limit in { run(limit.threads) } }
    let moves = moveAlone.map { move in limits.map { limit in { move(limit.threads) } } } ?? []
    let timings = Timing.inTurn(repeats: repeats, runs + moves)
    for (index, limit) in limits.enumerated() {
      let moving = moves.isEmpty ? nil : timings[runs.count + index]
      result.runs.append(.init(result, timings[index], moving: moving, limit))
    }
    return result
  }
}

/// What came of a kernel.
public struct KernelResult: Sendable, Codable {
  /// Family and verb.
  public let name: String
  /// What it is paid by.
  public let unit: String
  /// Units in one run.
  public let units: Int
  /// Bytes that a unit must move.
  public let bytes: Double
  /// Float operations that a unit takes.
  public let flops: Double
  /// What its bytes are compared with.
  public let bandwidth: Bandwidth?
  /// Where time goes besides moving bytes.
  public let remark: String
  /// Whether its answers were right; a wrong answer has no speed.
  public var correct = true
  /// One a number of threads.
  public var runs: [Run] = []

  /// Speed on a number of threads.
  public struct Run: Sendable, Codable {
    /// Threads used.
    public let threads: Int
    /// Seconds of a run.
    public let timing: Timing
    /// Nanoseconds a unit, by the median.
    public let nanoseconds: Double
    /// 10⁹ bytes a second.
    public let gigabytes: Double
    /// Of the measured bandwidth.
    public let bandwidthShare: Double?
    /// 10⁹ float operations a second.
    public let gigaflops: Double
    /// Of the measured peak.
    public let flopsShare: Double
    /// What moving the same rows in the same order takes, nothing done to them, of a run's time.
    public let movingShare: Double?

    init(_ kernel: KernelResult, _ timing: Timing, moving: Timing?, _ limits: Limits) {
      threads = limits.threads
      self.timing = timing
      let rate = Double(kernel.units) / timing.median / 1e9
      nanoseconds = 1 / rate
      gigabytes = kernel.bytes * rate
      bandwidthShare = kernel.bandwidth.map { kernel.bytes * rate / limits[$0] }
      gigaflops = kernel.flops * rate
      flopsShare = kernel.flops * rate / limits.gigaflops
      movingShare = moving.map { $0.median / timing.median }
    }

    private enum CodingKeys: String, CodingKey {
      case threads, timing, gigaflops
      case nanoseconds = "ns_per_unit"
      case gigabytes = "gb_per_second"
      case bandwidthShare = "bandwidth_share"
      case flopsShare = "flops_share"
      case movingShare = "moving_share"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case name, unit, units, bandwidth, remark, correct, runs
    case bytes = "bytes_per_unit"
    case flops = "flops_per_unit"
  }
}
