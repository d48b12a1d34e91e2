// Baselines: the mean, damped biases, popularity. A model that does not beat them has learned nothing.
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
public func fitBaseline(
  _ spec: ModelSpec, train: IndexedRatings, users: Int, items: Int,
  hyperparameters: Hyperparameters,
  threads: Int
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
    parameters.mean = train.values.mean
    return parameters
  }
  let biases = DampedBiases(
    rows: train, users: users, items: items, damping: hyperparameters.biasRegularization,
    threads: threads)
  parameters.mean = Float(biases.mean)
  for user in 0..<users { parameters.users[user][layout.userBiasLane] = biases.users[user] }
  for item in 0..<items { parameters.items[item][layout.itemBiasLane] = biases.items[item] }
  return parameters
}

extension [Float] {
  /// The mean, summed in double; 0 when empty.
  fileprivate var mean: Float {
    Float(reduce(0.0) { $0 + Double($1) } / Double(Swift.max(1, count)))
  }
}
