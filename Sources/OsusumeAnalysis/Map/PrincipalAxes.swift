// Principal components: the orthogonal axes along which vectors vary most.
import OsusumeModels

/// The first principal components of some vectors, by the eigenvectors of their covariance.
///
/// In double, after centring: with X the centred vectors, XᵀX = V·Λ·Vᵀ (LAPACK's dsyevd), and places are X·V.
/// An axis is turned so that its largest element is positive, so that no library's choice of signs shows.
struct PrincipalAxes {
  /// By axis: its share of the whole variance, falling; 0 where there is none.
  let shares: [Double]
  /// Places along the axes, [vectors, count].
  let places: ColumnMatrix

  /// Finds the first `count` axes; those beyond the width of the vectors are zero.
  init(_ vectors: ColumnMatrix, count: Int) {
    let centred = vectors.centred
    let (values, axes) = centred.product(centred, transposed: .first).symmetricEigen()
    let total = values.reduce(0) { $0 + max(0, $1) }
    let kept = min(count, vectors.columns)
    shares = (0..<count).map { $0 < kept && total > 0 ? max(0, values[$0]) / total : 0 }
    let first = ColumnMatrix(
      rows: axes.rows, columns: kept, elements: Array(axes.elements.prefix(axes.rows * kept)))
    let found = centred.product(first.transposed, transposed: .second)
    places = ColumnMatrix(
      rows: vectors.rows, columns: count,
      elements: found.elements
        + [Double](repeating: 0, count: (count - kept) * vectors.rows))
  }
}
