// Lists of ids of users or items from a file.
import Foundation
import Osusume

/// Ids, one a line.
enum IDList {
  /// Reads the ids of a file, `-` for standard input; empty lines are skipped.
  static func read(_ path: String, option: String) throws -> [String] {
    let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
    guard let file, let data = try? file.readToEnd() ?? Data(),
      let text = String(data: data, encoding: .utf8)
    else { throw IDListError.unreadable(path, option: option) }
    let ids = text.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }.filter { !$0.isEmpty }
    guard !ids.isEmpty else { throw IDListError.empty(path, option: option) }
    return ids
  }
}

/// Why a list of ids could not be used.
enum IDListError: OsusumeError {
  case unreadable(String, option: String)
  case empty(String, option: String)

  var description: String {
    switch self {
    case .unreadable(let path, let option):
      "cannot read \(path) as text; give \(option) a file with one id a line"
    case .empty(let path, let option): "\(path) holds no id; give \(option) one id a line"
    }
  }
}
