// What the order of ratings costs `mf` in error, and what it saves in time.
import ArgumentParser
import Foundation
import Osusume
import OsusumeBench

@main
struct SGDOrder: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sgd-order",
    abstract: "Train mf with its ratings in several orders, from one split and start a seed.",
    discussion: """
      Example: swift run -c release sgd-order rating.csv --items anime.csv --min-user-ratings 2
      """)

  @Argument(help: "The ratings.") var ratings: String
  @Option(help: "Metadata of items: ratings of others are left out.") var items: String?
  @Option(help: "Users with fewer ratings are left out.") var minUserRatings = 1
  @Option(help: "Splits and starts, from 42 on.") var seeds = 5
  @Option(help: "Threads; one random order of all ratings has but one.") var threads = allCores

  func run() throws {
    let catalog = try items.map { try ItemCatalog.read($0).catalog }
    var options = RatingsOptions()
    options.minUserRatings = minUserRatings
    if catalog != nil { options.join = .inner }
    let ratings = try Ratings(
      table: RatingTable.read(ratings, threads: threads), catalog: catalog ?? ItemCatalog(),
      options: options, threads: threads)
    var curves = [[Curve]](repeating: [], count: RatingOrder.all.count)
    for seed in 42..<UInt64(42 + seeds) {
      let split = try ratings.split(.perUser(testFraction: 0.1), seed: seed, threads: threads)
      for (n, order) in RatingOrder.all.enumerated() {
        curves[n].append(try curve(of: order, ratings, split, seed: seed))
      }
    }
    let machine = Machine.current
    print(
      "\(machine.processor), \(machine.isa), \(threads) threads; osusume \(osusumeVersion); "
        + "\(ratings.counts.rows) ratings; seeds \(42..<42 + seeds)")
    for line in table(curves) { print(line) }
  }
}

/// The course of one fit.
private struct Curve {
  var errors: [Double]
  var seconds: [Double]
}

extension SGDOrder {
  private func curve(
    of order: RatingOrder, _ ratings: Ratings, _ split: Split, seed: UInt64
  ) throws -> Curve {
    var settings = ModelSpec.mf.defaults
    settings.shuffle = order.shuffle
    let task = FitTask(
      .mf, settings, seed: seed, threads: threads, train: split.train, test: split.test,
      users: ratings.userIDs.count, items: ratings.itemIDs.count)
    let fit = try TrainingLoop(task) { TiledSGD($0, walk: order.walk($0)) }.run()
    return Curve(errors: fit.epochs.compactMap(\.validRMSE), seconds: fit.epochs.map(\.seconds))
  }

  /// Errors of the first order, and what the others differ from it by, ± two standard errors over seeds.
  private func table(_ curves: [[Curve]]) -> [String] {
    let epochs = [1, 2, 3, 5, 10, 20].filter { $0 <= curves[0][0].errors.count }
    let rows = zip(RatingOrder.all, curves).enumerated().map { n, pair in
      let (order, fits) = pair
      let cells = epochs.map { epoch in
        let errors = fits.map { $0.errors[epoch - 1] }
        let differences = zip(errors, curves[0]).map { $0 - $1.errors[epoch - 1] }
        return n == 0 ? errors.mean.fixed(4) : differences.meanAndDoubt
      }
      return [order.name] + cells + [Timing(seconds: fits.flatMap(\.seconds)).median.fixed(4)]
    }
    let header = ["order"] + epochs.map { "RMSE, epoch \($0)" } + ["seconds an epoch"]
    return ([header, header.map { _ in "---" }] + rows).map {
      "| " + $0.joined(separator: " | ") + " |"
    }
  }
}

extension Double {
  fileprivate func fixed(_ places: Int) -> String {
    formatted(.number.precision(.fractionLength(places)).grouping(.never))
  }
}

extension [Double] {
  fileprivate var mean: Double { reduce(0, +) / Double(count) }

  /// The mean ± two standard errors of it; a single number has none.
  fileprivate var meanAndDoubt: String {
    let mean = mean
    let squares = map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    let doubt = 2 * (squares / Double(Swift.max(1, count - 1) * count)).squareRoot()
    return (mean < 0 ? "−" : "+") + abs(mean).fixed(4) + (count > 1 ? " ± \(doubt.fixed(4))" : "")
  }
}
