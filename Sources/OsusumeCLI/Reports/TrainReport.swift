// What `osusume train` prints: the contract's JSON, or a table for people.
import Foundation
import Osusume

/// The figures of a training run, as JSON names them.
struct TrainReport: Report {
  var command = "train"
  var model: String
  var version = osusumeVersion
  var seed: UInt64
  var threads: Int
  var isa: String
  var data: DataCounts
  var baselines: [String: [String: Double]]
  var epochs: [EpochReport]
  var search: [EpochReport]?
  /// The epoch that early stopping went by; nil where there was no search.
  var earlyStopping: KeptEpoch?
  var final: Final
  /// The fit to all ratings that was saved; nil where the one was that `final` is of.
  var retrained: Retrained?
  var seconds: Seconds
  var trainRatingsPerSecond: Double
  var peakRSSBytes: Int
  var beatsBaselines: Bool?
  var interrupted: Bool?
  var notes: [String]?
  /// The page about the run; nil where none was asked for.
  var report: String?
  var output: String
  /// Whether a file was there before; nil where none was.
  var replaced: Bool?
  var sha256: String

  struct DataCounts: Encodable {
    var rows: Int
    var dropped: Dropped
    var ratings: Int
    var users: Int
    var items: Int
    var train: Int
    var test: Int
    /// Rows by which hidden users are folded in; nil where none are hidden.
    var foldIn: Int?
    var coldRows: Int
    /// Rated rows of items that the item file lacks, dropped or not.
    var notInItems: Int
    /// Dropped rows without a rating that the model keeps as seen.
    var seen: Int

    /// Rows by the reason they were dropped for: with `train`, `test` and `foldIn`, all rows.
    struct Dropped: Encodable {
      /// Rows that have the sentinel instead of a rating, but for those that are trained on.
      var sentinel: Int
      var minUserRatings: Int
      var notInItems: Int
      var duplicates: Int
      var subset: Int
      var unfinished: Int
      var inTestFile: Int
      var badLines: Int
      var zeroCounts: Int
    }
  }

  struct Final: Encodable {
    var validRMSE: Double?
    var validRMSEClipped: Double?
    var validMAE: Double?
    /// All metrics by name; those of labels and classes are listed with the errors.
    var others: [String: Double] = [:]

    func encode(to encoder: any Encoder) throws {
      var metrics = others
      metrics["valid_rmse"] = validRMSE
      metrics["valid_rmse_clipped"] = validRMSEClipped
      metrics["valid_mae"] = validMAE
      try metrics.withTestNames.mapValues { $0.isFinite ? $0 : nil }.encode(to: encoder)
    }

    /// Metrics that are no errors of ratings, by name.
    var ofLabels: [(name: String, value: Double)] {
      let errors = ["valid_rmse", "valid_rmse_clipped", "valid_mae"]
      return others.filter { !errors.contains($0.key) }.sorted { $0.key < $1.key }
        .map { ($0.key, $0.value) }
    }
  }

  struct Retrained: Encodable {
    var trainRows: Int
    /// As many as the fit that was judged has kept; nil where there are none.
    var epochs: Int?
    var seconds: Double
  }

  struct Seconds: Encodable {
    var ingest = 0.0, prepare = 0.0, train = 0.0, evaluate = 0.0, save = 0.0, total = 0.0
  }
}

extension [String: Double] {
  /// The same with figures of test ratings, `valid_rmse` and so on, under their better names too:
  /// `test_rmse`.
  var withTestNames: Self {
    let ofTest = filter { $0.key.hasPrefix("valid_") }
      .map { ("test_" + $0.key.dropFirst("valid_".count), $0.value) }
    return merging(ofTest) { own, _ in own }
  }
}

extension TrainReport {
  /// The report for people.
  var lines: [String] {
    var lines = [
      "\(data.ratings) ratings of \(data.items) items by \(data.users) users "
        + "(\(data.rows) rows; \(data.droppedText)), \(data.train) to train on, \(data.test) to test on, "
        + "\(data.coldRows) of them cold"
    ]
    if !epochs.isEmpty || search != nil { lines += [""] + epochTable.lines + curves }
    if let earlyStopping { lines += ["", earlyStopping.sentence] }
    if final.validRMSE != nil {
      var table = TextTable(["", "test RMSE"], alignments: [.left, .right])
      for (name, metrics) in baselines.sorted(by: { $0.key > $1.key }) where name != model {
        table.add(name, Self.figure(metrics["valid_rmse"]))
      }
      table.add(model, Self.figure(final.validRMSE))
      table.add("\(model), clipped", Self.figure(final.validRMSEClipped))
      lines += [""] + table.lines
    }
    if !final.ofLabels.isEmpty {
      var table = TextTable(["", model], alignments: [.left, .right])
      for metric in final.ofLabels {
        table.add(
          String(metric.name.dropFirst("valid_".count)).replacing("_", with: " "),
          Self.figure(metric.value))
      }
      lines += [""] + table.lines
    }
    if let verdict { lines += ["", verdict] }
    lines += (notes ?? []).map { "note: \($0)" }
    lines += [
      "",
      String(
        format:
          "read %.2f s, prepared %.2f s, trained %.2f s (%.1f M ratings/s), evaluated %.2f s, "
          + "saved %.2f s: %.2f s in all, %.0f MB at most", seconds.ingest, seconds.prepare,
        seconds.train, trainRatingsPerSecond / 1e6, seconds.evaluate, seconds.save, seconds.total,
        Double(peakRSSBytes) / 1e6),
      "\(output)  sha256 \(sha256)"
        + (replaced == true ? ", in place of the file that was there" : ""),
    ]
    if let saved { lines.append(saved) }
    if let report { lines.append("\(report)  the page about this run") }
    return lines
  }

