// Lists of user ids from a file.
import Foundation
import Osusume

/// Ids, one a line.
enum UserList {
  /// Reads the ids of a file, `-` for standard input; empty lines are skipped.
  static func read(_ path: String) throws -> [String] {
    let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
    guard let file, let data = try? file.readToEnd() ?? Data(),
      let text = String(data: data, encoding: .utf8)
    else { throw UserListError.unreadable(path) }
    let ids = text.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }.filter { !$0.isEmpty }
    guard !ids.isEmpty else { throw UserListError.empty(path) }
    return ids
  }
}

/// Why a list of users could not be used.
enum UserListError: OsusumeError {
  case unreadable(String)
  case empty(String)

  var description: String {
    switch self {
    case .unreadable(let path):
      "cannot read \(path) as text; give --users-file a file with one user id a line"
    case .empty(let path): "\(path) holds no user id; give --users-file one user id a line"
    }
  }
}
