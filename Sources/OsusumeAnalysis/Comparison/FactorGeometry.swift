// The factors themselves: how much of a prediction each direction carries, and whether two models found
// the same ones.
import Foundation
import OsusumeData
import OsusumeModels

/// A model's vectors of the users and items that have training ratings, ready to be compared.
public struct FactorGeometry: Sendable {
  /// Width of the vectors.
  public let factors: Int
  /// Singular values of P·Qᵀ over √(users · items), falling: the root mean square that each direction
  /// adds to a prediction, in rating points.
  public let spectrum: [Double]
  /// exp of the entropy of the fractions σ²/Σσ²: the number of equally strong directions of that entropy.
  public let effectiveRank: Double
  /// Length of each item's vector, in the order of `ratedItems` of the comparison.
  public let norms: [Double]
  /// The right singular vectors of P·Qᵀ, a column a direction, strongest first: how much of it each item has.
  let directions: ColumnMatrix
  /// Orthonormal basis of the item space, the column space of Q.
  private let basis: ColumnMatrix
  /// Q with its columns' means taken away.
  private let items: ColumnMatrix
  /// Q·Rᵀ, P = OR with orthonormal O, centred alike: rows with the inner products of the items' columns of
  /// P·Qᵀ, which determine the scores whatever the parameters are.
  private let profiles: ColumnMatrix

  /// Takes the vectors of some users and items; nil for a model in whose scores P·Qᵀ does not occur.
  init?(_ parameters: any Scorer, users: [Int], items: [Int], threads: Int = 1) {
    guard let userVectors = parameters.innerVectors(of: .user, threads: threads),
      let itemVectors = parameters.innerVectors(of: .item, threads: threads), !users.isEmpty,
      !items.isEmpty
    else { return nil }
    let q = ColumnMatrix(itemVectors, rows: items)
    let r = ColumnMatrix(userVectors, rows: users).triangle
    let profiles = q.product(r, transposed: .second)
    let scale = (Double(users.count) * Double(items.count)).squareRoot()
    let (directions, values) = profiles.leftSingularVectors
    let spectrum = values.map { $0 / scale }
    self.directions = directions
    factors = itemVectors.factors
    self.spectrum = spectrum
    effectiveRank = Self.effectiveRank(spectrum)
    let lengths = itemVectors.norms()
    norms = items.map { lengths[$0] }
    basis = q.orthonormalBasis
    self.items = q.centred
    self.profiles = profiles.centred
  }

  static func effectiveRank(_ spectrum: [Double]) -> Double {
    let energy = spectrum.reduce(0) { $0 + $1 * $1 }
    guard energy > 0 else { return 0 }
    let entropy = spectrum.reduce(0.0) { sum, value in
      let fraction = value * value / energy
      return fraction > 0 ? sum - fraction * log(fraction) : sum
    }
    return exp(entropy)
  }

  /// Cosines of the principal angles between two item spaces, falling.
  ///
  /// As many as the narrower has dimensions. 1: a direction that both have; two random spaces share
  /// √(k/items) or so.
  /// Björck and Golub, Mathematics of Computation 1973.
  func principalCosines(with other: FactorGeometry) -> [Double] {
    basis.product(other.basis, transposed: .first).singularValues.map { min(1, $0) }
  }

  /// Cosines between directions: element (l, j) is of the l-th of this model and the j-th of another.
  func cosines(with other: FactorGeometry) -> ColumnMatrix {
    directions.product(other.directions, transposed: .first)
  }

  /// Cosine of the angle between a direction and the item space: 1 where the space holds it whole.
  func containment(of direction: ArraySlice<Double>) -> Double {
    let column = ColumnMatrix(rows: direction.count, columns: 1, elements: Array(direction))
    return min(1, basis.product(column, transposed: .first).squaredNorm.squareRoot())
  }

  /// Linear centred kernel alignment of the items' vectors as they are stored, 0 to 1.
  ///
  /// ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) with centred columns (Kornblith et al., ICML 2019): it does not see a
  /// rotation of all vectors, but sees a stretch, though p can take up what q is stretched by.
  func alignment(with other: FactorGeometry) -> Double { Self.alignment(items, other.items) }

  /// The same of the items' columns of P·Qᵀ, which no change of parameters moves that leaves scores alone
  /// (up to a rotation of users).
  func profileAlignment(with other: FactorGeometry) -> Double {
    Self.alignment(profiles, other.profiles)
  }

  private static func alignment(_ x: ColumnMatrix, _ y: ColumnMatrix) -> Double {
    let cross = x.product(y, transposed: .first).squaredNorm
    let own =
      (x.product(x, transposed: .first).squaredNorm
      * y.product(y, transposed: .first).squaredNorm).squareRoot()
    return own > 0 ? cross / own : 0
  }
}
