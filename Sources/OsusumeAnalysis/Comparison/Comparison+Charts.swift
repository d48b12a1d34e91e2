// The parts of a comparison's page that look into the models: time, segments, factors, widths.
import Foundation
import OsusumeData
import OsusumeModels

extension Comparison {
  var timeSection: ReportSection? {
    let rated = models.filter { $0.rmse != nil }
    let charts = [
      ("rmse", "RMSE on test rows, rating points", \ComparedModel.curve),
      ("log_loss", "log-loss on test rows, nats", \ComparedModel.labelCurve),
    ].compactMap { metric, title, curve -> ReportChart? in
      let rows = curveRows(edge(metric) ?? .infinity) { $0[keyPath: curve] }
      guard !rows.isEmpty else { return nil }
      return ReportChart(
        VegaSpecifications.lines(
          .init(title: "seconds of training (logarithmic)", isLogarithmic: true),
          .init(title: title), width: 880),
        rows: rows, caption: "\(metric.ranked) against time, a point an epoch")
    }
    guard !charts.isEmpty else { return nil }
    let saved = models.filter { $0.contender.saved != nil }.map(\.label)
    return ReportSection(
      "Error against time",
      [
        "Seconds are of training alone, on this machine, a search for the number of epochs included; "
          + "reading, splitting and evaluating are not. A model that is fitted in one step is one point, with "
          + "its name. The table says after how many seconds the model of a row first had an error as low as "
          + "that of a column at its end."
      ]
        + (saved.isEmpty
          ? [] : ["Trained before, so without a curve: \(saved.joined(separator: ", "))."])
        + edgeNote(["rmse", "log_loss"], of: models) + convergenceNotes, charts: charts,
      table: rated.isEmpty
        ? nil
        : ReportTable(
          ["seconds of ↓ to the RMSE of →"] + rated.map(\.mark) + ["train, s", "epochs run"],
          rated.map { model in
            [model.mark] + rated.map { model.timeText(toReach: $0) }
              + [model.trainText, String(model.fit.epochs.count)]
          }))
  }

  /// The points of all curves; those beyond an edge stand at it, and a curve that ends there has its figure.
  private func curveRows(
    _ edge: Double, _ curve: (ComparedModel) -> [ComparedModel.CurvePoint]
  ) -> [[String: ChartValue]] {
    var line = 0
    return models.flatMap { model -> [[String: ChartValue]] in
      let points = curve(model)
      return points.enumerated().map { epoch, point in
        let when = points.count == 1 ? "at once" : "epoch \(epoch + 1)"
        var row: [String: ChartValue] = [
          "label": .text(model.mark), "x": .number(max(point.seconds, 1e-4)),
          "y": .number(min(point.error, edge)),
          "tip": .text(
            "\(model.mark), \(when): \(point.error.figure) after \(point.seconds.seconds) s"),
        ]
        let isBeyond = point.error > edge
        if isBeyond { row["edge"] = .number(1) }
        if epoch + 1 == points.count, points.count == 1 || isBeyond {
          row["figure"] = .text(
            model.mark + (isBeyond ? " " + point.error.figure : ""))
          row["line"] = .number(Double(line))
          if isBeyond { line += 1 }
        }
        return row
      }
    }
  }

  var segmentSection: ReportSection? {
    let rated = models.filter { $0.rmse != nil }
    guard !rated.isEmpty else { return nil }
    // Of the third that is hardest to predict.
    let edge = segments.indices.map { place in
      rated.compactMap { $0.segmentErrors[place]?.value }.filter(\.isFinite).min() ?? 0
    }.max().map { 1.3 * $0 }
    let rows = segments.enumerated().flatMap { place, segment in
      rated.enumerated().compactMap { index, model -> [String: ChartValue]? in
        guard var row = model.segmentErrors[place]?.row(label: model.mark, edge: edge) else {
          return nil
        }
        row["group"] = .text(segment.name)
        row["offset"] = .number((Double(index) + 0.5) / Double(rated.count))
        return row
      }
    }
    return ReportSection(
      "Who and what it errs on",
      [
        "Users and items in thirds by number of training ratings: "
          + segments.map { "\($0.name) have \($0.counts.lowerBound) to \($0.counts.upperBound)" }
          .joined(separator: ", ") + "."
      ]
        + (rows.contains { $0["edge"] != nil }
          ? [
            "An arrow at the edge is a figure beyond it, written beside it: the axis ends at 1.3 times the "
              + "lowest of the hardest third."
          ] : []),
      charts: [
        ReportChart(
          VegaSpecifications.groupedIntervals(.init(title: "RMSE, rating points"), width: 860),
          rows: rows, caption: "Error by segment; bars are 95 % intervals")
      ],
      details: ReportTable(
        ["RMSE among", "training ratings", "test rows"] + rated.map(\.mark),
        segments.enumerated().map { place, segment in
          [
            segment.name, "\(segment.counts.lowerBound)–\(segment.counts.upperBound)",
            segment.rowCount.grouped,
          ]
            + rated.map { model in
              model.segmentErrors[place].map { $0.value.figure + $0.bracket } ?? "–"
            }
        }))
  }

