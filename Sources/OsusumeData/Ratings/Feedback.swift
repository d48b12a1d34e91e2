// What rows of a file say of a user and an item: a rating, a count, or no more than that they met.

/// What the rows of a file say.
public enum Feedback: String, Sendable, Hashable, Codable, CaseIterable {
  /// How high the user rated the item.
  case ratings
  /// How often or how long the user met the item: plays, hours, purchases; more than 0.
  case counts
  /// That the user met the item; the value of each row is 1.
  case seen

  /// The value from which on an item of the test is relevant: of ratings the median of training, else any,
  /// for who met an item met it.
  package func relevantFrom(median: Float) -> Float { self == .ratings ? median : 0 }

  /// What the rows are called.
  public var noun: String {
    self == .ratings ? "ratings" : self == .counts ? "counts" : "interactions"
  }
}
