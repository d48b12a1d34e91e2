// Gradients of every node against central differences in double, through one step of descent.
import Foundation
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct NetworkGradientTests {
  private static let users = 7
  private static let items = 6
  private static let rows: IndexedRatings = {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for pair in 0..<42 where (pair * 29) % 42 < 30 {
      rows.users.append(Int32(pair / 6))
      rows.items.append(Int32(pair % 6))
      rows.values.append(Float(1 + (pair * 13) % 5))
    }
    rows.labels = rows.values.map { $0 > 2 ? 1 : 0 }
    return rows
  }()

  private static let features = ItemFeatures(
    itemIDs: .integers([1, 2, 3, 4, 5, 6]),
    catalog: ItemCatalog([
      Item(id: "1", title: "a", genres: ["Drama"], episodes: 12),
      Item(id: "2", title: "b", genres: ["Action", "Drama"], episodes: 1),
      Item(id: "3", title: "c"), Item(id: "4", title: "d", genres: ["War"], episodes: 26),
      Item(id: "5", title: "e", genres: ["Action", "War", "Drama"]),
      Item(id: "6", title: "f", genres: ["Action"], episodes: 12),
    ]), counts: [5, 5, 4, 4, 6, 6])

  /// Every node at least once, on users, on items and on pairs.
  static let formulas = [
    "concat(p, q) → dense 5 relu → dense 1",
    "concat(p, q) → dense 5 sigmoid → dense 3 relu → dense 1",
    "p·q + b_u + b_i + b", "(p·q + b_u + b_i) → range 0 5.5", "p·q → range",
    "p·(q + q∘g) + b_u + b_i + g[1]", "(p + b_u)·(q + b_i) + b",
    "concat(p[3], q[4], g[2], x) → dense 4 relu → dense 1",
    "concat(p → dense 4 sigmoid, q, p∘q) → dense 3 → dense 1",
    "(p → dense 4 relu)·(q → dense 4 sigmoid)", "((p + q) → sigmoid)·(p∘q)",
    "concat(p∘q, p) → relu → dense 2 → dense 1", "b_u + b_i", "q → dense 1", "b_u",
    "p → dropout 0.0 → dense 1", "concat(x) → dense 3 relu → dense 1",
    "((b_u + b) → sigmoid) + p·q + b",
  ]

  private static func settings(_ loss: Loss) -> Hyperparameters {
    .init {
      $0.factors = 4
      $0.loss = loss
      $0.optimizer = .sgd
      $0.learningRate = 1.0 / 64
      $0.epochs = 1
      $0.shuffle = .none
      $0.factorInit = .normal(0.7)
      $0.biasInit = .normal(0.5)
      $0.layerInit = .uniformOverFanIn
    }
  }

  private static func spec(_ formula: String) throws -> ModelSpec {
    ModelSpec(
      "test", summary: "", score: try Formula(formula: formula), fit: .minibatch,
      defaults: .init(), source: "")
  }

  @Test(arguments: formulas) func ofEveryNode(_ formula: String) throws {
    try Self.check(try Self.spec(formula), Self.settings(.mse))
  }

  @Test(arguments: [Loss.rmse, .mae]) func ofEveryRatingLoss(_ loss: Loss) throws {
    try Self.check(try Self.spec("concat(p, q) → dense 5 relu → dense 1"), Self.settings(loss))
  }

  @Test func ofInteractions() throws {
    var spec = try Self.spec("concat(p, q) → dense 5 relu → dense 1 sigmoid")
    spec.target = .interaction
    try Self.check(spec, Self.settings(.binaryCrossEntropy))
  }

  @Test func ofClasses() throws {
    var spec = try Self.spec("concat(p, q) → dense 5 relu → dense 5")
    spec.target = .ratingClass
    try Self.check(spec, Self.settings(.crossEntropy))
  }

  /// Both heads pull on the trunk; a row without a rating pulls by its label alone.
  @Test func ofTwoHeads() throws {
    let trunk = try Formula(formula: "concat(p, q) → dense 5 relu")
    var spec = try Self.spec("b_u")
    spec.score = trunk.dense(1)
    spec.heads = [
      Head(trunk.dense(1, .sigmoid), target: .interaction, loss: .binaryCrossEntropy, weight: 5)
    ]
    var rows = Self.rows
    rows.values[3] = .nan
    rows.values[17] = .nan
    try Self.check(spec, Self.settings(.mse), rows)
  }

  /// Two losses of one score both count.
  @Test func ofTwoHeadsOnOneScore() throws {
    var spec = try Self.spec("concat(p, q) → dense 5 relu → dense 1")
    spec.heads = [Head(spec.score, target: .rating, loss: .mae, weight: 3)]
    try Self.check(spec, Self.settings(.mse))
  }

  /// One step of descent on one batch moves each parameter by −rate · gradient.
  private static func check(
    _ spec: ModelSpec, _ settings: Hyperparameters, _ rows: IndexedRatings = rows
  ) throws {
    // Packed rows have tests of their own: here all goes through a plan.
    func network(epochs: Int) throws -> NetworkParameters {
      var settings = settings
      settings.epochs = epochs
      let trainer = try NetworkTrainer(
        FitTask(
          spec, settings, seed: 3, threads: 2, train: rows, users: users, items: items,
          features: features))
      if epochs > 0 { _ = trainer.runEpoch(0) }
      return trainer.network
    }
    var start = DoubleNetwork(try network(epochs: 0))
    let moved = DoubleNetwork(try network(epochs: 1))
    let step = 1e-5
    for (name, elements) in start.tensors.sorted(by: { $0.key < $1.key }) {
      for index in elements.indices {
        var sides: [Double] = []
        for side in [step, -step] {
          start.tensors[name]?[index] = elements[index] + side
          sides.append(start.loss(spec, settings, rows))
        }
        start.tensors[name]?[index] = elements[index]
        let expected = (sides[0] - sides[1]) / (2 * step)
        let actual = ((moved.tensors[name]?[index] ?? 0) - elements[index]) / -settings.learningRate
        // The parameter's own rounding, 2⁻²⁴ of it, over the rate; then that of some hundred sums.
        let bound = 64 * 0x1p-23 * (abs(elements[index]) + 1) + 1e-4 * abs(expected)
        #expect(
          abs(actual - expected) <= bound,
          "\(spec.score.formula): \(name)[\(index)] \(actual) instead of \(expected)")
      }
    }
  }
}
