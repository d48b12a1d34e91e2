// Chooses EASE's penalty by how well hidden ratings of users rank, without refitting for each user.
import COpenBLAS
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// The penalty of two relations, rated and liked, by the lists that both make together.
///
/// A tenth of a user's items is hidden (hiding more favours larger penalties), and all items but the others
/// are ranked by fits that know nothing of what is hidden. They follow from the fit to all ratings: with x the items a user met and f
/// those not hidden, P without the hidden is (P⁻¹ − xxᵀ + ffᵀ)⁻¹, a change of rank two (Woodbury).
struct PenaltyChoice {
  /// Items that are ranked, the most rated: enough, for fewer favour larger penalties.
  private static let mostItems = 2000
  /// Times that something is hidden of somebody; of each user at most `mostDraws` times.
  private static let mostSamples = 2000
  private static let mostDraws = 10
  /// Penalties are powers of √10: between two of them a parabola is close.
  private static let exponents = 1...8
  /// 100, where the search begins.
  private static let usual = 4

  /// Of users who have five items or more, evenly spread over them; something liked is hidden of each.
  let samples: [Sample]
  /// Gram matrices of the items that are ranked, upper triangles: rated, liked.
  private let counts: [FloatMatrix]
  let threads: Int

  /// A user of whom something is hidden, by places of items among those ranked.
  struct Sample {
    /// Who met what in each sense: rated, liked.
    let met: [[Int32]]
    let hidden: Set<Int32>

    /// What lists ought to hold.
    var relevant: [Int32] { met[1].filter { hidden.contains($0) } }
  }

  /// Draws users, and what is hidden of them.
  init(rated: ItemGram, liked: ItemGram, seed: UInt64) {
    let ranked = rated.core.prefix(Self.mostItems)
    var number = [Int32](repeating: -1, count: rated.items)
    for (place, item) in ranked.enumerated() { number[Int(item)] = Int32(place) }
    func places(of user: Int, in gram: ItemGram) -> [Int32] {
      gram.met[user].map { number[Int(gram.core[Int($0)])] }.filter { $0 >= 0 }
    }
    let able = (0..<rated.met.count).filter { places(of: $0, in: rated).count >= 5 }
    let step = max(1, (able.count + Self.mostSamples - 1) / Self.mostSamples)
    let draws = max(1, min(Self.mostDraws, Self.mostSamples / max(1, able.count)))
    samples = stride(from: 0, to: able.count * draws, by: step).map { number in
      let user = able[number / draws]
      let own = places(of: user, in: rated)
      let key = ck_random_bits(ck_random_bits(seed, UInt64(number % draws)), UInt64(user))
      return Sample(
        met: [own, places(of: user, in: liked)],
        hidden: Set(own.filter { ck_random_bits(key, UInt64($0)) % 10 == 0 }))
    }.filter { !$0.relevant.isEmpty }
    counts = [rated, liked].map { $0.counts(of: ranked) }
    threads = rated.threads
  }

  /// The penalty with the highest quality: by climbing from 100 over powers of √10, then at the top of the
  /// parabola through the best of them and its neighbours.
  func best() throws -> Double {
    var known: [Int: Double] = [:]
    func value(_ exponent: Int) throws -> Double {
      let value = try known[exponent] ?? quality(Self.penalty(Double(exponent)))
      known[exponent] = value
      return value
    }
    var best = Self.usual
    for step in [1, -1] {
      while Self.exponents.contains(best + step), try value(best + step) > value(best) {
        best += step
      }
    }
    guard let low = known[best - 1], let top = known[best], let high = known[best + 1],
      low + high < 2 * top
    else { return Self.penalty(Double(best)) }
    return Self.penalty(Double(best) + (low - high) / (2 * (low + high - 2 * top)))
  }

  private static func penalty(_ exponent: Double) -> Double { pow(10, exponent / 2) }

