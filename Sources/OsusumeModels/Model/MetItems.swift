// What users have met, as far as the ratings file knows: in training, in the test, or without a rating.
import OsusumeData

/// How a user has met an item.
public enum Meeting: String, Sendable, Hashable, CaseIterable, Codable {
  /// Rated it, and the model learned from that.
  case train
  /// Rated it, and the rating was held out for the test.
  case test
  /// Saw it without rating it (the Kaggle set's −1 rows).
  case unrated
}

extension Set<Meeting> {
  /// All there are.
  public static var all: Self { Set(Meeting.allCases) }
}

/// The items a user has met, by how; each list ascending.
public struct MetItems: Sendable, Equatable {
  private var lists: [Meeting: ArraySlice<Int32>]

  /// The items of one kind of meeting.
  public subscript(meeting: Meeting) -> ArraySlice<Int32> { lists[meeting] ?? [] }

  /// Nothing, or the items of some kinds.
  package init(_ lists: [Meeting: ArraySlice<Int32>] = [:]) { self.lists = lists }

  /// All of them, ascending, each once.
  public var all: [Int32] { [Int32](union: Meeting.allCases.map { self[$0] }) }
}

extension Model {
  /// What a user has met in the ways that count.
  package func met(by user: Int, _ ways: Set<Meeting> = .all) -> MetItems {
    var lists: [Meeting: ArraySlice<Int32>] = [:]
    for way in ways { lists[way] = items(met: way)?[user] }
    return MetItems(lists)
  }

  /// All that users have met in the ways that count, in one list each; empty for users not asked about.
  package func met(by users: [Int32], _ ways: Set<Meeting> = .all, threads: Int) -> SeenItems {
    let known = ways.filter { items(met: $0)?.items.isEmpty == false }
    if known.count <= 1 {
      return known.first.flatMap { items(met: $0) } ?? SeenItems(users: userIDs.count)
    }
    return SeenItems(users: userIDs.count, asked: Set(users).sorted(), threads: threads) {
      met(by: $0, ways).all
    }
  }

  /// The items of all users of one kind of meeting; nil where there are none.
  private func items(met way: Meeting) -> SeenItems? {
    switch way {
    case .train: seen
    case .test: seenInTest
    case .unrated: seenUnrated
    }
  }
}

extension SeenItems {
  /// Nothing, for so many users.
  package init(users: Int) {
    self.init(offsets: [Int32](repeating: 0, count: users + 1), items: [])
  }
}
