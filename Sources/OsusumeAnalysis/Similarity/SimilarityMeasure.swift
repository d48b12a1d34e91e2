// How alike two vectors are.

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
