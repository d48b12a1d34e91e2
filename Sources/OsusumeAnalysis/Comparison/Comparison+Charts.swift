// The parts of a comparison's page that look into the models: time, segments, factors, widths.
import Foundation
import OsusumeData
import OsusumeModels

extension Comparison {
  var timeSection: ReportSection? {
    let rated = models.filter { $0.rmse != nil }
    guard !rated.isEmpty else { return nil }
    let rows = closeModels.flatMap { model in
      model.curve.enumerated().filter { $1.rmse <= highestDrawn }.map { epoch, point in
        [
          "label": .text(model.label), "x": .number(max(point.seconds, 1e-4)),
          "y": .number(point.rmse),
          "tip": .text(
            "\(model.label), epoch \(epoch + 1): \(point.rmse.figure) after \(point.seconds.seconds) s"
          ),
        ] as [String: ChartValue]
      }
    }
    let chart = ReportChart(
      VegaSpecifications.lines(
        .init(title: "seconds of training (logarithmic)", isLogarithmic: true),
        .init(title: "RMSE on test rows, rating points")),
      rows: rows, caption: "Error against time, a point an epoch")
    return ReportSection(
      "Error against time",
      [
        "Seconds are of training alone, on this machine, a search for the number of epochs included; "
          + "reading, splitting and evaluating are not. The table says after how many seconds a model's error "
          + "was first as low as another's at its end."
      ] + farModelsNote, charts: [chart],
      table: ReportTable(
        ["seconds to the RMSE of"] + rated.map(\.label) + ["train, s", "epochs run"],
        rated.map { model in
          [model.label]
            + rated.map { target in
              target.rmse.flatMap { model.seconds(toReach: $0) }?.seconds ?? "never"
            } + [model.trainSeconds.seconds, String(model.fit.epochs.count)]
        }))
  }

  var segmentSection: ReportSection? {
    let close = closeModels
    guard !close.isEmpty else { return nil }
    let rows = segments.enumerated().flatMap { place, segment in
      close.enumerated().compactMap { index, model -> [String: ChartValue]? in
        guard var row = model.segmentErrors[place]?.row(label: model.label) else { return nil }
        row["group"] = .text(segment.name)
        row["offset"] = .number((Double(index) + 0.5) / Double(close.count))
        return row
      }
    }
    let rated = models.filter { $0.rmse != nil }
    return ReportSection(
      "Who and what it errs on",
      [
        "Users and items in thirds by number of training ratings: "
          + segments.map { "\($0.name) have \($0.counts.lowerBound) to \($0.counts.upperBound)" }
          .joined(separator: ", ") + "."
      ] + farModelsNote,
      charts: [
        ReportChart(
          VegaSpecifications.groupedIntervals(.init(title: "RMSE, rating points")), rows: rows,
          caption: "Error by segment; bars are 95 % intervals")
      ],
      details: ReportTable(
        ["RMSE among", "training ratings", "test rows"] + rated.map(\.label),
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
          "label": .text(models[place].label), "x": .number(Double(index + 1)),
          "y": .number(value),
          "tip": .text("\(models[place].label), direction \(index + 1): \(value.figure)"),
        ]
      }
    }
    return ReportSection(
      "Singular spectrum of P·Qᵀ",
      [
        "σ over √(users · items): the root mean square that a direction adds to a prediction, in rating "
          + "points. The effective rank is the number of equally strong directions with the same entropy.",
        "Effective rank: "
          + places.map {
            "\(models[$0].label) \(String(format: "%.1f", geometry[$0]?.effectiveRank ?? 0)) of "
              + "\(geometry[$0]?.factors ?? 0)"
          }.joined(separator: ", ") + ".",
      ],
      charts: [
        ReportChart(
          VegaSpecifications.lines(
            .init(title: "direction"),
            .init(title: "σ, rating points (logarithmic)", isLogarithmic: true)),
          rows: rows, caption: "What each direction adds to predictions")
      ],
      details: ReportTable(
        ["direction"] + places.map { models[$0].label },
        (0..<longest).map { index in
          [String(index + 1)]
            + places.map { place in
              let spectrum = geometry[place]?.spectrum ?? []
              return index < spectrum.count ? spectrum[index].figure : "–"
            }
        }))
  }

  var agreementSection: ReportSection? {
    guard models.count > 1 else { return nil }
    let measures: [(String, (Agreement) -> Double?)] = [
      ("shared item space", { $0.sharedSpace }), ("CKA of item vectors", { $0.alignment }),
      ("CKA of score profiles", { $0.profileAlignment }),
      ("shared neighbours @10", { $0.sharedNeighbours }),
      ("overlap of top-10 lists", { $0.rankBiasedOverlap }),
    ]
    let angles = factorPairs.flatMap { agreement in
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
        .init(title: "cosine", startsAtZero: true, domain: 0...1), height: 240),
      rows: angles, caption: "Cosines of the principal angles between item spaces")
    let squares = measures.compactMap { name, value -> ReportChart? in
      let rows = agreements.flatMap { squareRows($0, name, value($0)) }
      return rows.isEmpty ? nil : ReportChart(VegaSpecifications.squares, rows: rows, caption: name)
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
      ],
      charts: squares + (angles.isEmpty ? [] : [angleChart]),
      table: ReportTable(
        ["models"] + measures.map(\.0),
        agreements.map { agreement in
          [pairLabel(agreement)] + measures.map { $0.1(agreement)?.short ?? "–" }
        }))
  }

  /// A pair of models from both sides.
  private func squareRows(_ agreement: Agreement, _ name: String, _ value: Double?)
    -> [[String: ChartValue]]
  {
    guard let value else { return [] }
    let (a, b) = (models[agreement.models.0].label, models[agreement.models.1].label)
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
          caption: "\(models[place].label): rank correlation "
            + (popularityCorrelation(place)?.ranked.short ?? ""))
      },
      details: ReportTable(
        ["model", "rank correlation (Spearman)", "correlation with the logarithm (Pearson)"],
        places.map { place in
          let correlation = popularityCorrelation(place)
          return [
            models[place].label, correlation?.ranked.short ?? "–",
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
        "label": .text(models[place].label), "x": .number(Double(ratedItemCounts[item])),
        "y": .number(norms[item]),
        "tip": .text(
          "\(model.catalog[id]?.title ?? id): \(ratedItemCounts[item]) ratings, length "
            + norms[item].short),
      ]
    }
  }

  var widthSection: ReportSection? {
    guard !widths.isEmpty else { return nil }
    func chart(_ title: String, _ value: (WidthResult) -> Double?) -> ReportChart {
      ReportChart(
        VegaSpecifications.lines(
          .init(title: "k, width of the vectors (logarithmic)", isLogarithmic: true),
          .init(title: title), width: 360, height: 220),
        rows: widths.compactMap { width in
          value(width).map { value in
            [
              "label": .text(width.label), "x": .number(Double(width.factors)),
              "y": .number(value),
              "tip": .text("\(width.label), k \(width.factors): \(value.figure)"),
            ]
          }
        }, caption: title)
    }
    return ReportSection(
      "How it changes with k",
      [
        "The same models at other widths. The shared space is that of each with the one compared above: the "
          + "part of the narrower item space that lies in the wider. The chart of errors ends at 1.3 times "
          + "the lowest."
      ],
      charts: [
        chart("RMSE on test rows, rating points") {
          $0.evaluation["rmse"].flatMap { $0.value <= highestDrawn ? $0.value : nil }
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
            width.trainSeconds.seconds, String(format: "%.1f", width.effectiveRank),
            width.sharedSpace.short,
          ]
        }))
  }
}
