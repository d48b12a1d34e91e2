// Ratings that are in memory already: from rows, or from arrays of ids, ratings and times.

/// What may be the id of a user or an item: text, or an integer.
public protocol OriginalID {
  /// Ids as a column, one a row.
  static func column(_ ids: [Self]) -> IDColumn
}

extension Int: OriginalID {
  /// Ids as a column.
  public static func column(_ ids: [Int]) -> IDColumn { .integers(ids.map { Int64($0) }) }
}

extension Int32: OriginalID {
  /// Ids as a column.
  public static func column(_ ids: [Int32]) -> IDColumn { .integers(ids.map { Int64($0) }) }
}

extension Int64: OriginalID {
  /// Ids as a column.
  public static func column(_ ids: [Int64]) -> IDColumn { .integers(ids) }
}

extension String: OriginalID {
  /// Ids as a column: names ascend by their UTF-8 bytes, and what Unicode holds for equal stays two.
  public static func column(_ ids: [String]) -> IDColumn {
    var codes: [Name: Int32] = [:]
    var names: [String] = []
    let numbers = ids.map { id in
      let name = Name(text: id)
      if let code = codes[name] { return code }
      let code = Int32(names.count)
      codes[name] = code
      names.append(id)
      return code
    }
    let order = names.indices.sorted {
      names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8)
    }
    var rank = [Int32](repeating: 0, count: names.count)
    for (place, number) in order.enumerated() { rank[number] = Int32(place) }
    return .strings(codes: numbers.map { rank[Int($0)] }, names: order.map { names[$0] })
  }

  /// A text that is equal to another where their bytes are.
  private struct Name: Hashable {
    let text: String

    static func == (one: Name, other: Name) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    func hash(into hasher: inout Hasher) {
      for byte in text.utf8 { hasher.combine(byte) }
    }
  }
}

extension IDColumn {
  /// A column of ids in any order, one a row.
  public init<ID: OriginalID>(_ ids: [ID]) { self = ID.column(ids) }
}

extension Ratings {
  /// Ratings from rows.
  ///
  /// ```swift
  /// let ratings = try Ratings([
  ///   (user: "ann", item: "tea", rating: 5), (user: "bob", item: "tea", rating: 2),
  /// ])
  /// ```
  ///
  /// - Parameters:
  ///   - rows: In any order; of several of one user and item the last counts, unless `options` say otherwise.
  ///   - catalog: Metadata of items, for `options` that go by them.
  ///   - options: How rows are cleaned.
  /// - Throws: `RatingsError`: no rows, or a rating that is no number.
  public init<User: OriginalID, Item: OriginalID>(
    _ rows: [(user: User, item: Item, rating: Float)], catalog: ItemCatalog = .init(),
    options: RatingsOptions = .init()
  ) throws {
    try self.init(
      users: rows.map(\.user), items: rows.map(\.item), ratings: rows.map(\.rating),
      catalog: catalog, options: options)
  }

  /// Ratings from rows with times, in seconds since 1970; of several of one user and item the newest counts.
  ///
  /// Errors: `RatingsError`.
  public init<User: OriginalID, Item: OriginalID>(
    _ rows: [(user: User, item: Item, rating: Float, time: Int64)], catalog: ItemCatalog = .init(),
    options: RatingsOptions = .init()
  ) throws {
    try self.init(
      users: rows.map(\.user), items: rows.map(\.item), ratings: rows.map(\.rating),
      times: rows.map(\.time), catalog: catalog, options: options)
  }

  /// Ratings from arrays of equal length: element n of each is of row n.
  ///
  /// - Parameters:
  ///   - users: Ids of users, in any order.
  ///   - items: Ids of items, likewise.
  ///   - ratings: The ratings.
  ///   - times: Seconds since 1970; empty where nobody knows.
  ///   - catalog: Metadata of items, for `options` that go by them.
  ///   - options: How rows are cleaned.
  /// - Throws: `RatingsFault` for arrays of other lengths, `RatingsError`.
  public init<User: OriginalID, Item: OriginalID>(
    users: [User], items: [Item], ratings: [Float], times: [Int64] = [],
    catalog: ItemCatalog = .init(), options: RatingsOptions = .init(), threads: Int = allCores
  ) throws {
    try self.init(
      table: RatingTable(
        users: IDColumn(users), items: IDColumn(items), values: ratings, timestamps: times),
      catalog: catalog, options: options, threads: threads)
  }
}

extension RatingTable {
  /// SHA-256 of columns that come from no file: of their bytes, one after the other.
  static func checksum(
    _ users: IDColumn, _ items: IDColumn, _ values: [Float], _ timestamps: [Int64],
    _ statuses: [Int16]
  ) -> String {
    let digest = SHA256()
    func update<Element: BitwiseCopyable>(_ elements: [Element]) {
      digest.update("\(elements.count):")
      elements.withUnsafeBytes { digest.update($0) }
    }
    for column in [users, items] {
      switch column {
      case .integers(let ids): update(ids)
      case .strings(let codes, let names):
        update(codes)
        for name in names { update(Array(name.utf8)) }
      }
    }
    update(values)
    update(timestamps)
    update(statuses)
    return digest.hexadecimal()
  }
}
