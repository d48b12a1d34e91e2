// Chooses EASE's penalty by how well users who took no part in a fit are served by it, without refitting.
import CKernels
import OsusumeData
import OsusumeModels

extension ItemGram {
  /// Items and users that a choice is made on: few enough for a second, many enough to tell a penalty by.
  private static let mostItems = 3000
  private static let mostUsers = 2000
  /// Candidates lie a factor of √10 apart: errors and rankings hardly change within one.
  private static let candidates = [3.2, 10, 32, 100, 320, 1000, 3200, 10_000]

  /// The penalty under which hidden items of sampled users rank highest.
  ///
  /// Climbs from 100 over candidates. A user's ratings are removed exactly from each fit: with z = x_u·P and
  /// q = z·x_u, the fit without the user has P + zᵀz/(1 − q) (Sherman and Morrison). A fifth of the user's
  /// items is hidden, the others are folded in, and all items but those are ranked.
  package func choosePenalty(seed: UInt64) throws -> Double {
    let core = mostMet(Self.mostItems)
    let sample = users(of: core)
    guard !sample.isEmpty else { return 100 }
    var known: [Int: Double] = [:]
    func value(_ place: Int) throws -> Double {
      if let value = known[place] { return value }
      let negated = try negatedInverse(
        core, count: min(items, Self.mostItems), regularization: Self.candidates[place])
      let values = mapChunks(sample.count, threads: threads) {
        served(core[sample[$0]], by: negated, key: ck_random_bits(seed, UInt64(sample[$0])))
      }
      let value = values.reduce(0, +)
      known[place] = value
      return value
    }
    var best = 3
    for step in [1, -1] {
      while Self.candidates.indices.contains(best + step), try value(best + step) > value(best) {
        best += step
      }
    }
    return Self.candidates[best]
  }

  /// Who met which of the `most` items that most users met, numbered in order of item.
  private func mostMet(_ most: Int) -> CompressedRows {
    guard items > most else { return met }
    var counts = [Int32](repeating: 0, count: items)
    for item in met.columns { counts[Int(item)] += 1 }
    let kept = (0..<items).sorted { (-counts[$0], $0) < (-counts[$1], $1) }.prefix(most).sorted()
    var number = [Int32](repeating: -1, count: items)
    for (place, item) in kept.enumerated() { number[item] = Int32(place) }
    var core = CompressedRows(offsets: [0], columns: [])
    for user in 0..<met.count {
      for item in met[user] where number[Int(item)] >= 0 {
        core.columns.append(number[Int(item)])
      }
      core.offsets.append(Int32(core.columns.count))
    }
    return core
  }

  /// Users of at least five items, evenly spread over all of them.
  private func users(of core: CompressedRows) -> [Int] {
    let able = (0..<core.count).filter { core[$0].count >= 5 }
    let step = max(1, (able.count + Self.mostUsers - 1) / Self.mostUsers)
    return stride(from: 0, to: able.count, by: step).map { able[$0] }
  }

  /// NDCG, over the whole ranking, of a fifth of a user's items by a fit without that user.
  func served(
    _ own: ArraySlice<Int32>, by negated: FloatMatrix, key: UInt64
  ) -> Double {
    let count = negated.rows
    let isHidden = own.map { ck_random_bits(key, UInt64($0)) % 5 == 0 }
    var all = [Float](repeating: 0, count: count)  // z = x·P
    var folded = all  // the same of the items not hidden
    for (item, hides) in zip(own, isHidden) {
      let row = negated[Int(item)]
      for other in 0..<count { all[other] -= row[other] }
      guard !hides else { continue }
      for other in 0..<count { folded[other] -= row[other] }
    }
    var (whole, part) = (Float(0), Float(0))  // q, and z·x of the items not hidden
    for (item, hides) in zip(own, isHidden) {
      whole += all[Int(item)]
      if !hides { part += all[Int(item)] }
    }
    let ratio = 1 / (1 - whole)
    var scores = [Float](repeating: 0, count: count)
    for other in 0..<count {
      let diagonal = -negated.base[other * (negated.stride + 1)]
      scores[other] =
        -(folded[other] + part * all[other] * ratio)
        / (diagonal + all[other] * all[other] * ratio)
    }
    for (item, hides) in zip(own, isHidden) where !hides { scores[Int(item)] = -.infinity }
    let hidden = zip(own, isHidden).filter(\.1).map { scores[Int($0.0)] }
    let gains = hidden.map { score in
      let above = scores.reduce(0) { $0 + ($1 > score ? 1 : 0) }
      return 1 / log2(Double(above + 2))
    }
    let ideal = (0..<hidden.count).reduce(0) { $0 + 1 / log2(Double($1 + 2)) }
    return ideal > 0 ? gains.reduce(0, +) / ideal : 0
  }
}
