// Why an item file cannot be read, as one line that its owner can act on.

/// Why an item file cannot be read.
public enum ItemFileError: OsusumeError, Equatable {
  /// The file cannot be opened, read or inflated.
  case unreadable(RatingsFileError)
  /// There is nothing in it.
  case empty(file: String)
  /// There is a header and nothing else.
  case noItems(file: String)
  /// The header names no id.
  case noIDColumn(file: String, columns: [String])
  /// A record has no id.
  case missingID(file: String, line: Int)
  /// An id has control characters, or text behind its closing quote.
  case badID(file: String, line: Int, text: String)
  /// A quote opens on this line and never closes.
  case unterminatedQuote(file: String, line: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let error):
      error.description
    case .empty(let file):
      "\(file): the file is empty; give item metadata with a header, or leave out `items`"
    case .noItems(let file):
      "\(file): there are no items after the header; give a file with rows, or leave out `items`"
    case .noIDColumn(let file, let columns):
      "\(file):1: no id among the columns \(columns.prefix(12).joined(separator: ", ")); name it "
        + "anime_id, movieId, item_id or id"
    case .missingID(let file, let line):
      "\(file):\(line): the item has no id; give it one or remove the line"
    case .badID(let file, let line, let text):
      "\(file):\(line): '\(text)' cannot be an id: it has a control character, or text behind a closing "
        + "quote; correct it"
    case .unterminatedQuote(let file, let line):
      "\(file):\(line): a quote opens here and never closes; close it or double it"
    }
  }
}
