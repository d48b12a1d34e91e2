// The vectors and biases that a network has learned for genres.
import OsusumeData

extension NetworkParameters {
  /// Vectors or biases of genres, [genres, columns] in the order of `features.genres`; nil where the
  /// network has none.
  ///
  /// Of several such tensors the first in the formula counts.
  package func genreTable(_ kind: PlanTensor.Kind) -> FloatMatrix? {
    guard
      let tensor = plan.layers.first(where: { $0.name.hasPrefix("genre_") && $0.kind == kind })
    else { return nil }
    let table = FloatMatrix(rows: tensor.rows, columns: tensor.columns)
    for row in 0..<tensor.rows {
      (table.base + row * table.stride).update(
        from: layers.base + tensor.place + row * tensor.columns, count: tensor.columns)
    }
    return table
  }
}
