// Ratings of a known distribution, and states of fits to them.
import CKernels
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// Ratings of a world that is known: μ + b_u + b_i + p·q of low rank, and noise.
struct World {
  let users: Int
  let items: Int
  let train: IndexedRatings
  let test: IndexedRatings

  /// `density` of all pairs are rated, nine in ten of them to train on.
  init(users: Int, items: Int, rank: Int, density: Double, noise: Double, seed: UInt64 = 3) {
    func draw(_ stream: UInt64, _ position: Int) -> Double {
      ck_random_normal(ck_random_key(seed, 100 + stream), UInt64(position))
    }
    let keep = ck_random_key(seed, 110)
    var rows = [(user: Int, item: Int, value: Double)]()
    for user in 0..<users {
      for item in 0..<items {
        let pair = user * items + item
        guard ck_random_uniform(keep, UInt64(pair)) < density else { continue }
        var value = 7 + 0.5 * draw(0, user) + 0.5 * draw(1, item) + noise * draw(2, pair)
        for k in 0..<rank { value += draw(3, user * rank + k) * draw(4, item * rank + k) * 0.7 }
        rows.append((user, item, value))
      }
    }
    func cut(_ test: Bool) -> IndexedRatings {
      let rows = rows.enumerated().filter { ($0.offset % 10 == 9) == test }.map(\.element)
      return IndexedRatings(
        users: rows.map { Int32($0.user) }, items: rows.map { Int32($0.item) },
        values: rows.map { Float($0.value) })
    }
    self.users = users
    self.items = items
    train = cut(false)
    test = cut(true)
  }
}

extension Scorer {
  /// The packed rows of a model that is known to have them.
  var packed: FactorParameters {
    guard let factors else { preconditionFailure("not a factor model") }
    return factors
  }
}

/// All parameters, for comparison byte by byte.
func bytes(_ parameters: any Scorer) -> [UInt32] { bytes(parameters.packed) }

/// All parameters, for comparison byte by byte.
func bytes(_ parameters: FactorParameters) -> [UInt32] {
  [parameters.users, parameters.items].flatMap { table in
    (0..<table.rows).flatMap { table[$0].map(\.bitPattern) }
  }
}

extension FitState {
  /// The vectors and biases of a factor model's state, with the mean of the ratings it learns from.
  func factors(_ rows: IndexedRatings, factors: Int) -> FactorParameters {
    let mean = rows.values.reduce(0.0) { $0 + Double($1) } / Double(rows.count)
    return FactorParameters(
      mean: Float(mean), layout: FactorLayout(factors: factors, biased: true), users: tables[0],
      items: tables[1])
  }

  /// The same state with tables of its own, which the fit does not go on writing to.
  func copy() -> FitState {
    var copy = self
    copy.tables = tables.map { $0.copy() }
    return copy
  }
}