  /// Which ratings the saved model was trained on; nil where that goes without saying: all of them.
  private var saved: String? {
    if let retrained {
      return "it was trained again, on all \(retrained.trainRows.grouped) ratings, in "
        + String(format: "%.2f s", retrained.seconds)
        + ": the figures are of the fit to \(data.train.grouped)"
    }
    guard data.test > 0 else { return nil }
    let share = 100 * Double(data.train) / Double(data.train + data.test + (data.foldIn ?? 0))
    return
      "it was trained on \(data.train.grouped) ratings, \(Int(share.rounded())) % of them, and "
      + "judged on others; --retrain-on-all trains it on all"
  }

  /// The epochs of the fit; of a search whose best model was kept, those of the search.
  private var shownEpochs: [EpochReport] { epochs.isEmpty ? search ?? [] : epochs }

  /// The figures after each epoch that the model has: errors of ratings, of labels, NDCG of lists.
  private var figures: [(name: String, value: (EpochReport) -> Double?)] {
    let rows = epochs.isEmpty ? "validation" : "test"
    let all: [(String, (EpochReport) -> Double?)] = [
      ("RMSE", { $0.validRMSE }), ("MAE", { $0.validMAE }), ("NDCG@10", { $0.validNDCG }),
      ("log loss", { $0.labels?.logLoss }), ("accuracy", { $0.labels?.accuracy }),
      ("precision", { $0.labels?.precision }), ("recall", { $0.labels?.recall }),
      ("AUC", { $0.labels?.auc }),
    ]
    let heldOut: [(String, (EpochReport) -> Double?)] = [
      ("RMSE", { $0.heldOutRMSE }), ("MAE", { $0.heldOutMAE }),
      ("log loss", { $0.heldOutLogLoss }),
    ]
    func known(_ figures: [(String, (EpochReport) -> Double?)], _ rows: String)
      -> [(name: String, value: (EpochReport) -> Double?)]
    {
      figures.filter { figure in shownEpochs.contains { figure.1($0) != nil } }
        .map { (name: "\(rows) \($0.0)", value: $0.1) }
    }
    return known(all, rows) + known(heldOut, "validation")
  }

  /// The learning curve as a table.
  private var epochTable: TextTable {
    let figures = figures
    var table = TextTable(
      ["epoch", "seconds", "train loss"] + figures.map(\.name),
      alignments: Array(repeating: .right, count: 3 + figures.count))
    for report in shownEpochs {
      table.add(
        [
          String(report.epoch), String(format: "%.3f", report.seconds),
          String(format: "%.4f", report.trainLoss),
        ] + figures.map { Self.figure($0.value(report)) })
    }
    return table
  }

  /// The learning curve as lines of blocks; of two epochs there is none to speak of.
  private var curves: [String] {
    guard shownEpochs.count > 2 else { return [] }
    var table = TextTable(alignments: [.left, .left, .left])
    let losses = (name: "train loss", value: { Optional($0.trainLoss) } as (EpochReport) -> Double?)
    for figure in [losses] + figures.prefix(1) {
      let values = shownEpochs.map { figure.value($0) ?? .nan }
      table.add(
        figure.name, Blocks.line(values),
        "\(Self.figure(values.first)) to \(Self.figure(values.last))")
    }
    return [""] + table.lines
  }

  private var verdict: String? {
    guard let beatsBaselines, let mine = final.validRMSE,
      let best = baselines.compactMapValues({ $0["valid_rmse"] }).min(by: { $0.value < $1.value })
    else { return nil }
    let margin = String(format: "%.4f", abs(best.value - mine))
    return beatsBaselines
      ? "\(model) is \(margin) below the best baseline, \(best.key)"
      : "\(model) DOES NOT BEAT the baselines: \(best.key) is \(margin) better"
  }

  private static func figure(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? String(format: "%.4f", $0) : nil } ?? "–"
  }
}

extension TrainReport.DataCounts {
  /// What became of the rows that are not there.
  var droppedText: String {
    let named = dropped.reasons
    let kept = notInItems - dropped.notInItems
    let unlisted = kept > 0 ? "; \(kept) kept of items that are not in the item file" : ""
    return (named.isEmpty ? "none dropped" : "dropped: " + named.joined(separator: ", ")) + unlisted
  }
}

extension TrainReport.DataCounts.Dropped {
  /// How many rows were dropped, reason by reason: `118336 without a rating`.
  var reasons: [String] {
    let reasons = [
      (sentinel, "without a rating"), (minUserRatings, "of users with too few"),
      (notInItems, "of unknown items"), (duplicates, "repeated"), (subset, "outside the subset"),
      (unfinished, "neither completed nor dropped"), (inTestFile, "of the test file"),
      (badLines, "that cannot be read"), (zeroCounts, "with a count of 0"),
    ]
    return reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
  }
}
