// One model of the catalog in full, as JSON and as lines for people.
import Foundation
import Osusume

/// What `osusume models NAME` says of a model.
struct ModelDescription: Encodable {
  /// A tensor with its extents: numbers where they are known, else "U" and "I".
  struct TensorDescription: Encodable {
    let name: String
    let symbol: String
    let shape: [String]
    let parameters: Int?
  }

  let name: String
  let summary: String
  let formula: String
  let fit: Fit
  let source: String
  let tensors: [TensorDescription]
  let parameters: Int?
  let defaults: Hyperparameters

  /// Describes a specification for so many users and items, if that is known.
  init(_ spec: ModelSpec, factors: Int?, users: Int?, items: Int?) {
    name = spec.name
    summary = spec.summary
    formula = spec.score.formula
    fit = spec.fit
    source = spec.source
    tensors = spec.tensors(factors: factors ?? spec.defaults.factors).map { tensor in
      TensorDescription(
        name: tensor.name, symbol: tensor.symbol,
        shape: tensor.extents.map { $0.text(users: users, items: items) },
        parameters: tensor.count(users: users, items: items))
    }
    parameters = tensors.reduce(0) { sum, tensor in
      guard let sum, let count = tensor.parameters else { return nil }
      let (value, overflow) = sum.addingReportingOverflow(count)
      return overflow ? nil : value
    }
    defaults = spec.defaults
  }

  /// Formula, tensors and defaults as aligned lines.
  var text: String {
    var facts = TextTable(alignments: [.left, .left])
    facts.add("score", formula)
    facts.add("fit", fit.rawValue)
    facts.add("source", source)
    var shapes = TextTable(
      ["Tensor", "Symbol", "Shape", "Parameters"], alignments: [.left, .left, .left, .right])
    for tensor in tensors {
      shapes.add(tensor.name, tensor.symbol, shape(tensor), count(tensor))
    }
    if let parameters { shapes.add("all", "", "", parameters.grouped) }
    let settings = SettingsTable(defaults).lines
    return
      ([name + ": " + summary, ""] + facts.lines + [""] + shapes.lines + ["", "Defaults"] + settings)
      .joined(separator: "\n")
  }

  private func shape(_ tensor: TensorDescription) -> String {
    tensor.shape.isEmpty ? "scalar" : tensor.shape.joined(separator: " × ")
  }

  private func count(_ tensor: TensorDescription) -> String {
    tensor.parameters?.grouped ?? tensor.shape.joined(separator: "·")
  }
}
