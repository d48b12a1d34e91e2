// Whether two models have learned the same, bit for bit.
import OsusumeData

@testable import OsusumeModels

extension Scorer {
  /// Whether both are packed rows that agree bit for bit.
  func isIdentical(to other: any Scorer) -> Bool {
    guard let mine = factors, let theirs = other.factors else { return false }
    return mine.isIdentical(to: theirs)
  }
}

extension FactorParameters {
  /// Whether every lane of both tables and the mean agree bit for bit.
  func isIdentical(to other: FactorParameters) -> Bool {
    mean == other.mean && layout == other.layout
      && zip([users, items], [other.users, other.items]).allSatisfy { a, b in
        a.rows == b.rows && (0..<a.rows).allSatisfy { a[$0].elementsEqual(b[$0]) }
      }
  }
}