  /// −P of both relations.
  func inverses(_ penalty: Double) throws -> [FloatMatrix] {
    let negated = counts.map { $0.copy() }
    for matrix in negated { try matrix.negateAndInvert(adding: penalty, threads: threads) }
    BLAS.useOneThread
    return negated
  }

  /// The mean over samples of NDCG@10 of what is hidden and liked; 0 without samples.
  func quality(_ penalty: Double) throws -> Double {
    let negated = try inverses(penalty)
    let values = mapChunks(samples.count, threads: threads) { number in
      ndcg(of: samples[number], scores: scores(of: samples[number], by: negated))
    }
    return values.reduce(0, +) / Double(max(1, values.count))
  }

  /// A user's scores by fits to all but what is hidden of them.
  func scores(of user: Sample, by negated: [FloatMatrix]) -> [Float] {
    var scores = [Float](repeating: 0, count: negated[0].rows)
    for (met, negated) in zip(user.met, negated) {
      let folded = met.filter { !user.hidden.contains($0) }
      let zf = sum(folded, of: negated)  // P·f
      let zh = sum(met.filter { user.hidden.contains($0) }, of: negated)  // P·(x − f)
      let xx = met.reduce(Float(0)) { $0 + zf[Int($1)] + zh[Int($1)] }  // xᵀPx
      let xf = met.reduce(Float(0)) { $0 + zf[Int($1)] }
      let ff = folded.reduce(Float(0)) { $0 + zf[Int($1)] }
      // (C⁻¹ + UᵀPU)⁻¹ of U = [x f], C = diag(−1, 1).
      let determinant = (xx - 1) * (1 + ff) - xf * xf
      let (mxx, mxf, mff) = ((1 + ff) / determinant, -xf / determinant, (xx - 1) / determinant)
      let (byX, byF) = (mxx * xf + mxf * ff, mxf * xf + mff * ff)
      for item in scores.indices {
        let (f, x) = (zf[item], zf[item] + zh[item])
        let diagonal = -negated.base[item * (negated.stride + 1)]
        scores[item] -=
          (f - x * byX - f * byF) / (diagonal - mxx * x * x - 2 * mxf * x * f - mff * f * f)
      }
    }
    return scores
  }

  /// P times the indicator of some items.
  private func sum(_ items: [Int32], of negated: FloatMatrix) -> [Float] {
    var sum = [Float](repeating: 0, count: negated.rows)
    for item in items {
      cblas_saxpy(
        Int32(negated.rows), -1, negated.base + Int(item) * negated.stride, 1, &sum, 1)
    }
    return sum
  }

  /// NDCG@10 of what is hidden and liked among all items but those that are not hidden.
  func ndcg(of user: Sample, scores: [Float]) -> Double {
    var scores = scores
    for item in user.met[0] where !user.hidden.contains(item) { scores[Int(item)] = -.infinity }
    let relevant = user.relevant
    func discount(_ rank: Int) -> Double { rank < 10 ? 1 / log2(Double(rank + 2)) : 0 }
    let gain = relevant.reduce(0.0) { sum, item in
      let score = scores[Int(item)]
      return sum + discount(scores.reduce(0) { $0 + ($1 > score ? 1 : 0) })
    }
    return gain / relevant.indices.reduce(0) { $0 + discount($1) }
  }
}

extension ItemGram {
  /// The same counts of some items alone, in the order given; of items outside the core none.
  fileprivate func counts(of chosen: ArraySlice<Int32>) -> FloatMatrix {
    var places = [Int](repeating: -1, count: items)
    for (place, item) in core.enumerated() { places[Int(item)] = place }
    let matrix = FloatMatrix(rows: chosen.count, columns: chosen.count)
    let own = chosen.map { places[Int($0)] }
    for (i, a) in own.enumerated() where a >= 0 {
      for (j, b) in own.enumerated().dropFirst(i) where b >= 0 {
        matrix.base[i * matrix.stride + j] = counts.base[min(a, b) * counts.stride + max(a, b)]
      }
    }
    return matrix
  }
}
