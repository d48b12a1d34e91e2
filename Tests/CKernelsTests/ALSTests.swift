// ck_als_solve and ck_als_sample against double precision over awkward shapes and instruction sets.
import CKernels
import CReference
import OsusumeData
import Testing

/// Rows with from no to some hundred ratings of a random table.
private struct ALSCase {
  let factors: Int
  let biased: Bool
  let isUser: Bool
  let rows: Int
  let fixed: FloatMatrix
  var offsets: [Int32] = [0]
  var columns: [Int32] = []
  var values: [Float] = []
  /// Of rows, laid out as they are, and roots of weights of rows and columns; nil for none.
  var centers: FloatMatrix?
  var rowRoots: [Float]?
  var columnRoots: [Float]?
  var factorPenalty = ck_als_penalty(per_rating: 0.05, per_row: 0.7)
  var biasPenalty = ck_als_penalty(per_rating: 0.01, per_row: 2)

  /// `most`: of the ratings of a row.
  init(factors: Int, biased: Bool, isUser: Bool = true, rows: Int, most: Int = 150) {
    self.factors = factors
    self.biased = biased
    self.isUser = isUser
    self.rows = rows
    let key = ck_random_key(UInt64(factors * 100 + rows), 90)
    fixed = FloatMatrix(rows: 61, columns: factors + 2)
    let (own, other) = isUser ? (factors, factors + 1) : (factors + 1, factors)
    for row in 0..<fixed.rows {
      for lane in 0..<factors {
        fixed[row][lane] = Float(ck_random_normal(key, UInt64(row * 4096 + lane))) * 0.4
      }
      guard biased else { continue }
      fixed[row][own] = 1
      fixed[row][other] = Float(ck_random_normal(key, UInt64(row * 4096 + 4095)))
    }
    for row in 0..<rows {
      let spread = ck_random_uniform(key, UInt64(1 << 40 | row))
      // Some rows without ratings, some with one, one longer than a panel.
      let count = row % 5 == 3 ? 0 : row % 5 == 4 ? 1 : Int(spread * spread * Double(most))
      for _ in 0..<count {
        let draw = UInt64(1 << 41 | values.count)
        columns.append(Int32(ck_random_below(key, draw, UInt64(fixed.rows))))
        values.append(Float(ck_random_normal(key, draw)) * 2)
      }
      offsets.append(Int32(values.count))
    }
  }

  var ownBias: Int { isUser ? factors : factors + 1 }
  var otherBias: Int { isUser ? factors + 1 : factors }

  /// The kernel's rows, squared error, and first row that was not solved; with a prior, draws.
  func solve(
    _ range: Range<Int>? = nil, prior: Prior? = nil
  ) -> (rows: FloatMatrix, squared: Double, solved: Int) {
    let range = range ?? 0..<rows
    let table = FloatMatrix(rows: rows, columns: factors + 2)
    for lane in 0..<table.capacity { table.base[lane] = 77 }
    if let prior {
      for row in 0..<rows {
        for (unknown, z) in prior.noise(row).enumerated() {
          table[row][unknown < factors ? unknown : ownBias] = Float(z)
        }
      }
    }
    let scratch = noise(bytes: ck_als_scratch_bytes(factors, biased))
    var squared = [Double](repeating: 0, count: rows)
    let solved = withSide { side in
      guard let prior else {
        return ck_als_solve(
          side, range.lowerBound, range.upperBound, table.base, &squared, scratch.base)
      }
      return prior.precision.withUnsafeBufferPointer { precision in
        prior.weightedMean.withUnsafeBufferPointer { weightedMean in
          var expected = ck_als_prior(
            precision: precision.baseAddress, weighted_mean: weightedMean.baseAddress,
            deviation: prior.deviation)
          return ck_als_sample(
            side, &expected, range.lowerBound, range.upperBound, table.base, &squared, scratch.base)
        }
      }
    }
    return (table, squared.reduce(0, +), solved)
  }

  /// Variances of the columns' unknowns.
  var spread: FloatMatrix {
    let spread = FloatMatrix(rows: fixed.rows, columns: factors + 2)
    let key = ck_random_key(UInt64(factors), 93)
    for row in 0..<fixed.rows {
      for lane in 0..<factors + 2 where lane != ownBias {
        spread[row][lane] = Float(ck_random_uniform(key, UInt64(row * 4096 + lane))) / 4
      }
    }
    return spread
  }