  var spectrumSection: ReportSection? {
    let places = models.indices.filter { geometry[$0] != nil }
    guard !places.isEmpty else { return nil }
    let longest = places.compactMap { geometry[$0]?.spectrum.count }.max() ?? 0
    // What is a millionth of the largest is rounding, and would stretch a logarithmic axis.
    let floor = 1e-6 * (places.compactMap { geometry[$0]?.spectrum.first }.max() ?? 0)
    let rows = places.flatMap { place -> [[String: ChartValue]] in
      (geometry[place]?.spectrum ?? []).enumerated().filter { $1 > floor }.map { index, value in
        [
          "label": .text(models[place].mark), "x": .number(Double(index + 1)),
          "y": .number(value),
          "tip": .text("\(models[place].mark), direction \(index + 1): \(value.figure)"),
        ]
      }
    }
    return ReportSection(
      "Singular spectrum of P·Qᵀ",
      [
        "σ over √(users · items): the root mean square that a direction adds to a prediction, in rating "
          + "points" + otherUnits
          + ". The effective rank is the number of equally strong directions with the same entropy.",
        "Effective rank: "
          + places.map {
            "\(models[$0].mark) \(String(format: "%.1f", geometry[$0]?.effectiveRank ?? 0)) of "
              + "\(geometry[$0]?.factors ?? 0)"
          }.joined(separator: ", ") + ".",
      ],
      charts: [
        ReportChart(
          VegaSpecifications.lines(
            .init(title: "direction"),
            .init(title: "σ, in units of the score (logarithmic)", isLogarithmic: true), width: 880),
          rows: rows, caption: "What each direction adds to predictions")
      ],
      details: ReportTable(
        ["direction"] + places.map { models[$0].mark },
        (0..<longest).map { index in
          [String(index + 1)]
            + places.map { place in
              let spectrum = geometry[place]?.spectrum ?? []
              return index < spectrum.count ? spectrum[index].figure : "–"
            }
        }))
  }

  /// Models with factors whose p·q is no part of a sum in rating points.
  private var otherUnits: String {
    let others = models.indices.filter { place in
      let spec = models[place].contender.spec
      return geometry[place] != nil && !(spec.isFactorModel && spec.predictsRatings)
    }.map { models[$0].mark }
    return others.isEmpty
      ? "" : " (of \(others.joined(separator: ", ")) in units of what their scores are made of)"
  }

  var agreementSection: ReportSection? {
    guard models.count > 1 else { return nil }
    let measures: [(String, (Agreement) -> Double?)] = [
      ("shared item space", { $0.sharedSpace }), ("CKA of item vectors", { $0.alignment }),
      ("CKA of score profiles", { $0.profileAlignment }),
      ("shared neighbours @10", { $0.sharedNeighbours }),
      ("overlap of top-10 lists", { $0.rankBiasedOverlap }),
    ]
    // More lines than these cannot be told apart: those of the first model with factors.
    let isMany = factorPairs.count > 10
    let drawn = factorPairs.filter { !isMany || $0.models.0 == factorPairs[0].models.0 }
    let angles = drawn.flatMap { agreement in
      (agreement.principalCosines ?? []).enumerated().map { index, cosine in
        [
          "label": .text(pairLabel(agreement)), "x": .number(Double(index + 1)),
          "y": .number(cosine),
          "tip": .text("\(pairLabel(agreement)), angle \(index + 1): cosine \(cosine.short)"),
        ] as [String: ChartValue]
      }
    }
    let angleChart = ReportChart(
      VegaSpecifications.lines(
        .init(title: "principal angle"),
        .init(title: "cosine", startsAtZero: true, domain: 0...1), width: 820, height: 240),
      rows: angles,
      caption: "Cosines of the principal angles between item spaces"
        + (isMany ? " of \(models[factorPairs[0].models.0].mark) and each other model" : ""))
    func table(_ pairs: [Agreement]) -> ReportTable {
      ReportTable(
        ["models"] + measures.map(\.0),
        pairs.map { agreement in
          [pairLabel(agreement)] + measures.map { $0.1(agreement)?.short ?? "–" }
        })
    }
    let squares = measures.compactMap { name, value -> ReportChart? in
      let rows = agreements.flatMap { squareRows($0, name, value($0)) }
      let caption = name.prefix(1).uppercased() + name.dropFirst()
      return rows.isEmpty
        ? nil : ReportChart(VegaSpecifications.squares, rows: rows, caption: caption)
    }
    return ReportSection(
      "Do they agree?",
      [
        "Item spaces are the column spaces of Q over the \(ratedItems.count.grouped) items with training "
          + "ratings; the shared space is the mean squared cosine of the principal angles between two. "
          + "CKA of item vectors compares them as stored, that of score profiles compares items by their "
          + "columns of P·Qᵀ, which no change of parameters moves that leaves scores alone.",
        "Neighbours are the ten nearest by cosine among the \(neighbourItems.grouped) items with at least "
          + "\(fewestNeighbourRatings) training ratings; random guesses would share "
          + "\(String(format: "%.4f", 10 / Double(max(10, neighbourItems - 1)))) of them. Overlap of lists "
          + "is rank-biased (0.9), over the ten best unseen items of each user with test rows.",
      ] + agreementWords,
      charts: squares + (angles.isEmpty ? [] : [angleChart]),
      table: factorPairs.isEmpty ? nil : table(factorPairs),
      details: factorPairs.count == agreements.count ? nil : table(agreements))
  }

