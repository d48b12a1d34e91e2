// Times: every sample, their median with an interval, and the least.
import Dispatch

/// Seconds that several runs of the same work took.
public struct Timing: Sendable, Codable, Equatable {
  /// Seconds of each run, in the order of the runs.
  public let samples: [Double]
  /// The middle one; the mean of the two in the middle where their number is even.
  public let median: Double
  /// The least.
  public let minimum: Double
  /// An interval that holds the median of such runs with 95 % confidence or more, whatever their distribution
  /// (order statistics; Conover 1999, section 3.2): `[low, high]`; nil of fewer than six runs.
  public let interval: [Double]?

  /// Sums up at least one run.
  public init(seconds: [Double]) {
    let sorted = seconds.sorted()
    precondition(!sorted.isEmpty)
    samples = seconds
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    minimum = sorted[0]
    interval = Self.rank(of: sorted.count).map { [sorted[$0], sorted[sorted.count - 1 - $0]] }
  }

  /// Times `repeats` runs of `body`.
  public init(repeats: Int, _ body: () throws -> Void) rethrows {
    self.init(seconds: try (0..<max(1, repeats)).map { _ in try seconds(body) })
  }

  /// Times several bodies in turn, `repeats` rounds of them, so that a slow moment meets all alike.
  static func inTurn(repeats: Int, _ bodies: [() -> Void]) -> [Timing] {
    var samples = [[Double]](repeating: [], count: bodies.count)
    for _ in 0..<max(1, repeats) {
      for (index, body) in bodies.enumerated() { samples[index].append(seconds(body)) }
    }
    return samples.map { Timing(seconds: $0) }
  }

  /// The largest r such that the median of a distribution lies below the r-th smallest (from 0) of `count`
  /// samples with a probability of a fortieth at most; nil where there is none.
  static func rank(of count: Int) -> Int? {
    var probability = 1.0
    for _ in 0..<count { probability /= 2 }
    var below = probability
    guard below <= 0.025 else { return nil }
    for rank in 0..<count {
      probability *= Double(count - rank) / Double(rank + 1)
      if below + probability > 0.025 { return rank }
      below += probability
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case samples
    case median = "seconds"
    case minimum = "seconds_min"
    case interval = "seconds_ci95"
  }
}

extension Timing {
  /// Reads what any version has written: those before samples were kept have a median and the least.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    median = try container.decode(Double.self, forKey: .median)
    minimum = try container.decode(Double.self, forKey: .minimum)
    samples = try container.decodeIfPresent([Double].self, forKey: .samples) ?? []
    interval = try container.decodeIfPresent([Double].self, forKey: .interval)
    let all = samples + [median, minimum] + (interval ?? [])
    guard all.allSatisfy({ $0.isFinite && $0 >= 0 }), median > 0, (interval?.count ?? 2) == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .median, in: container, debugDescription: "seconds are not positive numbers")
    }
  }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = DispatchTime.now().uptimeNanoseconds
  try body()
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}
