// Chooses EASE's penalty by how well hidden ratings of users rank, without refitting for each user.
import COpenBLAS
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// The penalty by the lists that it makes.
///
/// A tenth of a user's items is hidden (hiding more favours larger penalties), and all items but the others are
/// ranked by a fit that knows nothing of what is hidden. It follows from the fit to all ratings: with x a user's
/// row of X and f the same without what is hidden, P without the hidden is (P⁻¹ − xxᵀ + ffᵀ)⁻¹, a change of rank
/// two (Woodbury).
struct PenaltyChoice {
  /// Items that are ranked, the most rated: enough, for fewer favour larger penalties.
  static let mostItems = 2000
  /// Times that something is hidden of somebody; of each user at most `mostDraws` times.
  private static let mostSamples = 2000
  private static let mostDraws = 10
  /// Penalties are powers of √10: between two of them a parabola is close.
  private static let exponents = 1...8
  /// 100, where the search begins.
  private static let usual = 4

  /// Of users who have five items or more, evenly spread over them; something liked is hidden of each.
  let samples: [Sample]
  /// The Gram matrix of the items that are ranked, upper triangle.
  private let counts: FloatMatrix
  private let options: ItemGram.Options
  /// By place of an item, as in `ItemGram`.
  private let popularity: [Float]
  let threads: Int

  /// A user of whom something is hidden, by places of items among those ranked.
  struct Sample {
    /// What the user met, and how much each counts.
    let met: [Int32]
    let strengths: [Float]
    let hidden: Set<Int32>
    /// The square root of the user's weight.
    var weight: Float = 1

    /// What lists ought to hold: what is hidden and liked.
    var relevant: [Int32] {
      zip(met, strengths).filter {
        hidden.contains($0) && $1 >= RatingStrength.value(RatingStrength.liked)
      }.map(\.0)
    }
  }

