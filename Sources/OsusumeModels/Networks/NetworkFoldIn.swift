// Vectors of networks for users and items that a model does not know: a few steps of Adam on one vector.
import CKernels
import Foundation
import OsusumeData

/// A network's way to take in newcomers.
///
/// Their vector is the most probable one given their ratings, under a normal prior fitted to the vectors of
/// users, or items, with ratings (`WhiteningTransform`). Ratings are normal around the score, their
/// standard deviation the validation error, also where the network was trained on absolute errors: the
/// sign of an error alone tells too little about one person. All ratings form one batch, without dropout.
struct NetworkFoldIn: FoldInMethod {
  /// The network, ready to score.
  let scorer: NetworkScorer
  /// Its steps, backward ones included.
  fileprivate let plan: Plan
  fileprivate let heads: [OutputLoss]
  private let users: WhiteningTransform
  private let items: WhiteningTransform
  /// Ratings above it have the label 1.
  fileprivate let positiveAbove: Float

  /// A head's loss, and its weight in the likelihood.
  fileprivate struct OutputLoss: Sendable {
    let loss: Loss
    let weight: Float
  }

  /// Steps of Adam; their rate, in standard deviations of the prior, falls linearly to 0.
  ///
  /// On anime-2016 three times as many steps end 0.001 lower in RMSE. Not those of `ck_adam_update`: its clock
  /// has one rate for all steps of a run, works 256 steps ahead and costs as much as a step of one vector.
  private static let steps = 100
  private static let rate: Float = 0.1

  init(_ model: Model, _ network: NetworkParameters) throws {
    scorer = NetworkScorer(network, threads: allCores)
    plan = try Plan(model.spec, network.plan.sizes, training: true, dropout: false)
    users = WhiteningTransform(network.users, where: { !model.seen[$0].isEmpty })
    items = WhiteningTransform(network.items, where: { model.itemCounts[$0] > 0 })
    heads = plan.outputs.map { output in
      let loss = output.loss ?? model.hyperparameters.loss
      switch loss {
      case .rmse, .mse, .mae:
        let error = model.metrics["valid_rmse"] ?? model.deviation
        return OutputLoss(loss: .mse, weight: Float(0.5 / max(error * error, 1e-6)))
      case .binaryCrossEntropy, .crossEntropy: return OutputLoss(loss: loss, weight: 1)
      }
    }
    positiveAbove = Float(model.hyperparameters.positiveAbove)
  }

  func newcomer(
    _ entity: Entity, ratings: [(index: Int32, value: Float)]
  ) throws -> FoldedIn {
    let vector = vector(of: entity, ratings: ratings)
    return FoldedIn(entity, vector: vector, scorer: scorer.with(vector, of: entity))
  }

  /// The most probable vector given these ratings.
  private func vector(
    of entity: Entity, ratings: [(index: Int32, value: Float)]
  ) -> FloatMatrix {
    let prior = entity == .user ? users : items
    let lanes = prior.lanes
    let row = FloatMatrix(rows: 1, columns: lanes)
    var z = [Float](repeating: 0, count: lanes)
    prior.place(z, in: row)
    guard !ratings.isEmpty else { return row }
    let batch = NewcomerBatch(self, entity, ratings)
    var (m, v) = (z, z)
    let (beta1, beta2): (Float, Float) = (0.9, 0.999)
    for step in 1...Self.steps {
      let gradient = prior.slope(batch.gradient(at: row))
      let rate = Self.rate * Float(Self.steps + 1 - step) / Float(Self.steps)
      let (c1, c2) = (1 - pow(beta1, Float(step)), 1 - pow(beta2, Float(step)))
      for lane in 0..<lanes {
        let slope = z[lane] + gradient[lane]
        m[lane] += (1 - beta1) * (slope - m[lane])
        v[lane] += (1 - beta2) * (slope * slope - v[lane])
        z[lane] -= rate * (m[lane] / c1) / ((v[lane] / c2).squareRoot() + 1e-8)
      }
      prior.place(z, in: row)
    }
    return row
  }
}

