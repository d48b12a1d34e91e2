// A small delimited file as rows of text: lists of ids, one person's ratings, lists on the command line.

/// The records of a delimited file of thousands of lines, in whatever form ratings files are read.
public struct DelimitedRows: Sendable {
  /// A record.
  public struct Row: Sendable {
    /// Its fields, without quotes and blanks around them.
    public let fields: [String]
    /// The line it starts on, 1 for the first.
    public let line: Int
    private let file: String
    /// Why a field cannot be an id or a number.
    private let faults: [Int: LineFault.Reason]

    init(_ fields: [Records.Field], line: Int, file: String) {
      self.fields = fields.map(\.text)
      self.line = line
      self.file = file
      faults = Dictionary(
        uniqueKeysWithValues: fields.enumerated().compactMap { column, field in
          field.fault.map { (column, $0) }
        })
    }

    /// The text of a field that is needed; nil where the row does not reach so far.
    ///
    /// Errors: `DelimitedTextError`, where it has text behind a closing quote, or control characters.
    package func needed(_ column: Int) throws -> String? {
      guard column < fields.count else { return nil }
      guard let reason = faults[column] else { return fields[column] }
      throw DelimitedTextError.line(
        file: file,
        LineFault(
          line: line, column: column + 1, reason: reason,
          text: LineFault.excerpt(fields[column].utf8)))
    }
  }

  /// The records, blank lines left out.
  public let rows: [Row]
  /// What to call the file in messages.
  public let file: String
  /// What to say of the text's encoding, if anything.
  public let note: String?
  /// What parts its fields.
  package let delimiter: Delimiter

  /// Reads a file, `-` for standard input, plain or gzip.
  ///
  /// - Parameter oneColumn: whether each line is a field, unless the first is a header of several.
  /// - Throws: `RatingsFileError`, `TextFileError`, `DelimitedTextError`.
  public init(_ path: String, oneColumnUnless isHeader: (([String]) -> Bool)? = nil) throws {
    try self.init(TextFile(path), oneColumnUnless: isHeader)
  }

  /// The same of a text in memory.
  package init(text: [UInt8], file: String) throws {
    try self.init(TextFile(FileBytes(file, text)), oneColumnUnless: nil)
  }

  private init(_ file: TextFile, oneColumnUnless isHeader: (([String]) -> Bool)?) throws {
    let bytes = file.text.bytes
    var delimiter = Delimiter(of: bytes)
    if let isHeader {
      var first = Records(bytes, delimiter)
      let fields = first.nextEvenOpen()?.map(\.text) ?? []
      if fields.count < 2 || !isHeader(fields) { delimiter = .none }
    }
    self.file = file.text.name
    note = file.note
    self.delimiter = delimiter
    var records = Records(bytes, delimiter)
    var rows: [Row] = []
    do {
      while let fields = try records.next() {
        rows.append(Row(fields, line: records.line, file: file.text.name))
      }
    } catch {
      throw DelimitedTextError.line(
        file: file.text.name,
        LineFault(line: error.line, column: error.column, reason: .quote, text: error.text))
    }
    self.rows = rows
  }

  /// The entries of a list that is given as text, set apart by commas as fields of a CSV file are; empty
  /// ones are left out.
  ///
  /// Errors: `DelimitedTextError.list`.
  public static func entries(of text: String) throws -> [String] {
    try entries(of: text, delimiter: .comma).filter { !$0.isEmpty }
  }

  /// A field that is given as text: blanks and quotes around it taken off.
  ///
  /// Errors: `DelimitedTextError.list`.
  public static func entry(_ text: String) throws -> String {
    try entries(of: text, delimiter: .none).first ?? ""
  }

  private static func entries(of text: String, delimiter: Delimiter) throws -> [String] {
    var text = text
    return try text.withUTF8 { bytes in
      var records = Records(.init(bytes), delimiter)
      var entries: [String] = []
      do throws(Records.OpenQuote) {
        while let fields = try records.next() { entries += fields.map(\.text) }
      } catch {
        throw DelimitedTextError.list(error.text)
      }
      return entries
    }
  }
}

/// A text of ids that cannot be read.
public enum DelimitedTextError: OsusumeError, Equatable {
  /// A line of a file.
  case line(file: String, LineFault)
  /// A list on the command line has a quote that is not closed.
  case list(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .line(let file, let fault): "\(file):\(fault); correct the line"
    case .list(let text): "a quote is not closed in the list: '\(text)'; close it"
    }
  }
}

extension Records.Field {
  /// Why it cannot be an id or a number, if it cannot.
  var fault: LineFault.Reason? {
    if isRagged { return .quote }
    return bytes.contains { $0 < 0x20 || $0 == 0x7F } ? .control : nil
  }
}
