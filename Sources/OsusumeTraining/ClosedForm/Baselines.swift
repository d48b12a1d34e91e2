// Baselines: the mean, damped biases, popularity. A model that does not beat them has learned no tastes.
import OsusumeData
import OsusumeModels

/// Fits `mean`, `bias` or `popularity`: the models whose score has no factors and is fitted in closed
/// form.
///
/// - Parameters:
///   - train: The training rows, with at least one rating.
///   - users: Number of users; those without a rating get bias 0.
///   - items: Number of items; those without a rating get bias 0.
///   - hyperparameters: `biasRegularization` is the damping of the biases; nothing else counts.
/// - Returns: Parameters without factors; popularity's item bias is the item's number of ratings.
package func fitBaseline(
  _ spec: ModelSpec, train: IndexedRatings, users: Int, items: Int,
  hyperparameters: Hyperparameters, threads: Int
) -> FactorParameters {
  let terms = spec.score.terms
  precondition(!terms.contains(.dot), "\(spec.name) has factors and is no baseline")
  let layout = FactorLayout(factors: 0, biased: true)
  var parameters = FactorParameters(layout: layout, users: users, items: items)
  if terms.contains(.itemCount) {
    let counts = RatingSummary(rows: train, items: items).itemCounts
    for item in 0..<items { parameters.items[item][layout.itemBiasLane] = Float(counts[item]) }
    return parameters
  }
  guard terms.contains(where: { if case .bias = $0 { true } else { false } }) else {
    parameters.mean = Float(train.values.mean)
    return parameters
  }
  parameters.set(
    DampedBiases(
      rows: train, users: users, items: items, damping: hyperparameters.biasRegularization,
      threads: threads))
  return parameters
}

/// The fit of a baseline.
final class Baseline: Fit {
  static let hasEpochs = false
  static let holdsOut = HoldsOut.never

  let task: FitTask
  private(set) var parameters: any Scorer

  init(_ task: FitTask) {
    self.task = task
    parameters = FactorParameters(
      layout: task.problem.layout, users: task.users, items: task.items)
  }

  func runEpoch(_ number: Int) -> Double {
    parameters = fitBaseline(
      task.spec, train: task.train, users: task.users, items: task.items,
      hyperparameters: task.settings, threads: task.threads)
    return 0
  }

  /// Users and items without ratings have no bias.
  func result(_ parameters: any Scorer) -> FitResult { FitResult(parameters: parameters) }
}
