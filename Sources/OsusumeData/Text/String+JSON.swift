// Values as JSON text, and the keys of objects whose members are data.
import Foundation

/// A key of an object whose keys are data.
package struct JSONKey: CodingKey, ExpressibleByStringLiteral {
  package let stringValue: String
  package var intValue: Int? { nil }

  package init(_ name: String) { stringValue = name }
  package init(stringLiteral name: String) { stringValue = name }
  package init(stringValue name: String) { stringValue = name }
  package init?(intValue: Int) { nil }
}

extension String {
  /// A value as JSON with sorted names, the same text whenever the value is.
  ///
  /// - Parameters:
  ///   - snakeCase: Whether names of properties are written `with_underscores`.
  ///   - isIndented: Whether it is for people to read.
  package init(json value: some Encodable, snakeCase: Bool = false, isIndented: Bool = false) throws
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    if snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
    self.init(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
