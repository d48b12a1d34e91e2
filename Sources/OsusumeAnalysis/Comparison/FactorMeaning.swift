// What factors mean, by names: items at the ends of directions, neighbours of well-known items, lists of users.
import OsusumeData
import OsusumeModels

/// A direction of a model's P·Qᵀ, by the items that have most and least of it.
public struct FactorDirection: Sendable {
  /// The same direction in another model, as near as there is one.
  public struct Match: Sendable {
    /// The other model's place in the comparison.
    public let model: Int
    /// Its direction, from 1; that of the smallest angle.
    public let number: Int
    /// Cosine of that angle, 0 to 1.
    public let cosine: Double
    /// Cosine of the angle to the other model's whole item space: 1 where some mixture of its directions is the
    /// same.
    public let contained: Double
    /// Indices of the items at the ends of the other model's direction, turned as this one is.
    public let high: [Int], low: [Int]
  }

  /// The model's place in the comparison.
  public let model: Int
  /// From 1, the strongest.
  public let number: Int
  /// The root mean square that it adds to a score.
  public let strength: Double
  /// Indices of the items that have most of it, most first; and of those that have least, least first.
  public let high: [Int], low: [Int]
  /// The nearest direction of each other model with factors.
  public let matches: [Match]
}

/// A well-known item and its nearest neighbours by each model.
public struct NamedNeighbours: Sendable {
  /// Index of the item.
  public let item: Int
  /// Indices of its nearest, nearest first, by model; nil for one that relates no items.
  public let nearest: [[Int]?]
}

/// A user, what they liked, and what each model recommends.
public struct NamedLists: Sendable {
  /// Index of the user.
  public let user: Int
  /// Number of their training ratings.
  public let ratings: Int
  /// Indices of items they rated highest in training.
  public let liked: [Int]
  /// Indices of relevant items of the test rows, highest first.
  public let relevant: Set<Int>
  /// Indices of recommended items by model, best first.
  public let lists: [[Int]]
}

/// The names behind the factors of a comparison; deterministic.
public struct FactorMeaning: Sendable {
  /// Directions told of each model, items at an end of one, well-known items, neighbours of each; users, and items
  /// of a list or liked.
  static let (directionCount, endCount, itemCount, nearestCount) = (3, 5, 10, 5)
  static let (userCount, listLength) = (3, 5)

  /// The strongest directions of each model with factors, model by model.
  public let directions: [FactorDirection]
  /// The ten items with most training ratings.
  public let neighbours: [NamedNeighbours]
  /// Three users: with few, a middling number, and many training ratings.
  public let lists: [NamedLists]

  init(
    _ models: [ComparedModel], _ factors: FactorComparison, of data: ComparisonData,
    relevantAt: Float, threads: Int
  ) {
    let wellRated = factors.ratedItems.indices.filter {
      data.itemCounts[factors.ratedItems[$0]] >= factors.fewestNeighbourRatings
    }
    directions = factors.geometry.indices.flatMap {
      Self.directions(of: $0, factors, among: wellRated)
    }
    let known = factors.ratedItems.sorted {
      (-data.itemCounts[$0], $0) < (-data.itemCounts[$1], $1)
    }.prefix(Self.itemCount)
    let nearest = models.map { Self.nearest(Array(known), $0.model, factors, threads: threads) }
    neighbours = known.enumerated().map { place, item in
      NamedNeighbours(item: item, nearest: nearest.map { $0?[place] })
    }
    lists = Self.lists(models, of: data, relevantAt: relevantAt)
  }

  // MARK: Directions

  private static func directions(
    of place: Int, _ factors: FactorComparison, among items: [Int]
  ) -> [FactorDirection] {
    guard let own = factors.geometry[place] else { return [] }
    let cosines = factors.geometry.map { other in
      other.map { own.cosines(with: $0) }
    }
    return (0..<min(directionCount, own.directions.columns)).map { number in
      let loadings = own.column(number)
      // A direction has no sign: its largest element is taken to be positive.
      let largest = loadings.max { abs($0) < abs($1) } ?? 1
      let sign = largest < 0 ? -1.0 : 1.0
      let ends = ends(loadings, sign: sign, among: items, factors)
      let matches = factors.geometry.indices.compactMap { other -> FactorDirection.Match? in
        guard other != place, let geometry = factors.geometry[other], let all = cosines[other],
          let nearest = (0..<all.columns).max(by: { abs(all[number, $0]) < abs(all[number, $1]) })
        else { return nil }
        let cosine = all[number, nearest]
        let theirs = Self.ends(
          geometry.column(nearest), sign: cosine < 0 ? -sign : sign, among: items, factors)
        return FactorDirection.Match(
          model: other, number: nearest + 1, cosine: min(1, abs(cosine)),
          contained: geometry.containment(of: loadings), high: theirs.high, low: theirs.low)
      }
      return FactorDirection(
        model: place, number: number + 1, strength: own.spectrum[number], high: ends.high,
        low: ends.low, matches: matches)
    }
  }

