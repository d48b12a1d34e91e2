// Minibatch training the naive way, in double precision: every row moves at every step.
import OsusumeData
import OsusumeModels

@testable import OsusumeTraining

/// p·q + b_u + b_i under dense Adam (Kingma and Ba 2015, algorithm 1; decoupled decay of Loshchilov and
/// Hutter 2019), AdaGrad or plain descent.
struct DenseReference {
  /// Parameters, [rows][lanes]: users as [p, b_u], items as [q, b_i].
  var users: [[Double]]
  var items: [[Double]]
  private let settings: Hyperparameters
  private var memory: [[[Double]]]
  private var steps = 0

  init(_ start: FactorParameters, _ settings: Hyperparameters) {
    self.settings = settings
    users = Self.learned(start.users, start.layout, bias: start.layout.userBiasLane)
    items = Self.learned(start.items, start.layout, bias: start.layout.itemBiasLane)
    let zeros = (users + items).map { $0.map { _ in 0.0 } }
    memory = [zeros, zeros]
  }

  /// The lanes of a table that are learned.
  static func learned(_ table: FloatMatrix, _ layout: FactorLayout, bias: Int) -> [[Double]] {
    (0..<table.rows).map { row in
      (Array(0..<layout.factors) + [bias]).map { Double(table[row][$0]) }
    }
  }

  func score(_ user: Int, _ item: Int) -> Double {
    let k = settings.factors
    return (0..<k).reduce(users[user][k] + items[item][k]) {
      $0 + users[user][$1] * items[item][$1]
    }
  }

  func rmse(_ rows: IndexedRatings) -> Double {
    let squares = (0..<rows.count).map { row -> Double in
      let error = score(Int(rows.users[row]), Int(rows.items[row])) - Double(rows.values[row])
      return error * error
    }
    return (squares.reduce(0, +) / Double(rows.count)).squareRoot()
  }

  /// One step on a batch; returns its loss.
  mutating func step(_ batch: [(user: Int, item: Int, rating: Double)]) -> Double {
    let errors = batch.map { score($0.user, $0.item) - $0.rating }
    let n = Double(batch.count)
    let meanSquare = errors.reduce(0) { $0 + $1 * $1 } / n
    let loss: Double
    let slopes: [Double]
    switch settings.loss {
    case .rmse:
      loss = meanSquare.squareRoot()
      slopes = errors.map { $0 / (n * loss) }
    case .mse:
      loss = meanSquare
      slopes = errors.map { 2 * $0 / n }
    case .mae:
      loss = errors.reduce(0) { $0 + abs($1) } / n
      slopes = errors.map { $0 == 0 ? 0 : ($0 > 0 ? 1 : -1) / n }
    case .binaryCrossEntropy, .crossEntropy: fatalError("losses of labels, not of ratings")
    }
    let k = settings.factors
    var gradients = (users + items).map { $0.map { _ in 0.0 } }
    for (row, slope) in zip(batch, slopes) {
      for lane in 0..<k {
        gradients[row.user][lane] += slope * items[row.item][lane]
        gradients[users.count + row.item][lane] += slope * users[row.user][lane]
      }
      gradients[row.user][k] += slope
      gradients[users.count + row.item][k] += slope
    }
    move(gradients)
    return loss
  }

  private mutating func move(_ gradients: [[Double]]) {
    steps += 1
    for (row, gradient) in gradients.enumerated() {
      for (lane, g) in gradient.enumerated() {
        let isUser = row < users.count
        let value = isUser ? users[row][lane] : items[row - users.count][lane]
        let moved = value + change(row, lane, g, value)
        if isUser { users[row][lane] = moved } else { items[row - users.count][lane] = moved }
      }
    }
  }

  private mutating func change(_ row: Int, _ lane: Int, _ g: Double, _ value: Double) -> Double {
    let (b1, b2, rate) = (settings.beta1, settings.beta2, settings.learningRate)
    switch settings.optimizer {
    case .sgd: return -rate * g
    case .adagrad:
      memory[1][row][lane] += g * g
      return -rate * g / (memory[1][row][lane].squareRoot() + settings.epsilon)
    case .adam, .adamw:
      memory[0][row][lane] = b1 * memory[0][row][lane] + (1 - b1) * g
      memory[1][row][lane] = b2 * memory[1][row][lane] + (1 - b2) * g * g
      let mean = memory[0][row][lane] / (1 - power(b1, steps))
      let square = memory[1][row][lane] / (1 - power(b2, steps))
      let decay = settings.optimizer == .adamw ? rate * settings.weightDecay * value : 0
      return -rate * mean / (square.squareRoot() + settings.epsilon) - decay
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1.0) { product, _ in product * base }
  }
}
