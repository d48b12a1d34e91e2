// Whether predictions mean what they say: ratings, probabilities of labels and of ratings, likelihoods of lists.
import Foundation
import OsusumeData
import OsusumeModels

extension RunPage {
  private static let bins = 15

  /// Predictions in groups beside what came of them.
  private struct Reliability {
    var name: String
    var text: String
    var axis: (x: String, y: String)
    var groups: [(predicted: Double, found: UserMean)]

    /// The mean distance between predicted and found, weighted by rows.
    var error: Double {
      let rows = groups.reduce(0) { $0 + $1.found.rows }
      return groups.reduce(0) { $0 + abs($1.predicted - $1.found.value) * Double($1.found.rows) }
        / Double(max(1, rows))
    }
  }

  /// Predicted against found, for whatever the model predicts.
  var calibrationSection: ReportSection? {
    let found = [ratingReliability, labelReliability, classReliability, listReliability]
      .compactMap { $0 }.filter { !$0.groups.isEmpty }
    guard !found.isEmpty else { return nil }
    return ReportSection(
      "Calibration",
      ["On the dashed line, what is predicted is what comes. Bars are 95 % intervals over users."]
        + found.map {
          "\($0.name): \($0.text) Mean distance from the line: \(String(format: "%.4f", $0.error))."
        },
      charts: found.map { reliability in
        ReportChart(
          VegaSpecifications.means(
            .init(title: reliability.axis.x), .init(title: reliability.axis.y), beside: .diagonal),
          rows: reliability.groups.map { predicted, found in
            [
              "label": .text(label), "x": .number(predicted), "y": .number(found.value),
              "low": .number(found.interval.lowerBound),
              "high": .number(found.interval.upperBound),
              "tip": .text(
                "\(reliability.axis.x) \(predicted.figure): \(reliability.axis.y) "
                  + "\(found.value.figure) [\(found.interval.lowerBound.figure), "
                  + "\(found.interval.upperBound.figure)], \(found.rows.grouped) rows"),
            ]
          }, caption: reliability.name)
      },
      details: ReportTable(
        ["", "predicted", "found", "±", "rows"],
        found.flatMap { reliability in
          reliability.groups.map {
            [
              reliability.name, $0.predicted.figure, $0.found.value.figure,
              $0.found.reach.isFinite ? $0.found.reach.figure : "–", $0.found.rows.grouped,
            ]
          }
        }))
  }

  /// Groups of about equally many predictions, and the mean of what came of each.
  private func groups(_ predicted: [Double], users: [Int32], _ found: (Int) -> Double)
    -> [(predicted: Double, found: UserMean)]
  {
    RowGroup.equal(Self.bins, of: predicted).map { group in
      (
        group.rows.reduce(0) { $0 + predicted[$1] } / Double(group.rows.count),
        UserMean(group.rows, users: users, found)
      )
    }
  }

  private var ratingReliability: Reliability? {
    guard let predictions else { return nil }
    return Reliability(
      name: "Ratings",
      text:
        "predictions, clipped to the scale, in \(Self.bins) groups, and the mean of the ratings given.",
      axis: ("predicted rating", "mean rating"),
      groups: groups(predictions.map(clipped), users: test.users) { Double(test.values[$0]) })
  }

  private var labelReliability: Reliability? {
    let rows = held.test
    guard !rows.labels.isEmpty,
      let probabilities = model.parameters.extended(users: held.users, items: held.items)
        .prepared(threads: threads)
        .probabilities(users: rows.users, items: rows.items, threads: threads)
    else { return nil }
    return Reliability(
      name: "Labels",
      text: "probabilities of a label of 1 in \(Self.bins) groups, and the share that is 1.",
      axis: ("predicted probability", "share of labels that are 1"),
      groups: groups(probabilities.map { Double($0) }, users: rows.users) {
        Double(rows.labels[$0])
      })
  }

  private var classReliability: Reliability? {
    guard model.spec.target == .ratingClass, test.count > 0 else { return nil }
    let scorer = model.parameters.extended(users: held.users, items: held.items)
      .prepared(threads: threads)
    guard let classes = scorer.classes,
      let all = scorer.distributions(users: test.users, items: test.items, threads: threads)
    else { return nil }
    var (sure, right) = ([Double](), [Double]())
    for row in 0..<test.count {
      let own = all[row * classes..<(row + 1) * classes]
      let best = own.indices.max { own[$0] < own[$1] } ?? own.startIndex
      sure.append(Double(own[best]))
      right.append(Float(best - own.startIndex + 1) == test.values[row] ? 1 : 0)
    }
    return Reliability(
      name: "Likeliest rating",
      text:
        "the probability of the likeliest rating in \(Self.bins) groups, and how often it was given.",
      axis: ("predicted probability", "share that is right"),
      groups: groups(sure, users: test.users) { right[$0] })
  }

  /// Users whose lists are looked at, and pairs of a user and an item, at most.
  private static let (askedUsers, askedPairs) = (300, 3_000_000)

  /// Whether items with a likelihood of 0.3 are met by three in ten; nil where the model knows no likelihoods.
  ///
  /// Likelihoods are of all that users have met, of which the test holds a part only: each test row stands for as many
  /// as that part is short of all. Items by likelihood: those most likely for each user, and what is behind them.
  private var listReliability: Reliability? {
    let rated = model.spec.needsLabels ? held.rated : held
    guard let curve = model.learned.likelihood, rated.test.count > 0, rated.foldIn.count == 0 else {
      return nil
    }
    let tested = SeenItems(rows: rated.test, users: held.users, threads: threads)
    let all = (0..<model.userIDs.count).filter { !tested[$0].isEmpty && !model.seen[$0].isEmpty }
    let count = min(
      Self.askedUsers, all.count, max(20, Self.askedPairs / max(1, model.itemIDs.count)))
    let users = (0..<count).map { all[$0 * all.count / count] }
    let left = rated.leftOut
    let search = model.ranker.search(candidates: nil, threads: threads)
    let parts = mapChunks(users.count, threads: threads) { place in
      let user = users[place]
      let known = Set(model.seen[user]).union(left[user])
      let wanted = Set(tested[user])
      return search.scores(of: Int32(user)).enumerated().filter {
        !known.contains(Int32($0.offset))
      }
      .map { (likely: Double(curve($0.element)), isMet: wanted.contains(Int32($0.offset))) }
    }
    let met = users.reduce(0) { $0 + tested[$1].count }
    let weight =
      Double(users.reduce(met) { $0 + model.seen[$1].count + left[$1].count }) / Double(max(1, met))
    // A met item counts `weight` times among the items of its group.
    let edges = [0, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0001]
    let groups = zip(edges, edges.dropFirst()).compactMap {
      low, high -> (predicted: Double, found: UserMean)? in
      var (sum, rows, own) = (0.0, 0.0, [(sum: Double, rows: Double)]())
      for part in parts {
        let items = part.filter { $0.likely >= low && $0.likely < high }
        let met = weight * Double(items.count { $0.isMet })
        own.append((met, met + Double(items.count { !$0.isMet })))
        sum += items.reduce(0) { $0 + $1.likely * ($1.isMet ? weight : 1) }
        rows += own[own.count - 1].rows
      }
      guard rows >= 50 else { return nil }
      return (sum / rows, UserMean(sums: own))
    }
    return Reliability(
      name: "Lists",
      text:
        "likelihoods of items for \(users.count) users, and the share of items that they had met. Each test row "
        + String(
          format: "stands for %.1f, for the test holds that part of what they have met.", weight),
      axis: ("likelihood", "share met"), groups: groups)
  }
}
