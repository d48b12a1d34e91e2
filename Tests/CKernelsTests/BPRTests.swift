// ck_bpr_walk against double precision, over awkward shapes and every instruction set.
import CKernels
import CReference
import OsusumeData
import Testing

/// A tile with random tables, ratings and members.
private struct BPRCase {
  let lanes: Int
  let negatives: Int
  let runs: Int
  let users: FloatMatrix
  let items: FloatMatrix
  let steps: FloatMatrix
  let members: [Int32]
  var user = [Int32]()
  var start: [Int32] = [0]
  var item = [UInt16]()
  var weight = [Float]()
  var order: [Int32]
  let key: UInt64

  init(lanes: Int, negatives: Int, runs: Int, count: Int = 23) {
    (self.lanes, self.negatives, self.runs) = (lanes, negatives, runs)
    key = ck_random_key(UInt64(lanes * 1000 + negatives * 10 + runs), 96)
    var random = Draws(key: key)
    users = FloatMatrix(rows: runs + 3, columns: lanes)
    items = FloatMatrix(rows: 31, columns: lanes)
    for table in [users, items] {
      for row in 0..<table.rows {
        for lane in 0..<lanes { table[row][lane] = random.normal() / Float(lanes).squareRoot() }
      }
    }
    // Users' rates and decays, then items'; the last lane of each stays.
    steps = FloatMatrix(rows: 4, columns: lanes)
    for row in 0..<4 {
      for lane in 0..<lanes - 1 { steps[row][lane] = Float(1 + random.below(5)) / 100 }
    }
    members = (0..<count).map { Int32($0 * 7 % 31) }
    order = [Int32](repeating: 0, count: runs)
    ck_sgd_order(&order, runs, ck_random_key(key, 1))
    for run in 0..<runs {
      user.append(Int32((run * 5) % (runs + 3)))
      let first = random.below(count)
      // No run is without ratings but the third; the fourth leaves nothing to draw.
      let ratings = run == 2 ? 0 : run == 3 ? count : 1 + random.below(count / 2)
      for n in 0..<ratings {
        item.append(UInt16((first + n) % count))
        weight.append(n % 4 == 3 ? 0 : n % 2 == 0 ? 1 : 0.25)
      }
      start.append(Int32(item.count))
    }
  }

  /// Walks copies of the tables by the kernel.
  func walk() -> (loss: Double, users: FloatMatrix, items: FloatMatrix) {
    let (p, q) = (users.copy(), items.copy())
    let bytes = ck_bpr_scratch_bytes(members.count, negatives, p.stride)
    let scratch = FloatMatrix(rows: (bytes + 63) / 64, columns: 16)
    for float in 0..<scratch.capacity { scratch.base[float] = .nan }
    var (own, others) = (side(p, 0), side(q, 2))
    let loss = withRatings { ratings in
      members.withUnsafeBufferPointer { members in
        var tile = ck_bpr_tile(
          ratings: ratings, members: members.baseAddress, count: members.count)
        return ck_bpr_walk(&own, &others, p.stride, negatives, &tile, order, key, scratch.base)
      }
    }
    return (loss, p, q)
  }

  private func side(_ table: FloatMatrix, _ row: Int) -> ck_bpr_side {
    ck_bpr_side(
      rows: table.base, rate: steps.base + row * steps.stride,
      decay: steps.base + (row + 1) * steps.stride)
  }

  private func withRatings<R>(_ body: (UnsafePointer<ck_sgd_tile>) -> R) -> R {
    user.withUnsafeBufferPointer { user in
      start.withUnsafeBufferPointer { start in
        item.withUnsafeBufferPointer { item in
          weight.withUnsafeBufferPointer { weight in
            var tile = ck_sgd_tile(
              runs: runs, user: user.baseAddress, start: start.baseAddress,
              item: item.baseAddress, value: weight.baseAddress)
            return withUnsafePointer(to: &tile, body)
          }
        }
      }
    }
  }

