// The relation between items from their Gram matrix: who met both of two items.
import CKernels
import Foundation
import OsusumeData
import OsusumeModels

/// The relation of EASE (Steck 2019): B = I − P·diag(1/P_jj), P = (XᵀX + λI)⁻¹, X who met what.
///
/// Minimises |X − XB|² + λ|B|² with a diagonal of zeros. It is of a core of items, the most met: the others
/// have a hundredth of the meetings and would take most of the time, which grows with the cube of the items.
/// Deterministic: the same bytes for any number of threads.
package struct ItemGram {
  /// The fraction of all meetings that the items which are related have.
  private static let carried = 0.99
  /// Items that are related whatever they carry.
  private static let always = 2000
  /// Items that are related at most: a matrix of 1 GiB.
  private static let most = 16_384

  /// The items that are related, those most people met first; ties by item.
  let core: [Int32]
  /// Who met what of the core, by place in it.
  let met: WeightedRows
  /// Number of items, related or not.
  let items: Int
  /// XᵀX by places of items, upper triangle.
  let counts: FloatMatrix
  /// How the relation departs from plain EASE.
  let options: Options
  /// By user: what the square root of their weight in XᵀX is.
  let userWeights: [Float]
  /// By place of an item: the diagonal of XᵀX to the power of the popularity exponent; empty where that is 0.
  let popularity: [Float]
  /// Threads at most.
  let threads: Int

  /// How a relation departs from plain EASE; by default in nothing.
  package struct Options: Sendable {
    /// p: the diagonal gets p/(1 − p) of itself beside λ, as if each meeting were dropped from the input with
    /// probability p while it is still to be foreseen (EDLAE: Steck 2020).
    package var dropout = 0.0
    /// a: weights are B_ij·(n_i/n_j)^a, n being popularity (DAN: Park and others 2025).
    package var popularityExponent = 0.0
    /// β: a user counts in XᵀX by the size of their row to the power of −β, all users together as before (DAN).
    package var userExponent = 0.0
    /// ξ: the largest weight of an item on itself (RDLAE: Moon, Kim, Lee 2023).
    package var selfWeight = 0.0
    /// w: each genre is a further row of X that holds all its items, each entry w.
    package var genreWeight = 0.0

    /// Plain EASE.
    package init() {}

    /// As settings have it.
    init(_ settings: Hyperparameters) {
      dropout = settings.dropout
      popularityExponent = settings.popularityExponent
      userExponent = settings.userExponent
      selfWeight = settings.selfWeight
      genreWeight = settings.genreWeight
    }

    /// What the weights on item j are times, max(1 − ξ, Λ_jj·P_jj), given Λ_jj and P_jj; 1 where ξ is 0.
    func relaxation(penalty: Float, diagonal: Float) -> Float {
      selfWeight == 0 ? 1 : max(Float(1 - selfWeight), penalty * diagonal)
    }
  }

  /// The Gram matrix of the core of so many items, of which genres and types may count too.
  ///
  /// Errors: `TrainingError.tooManyItems` where `memory` bytes do not hold it.
  package init(
    _ met: WeightedRows, items: Int, labels: SideInformation.Labels = .init(),
    options: Options = .init(), memory: Int = AvailableMemory.bytes, threads: Int
  ) throws {
    var people = [Int32](repeating: 0, count: items)
    ck_columns_count(met.rows.columns, 0, met.rows.columns.count, &people)
    core = Self.core(people: people)
    try Self.check(core: core.count, memory: memory)
    var places = [Int32](repeating: -1, count: items)
    for (place, item) in core.enumerated() { places[Int(item)] = Int32(place) }
    self.met = met.renumbered(places, columns: core.count, threads: threads)
    userWeights = self.met.userWeights(exponent: options.userExponent)
    var rows = self.met.scaled(by: userWeights)
    if options.genreWeight > 0 {
      rows.append(labels, weight: Float(options.genreWeight), numbers: places)
    }
    let counts = Self.counts(rows, items: core.count, threads: threads)
    self.counts = counts
    popularity =
      options.popularityExponent == 0
      ? []
      : core.indices.map {
        pow(counts.base[$0 * (counts.stride + 1)], Float(options.popularityExponent))
      }
    (self.items, self.options, self.threads) = (items, options, threads)
  }

  /// The items that carry `carried` of all meetings, or the `always` most met if those are more.
  ///
  /// `people` is how many have met each item.
  private static func core(people: [Int32]) -> [Int32] {
    let byPeople = people.indices.filter { people[$0] > 0 }
      .sorted { (-people[$0], $0) < (-people[$1], $1) }
    var left = Int(carried * Double(people.reduce(0) { $0 + Int($1) }))
    let count = byPeople.prefix { item in
      defer { left -= Int(people[item]) }
      return left > 0
    }.count
    return byPeople.prefix(min(max(always, count), most)).map { Int32($0) }
  }

  /// The number of items that would be related and the bytes that it takes, found from who met what alone: what
  /// counts nothing is among it.
  static func need(_ met: [[Int32]], items: Int) -> (items: Int, bytes: Int) {
    var people = [Int32](repeating: 0, count: items)
    for met in met { ck_columns_count(met, 0, met.count, &people) }
    let count = core(people: people).count
    return (count, bytes(core: count))
  }

  /// What a matrix of so many items takes, beside it panels of its inverse, and two matrices for the choice of the
  /// penalty.
  private static func bytes(core count: Int) -> Int {
    let ranked = min(count, PenaltyChoice.mostItems)
    let floats = [(count, count), (2 * count, FloatMatrix.blockSize), (2 * ranked, ranked)].map {
      $0 * FloatMatrix.stride(columns: $1)
    }
    return floats.reduce(0, +) * MemoryLayout<Float>.size
  }

  /// Fails where so many bytes do not hold what so many items need.
  ///
  /// Errors: `TrainingError.tooManyItems`.
  static func check(core count: Int, memory: Int) throws {
    let bytes = bytes(core: count)
    guard bytes <= memory else {
      throw TrainingError.tooManyItems(items: count, bytes: bytes, available: memory)
    }
  }

  /// XᵀX, upper triangle.
  private static func counts(_ met: WeightedRows, items: Int, threads: Int) -> FloatMatrix {
    let (met, strengths) = (met.rows, met.strengths)
    let gram = FloatMatrix(rows: items, columns: items)
    var next = [Int32](repeating: 0, count: items + 1)
    for item in met.columns { next[Int(item) + 1] += 1 }
    for item in 0..<items { next[item + 1] += next[item] }
    let starts = next
    var place = [Int32](repeating: 0, count: met.columns.count)
    var end = place
    ck_gram_entries(met.offsets, met.columns, met.count, &next, &place, &end)
    place.withUnsafeBufferPointer { place in
      end.withUnsafeBufferPointer { end in
        met.columns.withUnsafeBufferPointer { columns in
          nonisolated(unsafe) let (place, end, columns) = (place, end, columns)
          // Claimed in order: the first rows, which most people met, take longest.
          forEachChunk(items, threads: threads) { item in
            let own = Int(starts[item])..<Int(starts[item + 1])
            ck_gram_row(
              columns.baseAddress, strengths, place.baseAddress.map { $0 + own.lowerBound },
              end.baseAddress.map { $0 + own.lowerBound }, own.count, item, items,
              gram.base + item * gram.stride)
          }
        }
      }
    }
    return gram
  }

  /// Fits the relation and keeps its largest weights, about `most` for each of all items.
  ///
  /// Weights are kept wherever they are large: keeping as many of each item makes worse lists. `counts` is
  /// overwritten, so this comes last.
  package consuming func relation(regularization: Double, most: Int) throws -> ItemRelation {
    let penalties = try counts.negateAndInvert(
      adding: regularization, dropout: options.dropout, threads: threads)
    let kept = most * items
    return KeptWeights(self, penalties: penalties).relation(most: kept)
  }
}

extension FloatMatrix {
  /// Replaces a Gram matrix G, given by its upper triangle, by −(G + λI + p/(1 − p)·diag G)⁻¹, p being
  /// `dropout`, both triangles filled.
  ///
  /// Returns λ + p/(1 − p)·G_jj. Errors: `TrainingError.notPositiveDefinite`.
  func negateAndInvert(
    adding penalty: Double, dropout: Double, threads: Int
  ) throws -> [Float] {
    let kept = Float(1 / (1 - dropout))
    let penalties = (0..<rows).map { item in
      let count = base[item * (stride + 1)]
      base[item * (stride + 1)] = count * kept + Float(penalty)
      return count * (kept - 1) + Float(penalty)
    }
    guard negateAndInvert(threads: threads) else {
      throw TrainingError.notPositiveDefinite(regularization: penalty)
    }
    return penalties
  }
}
