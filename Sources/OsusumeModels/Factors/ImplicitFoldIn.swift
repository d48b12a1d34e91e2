// Vectors of ials for users and items that a model does not know: one exact least-squares solve each.
import COpenBLAS
import OsusumeData

/// The way of `ials` to take in newcomers: the minimiser that its sweeps approach, given the other side.
///
/// (α₀·G + Σ w q qᵀ + λ(n + α₀·N)·1) p = Σ w q over the n vectors q that the newcomer's ratings are of, G the
/// Gram matrix of all N vectors of that side and w the weights of the ratings. Without ratings, the mean
/// of the newcomer's own side.
struct ImplicitFoldIn: FoldInMethod {
  private let parameters: FactorParameters
  private let settings: Hyperparameters
  private let likedFrom: Float
  private let gramOfUsers: [Double]
  private let gramOfItems: [Double]

  /// Prepares a model.
  init(_ model: Model, _ parameters: FactorParameters) {
    self.parameters = parameters
    settings = model.hyperparameters
    likedFrom = model.medianRating
    let factors = parameters.layout.factors
    gramOfUsers = parameters.users.gram(lanes: factors, threads: allCores)
    gramOfItems = parameters.items.gram(lanes: factors, threads: allCores)
  }

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    let row = FloatMatrix(rows: 1, columns: parameters.layout.lanes)
    let own = entity == .user ? parameters.users : parameters.items
    let counting = ratings.filter { settings.weight(of: $0.value, likedFrom: likedFrom) > 0 }
    let vector = counting.isEmpty ? own.meanRow() : vector(of: entity, counting)
    for (lane, value) in vector.enumerated() { row[0][lane] = value }
    return parameters.with(entity, row)
  }

  /// The minimiser; zeros where neither ratings nor penalty determine one.
  private func vector(of entity: Entity, _ ratings: [(index: Int32, value: Float)]) -> [Float] {
    BLAS.prepare
    let width = parameters.layout.factors
    let (fixed, gram) =
      entity == .user ? (parameters.items, gramOfItems) : (parameters.users, gramOfUsers)
    let unobserved = settings.unobservedWeight
    var matrix = gram.map { unobserved * $0 }
    let penalty =
      settings.regularization * (Double(ratings.count) + unobserved * Double(fixed.rows))
    for lane in 0..<width { matrix[lane * (width + 1)] += penalty }
    var solution = [Double](repeating: 0, count: width)
    for rating in ratings {
      let partner = fixed[Int(rating.index)].prefix(width).map(Double.init)
      let weight = settings.weight(of: rating.value, likedFrom: likedFrom)
      cblas_dsyr(CblasRowMajor, CblasUpper, Int32(width), weight, partner, 1, &matrix, Int32(width))
      for lane in 0..<width { solution[lane] += weight * partner[lane] }
    }
    let status = LAPACKE_dposv(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "U")), Int32(width), 1, &matrix, Int32(width), &solution,
      1)
    return status == 0
      ? solution.map(Float.init) : [Float](repeating: 0, count: width)
  }
}

extension Hyperparameters {
  /// How much a rating counts in models of lists: 1 where the item is liked, else `dislikeWeight`.
  package func weight(of rating: Float, likedFrom: Float) -> Double {
    rating >= likedFrom ? 1 : dislikeWeight
  }
}
