// Which user certainly meets which item, so that every item is in the file as often as it must.
import CKernels

/// The items that users have for certain: each item that must be rated or seen is given to one user.
struct SynthesisGuaranteedItems {
  /// User u has rated `items[offsets[2u] ..< offsets[2u + 1]]` and seen
  /// `items[offsets[2u + 1] ..< offsets[2u + 2]]` for certain.
  let offsets: [Int]
  let items: [Int32]
  /// Ratings of items missing from the catalog, which users have on top of their counts.
  let missing: [Int]

  /// Gives each item to the user of one row: the rows are evenly spaced over all rows that will do.
  init(items: SynthesisItems, users: SynthesisUsers, seed: UInt64) {
    let key = SynthesisStream.sureItems.key(seed: seed)
    let order = (0..<items.count).map {
      Int(ck_random_permute(key, UInt64($0), UInt64(items.count)))
    }
    func chosen(_ fits: (SynthesisItems.Role) -> Bool) -> [Int] {
      order.filter { fits(items.roles[$0]) }
    }
    // Single raters may be left out later: what must stay belongs to the others.
    let kept = users.rated.map { $0 > 1 ? $0 : 0 }
    let missingOwners = Self.owners(of: chosen { $0 == .missing }, rows: kept)
    let ratedOwners = Self.owners(
      of: chosen { if case .rated = $0 { true } else { false } }, rows: kept)
    let seenOwners = Self.owners(of: chosen { $0 == .seen }, rows: users.unrated)

    var missing = [Int](repeating: 0, count: users.rated.count)
    var lists = [[Int32]](repeating: [], count: 2 * users.rated.count)
    for (user, item) in missingOwners {
      missing[user] += 1
      lists[2 * user].append(Int32(item))
    }
    for (user, item) in ratedOwners { lists[2 * user].append(Int32(item)) }
    for (user, item) in seenOwners { lists[2 * user + 1].append(Int32(item)) }
    var offsets = [0]
    for list in lists { offsets.append(offsets[offsets.count - 1] + list.count) }
    self.offsets = offsets
    self.items = lists.flatMap { $0 }
    self.missing = missing
  }

  /// A user for each item; no user gets more items than rows.
  private static func owners(of items: [Int], rows: [Int]) -> [(user: Int, item: Int)] {
    let total = rows.reduce(0, +)
    var user = 0
    var end = rows[0]
    return items.enumerated().map { place, item in
      let row = (2 * place + 1) * total / (2 * items.count)
      while row >= end {
        user += 1
        end += rows[user]
      }
      return (user, item)
    }
  }
}
