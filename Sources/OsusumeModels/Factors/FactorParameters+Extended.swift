// Rows for users and items that the model does not know.
import OsusumeData

extension FactorParameters {
  /// The same tables with further rows that hold the mean of the rows there are.
  ///
  /// The mean stands for users and items without ratings. Tables that are long enough are the same objects,
  /// not copies.
  public func extended(users: Int, items: Int) -> FactorParameters {
    FactorParameters(
      mean: mean, layout: layout, users: self.users.extended(rows: users),
      items: self.items.extended(rows: items))
  }
}

extension FloatMatrix {
  /// The same rows and further ones that hold their mean, `count` in all.
  func extended(rows count: Int) -> FloatMatrix {
    guard count > rows && rows > 0 else { return self }
    let larger = FloatMatrix(rows: count, columns: columns)
    larger.base.update(from: base, count: capacity)
    let mean = meanRow()
    for row in rows..<count {
      for lane in 0..<columns { larger[row][lane] = mean[lane] }
    }
    return larger
  }
}