  /// Walks copies of the tables in double precision.
  func reference() -> (loss: Double, users: [Double], items: [Double]) {
    var p = (0..<users.capacity).map { Double(users.base[$0]) }
    var q = (0..<items.capacity).map { Double(items.base[$0]) }
    let (own, others) = (side(users, 0), side(items, 2))
    let loss = withRatings { ratings in
      p.withUnsafeMutableBufferPointer { p in
        q.withUnsafeMutableBufferPointer { q in
          members.withUnsafeBufferPointer { members in
            order.withUnsafeBufferPointer { order in
              let tile = ratings.pointee
              var example = ref_bpr_case(
                users: ref_bpr_side(rows: p.baseAddress, rate: own.rate, decay: own.decay),
                items: ref_bpr_side(rows: q.baseAddress, rate: others.rate, decay: others.decay),
                stride: users.stride, negatives: negatives, runs: runs, user: tile.user,
                start: tile.start, item: tile.item, weight: tile.value,
                members: members.baseAddress, count: members.count, order: order.baseAddress,
                key: key)
              return ref_bpr_walk(&example)
            }
          }
        }
      }
    }
    return (loss, p, q)
  }
}

extension KernelTests {
  struct BPRTests {
    @Test(arguments: [2, 3, 8, 15, 16, 17, 34, 66, 130, 258])
    func stepsAreTheFormula(lanes: Int) {
      for (negatives, runs) in [(1, 1), (1, 9), (3, 9), (4, 5), (5, 9), (33, 6), (255, 5), (8, 0)] {
        let example = BPRCase(lanes: lanes, negatives: negatives, runs: runs)
        let right = example.reference()
        forEachISA { isa in
          let (loss, p, q) = example.walk()
          let note = "\(isa): \(negatives) drawn, \(runs) runs"
          // Each rating adds roundings of sums of `lanes` values near 1; steps pass on a part of them.
          let tolerance = 0x1p-24 * Double(lanes + 16) * 8
          #expect(abs(loss - right.loss) <= tolerance * (1 + right.loss), "\(note)")
          var worst = 0.0
          for n in 0..<p.capacity { worst = max(worst, abs(Double(p.base[n]) - right.users[n])) }
          for n in 0..<q.capacity { worst = max(worst, abs(Double(q.base[n]) - right.items[n])) }
          #expect(worst <= tolerance, "\(note)")
          #expect(runs == 0 || right.loss > 0, "\(note)")
        }
      }
    }

    /// A rating's step is along the gradient of the loss, by central differences in double precision.
    @Test(arguments: [1, 5]) func aStepFollowsTheGradient(negatives: Int) {
      var example = BPRCase(lanes: 6, negatives: negatives, runs: 1)
      // Any place but the first that is drawn.
      let drawn = UInt16(ck_random_below(example.key, 0, UInt64(example.members.count)))
      (example.start, example.item, example.weight) = ([0, 1], [drawn == 4 ? 5 : 4], [1])
      for lane in 0..<6 {
        for row in 0..<4 { example.steps[row][lane] = row % 2 == 0 ? 0.01 : 0 }
      }
      let (_, p, q) = example.walk()
      check(p, against: example.users, of: example)
      check(q, against: example.items, of: example)
    }

    private func check(_ moved: FloatMatrix, against table: FloatMatrix, of example: BPRCase) {
      var steepest = 0.0
      for row in 0..<table.rows {
        for lane in 0..<6 {
          let here = table[row][lane]
          let losses = [Float(0x1p-8), -0x1p-8].map { offset in
            table[row][lane] = here + offset
            return example.reference().loss
          }
          table[row][lane] = here
          let slope = (losses[0] - losses[1]) / 0x1p-7
          steepest = max(steepest, abs(slope))
          let step = Double(moved[row][lane]) - Double(here)
          // Third derivatives are below 1, and a float near 1 is rounded.
          #expect(abs(step + 0.01 * slope) <= 0.01 * 0x1p-16 + 0x1p-23, "row \(row), lane \(lane)")
        }
      }
      #expect(steepest > 0.05)
    }

    @Test func noItemIsMovedButMembers() {
      let example = BPRCase(lanes: 10, negatives: 7, runs: 8, count: 11)
      forEachISA { isa in
        let (_, _, q) = example.walk()
        for row in 0..<q.rows where !example.members.contains(Int32(row)) {
          #expect((0..<10).allSatisfy { q[row][$0] == example.items[row][$0] }, "\(isa), \(row)")
        }
      }
    }
  }
}
