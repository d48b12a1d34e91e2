// What is wrong with one line of a ratings file, and where.
import CKernels

/// A line that cannot be read.
public struct LineFault: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What can be wrong; raw values are stable, the kernel's own.
  public enum Reason: UInt32, Sendable, Hashable, CaseIterable {
    /// Not as many columns as the first line has.
    case columns = 1
    /// The same in a last line without a line end: the file was cut.
    case cut
    /// A field that is needed is empty.
    case missing
    /// Text where a rating belongs.
    case notANumber
    /// nan or inf.
    case notFinite
    /// A rating beyond `RatingTable.largestRating`.
    case numberRange
    /// Text where an integer belongs.
    case notAnInteger
    /// An integer beyond 64 bits.
    case integerRange
    /// A quote that is not closed, or not where it may be.
    case quote
    /// NUL or another control character.
    case control
    /// A line beyond the limit.
    case lineLength
    /// An id that is not UTF-8.
    case notUTF8
    /// Text that is neither a number nor a date where a time belongs.
    case notATime
    /// No object of JSON, or one with an object in the place of a field.
    case notJSON
  }

  /// The line's number, 1 for the first of the file.
  public var line: Int
  /// The column's number, 1 for the first; nil where the whole line is at fault.
  public var column: Int?
  /// The field's name, where columns have none: in JSON.
  public var field: String?
  /// What is wrong.
  public var reason: Reason
  /// The offending text, at most 40 characters of it, control characters escaped.
  public var text: String

  /// Makes a fault from its parts.
  public init(line: Int, column: Int?, reason: Reason, text: String) {
    self.line = line
    self.column = column
    self.reason = reason
    self.text = text
  }

  /// `17: column 3: 'abc' is not a number`.
  public var description: String {
    "\(line): " + (field.map { "\($0): " } ?? column.map { "column \($0): " } ?? "") + explanation
  }

  private var explanation: String {
    switch reason {
    case .columns: "'\(text)' does not have as many columns as the first line"
    case .cut: "the file ends in the middle of the line '\(text)'"
    case .missing: "the field is empty"
    case .notANumber: "'\(text)' is not a number"
    case .notFinite: "'\(text)' is not a finite number"
    case .numberRange:
      "'\(text)' is too large for a rating: at most \(CK_INGEST_RATING_LIMIT) either way, so divide all "
        + "ratings by one number"
    case .notAnInteger: "'\(text)' is not an integer"
    case .integerRange: "'\(text)' is beyond 64-bit integers"
    case .quote: "a quote is not closed or misplaced in '\(text)'"
    case .control: "control character '\(text)'"
    case .lineLength: "the line is longer than \(CK_INGEST_LINE_LIMIT) bytes: '\(text)'"
    case .notUTF8: "'\(text)' is not UTF-8"
    case .notJSON: "'\(text)' is no JSON object of texts and numbers"
    case .notATime: "'\(text)' is no time: write seconds since 1970, or 2005-04-02 23:53:47"
    }
  }
}

extension LineFault.Reason: Codable, CustomStringConvertible {
  /// The name in JSON.
  public var description: String {
    switch self {
    case .columns: "columns"
    case .cut: "cut"
    case .missing: "missing"
    case .notANumber: "not_a_number"
    case .notFinite: "not_finite"
    case .numberRange: "number_range"
    case .notAnInteger: "not_an_integer"
    case .integerRange: "integer_range"
    case .quote: "quote"
    case .control: "control_character"
    case .lineLength: "line_length"
    case .notUTF8: "not_utf8"
    case .notATime: "not_a_time"
    case .notJSON: "not_json"
    }
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads the name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let reason = Self.allCases.first(where: { $0.description == name }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "reason \(name)")
    }
    self = reason
  }
}

extension LineFault {
  /// A kernel's fault with the text it is about, in a text whose rows start at `body`.
  package init(_ fault: ck_ingest_fault, in text: UnsafeRawBufferPointer, from body: Int) {
    let start = body + Int(fault.offset)
    self.init(
      line: Int(fault.line), column: fault.column == 0 ? nil : Int(fault.column),
      reason: Reason(rawValue: fault.status.rawValue) ?? .columns,
      text: Self.excerpt(text[start..<(start + Int(fault.length))]))
  }
}
