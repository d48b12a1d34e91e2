// Throughput of training on data of the full anime set's shape.
import CKernels
import Foundation
import Osusume

/// Sizes of a made-up ratings file.
public struct BenchShape: Sendable, Codable {
  /// Users, items and ratings.
  public var users: Int, items: Int, ratings: Int

  /// The training part of the full anime set.
  public static let anime = BenchShape(users: 66_351, items: 9_926, ratings: 5_669_769)

  /// Ratings of this shape: activity and popularity fall off as in the real set, tastes are noise.
  public func rows(seed: UInt64) -> RatingRows {
    let userKey = ck_random_key(seed, 200)
    let itemKey = ck_random_key(seed, 201)
    let valueKey = ck_random_key(seed, 202)
    var users = [Int32](repeating: 0, count: ratings)
    var items = users
    var values = [Float](repeating: 0, count: ratings)
    for row in 0..<ratings {
      let activity = ck_random_uniform(userKey, UInt64(row))
      let popularity = ck_random_uniform(itemKey, UInt64(row))
      users[row] = Int32(activity * activity * Double(self.users))
      items[row] = Int32(popularity * popularity * popularity * Double(self.items))
      values[row] = Float(1 + ck_random_below(valueKey, UInt64(row), 10))
    }
    users.sort()
    return RatingRows(users: users, items: items, values: values)
  }
}

/// Seconds of each epoch of a model on a shape.
public func benchTraining(
  _ spec: ModelSpec, shape: BenchShape, hyperparameters: Hyperparameters, threads: Int
) throws -> [EpochReport] {
  try Trainer(spec, hyperparameters, seed: 42, threads: threads).fit(
    shape.rows(seed: 42), users: shape.users, items: shape.items
  ).epochs
}
