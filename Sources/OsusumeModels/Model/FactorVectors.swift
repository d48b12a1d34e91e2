// The vectors of users or items by themselves: no biases, no constants.
import OsusumeData

/// The vectors of a model's users or items, [rows, factors].
public struct FactorVectors: Sendable {
  /// Width of a vector, at least 1.
  public let factors: Int
  package let table: FloatMatrix

  /// Number of vectors.
  public var count: Int { table.rows }

  /// The first `factors` lanes of a table's rows.
  package init(_ table: FloatMatrix, factors: Int) {
    self.table = table
    self.factors = factors
  }

  /// One vector; `row` is below `count`.
  public subscript(row: Int) -> [Float] { Array(table[row].prefix(factors)) }

  /// All vectors one after the other, row-major: element row·factors + lane.
  public var values: [Float] { (0..<count).flatMap { table[$0].prefix(factors) } }

  /// The length of each vector.
  public func norms() -> [Double] {
    (0..<count).map { row in
      table[row].prefix(factors).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }
}
