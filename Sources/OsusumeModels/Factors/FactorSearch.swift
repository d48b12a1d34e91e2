// Search for the best items of users: items are prepared once, then searched any number of times.
import CKernels
import OsusumeData

/// A factor model's items, ready to be ranked for users.
///
/// The parameters are shared, not copied.
public struct FactorSearch: ItemSearch {
  /// The most lanes that the rows of searched parameters may use, biases included.
  public static let mostLanes = Int(CK_TOPN_MAX_LANES)

  /// The parameters searched.
  public let parameters: FactorParameters
  private let items: PreparedItems
  /// Ascending.
  private let candidates: [Int32]

  /// The candidates in the order, or with the bounds, that a search uses.
  private enum PreparedItems {
    /// A `ck_topn_items`: the candidates, rounded to 8 bits, and what bounds their scores.
    case rounded(FloatMatrix)
    /// Without factors: one order for all users.
    case byBias(BiasRanking)
  }

  /// Users of one kernel call: their scratch and one block of items stay in L2.
  private static let chunk = 96

  /// Prepares all items, or those of `candidates` (distinct item indices).
  package init(_ parameters: FactorParameters, candidates: [Int32]? = nil) {
    let items = parameters.items
    let lanes = max(1, parameters.layout.lanes)
    precondition(lanes <= Self.mostLanes)
    precondition(candidates?.allSatisfy { $0 >= 0 && Int($0) < items.rows } ?? true)
    self.parameters = parameters
    self.candidates = candidates?.sorted() ?? (0..<Int32(items.rows)).map { $0 }
    guard parameters.layout.factors > 0 else {
      self.items = .byBias(BiasRanking(parameters, candidates: candidates))
      return
    }
    let count = candidates?.count ?? items.rows
    let prepared = FloatMatrix(bytes: ck_topn_items_bytes(count, items.rows, lanes))
    var factors = parameters.kernel()
    ck_topn_prepare(
      &factors, parameters.users.rows, items.rows, candidates, count,
      OpaquePointer(prepared.base))
    self.items = .rounded(prepared)
  }

  /// The `count` best items of each user, best first, ties by lower item index.
  public func top(
    _ count: Int, for users: [Int32], excluding seen: SeenItems? = nil, threads: Int
  ) -> TopItems {
    top(count, for: users, in: parameters.users, excluding: seen, threads: threads)
  }

  /// The `count` best items of a user who was folded in.
  public func top(_ count: Int, for newcomer: FoldedIn, excluding rated: [Int32]) -> TopItems {
    top(
      count, for: [0], in: newcomer.vector,
      excluding: SeenItems(offsets: [0, Int32(rated.count)], items: rated), threads: 1)
  }

  /// A user's raw scores of all candidates.
  public func scores(of user: Int32) -> [Float] {
    parameters.scores(
      users: [Int32](repeating: user, count: candidates.count), items: candidates, threads: 1)
  }

  /// The raw scores of all candidates for a user who was folded in.
  public func scores(of newcomer: FoldedIn) -> [Float] { newcomer.scores(candidates) }

  /// Whether items differ neither in factors nor in bias, as far as is cheap to tell.
  public var isFlat: Bool {
    if case .byBias(let ranking) = items { ranking.isFlat } else { false }
  }

  /// The same for rows of a table of users, laid out as the parameters' own; `seen` lists what to leave
  /// out by row.
  public func top(
    _ count: Int, for users: [Int32], in table: FloatMatrix, excluding seen: SeenItems?,
    threads: Int
  ) -> TopItems {
    precondition(count >= 0 && table.stride == parameters.items.stride)
    precondition(users.allSatisfy { $0 >= 0 && Int($0) < table.rows })
    precondition(seen.map { $0.offsets.count == table.rows + 1 } ?? true)
    switch items {
    case .byBias(let ranking):
      return ranking.top(count, for: users, in: table, excluding: seen, threads: threads)
    case .rounded(let prepared):
      let chunks = (users.count + Self.chunk - 1) / Self.chunk
      return TopItems(
        width: count,
        joining: mapChunks(chunks, threads: threads) { chunk in
          let own = Array(users.dropFirst(chunk * Self.chunk).prefix(Self.chunk))
          return search(count, own, OpaquePointer(prepared.base), table, seen)
        })
    }
  }

  /// The `count` best prepared items of a chunk of users.
  private func search(
    _ count: Int, _ users: [Int32], _ prepared: OpaquePointer, _ table: FloatMatrix,
    _ seen: SeenItems?
  ) -> TopItems {
    var items = [Int32](repeating: -1, count: users.count * count)
    var scores = [Float](repeating: -.infinity, count: users.count * count)
    let scratch = FloatMatrix(bytes: ck_topn_scratch_bytes(prepared, users.count))
    var factors = parameters.kernel(users: table)
    func search(_ seen: UnsafePointer<ck_csr>?) {
      ck_topn_search(
        prepared, &factors, users, users.count, seen, count, &items, &scores, scratch.base)
    }
    if let seen {
      ck_csr.lend(offsets: seen.offsets, columns: seen.items) { search($0) }
    } else {
      search(nil)
    }
    return TopItems(width: count, items: items, scores: scores)
  }
}

extension FloatMatrix {
  /// Memory of at least this many bytes, 64-byte aligned.
  fileprivate convenience init(bytes: Int) {
    self.init(rows: (bytes + 63) / 64, columns: 16)
  }
}
