// Values that JSON holds as the text by which the command line names them.

/// A value that is encoded as its description, and decoded from it.
public protocol CodableAsText: LosslessStringConvertible, Codable {}

extension CodableAsText {
  /// Reads a value from its text.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no \(Self.self)"))
    }
    self = value
  }

  /// Writes the value as its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
