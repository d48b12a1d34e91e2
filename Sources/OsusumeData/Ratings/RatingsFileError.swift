// What can be wrong with a ratings file, as one line a user can act on.

/// A ratings file that cannot be read.
public enum RatingsFileError: OsusumeError, Equatable {
  /// The file cannot be opened or read; the reason is the system's.
  case unreadable(file: String, reason: String)
  /// There is nothing in it.
  case empty(file: String)
  /// There is a header and nothing else.
  case noRows(file: String)
  /// Its first line has but one column.
  case noColumns(file: String)
  /// A column asked for is not there.
  case columnNotFound(file: String, column: String, available: [String])
  /// A line cannot be read.
  case line(file: String, LineFault)
  /// More lines than allowed cannot be read; the first of them.
  case badLines(file: String, count: Int, allowed: Int, first: LineFault)
  /// A file of JSON starts with a list.
  case jsonList(file: String)
  /// A folder holds no ratings.
  case folder(String)
  /// A compressed file is damaged or cut short.
  case damagedGzip(file: String, reason: String)
  /// The file holds more than can be read.
  case tooLarge(file: String, limit: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): \(reason); give a readable file, or - for stdin"
    case .empty(let file):
      "\(file): the file is empty; give a file of user, item and rating"
    case .noRows(let file):
      "\(file): there are no ratings after the header; give a file with rows"
    case .noColumns(let file):
      "\(file):1: found but one column; separate user, item and rating by , ; | tab or ::"
    case .columnNotFound(let file, let column, let available):
      "\(file): no column \(column) among \(available.joined(separator: ", ")); "
        + "name them with `columns user,item,rating`"
    case .line(let file, let fault):
      "\(file):\(fault); fix the line or run: osusume data validate"
    case .badLines(let file, let count, let allowed, let first):
      "\(file): \(count) lines cannot be read, more than `skip_bad_lines \(allowed)` leaves out; the first: "
        + "\(first)"
    case .jsonList(let file):
      "\(file): the JSON is one list; give one object a line: jq -c '.[]' does that"
    case .folder(let path):
      "\(path): a folder without ratings of the Netflix Prize (.txt: a movie and :, then user,rating,date); "
        + "give a ratings file"
    case .damagedGzip(let file, let reason):
      "\(file): the gzip data are damaged: \(reason); copy or download the file again"
    case .tooLarge(let file, let limit):
      "\(file): holds more than \(limit >> 30) GiB uncompressed; cut it into parts"
    }
  }
}
