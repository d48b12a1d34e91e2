// The example of docs/adding-a-scorer.md: a scorer in one type.
import OsusumeData
import OsusumeModels

/// score(u, i) = the mean rating of item i, whoever the user is.
struct ItemMeans: Scorer, PairScorer {
  let userCount: Int
  let means: [Float]
  var itemCount: Int { means.count }

  func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    items.map { means[Int($0)] }
  }

  func extended(users: Int, items: Int) -> ItemMeans {
    let mean = means.reduce(0, +) / Float(max(1, means.count))
    let further = [Float](repeating: mean, count: max(0, items - means.count))
    return ItemMeans(userCount: users, means: means + further)
  }

  func foldIn(to model: Model) throws -> any FoldInMethod { ItemMeansFoldIn(known: self) }

  static func reads(_ spec: ModelSpec) -> Bool { spec.name == "item-means" }

  var tensors: [Tensor] { [Tensor("item_means", means)] }

  func check() throws {
    guard means.allSatisfy(\.isFinite) else { throw ModelFileFault.notFinite("item_means") }
  }

  func largestScore() -> Double { means.reduce(0) { max($0, abs(Double($1))) } }
}

extension ItemMeans {
  init(from reader: inout TensorReader, _ context: ScorerContext) throws {
    self.init(
      userCount: context.userCount,
      means: try reader.vector("item_means", count: context.itemCount))
  }
}

/// A new user sees the same means; a new item has the mean of its own ratings.
struct ItemMeansFoldIn: FoldInMethod {
  let known: ItemMeans

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    guard entity == .item else {
      return FoldedIn(.user, scorer: ItemMeans(userCount: 1, means: known.means))
    }
    let mean = ratings.reduce(0) { $0 + $1.value } / Float(max(1, ratings.count))
    return FoldedIn(.item, scorer: ItemMeans(userCount: known.userCount, means: [mean]))
  }
}
