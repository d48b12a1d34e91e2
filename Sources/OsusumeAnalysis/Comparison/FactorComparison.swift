// Compares the factors, neighbours and lists of each pair of models.
import OsusumeData
import OsusumeModels

/// How far two models agree; nil where one of them has no factors.
public struct Agreement: Sendable {
  /// Their places in the comparison, the first one first.
  public let models: (Int, Int)
  /// Cosines of the principal angles between their item spaces, falling.
  public let principalCosines: [Double]?
  /// Linear CKA of the items' vectors as stored.
  public let alignment: Double?
  /// Linear CKA of the items' columns of P·Qᵀ.
  public let profileAlignment: Double?
  /// Fraction of common items among the ten nearest by cosine, on average over items.
  public let sharedNeighbours: Double?
  /// The same over the half of these items that is rated more often, and over the other half.
  public let sharedNeighboursByPopularity: (often: Double, seldom: Double)?
  /// Rank-biased overlap (0.9) of the ten best unseen items, on average over users with test rows.
  public let rankBiasedOverlap: Double

  /// The mean squared cosine of the principal angles: the fraction of the narrower space that lies in the
  /// other one.
  public var sharedSpace: Double? {
    principalCosines.map { cosines in
      cosines.reduce(0) { $0 + $1 * $1 } / Double(max(1, cosines.count))
    }
  }
}

/// The factors of all models of a comparison and how far they agree.
struct FactorComparison {
  /// Items with fewer training ratings have vectors that are mostly where they started.
  private static let enoughRatings: Int32 = 10

  let geometry: [FactorGeometry?]
  let ratedUsers: [Int]
  let ratedItems: [Int]
  let agreements: [Agreement]
  /// Items whose neighbours are compared.
  let compared: [Int32]
  let fewestNeighbourRatings: Int32
  let neighbourItems: Int

  init(_ models: [ComparedModel], of data: ComparisonData, threads: Int) {
    let users = data.userCounts.indices.filter { data.userCounts[$0] > 0 }
    let items = data.itemCounts.indices.filter { data.itemCounts[$0] > 0 }
    let often = items.filter { data.itemCounts[$0] >= Self.enoughRatings }
    let isEnough = often.count > ComparisonData.listLength
    let compared = (isEnough ? often : items).map { Int32($0) }
    let geometry = models.map {
      FactorGeometry($0.model.parameters, users: users, items: items, threads: threads)
    }
    let neighbours = models.map { model in
      model.model.parameters.vectors(of: .item).map {
        NeighbourSearch($0, by: .cosine, candidates: compared)
          .nearest(ComparisonData.listLength, to: compared, threads: threads)
      }
    }
    // Places of the compared items by rising popularity.
    let byPopularity = compared.indices.sorted {
      (data.itemCounts[Int(compared[$0])], $0) < (data.itemCounts[Int(compared[$1])], $1)
    }
    let half = byPopularity.count / 2
    func shared(_ a: [Int32], _ b: [Int32], _ places: ArraySlice<Int>) -> Double {
      let width = ComparisonData.listLength
      func rows(_ all: [Int32]) -> [Int32] {
        places.flatMap { all[$0 * width..<($0 + 1) * width] }
      }
      return ListAgreement.shared(rows(a), rows(b), width: width)
    }
    self.geometry = geometry
    self.compared = compared
    ratedUsers = users
    ratedItems = items
    fewestNeighbourRatings = isEnough ? Self.enoughRatings : 1
    neighbourItems = compared.count
    agreements = pairs(models.count).map { a, b in
      Agreement(
        models: (a, b),
        principalCosines: both(geometry[a], geometry[b]) { $0.principalCosines(with: $1) },
        alignment: both(geometry[a], geometry[b]) { $0.alignment(with: $1) },
        profileAlignment: both(geometry[a], geometry[b]) { $0.profileAlignment(with: $1) },
        sharedNeighbours: both(neighbours[a], neighbours[b]) {
          ListAgreement.shared($0, $1, width: ComparisonData.listLength)
        },
        sharedNeighboursByPopularity: both(neighbours[a], neighbours[b]) {
          (shared($0, $1, byPopularity[half...]), shared($0, $1, byPopularity[..<half]))
        },
        rankBiasedOverlap: ListAgreement.rankBiasedOverlap(
          models[a].top.items, models[b].top.items, width: ComparisonData.listLength))
    }
  }
}

/// What a function says of two values, where both are there.
private func both<Value, Result>(
  _ a: Value?, _ b: Value?, _ function: (Value, Value) -> Result
) -> Result? {
  guard let a, let b else { return nil }
  return function(a, b)
}
