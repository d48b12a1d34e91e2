// Lists of ids of users or items from a file.
import Osusume

/// Ids, one a line, or the column of a table whose header names it.
enum IDList {
  /// Reads the ids of a file, `-` for standard input, in whatever form a ratings file may have.
  ///
  /// A line is an id, commas and all, unless the first is a header that names a column of users, or items: a
  /// table that `recommend --output` wrote, a ratings file, or the word alone above the list.
  static func read(_ path: String, option: String, of entity: Entity = .item) throws -> [String] {
    func column(_ header: [String]) -> Int? {
      entity == .user
        ? ColumnNames.column(of: .user, in: header) : ColumnNames.itemColumn(in: header)
    }
    let list = try DelimitedRows(path) { column($0) != nil }
    if let note = list.note { Output.note("osusume: \(note)") }
    let named = list.rows.first.flatMap { column($0.fields) }
    let ids = try list.rows.dropFirst(named == nil ? 0 : 1).compactMap {
      try $0.needed(named ?? 0)
    }.filter { !$0.isEmpty }
    guard !ids.isEmpty else { throw IDListError.empty(path, option: option) }
    return ids
  }
}

/// Why a list of ids could not be used.
enum IDListError: OsusumeError {
  case empty(String, option: String)

  var description: String {
    switch self {
    case .empty(let path, let option): "\(path) holds no id; give \(option) one id a line"
    }
  }
}
