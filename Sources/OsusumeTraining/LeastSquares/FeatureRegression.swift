// The expected vectors of users or items: a linear function of their features, fitted or drawn.
import CKernels
import COpenBLAS
import OsusumeData
import OsusumeModels

/// Rows' expectations, x_r ≈ m + Σ over kinds of features of |N_r|^-½ Σ over j in N_r of w_j.
///
/// Each kind of features has a ridge for its weights w_j: in the sense of Bayes they are normal around 0 with
/// the covariance of the rows over the ridge (Agarwal and Chen 2009; Simm et al. 2017).
package struct FeatureRegression {
  /// One kind of features and what a row has for each of them.
  package struct Regression {
    package let features: SideFeatures
    /// [features, stride], laid out as the rows.
    package let weights: FloatMatrix
    /// How much stiffer weights are than rows.
    package var ridge: Double
  }

  /// By kind of features; none: rows are expected to be all alike.
  package private(set) var regressions: [Regression]
  /// What features say of each row, without m; nil without features.
  package let centers: FloatMatrix?
  private let layout: FactorLayout
  private let ownBias: Int
  private let threads: Int

  /// Weights of zero, each as stiff as `ridge` says.
  package init(
    _ entity: Entity, features: [SideFeatures], rows: Int, layout: FactorLayout, ridge: Double,
    threads: Int
  ) {
    self.layout = layout
    self.threads = threads
    ownBias = entity == .user ? layout.userBiasLane : layout.itemBiasLane
    centers = features.isEmpty ? nil : FloatMatrix(rows: rows, columns: layout.lanes)
    regressions = features.map {
      Regression(
        features: $0, weights: FloatMatrix(rows: $0.count, columns: layout.lanes), ridge: ridge)
    }
  }

  /// The unknowns' lanes.
  private var lanes: [Int] { Array(0..<layout.factors) + (layout.biased ? [ownBias] : []) }

  /// Rows less what features and the mean of a distribution expect of them; the constant lane becomes 1.
  package func residuals(of rows: FloatMatrix, mean: [Double]? = nil) -> FloatMatrix {
    guard let centers else { return rows }
    let offset = FloatMatrix(rows: 1, columns: layout.lanes)
    if let mean {
      for (unknown, lane) in lanes.enumerated() { offset[0][lane] = Float(mean[unknown]) }
      if layout.biased { offset[0][2 * layout.factors + 1 - ownBias] = 1 }
    }
    let residuals = FloatMatrix(rows: rows.rows, columns: layout.lanes)
    forEachRange(of: rows.rows) {
      ck_features_residuals(
        rows.base, centers.base, offset.base, $0.lowerBound, $0.upperBound, rows.stride,
        residuals.base)
    }
    return residuals
  }

  /// One step of coordinate descent on Σ |residual|² + ridge·Σ |w|², each row counting once.
  package func fit(to rows: FloatMatrix, mean: [Double]? = nil) {
    let residuals = residuals(of: rows, mean: mean ?? lanes.map { _ in 0 })
    for regression in regressions { sweep(regression, residuals, noise: nil) }
    update()
  }

  /// Draws weights and ridges given rows of a distribution around their expectations.
  package mutating func draw(
    given rows: FloatMatrix, of distribution: FactorDistribution, key: UInt64,
    _ random: inout RandomSequence
  ) throws {
    guard !regressions.isEmpty else { return }
    let residuals = residuals(of: rows, mean: distribution.mean)
    let root = try distribution.inverseRoot()
    for place in regressions.indices {
      let regression = regressions[place]
      let noise = noise(regression.features.count, root, key: ck_random_bits(key, UInt64(place)))
      sweep(regression, residuals, noise: noise)
      // Gamma(2, 2) before any weight is seen: 1, give or take 0.7.
      let moments = moments(of: regression)
      let squares = zip(moments.products, distribution.precision).reduce(0) { $0 + $1.0 * $1.1 }
      let unknowns = moments.count * Double(distribution.unknowns)
      regressions[place].ridge = random.gamma(shape: (4 + unknowns) / 2) / ((4 + squares) / 2)
    }
    update()
  }

  /// Sets the ridges, and what weights that were written to say of rows.
  package mutating func set(ridges: [Double]) {
    for (place, ridge) in ridges.enumerated() { regressions[place].ridge = ridge }
    update()
  }

  /// Number and products of the weights of features that rows with ratings have, times the ridge: what
  /// weights add to what is known of the rows' precision.
  package func scaledMoments() -> [FactorMoments] {
    regressions.map { regression in
      var moments = moments(of: regression)
      for place in moments.products.indices { moments.products[place] *= regression.ridge }
      return moments
    }
  }

  private func moments(of regression: Regression) -> FactorMoments {
    let (weights, width) = (regression.weights, layout.lanes)
    let offsets = regression.features.byFeature.offsets
    var products = [Double](repeating: 0, count: width * width)
    ck_als_moments(offsets, 0, weights.rows, weights.base, weights.stride, width, &products)
    return FactorMoments(
      count: Double((0..<weights.rows).count { offsets[$0] < offsets[$0 + 1] }),
      sum: lanes.map { _ in 0 },
      products: lanes.flatMap { i in lanes.map { products[max(i, $0) * width + min(i, $0)] } })
  }

  /// One sweep over all features; blocks of 16 lanes are independent.
  private func sweep(_ regression: Regression, _ residuals: FloatMatrix, noise: FloatMatrix?) {
    let (features, weights) = (regression.features, regression.weights)
    features.byFeature.withKernel { byFeature in
      forEachChunk((layout.lanes + 15) / 16, threads: threads) { block in
        ck_features_sweep(
          byFeature, features.scales, Float(regression.ridge), 16 * block,
          min(16, layout.lanes - 16 * block), weights.stride, noise?.base, residuals.base,
          weights.base)
      }
    }
  }

  /// Normal numbers of the covariance whose root is given, a row a feature.
  private func noise(_ rows: Int, _ root: [Double], key: UInt64) -> FloatMatrix {
    let (width, unknowns) = (layout.lanes, lanes)
    let standard = FloatMatrix(rows: rows, columns: width)
    let noise = FloatMatrix(rows: rows, columns: width)
    var map = [Float](repeating: 0, count: width * width)
    for (i, to) in unknowns.enumerated() {
      for (j, from) in unknowns.enumerated() {
        map[from * width + to] = Float(root[i * unknowns.count + j])
      }
    }
    BLAS.prepare
    forEachRange(of: rows) { range in
      ck_init_normal(
        standard.base, range.lowerBound, range.upperBound, width, standard.stride, 1, key)
      let start = range.lowerBound * noise.stride
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(range.count), Int32(width), Int32(width),
        1, standard.base + start, Int32(standard.stride), map, Int32(width), 0,
        noise.base + start, Int32(noise.stride))
    }
    return noise
  }

  /// Sums the weights of each row's features anew.
  func update() {
    guard let centers else { return }
    let part = FloatMatrix(rows: centers.rows, columns: layout.lanes)
    for (place, regression) in regressions.enumerated() {
      let (features, out) = (regression.features, place == 0 ? centers : part)
      features.byRow.withKernel(values: features.values) { byRow in
        forEachRange(of: centers.rows) { range in
          ck_sparse_multiply(
            byRow, range.lowerBound, range.upperBound, regression.weights.base, centers.stride,
            out.base)
          guard place > 0 else { return }
          for lane in range.lowerBound * centers.stride..<range.upperBound * centers.stride {
            centers.base[lane] += part.base[lane]
          }
        }
      }
    }
  }

  private func forEachRange(of rows: Int, _ body: (Range<Int>) -> Void) {
    let chunks = max(1, rows / 512)
    forEachChunk(chunks, threads: threads) { body(evenRange($0, of: chunks, count: rows)) }
  }
}
