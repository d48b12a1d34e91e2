// Recommendations: items with their metadata, what speaks for them, and what was left out.
import OsusumeData
import OsusumeModels

/// One recommended item.
public struct Recommendation: Sendable, Equatable, Codable {
  /// Original id.
  public var id: String
  /// Its metadata, where the model has any.
  public var item: Item?
  /// What it is ranked by; a rating is on the scale of the ratings, unless raw scores were asked for.
  public var score: Float
  /// 1 for the best.
  public var rank: Int
  /// How likely the user is to meet the item, 0 to 1; nil where the model does not know.
  public var likely: Float?
  /// The rating the user is expected to give; nil where the model predicts none.
  public var expectedRating: Float?
  /// Bounds that hold four of five such ratings; nil where the model does not know.
  public var expectedInterval: ClosedRange<Float>?
  /// What of the user's items adds to the score, most first, all of which adds up to it; nil where nobody
  /// asked.
  public var because: [Reason]?

  /// Makes a recommendation from its parts.
  public init(
    id: String, item: Item?, score: Float, rank: Int, likely: Float? = nil,
    expectedRating: Float? = nil, expectedInterval: ClosedRange<Float>? = nil
  ) {
    self.expectedInterval = expectedInterval
    self.likely = likely
    self.expectedRating = expectedRating
    self.id = id
    self.item = item
    self.score = score
    self.rank = rank
  }
}

/// The best items of one user, best first.
public struct Recommendations: Sendable, Equatable, Codable {
  /// Original id of the user.
  public var user: String
  /// At most as many as asked for.
  public var items: [Recommendation]
  /// Items left out: met by the user, or kept out by a filter.
  public var leftOut: LeftOut
  /// How many items were asked for.
  public var asked: Int
  /// What items are ranked by.
  public var rankedBy: RankBy
  /// How much it counted that items are unlike those above them, 0 to 1.
  public var diversity: Double = 0
  /// How much it counted that items are popular, −1 to 1; below 0, that they are not.
  public var popularity: Double = 0
  /// How many of a series or a genre it may hold.
  public var limits = ListLimits()
  /// Whether the list is of popular items, times how they are expected to be rated: nothing that the user has met
  /// speaks for any.
  public var isByPopularity = false
  /// What the user has rated highest, best first, where somebody asked.
  public var history: [RatedItem] = []

  /// Makes recommendations from their parts.
  public init(
    user: String, items: [Recommendation], leftOut: LeftOut, asked: Int, rankedBy: RankBy
  ) {
    self.rankedBy = rankedBy
    self.user = user
    self.items = items
    self.leftOut = leftOut
    self.asked = asked
  }
}

/// An item that a user has met, and what it adds to the score of a recommended one.
public struct Reason: Sendable, Equatable, Codable {
  /// Original id.
  public var id: String
  /// Its metadata, where the model has any.
  public var item: Item?
  /// How the user rated it, where that is known.
  public var rating: Float?
  /// What it adds to the score; below 0 where it speaks against.
  public var contribution: Float
}

/// An item that a user has rated.
public struct RatedItem: Sendable, Equatable, Codable {
  /// Original id.
  public var id: String
  /// Its metadata, where the model has any.
  public var item: Item?
  /// How the user rated it, where that is known.
  public var rating: Float?
}