  /// A pair of models from both sides.
  private func squareRows(_ agreement: Agreement, _ name: String, _ value: Double?)
    -> [[String: ChartValue]]
  {
    guard let value else { return [] }
    let (a, b) = (models[agreement.models.0].mark, models[agreement.models.1].mark)
    return [(a, b), (b, a)].map { first, second in
      [
        "label": .text(first), "second": .text(second), "value": .number(value),
        "tip": .text("\(first), \(second): \(name) \(value.short)"),
      ]
    }
  }

  var popularitySection: ReportSection? {
    let places = models.indices.filter { geometry[$0] != nil }
    guard !places.isEmpty else { return nil }
    return ReportSection(
      "Length of item vectors against popularity",
      [
        "Regularised vectors of rarely rated items are short: the model has not seen enough to say "
          + "something of them. At most \(Self.mostPoints) items are drawn, evenly by popularity."
      ],
      charts: places.map { place in
        ReportChart(
          VegaSpecifications.points(
            .init(title: "training ratings (logarithmic)", isLogarithmic: true),
            .init(title: "length of the item's vector", startsAtZero: true)),
          rows: popularityRows(place),
          caption: "\(models[place].mark): rank correlation "
            + (popularityCorrelation(place)?.ranked.short ?? ""))
      },
      details: ReportTable(
        ["model", "rank correlation (Spearman)", "correlation with the logarithm (Pearson)"],
        places.map { place in
          let correlation = popularityCorrelation(place)
          return [
            models[place].mark, correlation?.ranked.short ?? "–",
            correlation?.logarithmic.short ?? "–",
          ]
        }))
  }

  private static let mostPoints = 800

  private func popularityRows(_ place: Int) -> [[String: ChartValue]] {
    guard let norms = geometry[place]?.norms else { return [] }
    let order = norms.indices.sorted {
      (ratedItemCounts[$0], ratedItems[$0]) < (ratedItemCounts[$1], ratedItems[$1])
    }
    let count = min(Self.mostPoints, order.count)
    let model = models[place].model
    return (0..<count).map { number in
      let item = order[number * (order.count - 1) / max(1, count - 1)]
      let id = model.itemIDs[ratedItems[item]]
      return [
        "label": .text(models[place].mark), "x": .number(Double(ratedItemCounts[item])),
        "y": .number(norms[item]),
        "tip": .text(
          "\((model.catalog[id]?.title ?? id).shown()): \(ratedItemCounts[item]) ratings, length "
            + norms[item].short),
      ]
    }
  }

  var widthSection: ReportSection? {
    guard !widths.isEmpty else { return nil }
    func chart(
      _ title: String, edge: Double = .infinity, _ value: (WidthResult) -> Double?
    ) -> ReportChart {
      ReportChart(
        VegaSpecifications.lines(
          .init(title: "k, width of the vectors (logarithmic)", isLogarithmic: true),
          .init(title: title), width: 360, height: 220),
        rows: widths.compactMap { width in
          value(width).map { value in
            var row: [String: ChartValue] = [
              "label": .text(width.label), "x": .number(Double(width.factors)),
              "y": .number(min(value, edge)),
              "tip": .text("\(width.label), k \(width.factors): \(value.figure)"),
            ]
            if value > edge { (row["edge"], row["figure"]) = (.number(1), .text(value.figure)) }
            return row
          }
        }, caption: title)
    }
    return ReportSection(
      "How it changes with k",
      [
        "The same models at other widths. The shared space is that of each with the one compared above: the "
          + "part of the narrower item space that lies in the wider. An arrow at the edge of the chart of errors is a "
          + "figure beyond 1.3 times the lowest."
      ],
      charts: [
        chart("RMSE on test rows, rating points", edge: edge("rmse") ?? .infinity) {
          $0.evaluation["rmse"]?.value
        },
        chart("seconds of training") { $0.trainSeconds },
        chart("effective rank") { $0.effectiveRank },
        chart("NDCG@10") { $0.evaluation.ndcg(at: 10) },
      ],
      details: ReportTable(
        ["model", "k", "RMSE", "NDCG@10", "train, s", "effective rank", "shared space"],
        widths.map { width in
          [
            width.label, String(width.factors),
            width.evaluation["rmse"].map { $0.value.figure + $0.bracket } ?? "–",
            width.evaluation["ndcg@10"].map { $0.value.figure + $0.bracket } ?? "–",
            (width.trainSeconds?.seconds ?? "–"), String(format: "%.1f", width.effectiveRank),
            width.sharedSpace.short,
          ]
        }))
  }
}
