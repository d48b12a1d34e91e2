// Initializers as text: in specifications and in model files.
import OsusumeData

extension Initializer: CodableAsText {
  /// `normal:0.01` (standard deviation), `uniform:0.05` (bound), or a name: `normal-over-factors`,
  /// `glorot-uniform`, `lecun-normal`, `he-normal`, `uniform-over-fan-in`, `zero`.
  public var description: String {
    switch self {
    case .normal(let deviation): "normal:\(deviation)"
    case .uniform(let bound): "uniform:\(bound)"
    case .normalOverFactors: "normal-over-factors"
    case .glorotUniform: "glorot-uniform"
    case .lecunNormal: "lecun-normal"
    case .heNormal: "he-normal"
    case .uniformOverFanIn: "uniform-over-fan-in"
    case .zero: "zero"
    }
  }

  /// Those that need no number.
  static let named: [Initializer] = [
    .normalOverFactors, .glorotUniform, .lecunNormal, .heNormal, .uniformOverFanIn, .zero,
  ]

  /// Whether its number, if it has one, is a width of a distribution.
  var isPossible: Bool {
    switch self {
    case .normal(let width), .uniform(let width): width.isFinite && width >= 0
    default: true
    }
  }

  /// Reads an initializer from its text; nil when it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let number = parts.count == 2 ? Double(String(parts[1])) : nil
    let initializer: Initializer? =
      switch (parts[0], number) {
      case ("normal", let deviation?): .normal(deviation)
      case ("uniform", let bound?): .uniform(bound)
      default: Self.named.first { $0.description == text }
      }
    guard let initializer, initializer.isPossible else { return nil }
    self = initializer
  }
}
