// Vectors of bpr for users that a model does not know: the steps of its fit, with all items held still.
import CKernels
import OsusumeData

/// The way of `bpr` to take in users: a row takes the steps of training while no item moves.
///
/// An item's row says what it is to users who have not met it as much as to those who have, which the
/// ratings of a new one do not tell: items are not taken in.
struct PairwiseFoldIn: FoldInMethod {
  private let parameters: FactorParameters
  private let settings: Hyperparameters
  private let likedFrom: Float
  private let model: String

  /// Passes over the ratings: of a few ratings it takes more of them than in training.
  private static let epochs = 60

  /// Prepares a model.
  init(_ model: Model, _ parameters: FactorParameters) {
    self.parameters = parameters
    settings = model.hyperparameters
    likedFrom = model.medianRating
    self.model = model.spec.name
  }

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    guard entity == .user else { throw FoldInError.usersOnly(model: model) }
    let layout = parameters.layout
    let row = FloatMatrix(rows: 1, columns: layout.lanes)
    let weighted = ratings.map {
      (index: $0.index, weight: Float(settings.weight(of: $0.value, likedFrom: likedFrom)))
    }
    let rated = weighted.filter { $0.weight > 0 }.prefix(Int(UInt16.max))
    guard !rated.isEmpty else {
      for (lane, value) in parameters.users.meanRow().enumerated() { row[0][lane] = value }
      return parameters.with(.user, row)
    }
    if layout.biased { row[0][layout.itemBiasLane] = 1 }
    let members = members(rated.map(\.index))
    let weights = rated.map(\.weight)
    for epoch in 0..<Self.epochs {
      let scale = RateSchedule.linear.factor(epoch, of: Self.epochs)
      walk(row, scale, members, weights, key: ck_random_key(UInt64(epoch), RandomStream.bpr))
    }
    return parameters.with(.user, row)
  }

  /// The items rated, and as many of the others as a block may have.
  private func members(_ rated: [Int32]) -> [Int32] {
    let isRated = Set(rated)
    let others = (0..<Int32(parameters.itemCount)).filter { !isRated.contains($0) }
    let room = Int(UInt16.max) + 1 - rated.count
    let step = max(1, (others.count + room - 1) / room)
    return rated + stride(from: 0, to: others.count, by: step).map { others[$0] }
  }

  /// One pass over ratings of the first members, at `scale` times the full step.
  private func walk(
    _ row: FloatMatrix, _ scale: Double, _ members: [Int32], _ weights: [Float], key: UInt64
  ) {
    let steps = PairwiseSteps(.user, parameters.layout, settings, scale: scale)
    let still = PairwiseSteps(still: parameters.layout)
    let (run, ends): ([Int32], [Int32]) = ([0], [0, Int32(weights.count)])
    let places = weights.indices.map { UInt16($0) }
    withUnsafeRun(run, ends, places, weights) { ratings in
      members.withUnsafeBufferPointer { members in
        let tile = ck_bpr_tile(
          ratings: ratings, members: members.baseAddress, count: members.count)
        withExtendedLifetime((steps, still)) {
          _ = tile.walk(
            users: steps.side(of: row), items: still.side(of: parameters.items),
            stride: row.stride, negatives: settings.negatives, order: run, key: key)
        }
      }
    }
  }

  /// Calls `body` with the ratings of one user as a tile.
  private func withUnsafeRun(
    _ user: [Int32], _ ends: [Int32], _ places: [UInt16], _ weights: [Float],
    _ body: (UnsafePointer<ck_sgd_tile>) -> Void
  ) {
    user.withUnsafeBufferPointer { user in
      ends.withUnsafeBufferPointer { ends in
        places.withUnsafeBufferPointer { places in
          weights.withUnsafeBufferPointer { weights in
            var tile = ck_sgd_tile(
              runs: 1, user: user.baseAddress, start: ends.baseAddress, item: places.baseAddress,
              value: weights.baseAddress)
            withUnsafePointer(to: &tile, body)
          }
        }
      }
    }
  }
}
