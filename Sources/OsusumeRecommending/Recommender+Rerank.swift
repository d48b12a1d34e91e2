// Ranks the best items of a list once more: by what a user will like of it, how unlike, how popular, and what of.
import Foundation
import OsusumeData
import OsusumeModels

extension Recommender {
  /// Whether lists are not in the order of one score.
  var isReranked: Bool {
    rankBy == .blend || diversity > 0 || popularity != 0 || kinds != nil
  }

  /// How many of the best items are looked at for a list of `count`.
  static func candidates(_ count: Int) -> Int { max(100, 5 * count) }

  /// The best `count` of wider lists; `ratings` predicts ratings of all their items.
  ///
  /// `byPopularity` says of which lists scores are popularity times expected rating: a blend already.
  func reranked(
    _ lists: TopItems, count: Int, byPopularity: [Bool], ratings: ([Int32]) -> [Float]?
  ) -> TopItems {
    var scores = lists.scores
    // No item: any will do, for it stays last.
    if rankBy == .blend, let ratings = ratings(lists.items.map { max(0, $0) }) {
      for place in scores.indices
      where lists.items[place] >= 0 && !byPopularity[place / lists.width] {
        scores[place] = likelihood(scores[place]) * Float(liking(ratings[place]))
      }
    }
    var best = TopItems(width: count, items: [], scores: [])
    for first in stride(from: 0, to: lists.items.count, by: lists.width) {
      var places = (first..<first + lists.width).filter { lists.items[$0] >= 0 }
      if rankBy == .blend { places.sort { (-scores[$0], $0) < (-scores[$1], $1) } }
      let candidates = weighed(places.map { (item: lists.items[$0], score: scores[$0]) })
      let chosen =
        diversity > 0
        ? diversified(candidates, count)
        : kinds?.chosen(candidates, count) ?? Array(candidates.prefix(count))
      let rest = count - chosen.count
      best.items += chosen.map(\.item) + [Int32](repeating: -1, count: rest)
      best.scores += chosen.map(\.score) + [Float](repeating: -.infinity, count: rest)
    }
    return best
  }

  /// An item of a wider list: its score, and what it is worth, at most 1.
  typealias Candidate = (item: Int32, score: Float, worth: Float)

  /// The items of a list, by what they are worth: (1 − |p|)·(score relative to the highest) + p·(logarithm of the
  /// number of ratings, relative to that of the most rated of them), p being `popularity`.
  ///
  /// By scores an item is worth no more than those above it: some are last whatever their score (`ListSearch`).
  private func weighed(_ list: [(item: Int32, score: Float)]) -> [Candidate] {
    guard let low = list.last?.score, let high = list.first?.score else { return [] }
    let scale = 1 / max(high - min(low, 0), .leastNormalMagnitude)
    let logarithms = list.map { log1p(Float(model.itemCounts[Int($0.item)])) }
    let largest = max(logarithms.max() ?? 0, .leastNormalMagnitude)
    var least = Float.infinity
    let candidates = zip(list, logarithms).map { entry, logarithm -> Candidate in
      least = min(least, entry.score * scale)
      guard popularity != 0 else { return (entry.item, entry.score, least) }
      let weight = Float(popularity)
      return (entry.item, entry.score, (1 - abs(weight)) * least + weight * logarithm / largest)
    }
    guard popularity != 0 else { return candidates }
    return candidates.enumerated()
      .sorted { ($1.element.worth, $0.offset) < ($0.element.worth, $1.offset) }.map(\.element)
  }

  /// The probability that a score of the lists stands for; the score itself where that is not known.
  private func likelihood(_ score: Float) -> Float { model.learned.likelihood?(score) ?? score }

  /// The probability of a rating at the median or above, ratings being normal around predictions.
  private func liking(_ rating: Float) -> Double {
    let error = model.metrics["valid_rmse"].flatMap { $0 > 0 ? $0 : nil } ?? model.deviation
    return erfc((Double(model.medianRating) - Double(rating)) / error / 2.0.squareRoot()) / 2
  }

  /// Items one by one, each the best by (1 − d)·worth − d·(largest similarity to one above it) (Carbonell and
  /// Goldstein 1998, maximal marginal relevance).
  private func diversified(_ candidates: [Candidate], _ count: Int) -> [Candidate] {
    var rest = candidates.map { (candidate: $0, nearest: Float(0)) }
    var chosen: [Candidate] = []
    let weight = Float(diversity)
    var quota = kinds.map { ItemKinds.Quota($0) }
    while chosen.count < count, !rest.isEmpty {
      var best = (place: 0, value: -Float.infinity)
      for (place, entry) in rest.enumerated() {
        let value = (1 - weight) * entry.candidate.worth - weight * entry.nearest
        if value > best.value { best = (place, value) }
      }
      let next = rest.remove(at: best.place).candidate
      guard quota?.takes(next.item) != false else { continue }
      chosen.append(next)
      let near = model.similarities(toItem: Int(next.item))
      for place in rest.indices {
        rest[place].nearest = max(rest[place].nearest, near(rest[place].candidate.item))
      }
    }
    return chosen
  }
}

extension Model {
  /// How similar items are to one, 0 to 1: by the relations that make the lists, 1 being the nearest, or by
  /// the cosine of vectors; 0 where the model has neither.
  fileprivate func similarities(toItem item: Int) -> (Int32) -> Float {
    if let neighbours = ranker.neighbours(ofItem: item) {
      let largest = neighbours.map(\.similarity).max() ?? 0
      let values = Dictionary(
        uniqueKeysWithValues: neighbours.map { (Int32($0.item), max(0, $0.similarity / largest)) })
      return { largest > 0 ? values[$0] ?? 0 : 0 }
    }
    guard let vectors = parameters.vectors(of: .item) else { return { _ in 0 } }
    let own = vectors[item]
    func length(_ vector: [Float]) -> Float { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return { other in
      let vector = vectors[Int(other)]
      let lengths = length(own) * length(vector)
      return lengths > 0 ? max(0, zip(own, vector).reduce(0) { $0 + $1.0 * $1.1 } / lengths) : 0
    }
  }
}
