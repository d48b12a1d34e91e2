// Where a model errs: predicted against true ratings, and errors by rating, popularity, activity and month.
import Foundation
import OsusumeData
import OsusumeModels

extension RunPage {
  /// Rows and columns of the density.
  private static let cells = 40
  /// Groups of errors, where values are not told apart.
  private static let groups = 10

  /// A rating clipped to the model's scale.
  func clipped(_ rating: Float) -> Double {
    Double(min(max(rating, model.scale.lowerBound), model.scale.upperBound))
  }

  // MARK: Density

  /// Predicted against true ratings, with their regression line.
  var densitySection: ReportSection? {
    guard let predictions, predictions.allSatisfy(\.isFinite), test.count > 1 else { return nil }
    let truths = test.values.map { Double($0) }
    let line = Regression(x: truths, y: predictions.map { Double($0) })
    let columns = RowGroup.values(truths, atMost: 20)
    guard let low = truths.min(), let high = truths.max(), low < high, let line else { return nil }
    // Half a step of the scale beyond its ends.
    let margin = (high - low) / Double(max(1, columns.count - 1)) / 2
    let (bottom, top) = (low - margin, high + margin)
    let height = (top - bottom) / Double(Self.cells)
    var rows: [[String: ChartValue]] = []
    var outside = 0
    for column in columns {
      let isValue = column.range.lowerBound == column.range.upperBound
      let left = isValue ? column.range.lowerBound - margin * 0.92 : column.range.lowerBound
      let right = isValue ? column.range.upperBound + margin * 0.92 : column.range.upperBound
      var counts = [Int](repeating: 0, count: Self.cells)
      for row in column.rows {
        let place = (Double(predictions[row]) - bottom) / height
        if place < 0 || place >= Double(Self.cells) { outside += 1 }
        counts[min(Self.cells - 1, max(0, Int(place)))] += 1
      }
      let most = Double(counts.max() ?? 1)
      for (cell, count) in counts.enumerated() where count > 0 {
        let y = bottom + Double(cell) * height
        rows.append([
          "kind": "cell", "x": .number(left), "x2": .number(right), "y": .number(y),
          "y2": .number(y + height), "value": .number(Double(count) / most),
          "tip": .text(
            "rated \(Self.text(column.range)), predicted \(y.short) to \((y + height).short): "
              + "\(count.grouped) rows, "
              + RatingsPage.percent(Double(count) / Double(column.rows.count))),
        ])
      }
      let mean = column.rows.reduce(0) { $0 + Double(predictions[$1]) } / Double(column.rows.count)
      rows.append([
        "kind": "dot", "x": .number((left + right) / 2), "y": .number(min(max(mean, bottom), top)),
        "tip": .text("rated \(Self.text(column.range)): predicted \(mean.short) on average"),
      ])
    }
    for (label, y) in [
      (Self.regressionLabel, { line.intercept + line.slope * $0 }), (Self.diagonalLabel, { $0 }),
    ] as [(String, (Double) -> Double)] {
      for x in [bottom, top] {
        rows.append([
          "kind": "line", "label": .text(label), "x": .number(x), "y": .number(y(x)),
        ])
      }
    }
    let axis = { (title: String) in
      VegaSpecifications.Axis(title: title, domain: bottom...top)
    }
    return ReportSection(
      "Predicted against true ratings",
      [
        String(
          format:
            "The regression line of predicted on true ratings is %.3f + %.3f · rating, correlation %.3f "
            + "(R² %.3f). A slope below 1 is expected of any model that does not know everything: predictions "
            + "keep to the mean.", line.intercept, line.slope, line.correlation,
          line.correlation * line.correlation),
        "Each column is shaded by its own rows, so that rare ratings can be seen; dots are means of predictions. "
          + "Predictions are raw, not clipped to the scale; \(outside.grouped) of \(test.count.grouped) lie beyond "
          + "the chart and stand at its edge.",
      ],
      charts: [
        ReportChart(
          VegaSpecifications.density(axis("true rating"), axis("predicted rating")), rows: rows,
          caption: "Predicted against true ratings: the darker, the more of those rated so")
      ])
  }