  /// The items that have most of a direction, and those that have least, of those rated often enough to tell.
  private static func ends(
    _ loadings: ArraySlice<Double>, sign: Double, among items: [Int], _ factors: FactorComparison
  ) -> (high: [Int], low: [Int]) {
    let order = items.sorted {
      let (a, b) = (
        sign * loadings[loadings.startIndex + $0], sign * loadings[loadings.startIndex + $1]
      )
      return (a, -$0) > (b, -$1)
    }
    let count = min(endCount, order.count / 2)
    return (
      order.prefix(count).map { factors.ratedItems[$0] },
      order.suffix(count).reversed().map { factors.ratedItems[$0] }
    )
  }

  // MARK: Neighbours

  /// The nearest of some items by cosine, among those rated often enough, or by what the model itself relates
  /// items by; nil for one that does neither.
  private static func nearest(
    _ items: [Int], _ model: Model, _ factors: FactorComparison, threads: Int
  ) -> [[Int]]? {
    let parameters = model.ranker
    guard let vectors = parameters.vectors(of: .item) ?? model.parameters.vectors(of: .item) else {
      let own = items.map { item in
        parameters.neighbours(ofItem: item)?.sorted {
          (-$0.similarity, $0.item) < (-$1.similarity, $1.item)
        }.prefix(nearestCount).map(\.item)
      }
      return own.allSatisfy { $0 == nil } ? nil : own.map { $0 ?? [] }
    }
    let found = NeighbourSearch(vectors, by: .cosine, candidates: factors.compared)
      .nearest(nearestCount, to: items.map { Int32($0) }, threads: threads)
    return items.indices.map { place in
      found[place * nearestCount..<(place + 1) * nearestCount].filter { $0 >= 0 }.map { Int($0) }
    }
  }

  // MARK: Lists

  private static func lists(
    _ models: [ComparedModel], of data: ComparisonData, relevantAt: Float
  ) -> [NamedLists] {
    let test = data.held.test
    let relevantRows = test.values.indices.filter { test.values[$0] >= relevantAt }
    let relevant = Dictionary(grouping: relevantRows) { test.users[$0] }
    let train = data.rated.split.train
    // Those with something to be found, by how much is known of them.
    let candidates = data.evaluatedUsers.indices.filter {
      let user = data.evaluatedUsers[$0]
      return (relevant[user]?.count ?? 0) >= 2 && data.userCounts[Int(user)] >= 5
    }.sorted {
      let (a, b) = (data.evaluatedUsers[$0], data.evaluatedUsers[$1])
      return (data.userCounts[Int(a)], a) < (data.userCounts[Int(b)], b)
    }
    guard !candidates.isEmpty else { return [] }
    let places = Set(
      (0..<userCount).map { candidates[(2 * $0 + 1) * candidates.count / (2 * userCount)] })
    let chosen = places.sorted()
    let users = Set(chosen.map { data.evaluatedUsers[$0] })
    let rows = Dictionary(grouping: train.users.indices.filter { users.contains(train.users[$0]) })
    {
      train.users[$0]
    }
    return chosen.map { place in
      let user = data.evaluatedUsers[place]
      let liked = (rows[user] ?? []).sorted {
        (-train.values[$0], train.items[$0]) < (-train.values[$1], train.items[$1])
      }
      return NamedLists(
        user: Int(user), ratings: Int(data.userCounts[Int(user)]),
        liked: liked.prefix(listLength).map { Int(train.items[$0]) },
        relevant: Set((relevant[user] ?? []).map { Int(test.items[$0]) }),
        lists: models.map { model in
          let width = model.top.width
          return model.top.items[place * width..<place * width + min(width, listLength)]
            .filter { $0 >= 0 }.map { Int($0) }
        })
    }.sorted { ($0.ratings, $0.user) < ($1.ratings, $1.user) }
  }
}

extension FactorGeometry {
  /// How much of a direction each item has.
  func column(_ number: Int) -> ArraySlice<Double> {
    directions.elements[number * directions.rows..<(number + 1) * directions.rows]
  }
}
