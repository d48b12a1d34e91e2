// Split rules as text: on the command line, in specifications, in model files.

extension SplitRule: CodableAsText {
  /// The rule as written on the command line, such as `per-user:0.1`.
  public var description: String {
    switch self {
    case .perUser(let fraction): "per-user:\(fraction)"
    case .random(let fraction): "random:\(fraction)"
    case .temporal(let fraction): "temporal:\(fraction)"
    case .globalTime(let fraction): "global-time:\(fraction)"
    case .strong(let fraction): "strong:\(fraction)"
    case .leaveOneOut: "leave-one-out"
    case .file(let path): "file:\(path)"
    case .none: "none"
    }
  }

  /// Reads a rule as written on the command line; nil when it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let argument = parts.count == 2 ? String(parts[1]) : nil
    let fraction = argument.flatMap(Double.init).flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
    switch (parts[0], argument, fraction) {
    case ("per-user", _, let fraction?): self = .perUser(testFraction: fraction)
    case ("random", _, let fraction?): self = .random(testFraction: fraction)
    case ("temporal", _, let fraction?): self = .temporal(testFraction: fraction)
    case ("global-time", _, let fraction?): self = .globalTime(testFraction: fraction)
    case ("strong", _, let fraction?): self = .strong(testFraction: fraction)
    case ("leave-one-out", nil, _): self = .leaveOneOut
    case ("file", let path?, _) where !path.isEmpty: self = .file(path)
    case ("none", nil, _): self = .none
    default: return nil
    }
  }
}
