// A specification as a JSON file that `ModelSpec.read` takes.
import Foundation
import OsusumeData

extension ModelSpec {
  private struct FileHead: Encodable {
    let formula: String
    let target: Target
    let loss: Loss
    let weight: Double
  }

  private struct File: Encodable {
    let name: String
    let summary: String
    let formula: String
    let fit: FitKind
    let source: String
    let target: Target
    let heads: [FileHead]?
    let lists: FitKind?
    let defaults: Hyperparameters
  }

  /// Writes the specification, whole or not at all.
  ///
  /// Errors: `OutputError`.
  public func write(to path: String) throws {
    let others = heads.map {
      FileHead(formula: $0.score.formula, target: $0.target, loss: $0.loss, weight: $0.weight)
    }
    let file = File(
      name: name, summary: summary, formula: score.formula, fit: fit, source: source,
      target: target, heads: others.isEmpty ? nil : others, lists: lists, defaults: defaults)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let text = String(decoding: try encoder.encode(file), as: UTF8.self)
    try WholeFile.write(to: path) { try $0.write(text + "\n") }
  }
}
