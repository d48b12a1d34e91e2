// Gradients of generated formulas: any order of terms, any width, batches of any size, every instruction set.
import CKernels
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct NetworkFormulaTests {
  /// A formula, and the size of the only batch it is trained on.
  struct Case: CustomTestStringConvertible, Sendable {
    let formula: String
    let factors: Int
    let batch: Int

    var testDescription: String { "\(formula), \(factors) factors, batch of \(batch)" }
  }

  /// Draws one formula after the other from a seed.
  private struct Generator {
    private let key = ck_random_key(11, 700)
    private var drawn: UInt64 = 0

    mutating func number(below bound: Int) -> Int {
      drawn += 1
      return Int(ck_random_bits(key, drawn) % UInt64(bound))
    }

    mutating func shuffled(_ words: [String]) -> [String] {
      var rest = words
      return words.map { _ in rest.remove(at: number(below: rest.count)) }
    }

    /// Some of the words, at least one, in any order.
    mutating func some(_ words: [String]) -> [String] {
      Array(shuffled(words).prefix(1 + number(below: words.count)))
    }

    /// A part of the score with a hidden layer of so many units.
    mutating func hidden(units: Int) -> String {
      let other = 1 + number(below: 70)
      switch number(below: 6) {
      case 0: return "(p → dense \(units) relu)·(q → dense \(units) sigmoid)"
      case 1: return "(p[\(other)] → dense \(units) relu → dense 1)"
      case 2:
        let parts = shuffled(["p", "q"]).joined(separator: ", ")
        return "(concat(\(parts)) → dense \(units) relu → dense \(other) relu → dense 1)"
      default:
        let both = ["p", "q"] + some(["b_u", "b_i", "p[\(other)]", "q[\(1 + other / 2)]", "p∘q"])
        let parts = shuffled(both).joined(separator: ", ")
        return "(concat(\(parts)) → dense \(units) relu → dense 1)"
      }
    }

    mutating func formula(units: Int) -> String {
      shuffled(some(["b_u", "b_i", "b", "p·q"]) + [hidden(units: units)]).joined(separator: " + ")
    }
  }

  /// Every width to 70 as that of the vectors and as that of a hidden layer.
  static let cases: [Case] = {
    var generator = Generator()
    let batches = [1, 2, 3, 17, 40]
    return (1...70).flatMap { width in
      [
        Case(
          formula: "b_u + (concat(p, q) → dense 4 relu → dense 1)", factors: width,
          batch: batches[width % 4]),
        Case(
          formula: "b_u + b_i + (concat(p, q) → dense \(width) relu → dense 1)", factors: 8,
          batch: 1 + width % 2),
        Case(
          formula: generator.formula(units: width), factors: width * 29 % 71,
          batch: batches[width % 5]),
      ]
    }
  }()

  private static let users = 5
  private static let items = 4

  private static func rows(_ count: Int) -> IndexedRatings {
    IndexedRatings(
      users: (0..<count).map { Int32($0 * 3 % users) },
      items: (0..<count).map { Int32(($0 * 3 + $0 / 7) % items) },
      values: (0..<count).map { Float(1 + ($0 * 13) % 5) })
  }

  private static func settings(_ test: Case) -> Hyperparameters {
    .init {
      $0.factors = test.factors
      $0.batchSize = test.batch
      $0.loss = .mse
      $0.optimizer = .sgd
      $0.learningRate = 1.0 / 64
      $0.shuffle = .none
      $0.factorInit = .normal(0.5)
      $0.biasInit = .normal(0.5)
      $0.layerInit = .uniformOverFanIn
    }
  }

  /// The parameters before and after one step of descent.
  private static func step(
    _ spec: ModelSpec, _ settings: Hyperparameters, _ rows: IndexedRatings
  ) throws -> (start: DoubleNetwork, end: DoubleNetwork) {
    let trainer = try NetworkTrainer(
      FitTask(spec, settings, seed: 3, threads: 1, train: rows, users: users, items: items))
    let start = DoubleNetwork(trainer.network)
    _ = trainer.runEpoch(0)
    return (start, DoubleNetwork(trainer.network))
  }

  /// Some elements of each tensor, and the central difference of the loss in each of them.
  private static func slopes(
    _ start: DoubleNetwork, _ spec: ModelSpec, _ settings: Hyperparameters, _ rows: IndexedRatings
  ) -> [(name: String, index: Int, slope: Double)] {
    let most = 6  // elements a tensor
    let step = 1e-7  // so short that hardly a unit is switched by it
    var network = start
    return start.tensors.sorted { $0.key < $1.key }.flatMap { name, elements in
      (0..<min(most, elements.count)).map { number in
        let index = elements.count <= most ? number : (number * 7919 + 3) % elements.count
        let sides = [step, -step].map { side in
          network.tensors[name]?[index] = elements[index] + side
          return network.loss(spec, settings, rows)
        }
        network.tensors[name]?[index] = elements[index]
        return (name, index, (sides[0] - sides[1]) / (2 * step))
      }
    }
  }

  @Test(arguments: cases) func oneStepMovesAgainstTheGradient(_ test: Case) throws {
    let spec = ModelSpec(
      "test", summary: "", score: try Formula(formula: test.formula), fit: .minibatch,
      defaults: .init(), source: "")
    let settings = Self.settings(test)
    let rows = Self.rows(test.batch)
    let before = ck_isa_active()
    defer { _ = ck_isa_use(before) }
    var expected: [(name: String, index: Int, slope: Double)] = []
    for isa in [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512]
    where isa.rawValue <= ck_isa_best().rawValue {
      _ = ck_isa_use(isa)
      let (start, end) = try Self.step(spec, settings, rows)
      if isa == CK_ISA_SCALAR { expected = Self.slopes(start, spec, settings, rows) }
      for (name, index, slope) in expected {
        let from = try #require(start.tensors[name]?[index])
        let to = try #require(end.tensors[name]?[index])
        let actual = (from - to) / settings.learningRate
        // The parameter's own rounding, 2⁻²⁴ of it, over the rate; then that of some hundred sums.
        let bound = 64 * 0x1p-23 * (abs(from) + 1) + 1e-4 * abs(slope)
        #expect(
          abs(actual - slope) <= bound,
          "\(String(cString: ck_isa_name(isa))): \(name)[\(index)] \(actual) instead of \(slope)")
      }
    }
  }
}
