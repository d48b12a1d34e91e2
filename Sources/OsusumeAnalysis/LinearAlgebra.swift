// The few matrix operations of an analysis, by BLAS and LAPACK in double precision.
import COpenBLAS
import OsusumeModels

/// A matrix of doubles, column by column.
struct ColumnMatrix: Equatable {
  /// Number of rows.
  let rows: Int
  /// Number of columns.
  let columns: Int
  /// rows × columns elements, the first column first.
  var elements: [Double]

  init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Some vectors as rows.
  init(_ vectors: FactorVectors, rows chosen: [Int]) {
    rows = chosen.count
    columns = vectors.factors
    elements = [Double](repeating: 0, count: rows * columns)
    for (place, row) in chosen.enumerated() {
      for (column, value) in vectors[row].enumerated() {
        elements[column * rows + place] = Double(value)
      }
    }
  }

  subscript(row: Int, column: Int) -> Double { elements[column * rows + row] }

  /// Σ of the squared elements.
  var squaredNorm: Double { elements.reduce(0) { $0 + $1 * $1 } }

  /// The same with each column's mean taken from it.
  var centred: ColumnMatrix {
    var copy = self
    for column in 0..<columns {
      let range = column * rows..<(column + 1) * rows
      let mean = elements[range].reduce(0, +) / Double(max(1, rows))
      for place in range { copy.elements[place] -= mean }
    }
    return copy
  }

  /// selfᵀ·other, or self·otherᵀ.
  func product(_ other: ColumnMatrix, transposed: Side) -> ColumnMatrix {
    let ofFirst = transposed == .first
    let (m, n) = ofFirst ? (columns, other.columns) : (rows, other.rows)
    let inner = ofFirst ? rows : columns
    precondition(inner == (ofFirst ? other.rows : other.columns))
    guard m > 0, n > 0, inner > 0 else {
      return ColumnMatrix(rows: m, columns: n, elements: [Double](repeating: 0, count: m * n))
    }
    BLAS.prepare
    var result = [Double](repeating: 0, count: m * n)
    cblas_dgemm(
      CblasColMajor, ofFirst ? CblasTrans : CblasNoTrans, ofFirst ? CblasNoTrans : CblasTrans,
      Int32(m), Int32(n), Int32(inner), 1, elements, Int32(rows), other.elements,
      Int32(other.rows), 0, &result, Int32(m))
    return ColumnMatrix(rows: m, columns: n, elements: result)
  }

  /// Which side of a product is transposed.
  enum Side { case first, second }

  /// The upper triangular R of A = QR, by Householder reflections; it has min(rows, columns) rows.
  var triangle: ColumnMatrix { factored().r }

  /// Orthonormal columns that span what the columns span, leaving out directions that are but
  /// rounding: those whose singular value is below that of the largest by 1e-6, what float32 resolves.
  var orthonormalBasis: ColumnMatrix { leftSingularVectors.vectors }

  /// The left singular vectors as columns, strongest first, and their singular values; those that are but
  /// rounding left out, as in `orthonormalBasis`.
  var leftSingularVectors: (vectors: ColumnMatrix, values: [Double]) {
    let (q, r) = factored()
    let (left, values) = r.leftSingular()
    let rank = values.prefix { $0 > 1e-6 * (values.first ?? 0) && $0 > 0 }.count
    let kept = ColumnMatrix(
      rows: left.rows, columns: rank, elements: Array(left.elements.prefix(left.rows * rank)))
    // Q·U, through the product that is there: (Qᵀ)ᵀ·U.
    return (q.transposed.product(kept, transposed: .first), values)
  }

  /// Singular values, falling.
  var singularValues: [Double] { leftSingular().values }

  var transposed: ColumnMatrix {
    var result = [Double](repeating: 0, count: elements.count)
    for column in 0..<columns {
      for row in 0..<rows { result[row * columns + column] = elements[column * rows + row] }
    }
    return ColumnMatrix(rows: columns, columns: rows, elements: result)
  }

  /// Eigenvalues of a symmetric matrix, falling, and unit eigenvectors as columns, each turned so that its
  /// largest element is positive (the first of those as large, up to rounding).
  func symmetricEigen() -> (values: [Double], vectors: ColumnMatrix) {
    precondition(rows == columns)
    BLAS.prepare
    var work = elements
    var values = [Double](repeating: 0, count: rows)
    let status = LAPACKE_dsyevd(
      LAPACK_COL_MAJOR, Int8(UInt8(ascii: "V")), Int8(UInt8(ascii: "U")), Int32(rows), &work,
      Int32(rows), &values)
    precondition(status == 0, "dsyevd: \(status)")
    var vectors = [Double]()
    vectors.reserveCapacity(work.count)
    for column in (0..<rows).reversed() {
      let vector = work[column * rows..<(column + 1) * rows]
      let size = vector.reduce(0) { max($0, abs($1)) }
      let sign = (vector.first { abs($0) >= size * (1 - 1e-9) } ?? 1) < 0 ? -1.0 : 1.0
      vectors += vector.map { sign * $0 }
    }
    return (
      values.reversed(), ColumnMatrix(rows: rows, columns: rows, elements: vectors)
    )
  }

  private func factored() -> (q: ColumnMatrix, r: ColumnMatrix) {
    let rank = min(rows, columns)
    guard rank > 0 else { return (.empty(rows, 0), .empty(0, columns)) }
    BLAS.prepare
    var work = elements
    var reflectors = [Double](repeating: 0, count: rank)
    var status = LAPACKE_dgeqrf(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), &work, Int32(rows), &reflectors)
    precondition(status == 0, "dgeqrf: argument \(-status)")
    var r = [Double](repeating: 0, count: rank * columns)
    for column in 0..<columns {
      for row in 0...min(column, rank - 1) { r[column * rank + row] = work[column * rows + row] }
    }
    var q = Array(work.prefix(rows * rank))
    status = LAPACKE_dorgqr(
      LAPACK_COL_MAJOR, Int32(rows), Int32(rank), Int32(rank), &q, Int32(rows), reflectors)
    precondition(status == 0, "dorgqr: argument \(-status)")
    return (
      ColumnMatrix(rows: rows, columns: rank, elements: q),
      ColumnMatrix(rows: rank, columns: columns, elements: r)
    )
  }

  /// Left singular vectors and singular values, falling.
  private func leftSingular() -> (left: ColumnMatrix, values: [Double]) {
    let rank = min(rows, columns)
    guard rank > 0 else { return (.empty(rows, 0), []) }
    BLAS.prepare
    var work = elements
    var values = [Double](repeating: 0, count: rank)
    var left = [Double](repeating: 0, count: rows * rank)
    var right = [Double](repeating: 0, count: rank * columns)
    let status = LAPACKE_dgesdd(
      LAPACK_COL_MAJOR, Int8(UInt8(ascii: "S")), Int32(rows), Int32(columns), &work, Int32(rows),
      &values, &left, Int32(rows), &right, Int32(rank))
    precondition(status == 0, "dgesdd: \(status)")
    return (ColumnMatrix(rows: rows, columns: rank, elements: left), values)
  }

  private static func empty(_ rows: Int, _ columns: Int) -> ColumnMatrix {
    ColumnMatrix(rows: rows, columns: columns, elements: [])
  }
}
