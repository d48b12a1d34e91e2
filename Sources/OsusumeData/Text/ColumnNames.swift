// The names by which columns of ratings, pairs and items are known: here, and nowhere else.

/// Names of columns, best first, as `key` makes them.
package enum ColumnNames {
  /// Who rated.
  package static let user = ["userid", "user"]
  /// What was rated.
  package static let item = ["itemid", "animeid", "malid", "movieid", "item"]
  /// How high.
  package static let rating = ["rating", "score"]
  /// When.
  package static let timestamp = ["timestamp"]
  /// What a list of what people watch says of the item.
  package static let watchingStatus = ["watchingstatus"]

  /// An item's id in a file of items, where a bare `id` can be nothing else.
  package static let itemInItems = item + ["id"]
  /// An item's title.
  package static let title = ["name", "title"]
  /// An item's genres.
  package static let genres = ["genre", "genres"]
  /// An item's kind: TV, Movie.
  package static let type = ["type"]
  /// Its number of episodes.
  package static let episodes = ["episodes"]
  /// How many list it.
  package static let members = ["members"]

  /// A name without what people write differently, case and punctuation: `User-ID`, `user_id` and `userId` are one.
  package static func key(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// The column with the best of some names; nil where there is none.
  ///
  /// - Parameter header: the columns' names as the file has them.
  package static func column(_ names: [String], in header: [String]) -> Int? {
    let keys = header.map(key)
    return names.lazy.compactMap { keys.firstIndex(of: $0) }.first
  }
}
