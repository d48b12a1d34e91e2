// The streams of random numbers: one for each use, so that no two uses share a number.

/// Stream numbers for `ck_random_key(seed, stream)`.
public enum RandomStream {
  /// Cutting ratings into train and test.
  public static let split: UInt64 = 1
  /// Holding out validation rows.
  public static let validation: UInt64 = 2
  /// Starting the user table.
  public static let initialUsers: UInt64 = 3
  /// Starting the item table.
  public static let initialItems: UInt64 = 4
  /// Shuffling training rows; epoch e of a model that shuffles anew uses `shuffle + e << 32`.
  public static let shuffle: UInt64 = 5
  /// Drawing users with replacement for intervals.
  public static let bootstrap: UInt64 = 6
  /// Order of tiles and of users in them, SGD on tiles.
  public static let sgd: UInt64 = 7
  /// Starting the layers of networks.
  public static let initialLayers: UInt64 = 8
  /// Dropout.
  public static let dropout: UInt64 = 9
  /// Putting items of one score in order.
  public static let ties: UInt64 = 10
  /// Blocks of items, order and negatives of gradient steps for rankings.
  public static let bpr: UInt64 = 13
  /// Where the points of a map start from, and what is drawn for them.
  public static let map: UInt64 = 20
  /// Gibbs sampling; sweep t uses `gibbs + t << 32`.
  public static let gibbs: UInt64 = 12
  /// Dealing ratings into folds.
  public static let folds: UInt64 = 21
  /// Drawing settings to be tried, and the ratings of a cheap trial.
  public static let tuning: UInt64 = 22
}