  /// The kernel's means, their variances and the expected squared errors.
  func expect(_ prior: Prior) -> (rows: FloatMatrix, variances: FloatMatrix, squared: [Double]) {
    let (table, variances) = (
      FloatMatrix(rows: rows, columns: factors + 2), FloatMatrix(rows: rows, columns: factors + 2)
    )
    for lane in 0..<table.capacity { (table.base[lane], variances.base[lane]) = (77, 77) }
    let (scratch, known) = (noise(bytes: ck_als_scratch_bytes(factors, biased)), spread)
    var squared = [Double](repeating: 0, count: rows)
    let solved = withSide { side in
      prior.precision.withUnsafeBufferPointer { precision in
        prior.weightedMean.withUnsafeBufferPointer { weightedMean in
          var expected = ck_als_prior(
            precision: precision.baseAddress, weighted_mean: weightedMean.baseAddress,
            deviation: prior.deviation)
          var both = ck_als_spread(fixed: known.base, rows: variances.base)
          return ck_als_expect(
            side, &expected, &both, 0, rows, table.base, &squared, scratch.base)
        }
      }
    }
    #expect(solved == rows)
    return (table, variances, squared)
  }

  /// A row's mean, variances and expected squared error in double.
  func expectation(
    _ row: Int, _ prior: Prior
  ) -> (x: [Double], variances: [Double], squared: Double) {
    var x = [Double](repeating: 0, count: prior.unknowns)
    var variances = x
    let known = spread
    let squared = withRow(row) {
      ref_als_expect(
        $0, known.base, prior.precision, prior.weightedMean, prior.deviation, &x, &variances)
    }
    return (zip(x, center(row)).map { $0 + $1 }, variances, squared)
  }

  /// Moves a table's rows; returns the squared error that the kernel reports.
  func iterate(_ table: FloatMatrix, steps: Int) -> Double {
    let scratch = noise(bytes: ck_als_iterate_bytes(factors, biased))
    var squared = [Double](repeating: 0, count: rows)
    withSide { ck_als_iterate($0, 0, rows, steps, table.base, &squared, scratch.base) }
    return squared.reduce(0, +)
  }

  /// The same with centers and weights of rows and columns.
  func around() -> ALSCase {
    var other = self
    let key = ck_random_key(UInt64(factors), 92)
    let centers = FloatMatrix(rows: rows, columns: factors + 2)
    for row in 0..<rows {
      for lane in 0..<factors + (biased ? 2 : 0) where lane != otherBias || !biased {
        centers[row][lane] = Float(ck_random_normal(key, UInt64(row * 4096 + lane))) / 8
      }
    }
    other.centers = centers
    other.rowRoots = (0..<rows).map { 0.5 + Float(ck_random_uniform(key, UInt64($0))) }
    other.columnRoots = (0..<fixed.rows).map {
      0.5 + Float(ck_random_uniform(key, UInt64(1000 + $0)))
    }
    return other
  }

  private func noise(bytes: Int) -> FloatMatrix {
    let scratch = FloatMatrix(rows: bytes / 64, columns: 16)
    for lane in 0..<scratch.capacity { scratch.base[lane] = .nan }
    return scratch
  }

