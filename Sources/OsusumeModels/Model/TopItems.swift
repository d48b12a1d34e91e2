// The best items for each of several users.

/// Ranked items for users: row r holds up to `width` items, best first.
public struct TopItems: Sendable, Equatable {
  /// Places in each row.
  public var width: Int
  /// rows × width item indices; −1 where a user has fewer candidates than places.
  public var items: [Int32]
  /// rows × width raw scores; −infinity where there is no item.
  public var scores: [Float]

  /// Makes rankings from parts of length rows × width.
  package init(width: Int, items: [Int32], scores: [Float]) {
    precondition(items.count == scores.count && (width == 0 || items.count % width == 0))
    self.width = width
    self.items = items
    self.scores = scores
  }
}
