// What columns of ratings files are called: the names under which data sets are published.

/// Names of columns, compared without regard to case and punctuation.
package enum ColumnNames {
  /// What a column says of a row.
  package enum Role: String, CaseIterable, Sendable {
    /// Who rated or met the item.
    case user
    /// What was rated or met.
    case item
    /// How high.
    case rating
    /// How often or how long, in place of a rating.
    case count
    /// When.
    case timestamp
    /// Whether a title is being watched, completed, dropped (myanimelist.net).
    case watchingStatus = "watching_status"
  }

  /// The names of a role as `canonical` writes them, best first.
  private static func names(of role: Role) -> [String] {
    switch role {
    case .user:
      [
        "userid", "user", "reviewerid", "customerid", "memberid", "uid", "username", "profilename",
        "reviewuserid", "reviewprofilename", "reviewername",
      ]
    case .item:
      [
        "itemid", "animeid", "malid", "movieid", "item", "parentasin", "asin", "isbn", "businessid",
        "bookid",
        "productid", "artistid", "trackid", "songid", "gameid", "jokeid", "beerid", "beerbeerid",
        "anime", "movie", "book", "artist", "track", "song", "game", "product",
      ]
    case .rating:
      ["rating", "score", "bookrating", "overall", "stars", "reviewoverall", "reviewscore"]
    case .count: ["plays", "playcount", "count", "listens", "purchases", "hours", "weight"]
    case .timestamp: ["timestamp", "unixreviewtime", "unixtime", "datetime", "date", "time"]
    case .watchingStatus: ["watchingstatus"]
    }
  }

  /// A name in small letters and digits alone: `User-ID` and `user_id` are `userid`.
  package static func canonical(_ name: String) -> String {
    var canonical = ""
    for scalar in name.lowercased().unicodeScalars
    where scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
      canonical.unicodeScalars.append(scalar)
    }
    return canonical
  }

  /// The place in a header of the column of a role; nil where there is none.
  package static func column(of role: Role, in header: [String]) -> Int? {
    let header = header.map(canonical)
    return names(of: role).lazy.compactMap { header.firstIndex(of: $0) }.first
  }

  /// The place in a header of the column of a role in a file of items, where a bare `id` can be nothing
  /// else than the item's.
  package static func itemColumn(in header: [String]) -> Int? {
    column(of: .item, in: header) ?? column(named: "id", in: header)
  }

  /// The place in a header of a column that somebody named: as written, or else without regard to case and
  /// punctuation.
  package static func column(named name: String, in header: [String]) -> Int? {
    if let exact = header.firstIndex(of: name) { return exact }
    let wanted = canonical(name)
    return wanted.isEmpty ? nil : header.firstIndex { canonical($0) == wanted }
  }
}
