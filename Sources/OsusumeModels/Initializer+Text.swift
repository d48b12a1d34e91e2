// Initializers as text: in specifications and in model files.

extension Initializer: CustomStringConvertible, Codable {
  /// `normal:0.01` (standard deviation), `normal-over-factors` or `zero`.
  public var description: String {
    switch self {
    case .normal(let deviation): "normal:\(deviation)"
    case .normalOverFactors: "normal-over-factors"
    case .zero: "zero"
    }
  }

  /// Reads an initializer from its text; nil when it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let deviation = parts.count == 2 ? Double(String(parts[1])) : nil
    switch (parts[0], parts.count, deviation) {
    case ("normal", 2, let deviation?) where deviation.isFinite && deviation >= 0:
      self = .normal(deviation)
    case ("normal-over-factors", 1, _): self = .normalOverFactors
    case ("zero", 1, _): self = .zero
    default: return nil
    }
  }

  /// Reads an initializer from its text.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let initializer = Initializer(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not an initializer"))
    }
    self = initializer
  }

  /// Writes the initializer as its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
