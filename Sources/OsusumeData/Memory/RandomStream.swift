// The streams of random numbers: one for each use, so that no two uses share a number.

/// Stream numbers for `ck_random_key(seed, stream)`.
package enum RandomStream {
  /// Cutting ratings into train and test.
  package static let split: UInt64 = 1
  /// Holding out validation rows.
  package static let validation: UInt64 = 2
  /// Starting the user table.
  package static let initialUsers: UInt64 = 3
  /// Starting the item table.
  package static let initialItems: UInt64 = 4
  /// Shuffling training rows; epoch e of a model that shuffles anew uses `shuffle + e << 32`.
  package static let shuffle: UInt64 = 5
  /// Drawing users with replacement for intervals.
  package static let bootstrap: UInt64 = 6
  /// Order of tiles and of users in them, SGD on tiles.
  package static let sgd: UInt64 = 7
  /// Starting the layers of networks.
  package static let initialLayers: UInt64 = 8
  /// Dropout.
  package static let dropout: UInt64 = 9
  /// Putting items of one score in order.
  package static let ties: UInt64 = 10
  /// Blocks of items, order and negatives of gradient steps for rankings.
  package static let bpr: UInt64 = 13
  /// Where the points of a map start from, and what is drawn for them.
  package static let map: UInt64 = 20
  /// Gibbs sampling; sweep t uses `gibbs + t << 32`.
  package static let gibbs: UInt64 = 12
  /// Dealing ratings into folds.
  package static let folds: UInt64 = 21
  /// Drawing settings to be tried, and the ratings of a cheap trial.
  package static let tuning: UInt64 = 22
}
