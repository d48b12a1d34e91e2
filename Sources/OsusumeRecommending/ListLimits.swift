// At most so many of a series, or of a genre, in a list.
import OsusumeData
import OsusumeModels

/// How many items of one kind a list may hold; nil: any number.
public struct ListLimits: Sendable, Equatable, Codable {
  /// Items of one series, told by titles (`Item.series`).
  public var perSeries: Int?
  /// Items of one genre; an item of several genres counts for each.
  public var perGenre: Int?

  /// No limits, or these, each above 0; `Recommender` checks that.
  public init(perSeries: Int? = nil, perGenre: Int? = nil) {
    (self.perSeries, self.perGenre) = (perSeries, perGenre)
  }

  /// Whether there is none.
  public var isEmpty: Bool { perSeries == nil && perGenre == nil }

  /// Fails where a list may not hold one item.
  ///
  /// Errors: `SettingError`.
  func check() throws {
    for (name, most) in [("per_series", perSeries), ("per_genre", perGenre)] {
      if let most { try SettingError.check(name, most, in: 1...Int(Int32.max)) }
    }
  }
}

/// Which series and genres a model's items are of, numbered.
struct ItemKinds: Sendable {
  private let series: [Int32]
  private let genres: [[Int32]]
  private let limits: ListLimits

  /// An item without a title is a series of its own.
  init(of model: Model, _ limits: ListLimits) {
    self.limits = limits
    var names: [String: Int32] = [:]
    func number(_ name: String) -> Int32 {
      let number = names[name] ?? Int32(names.count)
      names[name] = number
      return number
    }
    let items = (0..<model.itemIDs.count).map { model.catalog[model.itemIDs[$0]] }
    series =
      limits.perSeries == nil
      ? []
      : items.enumerated().map { place, item in
        let series = item?.series ?? ""
        return number(series.isEmpty ? "item \(place)" : series)
      }
    genres =
      limits.perGenre == nil
      ? [] : items.map { ($0?.genres ?? []).map { number("genre \($0)") } }
  }

  /// The first `count` items of a list, best first, that stay within the limits.
  func chosen(
    _ candidates: [Recommender.Candidate], _ count: Int
  ) -> [Recommender.Candidate] {
    var quota = Quota(self)
    var chosen: [Recommender.Candidate] = []
    for candidate in candidates where chosen.count < count && quota.takes(candidate.item) {
      chosen.append(candidate)
    }
    return chosen
  }

  /// What a list holds already.
  struct Quota {
    private let kinds: ItemKinds
    private var taken: [Int32: Int] = [:]

    init(_ kinds: ItemKinds) { self.kinds = kinds }

    /// Whether a list may hold an item.
    func allows(_ item: Int32) -> Bool {
      if let most = kinds.limits.perSeries, taken[kinds.series[Int(item)], default: 0] >= most {
        return false
      }
      guard let most = kinds.limits.perGenre else { return true }
      return kinds.genres[Int(item)].allSatisfy { taken[$0, default: 0] < most }
    }

    /// Counts an item that the list may hold; false for one it may not.
    mutating func takes(_ item: Int32) -> Bool {
      guard allows(item) else { return false }
      let own =
        (kinds.series.isEmpty ? [] : [kinds.series[Int(item)]])
        + (kinds.genres.isEmpty ? [] : kinds.genres[Int(item)])
      for kind in own { taken[kind, default: 0] += 1 }
      return true
    }
  }
}