  private func withSide<Result>(_ body: (UnsafePointer<ck_als_side>) -> Result) -> Result {
    offsets.withUnsafeBufferPointer { offsets in
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          (rowRoots ?? []).withUnsafeBufferPointer { rowRoots in
            (columnRoots ?? []).withUnsafeBufferPointer { columnRoots in
              let side = ck_als_side(
                offsets: offsets.baseAddress, columns: columns.baseAddress,
                values: values.baseAddress, fixed: fixed.base, factors: factors,
                stride: fixed.stride, biased: biased, own_bias: ownBias, other_bias: otherBias,
                factor_penalty: factorPenalty, bias_penalty: biasPenalty, centers: centers?.base,
                row_roots: self.rowRoots == nil ? nil : rowRoots.baseAddress,
                column_roots: self.columnRoots == nil ? nil : columnRoots.baseAddress)
              return withUnsafePointer(to: side, body)
            }
          }
        }
      }
    }
  }

  /// A row's minimiser in double, and the squared error it leaves.
  func reference(_ row: Int, dual: Bool = false) -> (x: [Double], squared: Double) {
    var x = [Double](repeating: 0, count: factors + (biased ? 1 : 0))
    guard offsets[row] < offsets[row + 1] else { return (center(row), 0) }
    let squared = withRow(row) {
      if dual { ref_als_dual($0, &x) } else { ref_als_primal($0, &x) }
      return ref_als_squared($0, x)
    }
    return (zip(x, center(row)).map { $0 + $1 }, squared)
  }

  /// A row's draw in double, and the squared error it leaves.
  func reference(_ row: Int, _ prior: Prior) -> (x: [Double], squared: Double) {
    var x = [Double](repeating: 0, count: prior.unknowns)
    let squared = withRow(row) {
      ref_als_draw(
        $0, prior.precision, prior.weightedMean, prior.deviation, prior.noise(row), &x)
      return ref_als_squared($0, x)
    }
    return (zip(x, center(row)).map { $0 + $1 }, squared)
  }

  /// The squared error that a solution leaves.
  func squared(_ row: Int, of x: [Double]) -> Double { withRow(row) { ref_als_squared($0, x) } }

  private func center(_ row: Int) -> [Double] {
    guard let centers else { return .init(repeating: 0, count: factors + (biased ? 1 : 0)) }
    return solution(row, of: centers)
  }

  /// A row as the reference wants it: ratings less what the row's center has of them.
  private func withRow<Result>(_ row: Int, _ body: (UnsafePointer<ref_als_row>) -> Result) -> Result
  {
    let range = Int(offsets[row])..<Int(offsets[row + 1])
    let count = Float(range.count)
    let center = center(row)
    let left = range.map { place in
      (0..<factors).reduce(Double(values[place]) - (biased ? center[factors] : 0)) {
        $0 - center[$1] * Double(fixed[Int(columns[place])][$1])
      }
    }.map { Float($0) }
    let roots = columns[range].map { (rowRoots?[row] ?? 1) * (columnRoots?[Int($0)] ?? 1) }
    return columns.withUnsafeBufferPointer { columns in
      left.withUnsafeBufferPointer { left in
        roots.withUnsafeBufferPointer { roots in
          let problem = ref_als_row(
            fixed: fixed.base, stride: fixed.stride, factors: factors, biased: biased,
            other_bias: otherBias, columns: columns.baseAddress.map { $0 + range.lowerBound },
            values: left.baseAddress, count: range.count,
            factor_penalty: Double(factorPenalty.per_rating * count + factorPenalty.per_row),
            bias_penalty: Double(biasPenalty.per_rating * count + biasPenalty.per_row),
            roots: roots.baseAddress)
          return withUnsafePointer(to: problem, body)
        }
      }
    }
  }

  /// What the kernel left in a row, in the order of the reference.
  func solution(_ row: Int, of table: FloatMatrix) -> [Double] {
    (0..<factors).map { Double(table[row][$0]) } + (biased ? [Double(table[row][ownBias])] : [])
  }
}

/// A prior with everything correlated with everything, and the noise of draws.
private struct Prior {
  let unknowns: Int
  var precision: [Double]
  var weightedMean: [Double]
  let deviation = 0.3
  private let key: UInt64

  init(_ example: ALSCase) {
    unknowns = example.factors + (example.biased ? 1 : 0)
    let key = ck_random_key(UInt64(unknowns), 91)
    self.key = key
    let width = unknowns
    let parts = (0..<width * width).map { ck_random_normal(key, UInt64($0)) }
    precision = .init(repeating: 0, count: width * width)
    for i in 0..<width {
      precision[i * width + i] = 0.5
      for j in 0..<width {
        var sum = 0.0
        for l in 0..<width { sum += parts[i * width + l] * parts[j * width + l] }
        precision[i * width + j] += sum / Double(width)
      }
    }
    weightedMean = (0..<width).map { ck_random_normal(key, UInt64(1 << 30 | $0)) }
  }

  /// z of a row; as float32 holds them.
  func noise(_ row: Int) -> [Double] {
    (0..<unknowns).map { Double(Float(ck_random_normal(key, UInt64(1 << 31 | row << 12 | $0)))) }
  }
}

extension KernelTests {
  @Suite struct ALSTests {
    /// Around the widths of vectors and blocks, with and without room for biases behind the factors.
    static let widths = [
      0, 1, 2, 3, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19, 22, 23, 31, 33, 47, 48, 50, 54, 55, 63, 64,
      65, 130,
    ]

