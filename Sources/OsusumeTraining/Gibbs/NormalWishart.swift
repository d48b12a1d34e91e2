// The distribution of the vectors of a table: normal, itself drawn from a Normal–Wishart posterior.
import COpenBLAS
import OsusumeModels

/// A normal distribution of rows' unknowns: factors, then the bias where there is one.
package struct FactorDistribution: Equatable {
  package var mean: [Double]
  /// [unknowns, unknowns], symmetric.
  package var precision: [Double]

  package var unknowns: Int { mean.count }

  /// Makes a distribution from its parts.
  package init(mean: [Double], precision: [Double]) {
    self.mean = mean
    self.precision = precision
  }
}

extension FactorDistribution {
  /// Independent unknowns of mean 0 with these variances.
  package init(variances: [Double]) {
    let width = variances.count
    mean = .init(repeating: 0, count: width)
    precision = .init(repeating: 0, count: width * width)
    for (place, variance) in variances.enumerated() {
      precision[place * (width + 1)] = 1 / variance
    }
  }
}

extension FactorDistribution {
  /// A root R of the covariance, RRᵀ = Λ⁻¹, row-major.
  ///
  /// Errors: `TrainingError.degenerate`.
  func inverseRoot() throws -> [Double] {
    BLAS.prepare
    var root = precision
    let (n, lower) = (Int32(unknowns), CChar(UInt8(ascii: "L")))
    let order = LAPACK_COL_MAJOR
    guard LAPACKE_dpotrf(order, lower, n, &root, n) == 0,
      LAPACKE_dtrtri(order, lower, CChar(UInt8(ascii: "N")), n, &root, n) == 0
    else { throw TrainingError.degenerate }
    // L⁻¹ by columns is its transpose by rows; the other side of the diagonal is not written.
    for row in 0..<unknowns {
      for column in 0..<row { root[row * unknowns + column] = 0 }
    }
    return root
  }
}

/// Number, sum and products of rows' unknowns.
package struct FactorMoments {
  package var count: Double
  package var sum: [Double]
  /// Σ x xᵀ, [unknowns, unknowns], symmetric.
  package var products: [Double]

  /// Makes moments from their parts.
  package init(count: Double, sum: [Double], products: [Double]) {
    self.count = count
    self.sum = sum
    self.products = products
  }
}

/// The conjugate prior of a row distribution: Λ ~ Wishart(V⁻¹, ν), m ~ normal(m₀, (βΛ)⁻¹).
package struct NormalWishart {
  /// m₀.
  package var center: [Double]
  /// β: how many rows the prior's mean counts for.
  package var meanCount: Double
  /// ν, at least the number of unknowns.
  package var degrees: Double
  /// V, [unknowns, unknowns]: ν times the prior covariance of the vectors.
  package var scatter: [Double]

  /// A prior around independent unknowns of mean 0 with these variances, which counts for as many rows as
  /// it has degrees of freedom, and for `meanCount` of them about the mean.
  package init(variances: [Double], degrees: Double, meanCount: Double = 1) {
    let width = variances.count
    center = .init(repeating: 0, count: width)
    self.meanCount = meanCount
    self.degrees = degrees
    scatter = .init(repeating: 0, count: width * width)
    for (place, variance) in variances.enumerated() {
      scatter[place * (width + 1)] = degrees * variance
    }
  }

  /// The posterior once rows have been seen (Salakhutdinov and Mnih 2008, equation 14).
  ///
  /// `centered`: of what is normal around 0 with the same precision.
  package func given(_ rows: FactorMoments, centered: [FactorMoments] = []) -> NormalWishart {
    let width = center.count
    let count = meanCount + rows.count
    var posterior = self
    posterior.meanCount = count
    posterior.degrees = degrees + rows.count
    posterior.center = zip(center, rows.sum).map { (meanCount * $0 + $1) / count }
    // V + Σxxᵀ + β m₀m₀ᵀ − (β + n) m*m*ᵀ.
    for i in 0..<width {
      for j in 0..<width {
        posterior.scatter[i * width + j] +=
          rows.products[i * width + j] + meanCount * center[i] * center[j]
          - count * posterior.center[i] * posterior.center[j]
      }
    }
    for moments in centered {
      posterior.degrees += moments.count
      for place in posterior.scatter.indices { posterior.scatter[place] += moments.products[place] }
    }
    return posterior
  }

  /// The distribution of rows with the expected mean and the expected precision, ν V⁻¹.
  ///
  /// Errors: `TrainingError.degenerate` where V is not positive definite.
  package func expectation() throws -> FactorDistribution {
    BLAS.prepare
    let width = center.count
    let (n, lower, order) = (Int32(width), CChar(UInt8(ascii: "L")), LAPACK_COL_MAJOR)
    var inverse = scatter
    guard LAPACKE_dpotrf(order, lower, n, &inverse, n) == 0,
      LAPACKE_dpotri(order, lower, n, &inverse, n) == 0
    else { throw TrainingError.degenerate }
    let precision = (0..<width * width).map { place in
      let (i, j) = (place / width, place % width)
      return degrees * inverse[min(i, j) * width + max(i, j)]
    }
    return FactorDistribution(mean: center, precision: precision)
  }

  /// A distribution of rows drawn from this one.
  ///
  /// With V = CCᵀ and Bartlett's triangle A, T = C⁻ᵀA gives Λ = TTᵀ, and m = m₀ + C A⁻ᵀz / √β.
  /// Errors: `TrainingError.degenerate` where V is not positive definite.
  package func draw(_ random: inout RandomSequence) throws -> FactorDistribution {
    BLAS.prepare
    let width = center.count
    let n = Int32(width)
    var root = scatter
    let order = LAPACK_COL_MAJOR
    guard LAPACKE_dpotrf(order, CChar(UInt8(ascii: "L")), n, &root, n) == 0 else {
      throw TrainingError.degenerate
    }
    var bartlett = [Double](repeating: 0, count: width * width)
    for i in 0..<width {
      bartlett[i * width + i] = random.chiSquared(degrees - Double(i)).squareRoot()
      for j in 0..<i { bartlett[j * width + i] = random.normal() }
    }
    var mean = (0..<width).map { _ in random.normal() / meanCount.squareRoot() }
    cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, bartlett, n, &mean, 1)
    cblas_dtrmv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, root, n, &mean, 1)
    for i in 0..<width { mean[i] += center[i] }
    cblas_dtrsm(
      CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, n, 1, root, n, &bartlett,
      n)
    var precision = [Double](repeating: 0, count: width * width)
    cblas_dgemm(
      CblasColMajor, CblasNoTrans, CblasTrans, n, n, n, 1, bartlett, n, bartlett, n, 0, &precision,
      n)
    return FactorDistribution(mean: mean, precision: precision)
  }
}
