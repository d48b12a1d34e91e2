// What is believed of the rows of a table as a whole: a normal distribution, drawn from its posterior.
import COpenBLAS

/// A normal distribution of rows' unknowns: factors, then the bias where there is one.
struct RowDistribution: Equatable {
  var mean: [Double]
  /// [unknowns, unknowns], symmetric.
  var precision: [Double]

  var unknowns: Int { mean.count }
}

/// Number, sum and products of rows' unknowns.
struct RowMoments {
  var count: Double
  var sum: [Double]
  /// Σ x xᵀ, [unknowns, unknowns], symmetric.
  var products: [Double]
}

/// The conjugate prior of a row distribution: Λ ~ Wishart(V⁻¹, ν), m ~ normal(m₀, (βΛ)⁻¹).
struct NormalWishart {
  /// m₀.
  var center: [Double]
  /// β: how many rows the prior's mean counts for.
  var meanCount: Double
  /// ν, at least the number of unknowns.
  var degrees: Double
  /// V, [unknowns, unknowns]: ν times the covariance that rows are thought to have.
  var scatter: [Double]

  /// The posterior once rows have been seen (Salakhutdinov and Mnih 2008, eq. 14).
  func given(_ rows: RowMoments) -> NormalWishart {
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
    return posterior
  }

  /// A distribution of rows drawn from this one.
  ///
  /// With V = CCᵀ and Bartlett's triangle A, T = C⁻ᵀA gives Λ = TTᵀ, and m = m₀ + C A⁻ᵀz / √β.
  /// Errors: `BPMFError.degenerate` where V is not positive definite.
  func draw(_ random: inout RandomSequence) throws -> RowDistribution {
    openBLASIsSerial
    let width = center.count
    let n = Int32(width)
    var root = scatter
    let order = LAPACK_COL_MAJOR
    guard LAPACKE_dpotrf(order, CChar(UInt8(ascii: "L")), n, &root, n) == 0 else {
      throw BPMFError.degenerate
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
    return RowDistribution(mean: mean, precision: precision)
  }
}