  /// Draws users, and what is hidden of them.
  init(_ gram: ItemGram, seed: UInt64) {
    // The core begins with the most met.
    let ranked = min(gram.core.count, Self.mostItems)
    let rows = gram.met.rows
    func own(_ user: Int) -> Range<Int> {
      let start = Int(rows.offsets[user])
      return start..<start + rows[user].prefix { $0 < ranked }.count
    }
    let able = (0..<rows.count).filter { own($0).count >= 5 }
    let step = max(1, (able.count + Self.mostSamples - 1) / Self.mostSamples)
    let draws = max(1, min(Self.mostDraws, Self.mostSamples / max(1, able.count)))
    samples = stride(from: 0, to: able.count * draws, by: step).map { number in
      let user = able[number / draws]
      let key = ck_random_bits(ck_random_bits(seed, UInt64(number % draws)), UInt64(user))
      let met = Array(rows.columns[own(user)])
      return Sample(
        met: met, strengths: Array(gram.met.strengths[own(user)]),
        hidden: Set(met.filter { ck_random_bits(key, UInt64($0)) % 10 == 0 }),
        weight: gram.userWeights[user])
    }.filter { !$0.relevant.isEmpty }
    counts = gram.counts.leading(ranked)
    options = gram.options
    popularity = gram.popularity
    threads = gram.threads
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

  /// A fit to all that was met.
  struct Inverse {
    /// −P.
    let negated: FloatMatrix
    /// By item: what the diagonal of the Gram matrix got before it was inverted.
    let penalties: [Float]
  }

  /// The fit with a penalty.
  func inverse(_ penalty: Double) throws -> Inverse {
    let negated = counts.copy()
    let penalties = try negated.negateAndInvert(
      adding: penalty, dropout: options.dropout, threads: threads)
    BLAS.prepare
    return Inverse(negated: negated, penalties: penalties)
  }

  /// The mean over samples of NDCG@10 of what is hidden and liked; 0 without samples.
  func quality(_ penalty: Double) throws -> Double {
    let inverse = try inverse(penalty)
    let values = mapChunks(samples.count, threads: threads) { number in
      ndcg(of: samples[number], scores: scores(of: samples[number], by: inverse))
    }
    return values.reduce(0, +) / Double(max(1, values.count))
  }

  /// A user's scores by a fit to all but what is hidden of them.
  ///
  /// What the diagonal gets besides λ, and the user's weight, stay those of all ratings.
  func scores(of user: Sample, by inverse: Inverse) -> [Float] {
    let negated = inverse.negated
    let met = zip(user.met, user.strengths).map { ($0, $1 * user.weight) }
    let folded = met.filter { !user.hidden.contains($0.0) }
    let zf = sum(folded, of: negated)  // P·f
    let zh = sum(met.filter { user.hidden.contains($0.0) }, of: negated)  // P·(x − f)
    // g: what scores are sums over, f without the user's weight and times popularity.
    let isPlain = user.weight == 1 && popularity.isEmpty
    let zg =
      isPlain
      ? zf
      : sum(
        folded.map {
          ($0.0, $0.1 / user.weight * (popularity.isEmpty ? 1 : popularity[Int($0.0)]))
        }, of: negated)
    let xx = met.reduce(Float(0)) { $0 + $1.1 * (zf[Int($1.0)] + zh[Int($1.0)]) }  // xᵀPx
    let xf = met.reduce(Float(0)) { $0 + $1.1 * zf[Int($1.0)] }
    let ff = folded.reduce(Float(0)) { $0 + $1.1 * zf[Int($1.0)] }
    let xg = isPlain ? xf : met.reduce(Float(0)) { $0 + $1.1 * zg[Int($1.0)] }
    let fg = isPlain ? ff : folded.reduce(Float(0)) { $0 + $1.1 * zg[Int($1.0)] }
    // (C⁻¹ + UᵀPU)⁻¹ of U = [x f], C = diag(−1, 1).
    let determinant = (xx - 1) * (1 + ff) - xf * xf
    let (mxx, mxf, mff) = ((1 + ff) / determinant, -xf / determinant, (xx - 1) / determinant)
    let (byX, byF) = (mxx * xg + mxf * fg, mxf * xg + mff * fg)
    return (0..<negated.rows).map { item in
      let (f, x) = (zf[item], zf[item] + zh[item])
      let diagonal =
        -negated.base[item * (negated.stride + 1)] - mxx * x * x - 2 * mxf * x * f - mff * f * f
      let score =
        (x * byX + f * byF - zg[item]) / diagonal
        * options.relaxation(penalty: inverse.penalties[item], diagonal: diagonal)
      return popularity.isEmpty ? score : score / popularity[item]
    }
  }

  /// P times a sparse vector.
  private func sum(_ items: [(Int32, Float)], of negated: FloatMatrix) -> [Float] {
    var sum = [Float](repeating: 0, count: negated.rows)
    for (item, strength) in items {
      cblas_saxpy(
        Int32(negated.rows), -strength, negated.base + Int(item) * negated.stride, 1, &sum, 1)
    }
    return sum
  }

  /// NDCG@10 of what is hidden and liked among all items but those that are not hidden.
  func ndcg(of user: Sample, scores: [Float]) -> Double {
    var scores = scores
    for item in user.met where !user.hidden.contains(item) { scores[Int(item)] = -.infinity }
    let relevant = user.relevant
    func discount(_ rank: Int) -> Double { rank < 10 ? 1 / log2(Double(rank + 2)) : 0 }
    let gain = relevant.reduce(0.0) { sum, item in
      let score = scores[Int(item)]
      return sum + discount(scores.reduce(0) { $0 + ($1 > score ? 1 : 0) })
    }
    return gain / relevant.indices.reduce(0) { $0 + discount($1) }
  }
}

extension FloatMatrix {
  /// The first rows and columns.
  fileprivate func leading(_ count: Int) -> FloatMatrix {
    let matrix = FloatMatrix(rows: count, columns: count)
    for row in 0..<count {
      (matrix.base + row * matrix.stride).update(from: base + row * stride, count: count)
    }
    return matrix
  }
}
