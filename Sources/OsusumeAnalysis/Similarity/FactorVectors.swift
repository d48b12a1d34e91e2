// The vectors of users or items by themselves: lanes below k, no biases, no constants.
import OsusumeData
import OsusumeModels

/// How alike two vectors are.
public enum SimilarityMeasure: String, Sendable, Codable, CaseIterable {
  /// The cosine of the angle between them; 0 where one is zero.
  case cosine
  /// Their inner product.
  case dot
  /// Their distance: less is more alike.
  case euclid

  /// The measure of two vectors of equal length, summed in double.
  public func between(_ a: [Float], _ b: [Float]) -> Double {
    switch self {
    case .dot: zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    case .euclid:
      zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        .squareRoot()
    case .cosine:
      Self.cosine(a, b)
    }
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    let lengths = (dot.between(a, a) * dot.between(b, b)).squareRoot()
    return lengths > 0 ? max(-1, min(1, dot.between(a, b) / lengths)) : 0
  }
}

/// The vectors of a model's users or items, [rows, factors].
public struct FactorVectors: Sendable {
  /// Width of a vector, at least 1.
  public let factors: Int
  let table: FloatMatrix

  /// Number of vectors.
  public var count: Int { table.rows }

  /// The first `factors` lanes of a table's rows.
  init(_ table: FloatMatrix, factors: Int) {
    self.table = table
    self.factors = factors
  }

  /// The vectors of a model's users or items; nil where it has none.
  public init?(_ parameters: Parameters, of entity: Entity) {
    guard let width = parameters.vectorWidth(of: entity) else { return nil }
    factors = width
    table = entity == .user ? parameters.users : parameters.items
  }

  /// One vector.
  public subscript(row: Int) -> [Float] { Array(table[row].prefix(factors)) }

  /// The length of each vector.
  public func norms() -> [Double] {
    (0..<count).map { row in
      table[row].prefix(factors).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }
}