  /// A group of values as text.
  private static func text(_ range: ClosedRange<Double>) -> String {
    func label(_ value: Double) -> String {
      let rounded = (value * 100).rounded() / 100
      return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
    return range.lowerBound == range.upperBound
      ? label(range.lowerBound) : "\(label(range.lowerBound))–\(label(range.upperBound))"
  }

  // MARK: Errors by group

  /// Errors of groups of test rows.
  private struct GroupErrors {
    var name: String
    var place: Double
    var rows: Int
    var rmse: (value: Double, interval: ClosedRange<Double>)
    var bias: UserMean
    var baseline: (value: Double, interval: ClosedRange<Double>)?
    var truth: Double
  }

  private func errors(
    _ groups: [RowGroup], predictions: [Float], place: (RowGroup) -> Double
  ) -> [GroupErrors] {
    func squares(_ group: RowGroup, _ predictions: [Float]) -> UserMean {
      UserMean(group.rows, users: test.users) { row in
        let error = Double(predictions[row]) - Double(test.values[row])
        return error * error
      }
    }
    return groups.map { group in
      GroupErrors(
        name: Self.text(group.range), place: place(group), rows: group.rows.count,
        rmse: squares(group, predictions).root,
        bias: UserMean(group.rows, users: test.users) {
          Double(predictions[$0]) - Double(test.values[$0])
        }, baseline: biasPredictions.map { squares(group, $0).root },
        truth: group.rows.reduce(0) { $0 + Double(test.values[$1]) } / Double(group.rows.count))
    }
  }

  private func point(
    _ label: String, _ group: GroupErrors, _ value: Double, _ interval: ClosedRange<Double>,
    _ name: String, _ what: String
  ) -> [String: ChartValue] {
    [
      "label": .text(label), "x": .number(group.place), "y": .number(value),
      "low": .number(interval.lowerBound), "high": .number(interval.upperBound),
      "tip": .text(
        "\(label), \(what) \(group.name): \(name) \(value.figure) [\(interval.lowerBound.figure), "
          + "\(interval.upperBound.figure)], \(group.rows.grouped) rows"),
    ]
  }

  private func rmseChart(
    _ groups: [GroupErrors], _ axis: VegaSpecifications.Axis, _ what: String
  ) -> ReportChart {
    ReportChart(
      VegaSpecifications.means(
        axis, .init(title: "RMSE, rating points", startsAtZero: true),
        legend: biasPredictions != nil),
      rows: groups.map { point(label, $0, $0.rmse.value, $0.rmse.interval, "RMSE", what) }
        + groups.compactMap { group in
          group.baseline.map {
            point(ModelSpec.bias.name, group, $0.value, $0.interval, "RMSE", what)
          }
        }, caption: "RMSE by \(what)")
  }

  private func table(_ groups: [GroupErrors], _ what: String) -> ReportTable {
    ReportTable(
      [what, "rows", "mean rating", "mean error", "RMSE"]
        + (biasPredictions == nil ? [] : ["RMSE of bias"]),
      groups.map { group in
        [
          group.name, group.rows.grouped, group.truth.short,
          String(format: "%+.3f", group.bias.value)
            + (group.bias.reach.isFinite ? String(format: " ± %.3f", group.bias.reach) : ""),
          group.rmse.value.figure,
        ] + (biasPredictions == nil ? [] : [group.baseline?.value.figure ?? "–"])
      }, caption: "By \(what)")
  }

  /// Number of training rows of each test row's user or item, those by which users are folded in included.
  private func counts(_ column: [Int32], _ train: [Int32], of count: Int) -> [Double] {
    let counts = train.reduce(into: [Int](repeating: 0, count: count)) { $0[Int($1)] += 1 }
    return column.map { Double(counts[Int($0)]) }
  }

  /// Errors by true rating, by the item's popularity and by the user's activity.
  var errorSection: ReportSection? {
    guard let predictions, predictions.allSatisfy(\.isFinite), test.count > 0 else { return nil }
    let rated = model.spec.needsLabels ? held.rated : held
    let byRating = errors(
      RowGroup.values(test.values.map { Double($0) }, atMost: 20), predictions: predictions
    ) { ($0.range.lowerBound + $0.range.upperBound) / 2 }
    func byCount(_ column: [Int32], _ train: [Int32], of count: Int) -> [GroupErrors] {
      let counts = counts(column, train, of: count)
      return errors(RowGroup.equal(Self.groups, of: counts), predictions: predictions) { group in
        // A logarithmic axis has no place for none.
        max(0.5, group.rows.reduce(0) { $0 + counts[$1] } / Double(group.rows.count))
      }
    }
    let byItem = byCount(test.items, rated.train.items, of: rated.items)
    let byUser = byCount(test.users, rated.train.users + rated.foldIn.users, of: rated.users)
    let biasChart = ReportChart(
      VegaSpecifications.means(
        .init(title: "true rating"), .init(title: "predicted − true, rating points"), beside: .zero),
      rows: byRating.map {
        point(label, $0, $0.bias.value, $0.bias.interval, "mean error", "rating")
      }, caption: "Mean error by true rating")
    return ReportSection(
      "Where it errs",
      [
        "Bars are 95 % intervals over users. Popularity and activity are numbers of training ratings of the item "
          + "and the user, in groups of about equally many test rows. That low ratings are predicted too high and "
          + "high ones too low follows from the slope above.",
        worst(byRating, byItem, byUser),
      ],
      charts: [
        rmseChart(byRating, .init(title: "true rating"), "true rating"), biasChart,
        rmseChart(
          byItem,
          .init(
            title: "training ratings of the item (logarithmic)", isLogarithmic: true, format: ",d"),
          "popularity"),
        rmseChart(
          byUser,
          .init(
            title: "training ratings of the user (logarithmic)", isLogarithmic: true, format: ",d"),
          "activity"),
      ],
      tables: [
        table(byRating, "true rating"), table(byItem, "popularity"), table(byUser, "activity"),
      ])
  }

  /// Where it errs most, in words.
  private func worst(_ byRating: [GroupErrors], _ byItem: [GroupErrors], _ byUser: [GroupErrors])
    -> String
  {
    func largest(_ groups: [GroupErrors]) -> GroupErrors? {
      groups.max { $0.rmse.value < $1.rmse.value }
    }
    var parts: [String] = []
    if let worst = largest(byRating) {
      parts.append("among ratings of \(worst.name) (RMSE \(worst.rmse.value.short))")
    }
    if let worst = largest(byItem) {
      parts.append("items with \(worst.name) training ratings (\(worst.rmse.value.short))")
    }
    if let worst = largest(byUser) {
      parts.append("users with \(worst.name) (\(worst.rmse.value.short))")
    }
    return "Errors are largest " + parts.joined(separator: ", ") + "."
  }

  // MARK: Months

  /// Errors by month of the rating; nil where there are no times.
  var monthSection: ReportSection? {
    guard let predictions, predictions.allSatisfy(\.isFinite), !test.timestamps.isEmpty else {
      return nil
    }
    let periods = Period.rows(of: test.timestamps)
    guard periods.count > 1 else { return nil }
    let groups = periods.map { period, rows in
      (period, RowGroup(range: period.middle...period.middle, rows: rows))
    }
    var errors = errors(groups.map(\.1), predictions: predictions) { $0.range.lowerBound }
    for place in errors.indices { errors[place].name = groups[place].0.description }
    let what = groups[0].0.month == nil ? "year" : "month"
    let time = VegaSpecifications.Axis(title: "time", format: "d")
    return ReportSection(
      "Errors by \(what)",
      [
        "A mean error that moves away from 0 with time says that tastes or the scale drift: a model whose biases "
          + "move (time-mf), or training anew more often, would help."
      ],
      charts: [
        ReportChart(
          VegaSpecifications.means(
            time, .init(title: "predicted − true, rating points"), beside: .zero),
          rows: errors.map {
            point(label, $0, $0.bias.value, $0.bias.interval, "mean error", what)
          }, caption: "Mean error by \(what)"),
        rmseChart(errors, time, what),
      ], details: table(errors, what))
  }
}

/// A line through points by least squares.
struct Regression {
  let slope: Double
  let intercept: Double
  let correlation: Double

  /// The line of y on x; nil where either does not vary.
  init?(x: [Double], y: [Double]) {
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (x, y) in zip(x, y) {
      xx += (x - meanX) * (x - meanX)
      xy += (x - meanX) * (y - meanY)
      yy += (y - meanY) * (y - meanY)
    }
    guard xx > 0, yy > 0 else { return nil }
    slope = xy / xx
    intercept = meanY - slope * meanX
    correlation = xy / (xx * yy).squareRoot()
  }
}
