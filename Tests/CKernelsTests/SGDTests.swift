// ck_sgd_* against double precision, over awkward shapes and every instruction set of this machine.
import CKernels
import CReference
import OsusumeData
import Testing

/// A tile with random tables and ratings.
private struct TileCase {
  let factors: Int
  let biased: Bool
  let runs: Int
  let seed: UInt64
  let items = 37

  var lanes: Int { factors + (biased ? 2 : 0) }
  let users: FloatMatrix
  let itemTable: FloatMatrix
  let userWeights: FloatMatrix
  let itemWeights: FloatMatrix
  var user = [Int32]()
  var start: [Int32] = [0]
  var item = [UInt16]()
  var value = [Float]()
  var order: [Int32]

  init(factors: Int, biased: Bool, runs: Int, seed: UInt64) {
    self.factors = factors
    self.biased = biased
    self.runs = runs
    self.seed = seed
    let lanes = factors + (biased ? 2 : 0)
    users = FloatMatrix(rows: runs + 3, columns: lanes)
    itemTable = FloatMatrix(rows: items, columns: lanes)
    userWeights = FloatMatrix(rows: 1, columns: runs + 3)
    itemWeights = FloatMatrix(rows: 1, columns: items)
    order = [Int32](repeating: 0, count: runs)
    ck_sgd_order(&order, runs, ck_random_key(seed, 1))
    var random = Draws(key: ck_random_key(seed, 0))
    for (table, constant) in [(users, factors + 1), (itemTable, factors)] {
      for row in 0..<table.rows {
        for lane in 0..<lanes { table[row][lane] = random.normal() / Float(lanes).squareRoot() }
        if biased { table[row][constant] = 1 }
      }
    }
    for weights in [userWeights, itemWeights] {
      for row in 0..<weights.columns { weights[0][row] = 1 / Float(1 + random.below(20)) }
    }
    for run in 0..<runs {
      user.append(Int32((run * 7) % (runs + 3)))
      let first = random.below(items)
      let count = random.below(9)  // some runs are empty
      for n in 0..<count {
        item.append(UInt16((first + n * 5) % items))
        value.append(random.normal())
      }
      start.append(Int32(item.count))
    }
  }

  /// Walks copies of the tables by the kernel.
  func walk() -> (squared: Double, users: FloatMatrix, items: FloatMatrix) {
    let (p, q) = (users.copy(), itemTable.copy())
    var userSide = side(p, userWeights)
    var itemSide = side(q, itemWeights)
    let squared = user.withUnsafeBufferPointer { user in
      start.withUnsafeBufferPointer { start in
        item.withUnsafeBufferPointer { item in
          value.withUnsafeBufferPointer { value in
            var tile = ck_sgd_tile(
              runs: runs, user: user.baseAddress, start: start.baseAddress, item: item.baseAddress,
              value: value.baseAddress)
            return ck_sgd_walk(&userSide, &itemSide, factors, biased, p.stride, &tile, order)
          }
        }
      }
    }
    return (squared, p, q)
  }

  private func side(_ table: FloatMatrix, _ weights: FloatMatrix) -> ck_sgd_side {
    ck_sgd_side(
      rows: table.base, weight: weights.base, rate: 0.05, decay: 0.001, prior: 0.004,
      bias_rate: 0.02, bias_decay: 0.003)
  }

  /// Walks copies of the tables in double precision.
  func reference() -> (squared: Double, users: [Double], items: [Double]) {
    var p = (0..<users.capacity).map { Double(users.base[$0]) }
    var q = (0..<itemTable.capacity).map { Double(itemTable.base[$0]) }
    let squared = p.withUnsafeMutableBufferPointer { p in
      q.withUnsafeMutableBufferPointer { q in
        user.withUnsafeBufferPointer { user in
          start.withUnsafeBufferPointer { start in
            item.withUnsafeBufferPointer { item in
              value.withUnsafeBufferPointer { value in
                order.withUnsafeBufferPointer { order in
                  var tile = ref_sgd_case(
                    users: reference(p, side(users, userWeights)),
                    items: reference(q, side(itemTable, itemWeights)), factors: factors,
                    biased: biased, stride: users.stride, slots: Int(CK_SGD_SLOTS), runs: runs,
                    user: user.baseAddress,
                    start: start.baseAddress, item: item.baseAddress, value: value.baseAddress,
                    order: order.baseAddress)
                  return ref_sgd_walk(&tile)
                }
              }
            }
          }
        }
      }
    }
    return (squared, p, q)
  }

  private func reference(
    _ rows: UnsafeMutableBufferPointer<Double>, _ side: ck_sgd_side
  ) -> ref_sgd_side {
    ref_sgd_side(
      rows: rows.baseAddress, weight: side.weight, rate: side.rate, decay: side.decay,
      prior: side.prior, bias_rate: side.bias_rate, bias_decay: side.bias_decay)
  }
}

@Suite struct SGDTests {
  static let sets = [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512].filter {
    $0.rawValue <= ck_isa_best().rawValue
  }

  @Test(arguments: sets.map(\.rawValue))
  func walkIsTheFormula(set: UInt32) {
    onISA(ck_isa(set)) { walkIsTheFormula() }
  }

  private func walkIsTheFormula() {
    // Multiples of each vector width, one off either side, and rows too long for registers.
    let widths = [
      0, 1, 2, 3, 6, 7, 8, 14, 15, 16, 17, 31, 33, 47, 48, 50, 63, 64, 72, 100, 130, 300,
    ]
    for factors in widths {
      for (biased, runs) in [
        (true, 0), (true, 1), (true, 3), (true, 23), (false, 4), (false, 23),
      ] {
        guard factors > 0 || biased else { continue }
        let tile = TileCase(
          factors: factors, biased: biased, runs: runs, seed: UInt64(factors * 10 + runs))
        check(tile)
      }
    }
  }

  private func check(_ tile: TileCase) {
    let (squared, p, q) = tile.walk()
    let expected = tile.reference()
    let note = "factors \(tile.factors) biased \(tile.biased) runs \(tile.runs) seed \(tile.seed)"
    let ratings = Double(tile.item.count)
    // Each rating adds an error of about lanes + 8 roundings of values near 1 to what it touches, and
    // the steps (at most 0.05) pass on a part of it.
    let unit = Double(Float.ulpOfOne) / 2
    let tolerance = unit * (Double(tile.lanes) + 8) * 8
    #expect(abs(squared - expected.squared) <= tolerance * (ratings + expected.squared), "\(note)")
    var worst = 0.0
    for n in 0..<p.capacity { worst = max(worst, abs(Double(p.base[n]) - expected.users[n])) }
    for n in 0..<q.capacity { worst = max(worst, abs(Double(q.base[n]) - expected.items[n])) }
    #expect(worst <= tolerance, "\(note)")
    guard tile.biased else { return }
    for row in 0..<p.rows { #expect(p[row][tile.factors + 1] == 1, "\(note)") }
    for row in 0..<q.rows { #expect(q[row][tile.factors] == 1, "\(note)") }
  }

  @Test func orderIsAPermutationThatDependsOnTheKey() {
    for count in [0, 1, 2, 3, 100] {
      var order = [Int32](repeating: -1, count: count)
      ck_sgd_order(&order, count, 5)
      #expect(order.sorted() == (0..<Int32(count)).map { $0 })
    }
    var (one, other) = ([Int32](repeating: 0, count: 100), [Int32](repeating: 0, count: 100))
    ck_sgd_order(&one, 100, 1)
    ck_sgd_order(&other, 100, 2)
    #expect(one != other)
  }
}
