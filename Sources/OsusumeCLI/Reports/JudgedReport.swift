// What `osusume evaluate` prints of a model that was trained on all rows: the figures of the fit that was judged.
import Osusume

struct JudgedReport: Report {
  let command = "evaluate"
  let model: String
  let judged: JudgedFit
  /// Rows of the file.
  let rows: Int
  /// By the names that `evaluate` gives them.
  let metrics: [(name: String, value: Double)]
  let warnings: [String]

  /// The figures that a model's file holds of the fit that was judged.
  init(_ model: Model, _ judged: JudgedFit, rows: Int, path: String) {
    self.model = model.spec.name
    self.judged = judged
    self.rows = rows
    let prefix = "valid_"
    metrics = model.metrics.sorted { $0.key < $1.key }
      .map { (String($0.key.dropFirst($0.key.hasPrefix(prefix) ? prefix.count : 0)), $0.value) }
    warnings = [
      "all \(rows.grouped("row")) of \(path) were trained on: the figures are those of the fit to "
        + "\(judged.trainRows.grouped("row")) that was judged before (--retrain-on-all)"
    ]
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: JSONKey.self)
    try container.encode(model, forKey: "model")
    try container.encode("judged", forKey: "on")
    try container.encode(judged.testRows, forKey: "n")
    try container.encode(rows, forKey: "seen_rows")
    try container.encode(judged, forKey: "judged")
    try container.encode(warnings, forKey: "warnings")
    for (name, value) in metrics {
      try container.encode(value.isFinite ? value : nil, forKey: JSONKey(name))
    }
  }

  var lines: [String] {
    var table = TextTable(["", model], alignments: [.left, .right])
    for (name, value) in metrics {
      table.add(
        name.replacing("_", with: " "), value.isFinite ? String(format: "%.4f", value) : "–")
    }
    return ["as judged on \(judged.testRows.grouped("test row")) before it was trained on all"]
      + table.lines
  }
}
