// A specification as a JSON file that `ModelSpec.read` takes.
import OsusumeData

/// A further head as a specification file states it.
package struct HeadInFile: Encodable, Sendable {
  package let formula: String
  package let target: Target
  package let loss: Loss
  package let weight: Double
}

extension ModelSpec {
  /// The further heads as a specification file states them; nil: it has none.
  package var headsInFile: [HeadInFile]? {
    guard !heads.isEmpty else { return nil }
    return heads.map {
      HeadInFile(formula: $0.score.formula, target: $0.target, loss: $0.loss, weight: $0.weight)
    }
  }

  private struct File: Encodable {
    let name: String
    let summary: String
    let formula: String
    let fit: FitKind
    let source: String
    let target: Target
    let heads: [HeadInFile]?
    let lists: FitKind?
    let defaults: Hyperparameters
  }

  /// Writes the specification, whole or not at all.
  ///
  /// Errors: `OutputError`.
  public func write(to path: String) throws {
    let file = File(
      name: name, summary: summary, formula: score.formula, fit: fit, source: source,
      target: target, heads: headsInFile, lists: lists, defaults: defaults)
    let text = try String(json: file, isIndented: true)
    try WholeFile.write(to: path) { try $0.write(text + "\n") }
  }
}
