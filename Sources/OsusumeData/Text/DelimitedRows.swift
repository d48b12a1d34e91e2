// A small delimited file as rows of text.

/// The records of a delimited file of thousands of lines, plain or gzip.
public struct DelimitedRows: Sendable {
  /// A record and the line it starts on, 1 for the first.
  public struct Row: Sendable, Equatable {
    /// Its fields, without quotes.
    public var fields: [String]
    /// Its line.
    public var line: Int
  }

  /// The records, blank lines left out.
  public let rows: [Row]

  /// Reads a file, `-` for standard input.
  ///
  /// Errors: `RatingsFileError`, `ItemFileError.unterminatedQuote`.
  public init(_ path: String) throws {
    let file = try FileBytes.open(path)
    let bytes = file.isGzip ? try file.inflated() : file
    var reader = CSVReader(Array(bytes.bytes))
    var rows: [Row] = []
    do {
      while let fields = try reader.next() { rows.append(Row(fields: fields, line: reader.line)) }
    } catch let quote as CSVReader.UnterminatedQuote {
      throw ItemFileError.unterminatedQuote(file: file.name, line: quote.line)
    }
    self.rows = rows
  }
}
