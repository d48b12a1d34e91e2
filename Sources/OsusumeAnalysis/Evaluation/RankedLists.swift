// The head of each user's ranking, with what is tied in it.
import OsusumeData
import OsusumeModels

/// What an evaluation asks of a model: each user's best items, and all their scores.
public protocol ItemRanking: Sendable {
  /// The `count` best items of each user, best first.
  func top(_ count: Int, for users: [Int32]) -> TopItems
  /// A user's scores of all items.
  func scores(of user: Int32) -> [Float]
  /// Whether any user's items are known to have one score all.
  var isFlat: Bool { get }
  /// The items that are not to be ranked for a user, ascending.
  func leftOut(_ user: Int32) -> ArraySlice<Int32>
}

/// The rankings of a search over all items.
struct SearchRanking: ItemRanking {
  let search: any ItemSearch
  let leftOut: SeenItems
  let threads: Int

  func top(_ count: Int, for users: [Int32]) -> TopItems {
    search.top(count, for: users, excluding: leftOut, threads: threads)
  }

  func scores(of user: Int32) -> [Float] { search.scores(of: user) }

  var isFlat: Bool { search.isFlat }

  func leftOut(_ user: Int32) -> ArraySlice<Int32> { leftOut[Int(user)] }
}

/// The rankings of users who were folded in; of others, those of the search.
struct FoldedRanking: ItemRanking {
  let known: SearchRanking
  let folded: FoldedUsers

  func top(_ count: Int, for users: [Int32]) -> TopItems {
    TopItems(
      width: count,
      joining: mapChunks(users.count, threads: known.threads) { place in
        let user = users[place]
        guard let newcomer = folded[user] else {
          return known.search.top(count, for: [user], excluding: known.leftOut, threads: 1)
        }
        return known.search.top(count, for: newcomer, excluding: Array(leftOut(user)))
      })
  }

  func scores(of user: Int32) -> [Float] {
    folded[user].map { known.search.scores(of: $0) } ?? known.scores(of: user)
  }

  var isFlat: Bool { known.isFlat }

  func leftOut(_ user: Int32) -> ArraySlice<Int32> { known.leftOut(user) }
}

/// The head of each user's ranking as stretches of equally scored items.
struct RankedLists: Sendable {
  /// Number of items there are.
  let items: Int
  /// A row for each user, one place longer than asked for.
  private let top: TopItems
  /// The stretches of the users whose last items are tied.
  private let tied: [[TiedItems]?]

  /// Number of users.
  var count: Int { tied.count }

  /// Ranks the `length` best of so many items for users.
  ///
  /// One place more tells whether the last one is tied, with any number of items: where it is, the ranking
  /// is made anew from the scores of all.
  init(_ ranking: some ItemRanking, users: [Int32], length: Int, items: Int, threads: Int) {
    let top =
      users.isEmpty || length == 0
      ? TopItems(width: 0, items: [], scores: []) : ranking.top(length + 1, for: users)
    let all = (0..<Int32(items)).map { $0 }
    self.top = top
    self.items = items
    tied = mapChunks(users.count, threads: threads) { row in
      guard top.endsInTie(row) else { return nil }
      let leftOut = ranking.leftOut(users[row])
      guard !ranking.isFlat else { return [TiedItems(allOf: items, excluding: leftOut)] }
      let scores = ranking.scores(of: users[row]).map { $0.isNaN ? -.infinity : $0 }
      let best = TopItems(
        best: top.width, of: all, scores: scores[...], excluding: leftOut)
      return best.runs(0, of: scores, excluding: leftOut)
    }
  }

  /// The stretches of a user's ranking, best first, with the places of each that are on a list of
  /// `cutoff` places.
  func runs(_ row: Int, cutoff: Int) -> [(run: TiedItems, places: Int)] {
    var free = cutoff
    var runs: [(run: TiedItems, places: Int)] = []
    for run in self.runs(row) where free > 0 {
      runs.append((run, min(free, run.count)))
      free -= run.count
    }
    return runs
  }

  private func runs(_ row: Int) -> [TiedItems] { tied[row] ?? top.runs(row) }
}

extension TopItems {
  /// Whether the last two places of a row have one score.
  fileprivate func endsInTie(_ row: Int) -> Bool {
    let last = (row + 1) * width - 1
    return width > 1 && items[last] >= 0 && scores[last] == scores[last - 1]
  }

  /// The stretches of a row; of one that goes on behind it, those with that score among all scores.
  fileprivate func runs(
    _ row: Int, of all: [Float] = [], excluding leftOut: ArraySlice<Int32> = []
  ) -> [TiedItems] {
    var runs: [TiedItems] = []
    let end = (row + 1) * width
    var start = row * width
    while start < end, items[start] >= 0 {
      let score = scores[start]
      // One that is not a number ties with none.
      let next = (start + 1..<end).first { items[$0] < 0 || scores[$0] != score } ?? end
      runs.append(
        next < end || all.isEmpty
          ? TiedItems(Array(items[start..<next]))
          : TiedItems(where: all, are: score, excluding: leftOut))
      start = next
    }
    return runs
  }
}
