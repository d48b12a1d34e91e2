// Search for the best items of users by relations between items: for many users, all of them at once.
import CKernels
import OsusumeData

/// Ranks candidates by what the items that users have met say of them.
///
/// A few users are scored one by one from the stored weights. For many, columns of B are made dense, a few at a
/// time, and every user is ranked by those while a cache holds them; what is not stored adds 0. Scores and lists
/// are the same to the byte.
struct RelationSearch: ItemSearch {
  private let relations: ItemRelations
  /// Ascending.
  private let candidates: [Int32]
  private let byUser: FullSearch

  init(_ relations: ItemRelations, candidates: [Int32]?) {
    self.relations = relations
    self.candidates = candidates?.sorted() ?? (0..<Int32(relations.itemCount)).map { $0 }
    byUser = FullSearch(items: relations.itemCount, candidates: candidates) { user, candidates in
      let scores = relations.scores(user: Int(user))
      return candidates.count == scores.count ? scores : candidates.map { scores[Int($0)] }
    }
  }

  /// Users from whom on dense columns pay: making them costs as much as scoring a few thousand users.
  static let manyUsers = 4096
  /// Users ranked in one pass over the columns, whose met items stay in a third-level cache meanwhile.
  private static let usersAPass = 16384

  /// The `count` best items of each user.
  func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems?, threads: Int
  ) -> TopItems {
    guard count > 0, users.count >= Self.manyUsers, columnsPay(for: users) else {
      return byUser.top(count, for: users, excluding: seen, threads: threads)
    }
    let columns = RelationColumns(of: relations.relation, candidates: candidates)
    let chunk = min(Self.usersAPass, (users.count + threads - 1) / threads)
    return TopItems(
      width: count,
      joining: mapChunks((users.count + chunk - 1) / chunk, threads: threads) { number in
        columns.top(
          count, for: Array(users[number * chunk..<min((number + 1) * chunk, users.count)]),
          metBy: relations, excluding: seen)
      })
  }

  /// An entry of B costs as much as this many elements of dense columns.
  private static let elementsAnEntry = 24

  /// Whether so much is stored of the rows of what users have met that whole rows cost less, by the first
  /// thousand users.
  private func columnsPay(for users: [Int32]) -> Bool {
    let offsets = relations.relation.offsets
    var (entries, elements) = (0, 0)
    for user in users.prefix(1000) {
      for item in relations.met(by: Int(user)).items {
        let stored = Int(offsets[Int(item) + 1] - offsets[Int(item)])
        entries += stored
        elements += stored > 0 ? relations.itemCount : 0
      }
    }
    return entries * Self.elementsAnEntry >= elements
  }

  /// The `count` best items of a user who was folded in.
  func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems {
    byUser.top(count, for: newcomer, excluding: rated)
  }

  /// A user's raw scores of all candidates.
  func scores(of user: Int32) -> [Float] { byUser.scores(of: user) }

  /// The raw scores of all candidates for a user who was folded in.
  func scores(of newcomer: FoldedIn) -> [Float] { byUser.scores(of: newcomer) }
}

/// B's columns of some items, to be made dense a few at a time, those with most entries first.
private struct RelationColumns {
  /// The items of the columns, ascending within each block.
  private let items: [Int32]
  /// For each item the row of B that has what it says of others; −1 where it says nothing.
  private var rowOfItem: [Int32]
  /// Rows of B that say something.
  private var rows = 0
  /// Compressed columns of B: the rows they have entries in.
  private var offsets: [Int32]
  private var entries: [Int32]
  private var weights: [Float]

  private static let width = Int(CK_GRAM_BLOCK)

  init(of relation: ItemRelation, candidates: [Int32]) {
    var counts = [Int32](repeating: 0, count: relation.items)
    for item in relation.columns { counts[Int(item)] += 1 }
    let byEntries = candidates.sorted {
      (counts[Int($1)], $0) < (counts[Int($0)], $1)
    }
    items = stride(from: 0, to: byEntries.count, by: Self.width).flatMap {
      byEntries[$0..<min($0 + Self.width, byEntries.count)].sorted()
    }
    offsets = [0]
    offsets.reserveCapacity(items.count + 1)
    var nextOfItem = [Int32](repeating: -1, count: relation.items)
    for item in items {
      nextOfItem[Int(item)] = offsets[offsets.count - 1]
      offsets.append(offsets[offsets.count - 1] + counts[Int(item)])
    }
    entries = [Int32](repeating: 0, count: Int(offsets[items.count]))
    weights = [Float](repeating: 0, count: entries.count)
    rowOfItem = [Int32](repeating: -1, count: relation.items)
    for item in 0..<relation.items {
      let own = Int(relation.offsets[item])..<Int(relation.offsets[item + 1])
      guard !own.isEmpty else { continue }
      rowOfItem[item] = Int32(rows)
      for entry in own {
        let column = Int(relation.columns[entry])
        guard nextOfItem[column] >= 0 else { continue }
        entries[Int(nextOfItem[column])] = Int32(rows)
        weights[Int(nextOfItem[column])] = relation.weights[entry]
        nextOfItem[column] += 1
      }
      rows += 1
    }
  }

  /// The `count` best items of each user by what they have met.
  func top(
    _ count: Int, for users: [Int32], metBy relations: ItemRelations, excluding seen: SeenItems?
  ) -> TopItems {
    var found = [Int32](repeating: 0, count: users.count)
    var best = TopItems(
      width: count, items: [Int32](repeating: -1, count: users.count * count),
      scores: [Float](repeating: -.infinity, count: users.count * count))
    let block = FloatMatrix(rows: rows, columns: Self.width)
    let met = met(by: users, of: relations)
    ck_csr.lend(offsets: offsets, columns: entries, values: weights) { byColumn in
      ck_csr.lend(offsets: met.offsets, columns: met.rows, values: met.strengths) { met in
        ck_csr.lend(offsets: seen?.offsets ?? [0], columns: seen?.items ?? []) { seenRows in
          for first in stride(from: 0, to: items.count, by: Self.width) {
            let width = min(items.count - first, Self.width)
            let isEmpty = offsets[first] == offsets[first + width]
            if !isEmpty { ck_gram_block(byColumn, first, width, rows, block.base) }
            items[first..<first + width].withUnsafeBufferPointer { items in
              var columns = ck_gram_columns(
                block: isEmpty ? nil : block.base, items: items.baseAddress, count: width)
              ck_gram_top(
                met, &columns, users, seen == nil ? nil : seenRows, count, &found, &best.items,
                &best.scores)
            }
          }
        }
      }
    }
    ck_gram_sorted(found, users.count, count, &best.items, &best.scores)
    return best
  }

  /// Compressed rows of what users have met: rows of B that say something, and what each counts.
  private func met(
    by users: [Int32], of relations: ItemRelations
  ) -> (offsets: [Int32], rows: [Int32], strengths: [Float]) {
    var (offsets, rows, strengths) = ([0] as [Int32], [] as [Int32], [] as [Float])
    for user in users {
      let met = relations.met(by: Int(user))
      for (item, strength) in zip(met.items, met.strengths) where rowOfItem[Int(item)] >= 0 {
        rows.append(rowOfItem[Int(item)])
        strengths.append(strength)
      }
      offsets.append(Int32(rows.count))
    }
    return (offsets, rows, strengths)
  }
}
