// Lists by relations between items: for many users at once as for each alone.
import CKernels
import OsusumeData
import Testing

@testable import OsusumeModels

struct RelationSearchTests {
  /// Enough users for dense columns; items the last of which says nothing.
  private static let users = RelationSearch.manyUsers + 77
  private static let items = 130

  /// Relations of which a fraction is stored.
  private static func relations(oneIn fraction: UInt64) -> ItemRelations {
    let key = ck_random_key(5, 971)
    var drawn: UInt64 = 0
    func below(_ bound: UInt64) -> Int {
      drawn += 1
      return Int(ck_random_bits(key, drawn) % bound)
    }
    func rows(_ count: Int, oneIn fraction: UInt64) -> SeenItems {
      var rows = SeenItems(offsets: [0], items: [])
      for _ in 0..<count {
        rows.items += (0..<Int32(items)).filter { _ in below(fraction) == 0 }
        rows.offsets.append(Int32(rows.items.count))
      }
      return rows
    }
    let stored = rows(items - 1, oneIn: fraction)
    let (rated, unrated) = (rows(users, oneIn: 9), rows(users, oneIn: 40))
    return ItemRelations(
      relation: ItemRelation(
        offsets: stored.offsets + [stored.offsets[items - 1]], columns: stored.items,
        weights: stored.items.map { _ in Float(below(900)) / 300 - 1 }),
      rated: rated, strengths: rated.items.map { _ in UInt8(below(111)) },
      unrated: unrated, strength: RatingStrength(likedFrom: 4, deviation: 1))
  }

  @Test func describedTensorsAreInTheFile() {
    let written = Self.relations(oneIn: 60).tensors.map(\.name)
    for spec in [ModelSpec.ease, .lists] {
      let described = spec.tensors(factors: 2, users: 3, items: 4).map(\.name)
        .filter { $0.hasPrefix("relation") }
      #expect(described.count == 1 && described.allSatisfy(written.contains))
    }
  }

  /// With most weights stored columns are made dense; with few they are not.
  @Test(arguments: [2, 60]) func manyUsersAreListedAsEachAlone(oneIn fraction: UInt64) {
    let relations = Self.relations(oneIn: fraction)
    let users = (0..<Int32(Self.users)).reversed().map { $0 }
    let some = (0..<Int32(Self.items)).filter { $0 % 3 != 1 }
    for (candidates, count) in [(nil, 10), (some, 4), (some, some.count + 1)] {
      let search = RelationSearch(relations, candidates: candidates)
      let together = search.top(count, for: users, excluding: relations.rated, threads: 2)
      for place in stride(from: 0, to: users.count, by: 97) {
        let alone = search.top(
          count, for: [users[place]], excluding: relations.rated, threads: 1)
        let own = place * count..<(place + 1) * count
        #expect(Array(together.items[own]) == alone.items)
        #expect(together.scores[own].map(\.bitPattern) == alone.scores.map(\.bitPattern))
      }
      #expect(together == search.top(count, for: users, excluding: relations.rated, threads: 3))
    }
  }
}
