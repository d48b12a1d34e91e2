// Fits EASE: scores of all items as a linear function of the items a user has met, in closed form.
import Foundation
import OsusumeData
import OsusumeModels

/// Fits `ease`: one relation to what users have rated and seen, each entry as `RatingStrength` has it, with the
/// options of the field (`ItemGram.Options`).
///
/// Deterministic: the same bytes for any number of threads.
package final class EASE: Fit {
  package static let hasEpochs = false
  package static let holdsOut = HoldsOut.never

  package let task: FitTask
  package private(set) var parameters: any Scorer
  private var likelihood: LikelihoodCurve?
  private var seen: FittedSeen?

  package init(_ task: FitTask) {
    self.task = task
    parameters = FactorParameters(
      layout: task.problem.layout, users: task.users, items: task.items)
  }

  /// Users and items without ratings are related to nothing.
  package func result(_ parameters: any Scorer) -> FitResult {
    var result = FitResult(parameters: parameters)
    result.learned.likelihood = likelihood
    result.seen = seen
    if task.settings.genreWeight > 0, task.side.labels.names.isEmpty {
      result.notes.append(
        "`genre_weight` changed nothing: no item has a genre or type; give `items` that have")
    }
    return result
  }

  /// The whole fit.
  package func runEpoch(_ number: Int) throws -> Double {
    let summary = RatingSummary(rows: task.train.rated, items: task.items)
    let strength = RatingStrength(
      likedFrom: summary.median, deviation: Float(summary.deviation))
    let seen = FittedSeen(task.train, users: task.users, threads: task.threads)
    self.seen = seen
    let unrated = task.side.unrated
    let scorer = ItemRelations(
      relation: ItemRelation(
        offsets: [Int32](repeating: 0, count: task.items + 1), columns: [], weights: []),
      rated: seen.items,
      strengths: seen.ratings?.map(strength.hundredths)
        ?? strength.hundredths(of: task.train, in: seen.items, threads: task.threads),
      unrated: SeenItems(
        pairs: unrated.users, unrated.items, users: task.users, threads: task.threads),
      strength: strength)
    let gram = try task.parts.measure(.products) {
      try ItemGram(
        WeightedRows(scorer), items: task.items, labels: task.side.labels,
        options: .init(task.settings), threads: task.threads)
    }
    let penalty = try task.parts.measure(.penalty) {
      let choice = PenaltyChoice(gram, seed: task.seed)
      let penalty =
        task.settings.regularization > 0 ? task.settings.regularization : try choice.best()
      likelihood = try choice.likelihood(penalty)
      return penalty
    }
    // A Cholesky factor and an inverse by it: n³ operations.
    let size = Double(gram.core.count)
    parameters = scorer.with(
      try task.parts.measure(.inverse, EpochWork(bytes: 8 * size * size, flops: size * size * size))
      { try gram.relation(regularization: penalty, most: task.settings.neighbours) })
    return 0
  }
}
