// Search for the best items of users: items are prepared once, then searched any number of times.
import CKernels
import Dispatch
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
  public init(_ parameters: FactorParameters, candidates: [Int32]? = nil) {
    let items = parameters.items
    let lanes = max(1, parameters.layout.lanes)
    precondition(lanes <= Self.mostLanes)
    precondition(candidates?.allSatisfy { $0 >= 0 && Int($0) < items.rows } ?? true)
    self.parameters = parameters
    guard parameters.layout.factors > 0 else {
      self.items = .byBias(BiasRanking(parameters, candidates: candidates))
      return
    }
    let count = candidates?.count ?? items.rows
    let prepared = FloatMatrix(bytes: ck_topn_items_bytes(count, items.rows, lanes))
    let users = parameters.users
    let start = OpaquePointer(prepared.base)
    if let candidates {
      ck_topn_prepare(
        items.base, items.rows, items.stride, lanes, candidates, count, users.base, users.rows,
        start)
    } else {
      ck_topn_prepare(
        items.base, items.rows, items.stride, lanes, nil, count, users.base, users.rows, start)
    }
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

  /// The same for rows of a table of users, laid out as the parameters' own; `seen` lists what to leave
  /// out by row.
  public func top(
    _ count: Int, for users: [Int32], in table: FloatMatrix, excluding seen: SeenItems?,
    threads: Int
  ) -> TopItems {
    precondition(count >= 0 && table.stride == parameters.items.stride)
    precondition(users.allSatisfy { $0 >= 0 && Int($0) < table.rows })
    precondition(seen.map { $0.offsets.count == table.rows + 1 } ?? true)
    let prepared: FloatMatrix
    switch items {
    case .byBias(let ranking):
      return ranking.top(count, for: users, in: table, excluding: seen, threads: threads)
    case .rounded(let rounded): prepared = rounded
    }
    let places = users.count * count
    var scores: [Float] = []
    let items = [Int32](unsafeUninitializedCapacity: places) { items, itemsFilled in
      scores = [Float](unsafeUninitializedCapacity: places) { scores, scoresFilled in
        fill(items, scores, count, users, prepared, table, seen, threads)
        scoresFilled = places
      }
      itemsFilled = places
    }
    return TopItems(width: count, items: items, scores: scores)
  }

  private func fill(
    _ outItems: UnsafeMutableBufferPointer<Int32>, _ outScores: UnsafeMutableBufferPointer<Float>,
    _ count: Int, _ users: [Int32], _ prepared: FloatMatrix, _ table: FloatMatrix,
    _ seen: SeenItems?, _ threads: Int
  ) {
    guard let itemsBase = outItems.baseAddress, let scoresBase = outScores.baseAddress else {
      return
    }
    // Each chunk of users writes rows of its own.
    nonisolated(unsafe) let (firstItem, firstScore) = (itemsBase, scoresBase)
    let chunks = (users.count + Self.chunk - 1) / Self.chunk
    users.withUnsafeBufferPointer { users in
      withSeen(seen) { offsets, seenItems in
        nonisolated(unsafe) let (users, offsets, seenItems) = (users, offsets, seenItems)
        forEachChunk(chunks, threads: threads) { chunk in
          let low = chunk * Self.chunk
          let size = min(Self.chunk, users.count - low)
          let items = OpaquePointer(prepared.base)
          let scratch = FloatMatrix(bytes: ck_topn_scratch_bytes(items, size))
          ck_topn_search(
            items, parameters.items.base, table.base, table.stride, parameters.mean,
            users.baseAddress.map { $0 + low }, size, offsets, seenItems, count,
            firstItem + low * count, firstScore + low * count, scratch.base)
        }
      }
    }
  }

  private func withSeen(
    _ seen: SeenItems?, _ body: (UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Void
  ) {
    guard let seen else { return body(nil, nil) }
    seen.offsets.withUnsafeBufferPointer { offsets in
      seen.items.withUnsafeBufferPointer { items in body(offsets.baseAddress, items.baseAddress) }
    }
  }
}

extension FloatMatrix {
  /// Memory of at least this many bytes, 64-byte aligned.
  fileprivate convenience init(bytes: Int) {
    self.init(rows: (bytes + 63) / 64, columns: 16)
  }
}
