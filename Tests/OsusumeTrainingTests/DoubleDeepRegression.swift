// A hidden layer of ReLU on absolute errors, trained by dense Adam the naive way, in double precision.
import CKernels
import OsusumeData

@testable import OsusumeModels
@testable import OsusumeTraining

/// b + w·relu(c + drop(p, q)·W) as `deep-regression` trains it: every parameter moves at every step
/// (Kingma and Ba 2015, algorithm 1), on the batches and with the dropout masks of a `NetworkTrainer`.
struct DoubleDeepRegression {
  /// All parameters: users, items, W, c, w, b.
  var values: [Double]
  private var mean: [Double]
  private var square: [Double]
  private var steps = 0
  private let k: Int, units: Int
  private let itemPlace: Int, weightPlace: Int

  init(_ network: NetworkParameters) {
    let start = DoubleNetwork(network).tensors
    let names = ["user_factors", "item_factors"]
    let layers = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    values = (names + layers).flatMap { start[$0] ?? [] }
    mean = values.map { _ in 0 }
    square = mean
    k = network.plan.sizes.factors
    units = start["layers.0.bias"]?.count ?? 0
    itemPlace = k * network.plan.sizes.users
    weightPlace = itemPlace + k * network.plan.sizes.items
  }

  private var biasPlace: Int { weightPlace + 2 * k * units }
  private var outputPlace: Int { biasPlace + units }

  /// A pair of a batch: its rating, and by what each number of both vectors is multiplied.
  struct Pair {
    let user: Int, item: Int
    let rating: Double
    let mask: [Double]
  }

  /// What a pair's score is made of.
  private func forward(_ pair: Pair) -> (x: [Double], hidden: [Double], score: Double) {
    let x = (0..<2 * k).map { lane in
      pair.mask[lane]
        * values[lane < k ? pair.user * k + lane : itemPlace + pair.item * k + lane - k]
    }
    var hidden = Array(values[biasPlace..<biasPlace + units])
    for (lane, x) in x.enumerated() where x != 0 {
      for unit in 0..<units { hidden[unit] += x * values[weightPlace + lane * units + unit] }
    }
    var score = values[outputPlace + units]
    for unit in 0..<units {
      hidden[unit] = max(hidden[unit], 0)
      score += hidden[unit] * values[outputPlace + unit]
    }
    return (x, hidden, score)
  }

  /// One step on the mean absolute error of a batch.
  mutating func step(_ batch: [Pair], _ settings: Hyperparameters) {
    var gradient = values.map { _ in 0.0 }
    for pair in batch {
      let (x, hidden, score) = forward(pair)
      let error = score - pair.rating
      let slope = error == 0 ? 0 : (error > 0 ? 1 : -1) / Double(batch.count)
      gradient[outputPlace + units] += slope
      var back = hidden
      for unit in 0..<units {
        gradient[outputPlace + unit] += slope * hidden[unit]
        back[unit] = hidden[unit] > 0 ? slope * values[outputPlace + unit] : 0
        gradient[biasPlace + unit] += back[unit]
      }
      for lane in 0..<2 * k where pair.mask[lane] != 0 {
        let row = weightPlace + lane * units
        var sum = 0.0
        for unit in 0..<units {
          gradient[row + unit] += x[lane] * back[unit]
          sum += values[row + unit] * back[unit]
        }
        gradient[lane < k ? pair.user * k + lane : itemPlace + pair.item * k + lane - k] +=
          sum * pair.mask[lane]
      }
    }
    move(gradient, settings)
  }

  private mutating func move(_ gradient: [Double], _ settings: Hyperparameters) {
    steps += 1
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<steps { (power1, power2) = (power1 * settings.beta1, power2 * settings.beta2) }
    for (at, g) in gradient.enumerated() {
      mean[at] = settings.beta1 * mean[at] + (1 - settings.beta1) * g
      square[at] = settings.beta2 * square[at] + (1 - settings.beta2) * g * g
      values[at] -=
        settings.learningRate * (mean[at] / (1 - power1))
        / ((square[at] / (1 - power2)).squareRoot() + settings.epsilon)
    }
  }
}

extension NetworkTrainer {
  /// The batches of the epoch just run, with the masks that it drew for p and q.
  func pairs(epoch: Int, seed: UInt64, rate: Float) -> [[DoubleDeepRegression.Pair]] {
    let k = plan.sizes.factors
    let key = ck_random_bits(ck_random_key(seed, RandomStream.dropout), UInt64(epoch))
    let ones = [Float](repeating: 1, count: k)
    return (0..<batches.batches).map { batch in
      let first = batches.first(batch)
      let count = batches.count(batch)
      var masks = [[Float]](repeating: [Float](repeating: 0, count: count * k), count: 2)
      for salt in 0..<2 {
        ones.withUnsafeBufferPointer { ones in
          ck_layer_dropout(
            ck_layer_view(base: ones.baseAddress, stride: 0, row: nil, width: k),
            ck_random_bits(key, UInt64(salt)), UInt64(first), rate, 0, count, &masks[salt], k)
        }
      }
      let start = batches.userStart.base + batches.firstStart(batch)
      return (0..<Int(batches.userRuns[batch])).flatMap { run in
        (Int(start[run])..<Int(start[run + 1])).map { pair in
          DoubleDeepRegression.Pair(
            user: Int(batches.userID[first + run]), item: Int(batches.items[first + pair]),
            rating: Double(batches.ratings[first + pair]),
            mask: (0..<2 * k).map { Double(masks[$0 / k][pair * k + $0 % k]) })
        }
      }
    }
  }
}
