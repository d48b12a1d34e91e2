// Maps the ids of a file (int64 or strings) to dense indices and back.

/// Original ids in ascending order; the position of an id is its dense index.
public enum IDMap: Sendable, Equatable {
  /// Integer ids, strictly ascending.
  case integers([Int64])
  /// String ids, strictly ascending by UTF-8 bytes.
  case strings([String])

  /// Number of ids.
  public var count: Int {
    switch self {
    case .integers(let ids): ids.count
    case .strings(let ids): ids.count
    }
  }

  /// The original id at an index below `count`, as text.
  public subscript(index: Int) -> String {
    switch self {
    case .integers(let ids): String(ids[index])
    case .strings(let ids): ids[index]
    }
  }

  /// The index of an id given as text, or nil when it is not here.
  public func index(of id: String) -> Int? {
    switch self {
    case .integers(let ids):
      guard let number = Int64(id: id) else { return nil }
      return Self.search(ids.count) { ids[$0] < number }.flatMap { ids[$0] == number ? $0 : nil }
    case .strings(let ids):
      let bytes = Array(id.utf8)
      return Self.search(ids.count) { ids[$0].utf8.lexicographicallyPrecedes(bytes) }
        .flatMap { ids[$0].utf8.elementsEqual(bytes) ? $0 : nil }
    }
  }

  /// First position in 0..<count for which `precedes` is false, or nil when there is none.
  private static func search(_ count: Int, precedes: (Int) -> Bool) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if precedes(middle) { low = middle + 1 } else { high = middle }
    }
    return low < count ? low : nil
  }
}
