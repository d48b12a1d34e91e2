// Which ratings a formula can give: said before training where some ratings lie beyond.
import OsusumeData

extension Formula {
  /// What an expression can be, whatever is learned: infinite where there is no bound.
  ///
  /// A sigmoid only comes close to the ends of its range. One over the scale of the training ratings
  /// counts as unbounded: no rating lies beyond it.
  var reach: ClosedRange<Double> {
    switch self {
    case .range(_, let bounds?): bounds
    case .activation(let x, let activation): activation == .linear ? x.reach : activation.reach
    case .dense(_, _, let activation): activation.reach
    case .dropout(let x, _): x.reach
    case .itemCount: 0 ... .infinity
    case .sum(let terms):
      terms.reduce(0...0) {
        $0.lowerBound + $1.reach.lowerBound...$0.upperBound + $1.reach.upperBound
      }
    default: -.infinity ... .infinity
    }
  }
}

extension Activation {
  /// What it makes of sums of any size.
  fileprivate var reach: ClosedRange<Double> {
    switch self {
    case .linear: -.infinity ... .infinity
    case .relu: 0 ... .infinity
    case .sigmoid: 0...1
    }
  }
}

extension ModelSpec {
  /// What to say before training where the model cannot predict some of the ratings; nil where it can.
  public func reachWarning(of ratings: IndexedRatings) -> String? {
    guard target == .rating, predictsRatings else { return nil }
    let reach = score.reach
    let (low, high) = (Float(reach.lowerBound), Float(reach.upperBound))
    let beyond = ratings.values.filter { $0 < low || $0 > high }
    guard let least = beyond.min(), let most = beyond.max() else { return nil }
    let name = RatingHistogram.label
    let range =
      high.isFinite ? "from \(name(low)) to \(name(high))" : "of at least \(name(low))"
    let extremes = least == most ? name(least) : "\(name(least)) to \(name(most))"
    return
      "\(self.name) predicts ratings \(range), and \(beyond.count) of the \(ratings.values.count) "
      + "training ratings lie beyond (\(extremes)): train a model that takes the range of the ratings, "
      + "such as recommender-v2"
  }
}