    @Test func rowsAreTheMinimisers() {
      forEachISA { isa in
        for factors in Self.widths {
          for (biased, isUser, rows) in [(true, true, 1), (true, false, 21), (false, true, 18)]
          where biased || factors > 0 {
            let example = ALSCase(factors: factors, biased: biased, isUser: isUser, rows: rows)
            check(example, isa)
            check(example.around(), isa)
          }
        }
      }
    }

    private func check(_ example: ALSCase, _ isa: String) {
      let (table, squared, solved) = example.solve()
      let note =
        "\(isa): factors \(example.factors), biased \(example.biased), \(example.rows) rows, "
        + "centers \(example.centers != nil)"
      #expect(solved == example.rows, "\(note)")
      // What a center has of a rating is rounded too, before the system is solved.
      let tolerance = example.centers == nil ? 1e-5 : 4e-5
      var expected = 0.0
      for row in 0..<example.rows {
        let (x, left) = example.reference(row)
        expected += left
        for (mine, right) in zip(example.solution(row, of: table), x) {
          #expect(
            abs(mine - right) <= tolerance * (1 + abs(right)), "\(note), row \(row)")
        }
        guard example.biased else { continue }
        #expect(table[row][example.otherBias] == 77, "\(note): the constant's lane is not touched")
      }
      #expect(abs(squared - expected) <= 1e-4 * (1 + expected), "\(note)")
    }

