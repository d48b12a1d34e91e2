// A user or an item that a model does not know, folded in by ratings of original ids.
import OsusumeData
import OsusumeModels

/// A rating by original id: of an item when it is a user's, of a user when it is an item's.
public struct RatingByID: Sendable, Equatable {
  /// Original id.
  public var id: String
  /// The rating.
  public var rating: Float

  /// Makes a rating from its parts.
  public init(_ id: String, _ rating: Float) {
    self.id = id
    self.rating = rating
  }
}

/// A user or an item folded into a model (`FoldIn`).
public struct Newcomer: Sendable {
  /// Its vector, and the model with it as the only user, or the only item.
  package let foldedIn: FoldedIn
  /// A user in the scorer that makes the lists, where the model has one besides that of ratings.
  package let forLists: FoldedIn?
  /// The indices it has ratings of, ascending.
  public let rated: [Int32]
  /// The ratings by index.
  public let ratings: [Int32: Float]
  /// The indices of items a user has seen without rating them, ascending.
  public let seen: [Int32]
  /// Ids that it has ratings of but the model does not know.
  public let unknown: [String]

  /// How many items, or users, the model has that it was folded into.
  let others: Int

  /// What a user has met.
  var met: [Meeting: ArraySlice<Int32>] { [.train: rated[...], .unrated: seen[...]] }

  /// Whether it is a user or an item.
  public var entity: Entity { foldedIn.entity }

  /// The raw score with an item for a user, with a user for an item.
  package func score(_ index: Int) -> Float { scores([Int32(index)])[0] }

  /// The raw scores with items for a user, with users for an item.
  package func scores(_ indices: [Int32]) -> [Float] { foldedIn.scores(indices) }
}

extension Newcomer {
  /// Fails unless it is a user of a model of so many items, or an item of one of so many users.
  ///
  /// Errors: `NewcomerError`.
  func check(_ wanted: Entity, others: Int) throws {
    guard entity == wanted else { throw NewcomerError.wrongKind(wanted: wanted) }
    guard others == self.others else { throw NewcomerError.otherModel }
  }
}

/// Why a model cannot be asked about a newcomer.
public enum NewcomerError: OsusumeError, Equatable {
  /// An item was given for a user, or a user for an item.
  case wrongKind(wanted: Entity)
  /// It was folded into another model.
  case otherModel

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .wrongKind(let wanted):
      "this is no \(wanted.rawValue): fold one in by the ratings of a \(wanted.rawValue)"
    case .otherModel: "this newcomer was folded into another model: fold it into this one"
    }
  }
}