/// A newcomer's ratings as a batch of pairs, and the workspaces for its gradients.
private struct NewcomerBatch {
  private let foldIn: NetworkFoldIn
  private let domain: Plan.Domain
  private let count: Int
  private let others: Column<Int32>
  private let own: Column<Int32>
  /// 0, count: one run of all pairs.
  private let run: Column<Int32>
  private let truths: Column<Float>
  private let labels: Column<Float>
  private let rowValues: FloatMatrix
  private let rowGradients: FloatMatrix
  private let pairValues: FloatMatrix
  private let pairGradients: FloatMatrix

  init(_ foldIn: NetworkFoldIn, _ entity: Entity, _ ratings: [(index: Int32, value: Float)]) {
    self.foldIn = foldIn
    domain = entity == .user ? .user : .item
    count = ratings.count
    others = Column(count: count)
    truths = Column(count: count)
    labels = Column(count: count)
    for (place, rating) in ratings.enumerated() {
      others[place] = rating.index
      truths[place] = rating.value
      labels[place] = rating.value > foldIn.positiveAbove ? 1 : 0
    }
    own = Column(repeating: 0, count: count)
    run = Column(repeating: 0, count: 2)
    run[1] = Int32(count)
    let strides = foldIn.plan.strides
    rowValues = FloatMatrix(rows: 1, columns: strides[domain.rawValue])
    rowGradients = FloatMatrix(rows: 1, columns: strides[domain.rawValue])
    pairValues = FloatMatrix(rows: count, columns: strides[Plan.Domain.pair.rawValue])
    pairGradients = FloatMatrix(rows: count, columns: strides[Plan.Domain.pair.rawValue])
  }

  /// The gradient of the negative log-likelihood by the vector; the next call overwrites it.
  func gradient(at row: FloatMatrix) -> UnsafePointer<Float> {
    let plan = foldIn.plan
    let parameters = foldIn.scorer.parameters
    rowValues.base.update(from: row.base, count: row.columns)
    var rowRun = PlanRun(
      plan: plan, domain: domain, layers: parameters.layers.base, features: .none(items: 1),
      own: rows(rowValues, rowGradients), count: 1)
    rowRun.itemIDs = UnsafePointer(own.base)
    rowRun.forward()
    var pairs = PlanRun(
      plan: plan, domain: .pair, layers: parameters.layers.base, features: parameters.features,
      own: rows(pairValues, pairGradients), count: count)
    let known = domain == .user ? foldIn.scorer.items : foldIn.scorer.users
    let newcomer = PlanRun.Source(
      values: rowValues.base, stride: rowValues.stride, row: UnsafePointer(own.base))
    let partners = PlanRun.Source(
      values: known.base, stride: known.stride, row: UnsafePointer(others.base))
    (pairs.users, pairs.items) =
      domain == .user ? (newcomer, partners) : (partners, newcomer)
    pairs.forward()
    for (head, output) in zip(foldIn.heads, plan.outputs) { slope(head, output) }
    pairs.backward()
    for boundary in plan.boundaries where boundary.value.domain == domain {
      ck_layer_collect(
        pairGradients.base + boundary.lane, pairGradients.stride, run.base, nil, 1,
        boundary.value.width, boundary.adds ? 1 : 0, rowGradients.base + boundary.value.lane,
        rowGradients.stride)
    }
    rowRun.backward()
    return UnsafePointer(rowGradients.base)
  }

  private func rows(_ values: FloatMatrix, _ gradients: FloatMatrix) -> PlanRun.Rows {
    .init(values: values.base, gradients: gradients.base, stride: values.stride)
  }

  /// Writes the gradients of a head's loss into the pairs' rows.
  private func slope(_ head: NetworkFoldIn.OutputLoss, _ output: Plan.Output) {
    let y = pairValues.base + output.value.lane
    let d = pairGradients.base + output.value.lane
    let stride = pairValues.stride
    switch head.loss {
    case .rmse, .mse, .mae:
      _ = ck_head_rating(y, stride, truths.base, count, CK_LOSS_MSE, head.weight, d)
    case .binaryCrossEntropy: _ = ck_head_binary(y, stride, labels.base, count, head.weight, d)
    case .crossEntropy:
      _ = ck_head_classes(
        y, stride, truths.base, count, output.value.width, 1, head.weight, d)
    }
  }
}
