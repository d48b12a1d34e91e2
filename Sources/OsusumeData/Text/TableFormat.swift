// Which columns of a ratings file mean what, as the user of the library or command line says it.

/// How a ratings file is to be read; the default finds out by itself.
public struct TableFormat: Sendable, Hashable {
  /// One column of a file.
  public enum Column: Sendable, Hashable, CustomStringConvertible {
    /// The column with this name in the header.
    case named(String)
    /// The column at this position, 1 for the first.
    case position(Int)

    /// As on the command line.
    public var description: String {
      switch self {
      case .named(let name): name
      case .position(let position): String(position)
      }
    }
  }

  /// The columns of a rating.
  public struct Columns: Sendable, Hashable {
    /// Who rated.
    public var user: Column
    /// What was rated.
    public var item: Column
    /// How high, or how often; nil: rows say no more than that the user met the item.
    public var rating: Column?
    /// When, if the file says so.
    public var timestamp: Column?

    /// Makes a choice of columns.
    public init(user: Column, item: Column, rating: Column? = nil, timestamp: Column? = nil) {
      self.user = user
      self.item = item
      self.rating = rating
      self.timestamp = timestamp
    }

    /// All of them.
    var all: [Column] { [user, item] + [rating, timestamp].compactMap { $0 } }

    /// Reads `user,item[,rating[,timestamp]]`, each a name or a 1-based position; nil when it is not that.
    public init?(_ text: String) {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
        part -> Column? in
        if part.isEmpty { return nil }
        guard let position = Int(part) else { return .named(String(part)) }
        return position >= 1 ? .position(position) : nil
      }
      let columns = parts.compactMap { $0 }
      guard columns.count == parts.count, (2...4).contains(columns.count),
        Set(columns).count == columns.count
      else { return nil }
      self.init(
        user: columns[0], item: columns[1], rating: columns.count > 2 ? columns[2] : nil,
        timestamp: columns.count > 3 ? columns[3] : nil)
    }
  }

  /// How ids are read.
  public enum IDs: String, Sendable, Hashable, CaseIterable {
    /// Integers where a column holds nothing else, else strings.
    case automatic
    /// Strings, also where they look like integers.
    case strings
  }

  /// The columns; nil: by the header's known names, or the first three where there is no header.
  public var columns: Columns?
  /// How ids are read.
  public var ids: IDs
  /// What rows say; nil: ratings, unless the header or the columns say otherwise.
  ///
  /// Of three `columns` of what was `seen`, the third is the timestamp.
  public var feedback: Feedback?
  /// Whether times that cannot be read are an error; else their column is left alone.
  public var needsTimes = false
  /// How many bad lines may be left out; nil: the first is an error.
  public var badLinesAllowed: Int?

  /// Makes a format.
  public init(columns: Columns? = nil, ids: IDs = .automatic, feedback: Feedback? = nil) {
    self.columns = columns
    self.ids = ids
    self.feedback = feedback
  }
}
