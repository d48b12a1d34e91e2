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
  let fit: FitKind
  let source: String
  let tensors: [TensorDescription]
  let parameters: Int?
  let target: Target
  let heads: [HeadInFile]?
  let lists: FitKind?
  /// Floating point operations of one score, nothing shared between scores.
  let flopsPerRating: Int
  /// Bytes of the rows that one score reads.
  let bytesPerRating: Int
  let published: Publication?
  let defaults: Hyperparameters
  /// Those of the defaults that fitting reads.
  @NotEncoded private var settingNames: Set<String>
  /// Which width `auto` is, in models that have one.
  @NotEncoded private var widths: String?

  /// Describes a specification for so many users and items, if that is known.
  init(_ spec: ModelSpec, factors: Int?, users: Int?, items: Int?) {
    name = spec.name
    settingNames = spec.settingNames(spec.defaults)
    summary = spec.summary
    formula = spec.score.formula
    fit = spec.fit
    source = spec.source
    let width = factors ?? spec.defaults.factors
    (flopsPerRating, bytesPerRating) = spec.cost(factors: width, users: users, items: items)
    published = spec.publication?.namingFlags
    target = spec.target
    heads = spec.headsInFile
    lists = spec.lists
    tensors = spec.tensors(factors: width, users: users, items: items).map { tensor in
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
    widths =
      !spec.hasWidthsByRows
      ? nil
      : "auto is min(600, round(1.6·n^0.56)) of a table of n rows"
        + (users == nil || items == nil
          ? ", here of 1,000 users and items (--users and --items give others) and 20 genres"
          : ", here with 20 genres")
  }

  /// Formula, tensors and defaults as aligned lines.
  var lines: [String] {
    var facts = TextTable(alignments: [.left, .left])
    facts.add("score", formula)
    if let widths { facts.add("widths", widths) }
    if target != .rating { facts.add("predicts", target.rawValue) }
    for head in heads ?? [] {
      facts.add(
        "head",
        "\(head.formula), \(head.target.rawValue), \(head.loss.rawValue), weight \(head.weight)")
    }
    facts.add("fit", fit.rawValue)
    facts.add(
      "cost", "\(flopsPerRating.grouped) flops and \(bytesPerRating.grouped) bytes a rating")
    facts.add("source", source)
    if let published {
      facts.add("published", published.result)
      if let reproduced = published.reproduced { facts.add("reproduced", reproduced) }
      if let fault = published.notRepeated { facts.add("not repeated", fault) }
      if let chosen = published.chosen { facts.add("chosen here", chosen) }
    }
    var shapes = TextTable(
      ["Tensor", "Symbol", "Shape", "Parameters"], alignments: [.left, .left, .left, .right])
    for tensor in tensors {
      shapes.add(tensor.name, tensor.symbol, shape(tensor), count(tensor))
    }
    if let parameters { shapes.add("all", "", "", parameters.grouped) }
    let settings = SettingsTable(defaults, only: settingNames).lines
    return
      [name + ": " + summary, ""] + facts.lines + [""] + shapes.lines + ["", "Defaults"] + settings
  }

  private func shape(_ tensor: TensorDescription) -> String {
    tensor.shape.isEmpty ? "scalar" : tensor.shape.joined(separator: " × ")
  }

  private func count(_ tensor: TensorDescription) -> String {
    tensor.parameters?.grouped ?? tensor.shape.joined(separator: "·")
  }
}

extension Publication {
  /// The same with settings named as flags.
  fileprivate var namingFlags: Publication {
    Publication(
      result: result.namingFlags, reproduced: reproduced?.namingFlags,
      notRepeated: notRepeated?.namingFlags, chosen: chosen?.namingFlags)
  }
}
