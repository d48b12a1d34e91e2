// Fits a model of ratings, and the one that makes the lists beside it.
import OsusumeData
import OsusumeModels

/// A fit of ratings, epoch by epoch, and at its end another fit, of lists, to the same training ratings.
package final class FitWithLists<Ratings: Fit>: Fit {
  package static var hasEpochs: Bool { Ratings.hasEpochs }
  package static var hasLearningRate: Bool { Ratings.hasLearningRate }
  package static var holdsOut: HoldsOut { Ratings.holdsOut }

  private let ratings: Ratings

  package init(_ task: FitTask) throws { ratings = try Ratings(task) }

  package var task: FitTask { ratings.task }
  package var parameters: any Scorer { ratings.parameters }
  package var divergedLoss: Double { ratings.divergedLoss }
  package var tables: [FloatMatrix] { ratings.tables }
  package var numbers: [[Double]] { ratings.numbers }

  package func runEpoch(_ number: Int) throws -> Double { try ratings.runEpoch(number) }
  package func evaluate() -> FitErrors { ratings.evaluate() }
  package func synchronise() { ratings.synchronise() }
  package func resume(after epochs: Int, tables: [FloatMatrix], numbers: [[Double]]) {
    ratings.resume(after: epochs, tables: tables, numbers: numbers)
  }

  /// The result of the fit of ratings, with the scorer that makes the lists.
  package func result(_ parameters: any Scorer) throws -> FitResult {
    var result = try ratings.result(parameters)
    guard let (spec, settings) = task.spec.listsPart(task.settings) else { return result }
    let lists = try Trainer(spec, settings, seed: task.seed, threads: task.threads)
      .fit(task.ratings, users: task.users, items: task.items, side: task.side)
    result.learned.lists = lists.parameters
    result.learned.likelihood = lists.learned.likelihood
    result.seen = lists.seen
    result.notes += lists.notes
    return result
  }
}
