// Parts of the test rows by how much is known of their user or item: where does a model err?
import OsusumeData
import OsusumeModels

/// A third of the users or items by number of training ratings, and the test rows that are theirs.
public struct Segment: Sendable, Equatable {
  /// Whose training ratings are counted.
  public let entity: Entity
  /// Its name: light, medium, heavy users; tail, middle, head items.
  public let name: String
  /// The counts it holds.
  public let counts: ClosedRange<Int>
  /// Test rows, by number.
  let rows: [Int]

  /// Number of test rows.
  public var rowCount: Int { rows.count }

  /// Thirds of users and of items: those with a rating in training, or to be folded in by, sorted by their number
  /// of them and cut where a third and two thirds are reached; equal counts stay together.
  static func thirds(of held: HeldOutRatings) -> [Segment] {
    thirds(
      .user, of: held.test.users, counts: counts(held.train.users + held.foldIn.users, held.users),
      names: ["light users", "medium users", "heavy users"])
      + thirds(
        .item, of: held.test.items, counts: counts(held.train.items, held.items),
        names: ["tail items", "middle items", "head items"])
  }

  private static func counts(_ column: [Int32], _ count: Int) -> [Int] {
    column.reduce(into: [Int](repeating: 0, count: count)) { $0[Int($1)] += 1 }
  }

  private static func thirds(
    _ entity: Entity, of column: [Int32], counts: [Int], names: [String]
  ) -> [Segment] {
    let known = counts.filter { $0 > 0 }.sorted()
    guard let most = known.last else { return [] }
    let cuts = [known[(known.count - 1) / 3], known[(known.count - 1) * 2 / 3], most]
    var low = 0
    return zip(names, cuts).compactMap { name, high in
      guard high >= low else { return nil }
      defer { low = high + 1 }
      let range = low...high
      return Segment(
        entity: entity, name: name, counts: range,
        rows: column.indices.filter { range.contains(counts[Int(column[$0])]) })
    }
  }
}
