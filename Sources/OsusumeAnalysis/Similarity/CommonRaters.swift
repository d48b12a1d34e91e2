// How many people rated an item, and how many of them rated each other one: what a similarity rests on.
import OsusumeData
import OsusumeModels

/// Counts of people who rated an item and others in training, from the lists in a model.
public struct CommonRaters: Sendable {
  /// By item: how many people rated it and the item asked about; of that one, how many rated it.
  public let counts: [Int32]

  /// Counts the people of one item of a model.
  ///
  /// Errors: `RatingsFault` for an item that there is not.
  public init(_ model: Model, item: Int) throws {
    try RatingsFault.check("item", item, count: model.itemIDs.count)
    var counts = [Int32](repeating: 0, count: model.itemIDs.count)
    let (seen, item) = (model.seen, Int32(item))
    for user in 0..<seen.offsets.count - 1 {
      let own = seen[user]
      guard own.holds(item) else { continue }
      for other in own { counts[Int(other)] += 1 }
    }
    self.counts = counts
  }

  /// What c people in common leave of a cosine: c/(c + 20) of it.
  ///
  /// Vectors of items that hardly anybody rated point anywhere, and some of many point the same way.
  package func shrunk(_ cosine: Double, of item: Int) -> Double {
    let count = Double(counts[item])
    return cosine * count / (count + Self.halving)
  }

  /// People in common that leave half of a cosine.
  public static let halving = 20.0
}
