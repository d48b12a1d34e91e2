// Errors of a fitted model on ratings that are hidden from it, without another fit.
import CKernels
import OsusumeData
import OsusumeModels

extension RatingIntervals {
  /// Users of whom something is hidden, at most: some thousands of ratings.
  private static let mostUsers = 500
  /// Ratings of an item from which on one of them hardly moves its vector.
  private static let manyRatings = 500

  /// The intervals of a factor model's predictions; nil for other models, where the model does not know what was
  /// rated, and where too little can be hidden.
  ///
  /// A tenth of a user's training ratings is hidden, and the user folded in by the others. Each item that few have
  /// rated is folded in as well, by all ratings but the hidden one; the vectors of others stay as they are.
  init?(of model: Model, seed: UInt64, threads: Int) throws {
    guard model.spec.predictsRatings, let parameters = model.parameters as? FactorParameters,
      let ratings = model.seenRatings
    else { return nil }
    let method = try parameters.foldIn(to: model)
    let people = Self.people(model, ratings, seed: seed)
    let raters = Self.raters(of: people.flatMap { $0.hidden.map(\.index) }, model, ratings)
    let parts = try mapChunks(people.count, threads: threads) { number in
      Result { () -> [Float] in
        let person = people[number]
        let user = try method.newcomer(.user, ratings: person.known)
        return try person.hidden.map { item, _ in
          guard let others = raters[item]?.filter({ $0.index != person.user }) else {
            return user.scores([item])[0]
          }
          let item = try method.newcomer(.item, ratings: others)
          return FactorParameters(
            mean: parameters.mean, layout: parameters.layout, users: user.vector,
            items: item.vector
          ).score(user: 0, item: 0)
        }
      }
    }.map { try $0.get() }
    self.init(
      predictions: parts.flatMap { $0 },
      ratings: people.flatMap { $0.hidden.map(\.value) })
  }

  /// A user, by what is hidden of their ratings and what is not.
  private struct Person {
    var user: Int32
    var known: [(index: Int32, value: Float)] = []
    var hidden: [(index: Int32, value: Float)] = []
  }

  /// Users with something hidden and something not, evenly spread over all.
  private static func people(_ model: Model, _ ratings: SeenRatings, seed: UInt64) -> [Person] {
    let able = (0..<model.userIDs.count).filter { model.seen[$0].count > 1 }
    let count = min(able.count, mostUsers)
    return (0..<count).map { number in
      let user = able[number * able.count / count]
      let key = ck_random_bits(seed, UInt64(user))
      var person = Person(user: Int32(user))
      let own = model.seen[user]
      for place in own.indices {
        let rating = (index: own[place], value: ratings[place])
        if ck_random_bits(key, UInt64(rating.index)) % 10 == 0 {
          person.hidden.append(rating)
        } else {
          person.known.append(rating)
        }
      }
      return person
    }.filter { !$0.hidden.isEmpty && !$0.known.isEmpty }
  }

  /// The ratings of those of some items that few have rated, by ascending user.
  private static func raters(
    of items: [Int32], _ model: Model, _ ratings: SeenRatings
  ) -> [Int32: [(index: Int32, value: Float)]] {
    var isWanted = [Bool](repeating: false, count: model.itemIDs.count)
    for item in items where model.itemCounts[Int(item)] < manyRatings { isWanted[Int(item)] = true }
    var raters: [Int32: [(index: Int32, value: Float)]] = [:]
    for user in 0..<model.userIDs.count {
      let own = model.seen[user]
      for place in own.indices where isWanted[Int(own[place])] {
        raters[own[place], default: []].append((Int32(user), ratings[place]))
      }
    }
    return raters
  }
}