    @Test func stepsOfConjugateGradientsReachTheMinimisers() {
      forEachISA { isa in
        for factors in [0, 1, 7, 14, 16, 33, 50, 64, 130] {
          for isUser in [true, false] {
            let example = ALSCase(factors: factors, biased: true, isUser: isUser, rows: 14)
            let table = FloatMatrix(rows: example.rows, columns: factors + 2)
            for row in 0..<example.rows { table[row][example.otherBias] = 1 }
            var last = Double.infinity
            for steps in [1, 3, 200] {
              let squared = example.iterate(table, steps: steps)
              let expected = (0..<example.rows).reduce(0.0) {
                $0 + example.squared($1, of: example.solution($1, of: table))
              }
              let note = "\(isa): factors \(factors), user \(isUser), \(steps) steps"
              #expect(abs(squared - expected) <= 1e-3 * (1 + expected), "\(note)")
              #expect(squared <= last * 1.5, "\(note)")
              last = squared
            }
            for row in 0..<example.rows {
              for (mine, right) in zip(example.solution(row, of: table), example.reference(row).x) {
                #expect(
                  abs(mine - right) <= 1e-4 * (1 + abs(right)),
                  "\(isa): factors \(factors), row \(row)")
              }
            }
          }
        }
      }
    }

    /// Rows with a prior, with and without centers, on every instruction set.
    private func forEachCase(_ check: (ALSCase, _ isa: String) -> Void) {
      forEachISA { isa in
        for factors in Self.widths {
          for (biased, isUser, rows) in [(true, true, 1), (true, false, 21), (false, true, 18)]
          where biased || factors > 0 {
            let example = ALSCase(factors: factors, biased: biased, isUser: isUser, rows: rows)
            check(example, isa)
            check(example.around(), isa)
          }
        }
      }
    }

    @Test func drawsAreThoseOfDoublePrecision() {
      forEachCase(checkDraws)
    }

    private func checkDraws(_ example: ALSCase, _ isa: String) {
      let prior = Prior(example)
      let (table, squared, solved) = example.solve(prior: prior)
      let note =
        "\(isa): factors \(example.factors), biased \(example.biased), \(example.rows) rows, "
        + "centers \(example.centers != nil)"
      #expect(solved == example.rows, "\(note)")
      // What a center has of a rating is rounded too, before the system is solved.
      let tolerance = example.centers == nil ? 1e-5 : 4e-5
      var expected = 0.0
      for row in 0..<example.rows {
        let (x, left) = example.reference(row, prior)
        expected += left
        for (mine, right) in zip(example.solution(row, of: table), x) {
          #expect(
            abs(mine - right) <= tolerance * (1 + abs(right)), "\(note), row \(row)")
        }
        guard example.biased else { continue }
        #expect(table[row][example.otherBias] == 77, "\(note): the constant's lane is not touched")
      }
      #expect(abs(squared - expected) <= 1e-4 * (1 + expected), "\(note)")
    }

    @Test func expectationsAreThoseOfDoublePrecision() {
      forEachCase(checkExpectations)
    }

    private func checkExpectations(_ example: ALSCase, _ isa: String) {
      let prior = Prior(example)
      let (table, variances, squared) = example.expect(prior)
      let note =
        "\(isa): factors \(example.factors), biased \(example.biased), \(example.rows) rows, "
        + "centers \(example.centers != nil)"
      for row in 0..<example.rows {
        let right = example.expectation(row, prior)
        for (mine, x) in zip(example.solution(row, of: table), right.x) {
          #expect(abs(mine - x) <= 4e-5 * (1 + abs(x)), "\(note), row \(row)")
        }
        for (mine, variance) in zip(example.solution(row, of: variances), right.variances) {
          #expect(abs(mine - variance) <= 1e-5 * variance, "\(note), row \(row)")
        }
        #expect(
          abs(squared[row] - right.squared) <= 1e-4 * (1 + right.squared), "\(note), row \(row)")
        guard example.biased else { continue }
        #expect(table[row][example.otherBias] == 77, "\(note): the constant's lane is not touched")
        #expect(variances[row][example.otherBias] == 77, "\(note): nor is its variance")
      }
    }

    @Test func momentsAreThoseOfRowsWithRatings() {
      let example = ALSCase(factors: 17, biased: true, rows: 23)
      let table = example.solve().rows
      forEachISA { isa in
        let lanes = 19
        var moments = [Double](repeating: 1, count: lanes * lanes)
        ck_als_moments(example.offsets, 2, 22, table.base, table.stride, lanes, &moments)
        for i in 0..<lanes {
          for j in 0..<lanes {
            let rows = (2..<22).filter { example.offsets[$0] < example.offsets[$0 + 1] }
            let sum = rows.reduce(0.0) { $0 + Double(table[$1][i]) * Double(table[$1][j]) }
            let right = j <= i ? 1 + sum : 1
            #expect(abs(moments[i * lanes + j] - right) <= 1e-9 * (1 + abs(right)), "\(isa)")
          }
        }
      }
    }

    @Test func theDualFormAgrees() {
      let example = ALSCase(factors: 33, biased: true, rows: 20, most: 60)
      let table = example.solve().rows
      for row in 0..<example.rows {
        let (primal, dual) = (example.reference(row).x, example.reference(row, dual: true).x)
        for (lane, mine) in example.solution(row, of: table).enumerated() {
          #expect(abs(primal[lane] - dual[lane]) <= 1e-9, "row \(row)")
          #expect(abs(mine - dual[lane]) <= 1e-5 * (1 + abs(dual[lane])), "row \(row)")
        }
      }
    }

    /// Few rows are solved one by one, more side by side: to the same bits, drawn or not.
    @Test(arguments: [16, 22, 50]) func aRowDoesNotDependOnItsNeighbours(factors: Int) {
      let example = ALSCase(factors: factors, biased: true, rows: 23)
      forEachISA { isa in
        for prior in [nil, Prior(example)] {
          let whole = example.solve(prior: prior).rows
          for count in [1, 2, 4, 5] {
            for row in stride(from: 0, through: example.rows - count, by: 6) {
              let some = example.solve(row..<row + count, prior: prior).rows
              let equal = (row..<row + count).allSatisfy { row in
                (0..<factors + 2).allSatisfy {
                  some[row][$0].bitPattern == whole[row][$0].bitPattern
                }
              }
              #expect(equal, "\(isa): rows \(row) to \(row + count), prior \(prior != nil)")
            }
          }
        }
      }
    }

    @Test func undeterminedRowsAreFound() {
      for factors in [3, 16, 50, 64] {
        var example = ALSCase(factors: factors, biased: true, rows: 10, most: 2000)
        example.factorPenalty = .init(per_rating: 0, per_row: 0)
        forEachISA { isa in
          // Rows 3 and 8 have no ratings: zeros, whatever the penalty. Row 4 has one.
          let solved = example.solve().solved
          let few = (0..<10).first {
            let count = Int(example.offsets[$0 + 1] - example.offsets[$0])
            return count > 0 && count < factors
          }
          #expect(solved == few, "\(isa): factors \(factors)")
        }
      }
    }

    @Test func whatIsNotANumberIsNotSolved() {
      var example = ALSCase(factors: 16, biased: true, rows: 3)
      example.values[0] = .nan
      #expect(example.solve().solved == example.offsets.firstIndex { $0 > 0 }.map { $0 - 1 })
    }
  }
}
