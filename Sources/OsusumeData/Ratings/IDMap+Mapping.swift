// Indices of one map as indices of another: ratings read anew beside a model made earlier.

extension IDMap {
  /// For each id here, its index in another map, or −1 where that one does not have it.
  package func mapping(into other: IDMap) -> [Int32] {
    switch (self, other) {
    case (.integers(let own), .integers(let theirs)):
      return Self.merge(own, theirs, precedes: <)
    case (.strings(let own), .strings(let theirs)):
      return Self.merge(own, theirs) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    default:
      return (0..<count).map { other.index(of: self[$0]).map(Int32.init) ?? -1 }
    }
  }

  /// Walks two ascending lists side by side.
  private static func merge<ID>(_ own: [ID], _ theirs: [ID], precedes: (ID, ID) -> Bool) -> [Int32]
  {
    var position = 0
    return own.map { id in
      while position < theirs.count && precedes(theirs[position], id) { position += 1 }
      return position < theirs.count && !precedes(id, theirs[position]) ? Int32(position) : -1
    }
  }
}
