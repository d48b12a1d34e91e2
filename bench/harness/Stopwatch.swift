// Times: the median and the least of several runs.
import Dispatch

/// Seconds that several runs of the same work took.
public struct Timing: Sendable, Codable, Equatable {
  /// The middle one; the mean of the two in the middle where their number is even.
  public let median: Double
  /// The least.
  public let minimum: Double

  /// Sums up at least one run.
  public init(seconds: [Double]) {
    let sorted = seconds.sorted()
    precondition(!sorted.isEmpty)
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    minimum = sorted[0]
  }

  /// Times `repeats` runs of `body`.
  public init(repeats: Int, _ body: () throws -> Void) rethrows {
    self.init(seconds: try (0..<max(1, repeats)).map { _ in try seconds(body) })
  }

  private enum CodingKeys: String, CodingKey {
    case median = "seconds"
    case minimum = "seconds_min"
  }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = DispatchTime.now().uptimeNanoseconds
  try body()
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}
