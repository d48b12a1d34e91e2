// ck_ials_iterate against double precision, over awkward shapes and every instruction set.
import CKernels
import CReference
import OsusumeData
import Testing

/// Rows that met from no to some forty columns of a random table.
private struct IALSCase {
  let lanes: Int
  let fixed: FloatMatrix
  let spectrum: FloatMatrix
  let start: FloatMatrix
  var offsets: [Int32] = [0]
  var columns: [Int32] = []
  var weights: [Float] = []
  var penalties: [Float] = []

  var rows: Int { offsets.count - 1 }

  init(lanes: Int, rows: Int) {
    self.lanes = lanes
    var random = Draws(key: ck_random_key(UInt64(lanes * 100 + rows), 95))
    fixed = FloatMatrix(rows: 61, columns: lanes)
    spectrum = FloatMatrix(rows: 1, columns: lanes)
    start = FloatMatrix(rows: rows, columns: lanes)
    for table in [fixed, start] {
      for row in 0..<table.rows {
        for lane in 0..<lanes { table[row][lane] = random.normal() / Float(lanes).squareRoot() }
      }
    }
    for lane in 0..<lanes { spectrum[0][lane] = Float(random.below(1000)) / 200 }
    for row in 0..<rows {
      // Around the groups of four, none among them.
      let count = row < 10 ? row : random.below(40)
      for _ in 0..<count {
        columns.append(Int32(random.below(fixed.rows)))
        weights.append(Float(random.below(9)) / 4)
      }
      offsets.append(Int32(columns.count))
      penalties.append(0.05 + Float(random.below(100)) / 100)
    }
  }

  /// The rows after some steps, and what the kernel says is left of each one's objective.
  func iterate(_ steps: Int, rows range: Range<Int>? = nil) -> (FloatMatrix, left: [Double]) {
    let range = range ?? 0..<rows
    let table = start.copy()
    var left = [Double](repeating: -7, count: rows)
    let scratch = FloatMatrix(rows: (ck_ials_scratch_bytes(fixed.stride) + 63) / 64, columns: 16)
    for float in 0..<scratch.capacity { scratch.base[float] = .nan }
    withPointers { offsets, columns, weights, penalties in
      var side = ck_ials_side(
        offsets: offsets, columns: columns, weights: weights, fixed: fixed.base, lanes: lanes,
        stride: fixed.stride, spectrum: spectrum.base, penalties: penalties)
      ck_ials_iterate(
        &side, range.lowerBound, range.upperBound, steps, table.base, &left, scratch.base)
    }
    return (table, left)
  }

  /// Calls `body` with a row as the reference takes it.
  func withRow<R>(_ row: Int, _ body: (UnsafePointer<ref_ials_row>) -> R) -> R {
    withPointers { _, columns, weights, _ in
      let first = Int(offsets[row])
      var reference = ref_ials_row(
        fixed: fixed.base, stride: fixed.stride, lanes: lanes, columns: columns + first,
        weights: weights + first, count: Int(offsets[row + 1]) - first, spectrum: spectrum.base,
        penalty: Double(penalties[row]))
      return body(&reference)
    }
  }

  private func withPointers<R>(
    _ body: (
      UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Float>, UnsafePointer<Float>
    ) -> R
  ) -> R {
    body(offsets, columns, weights, penalties)
  }

  func numbers(_ row: UnsafeMutableBufferPointer<Float>) -> [Double] {
    row.prefix(lanes).map(Double.init)
  }
}

extension KernelTests {
  struct IALSTests {
    static let widths = [1, 2, 7, 8, 15, 16, 17, 33, 64, 100, 130, 256, 300]

    @Test(arguments: widths) func stepsAreThoseOfDoublePrecision(lanes: Int) {
      let example = IALSCase(lanes: lanes, rows: 21)
      forEachISA { isa in
        for steps in [0, 1, 2, 3] {
          let (table, left) = example.iterate(steps)
          for row in 0..<example.rows where example.offsets[row] < example.offsets[row + 1] {
            let note = "\(isa), \(steps) steps, row \(row)"
            var x = example.numbers(example.start[row])
            example.withRow(row) { ref_ials_iterate($0, steps, &x) }
            let mine = example.numbers(table[row])
            let size = x.reduce(1) { max($0, abs($1)) }
            // A step passes on what rounding did to the ones before, sums of lanes + count terms.
            let rounding = 0x1p-24 * Double(steps * 8 * (lanes + 40))
            for lane in 0..<lanes {
              #expect(abs(mine[lane] - x[lane]) <= rounding * size, "\(note), lane \(lane)")
            }
            let first = example.numbers(example.start[row])
            let (objective, whole) = example.withRow(row) {
              (ref_ials_objective($0, mine), ref_ials_objective($0, first))
            }
            #expect(abs(left[row] - objective) <= 0x1p-20 * whole, "\(note): what is left")
          }
        }
      }
    }

    @Test(arguments: widths) func manyStepsReachTheMinimiser(lanes: Int) {
      let example = IALSCase(lanes: lanes, rows: 14)
      forEachISA { isa in
        let (table, left) = example.iterate(200)
        for row in 0..<example.rows where example.offsets[row] < example.offsets[row + 1] {
          var x = [Double](repeating: 0, count: lanes)
          let least = example.withRow(row) { reference in
            ref_ials_solve(reference, &x)
            return ref_ials_objective(reference, x)
          }
          let note = "\(isa), row \(row)"
          for (mine, right) in zip(example.numbers(table[row]), x) {
            #expect(abs(mine - right) <= 1e-4 * (0.1 + abs(right)), "\(note)")
          }
          #expect(abs(left[row] - least) <= 1e-5 * (1 + least), "\(note)")
        }
      }
    }

    @Test func rowsThatMetNothingAreZero() {
      let example = IALSCase(lanes: 17, rows: 12)
      forEachISA { isa in
        let (table, left) = example.iterate(2)
        #expect(table[0].allSatisfy { $0 == 0 } && left[0] == 0, "\(isa)")
        for row in 0..<example.rows {
          #expect(table[row].dropFirst(17).allSatisfy { $0 == 0 }, "\(isa): padding stays zero")
        }
      }
    }

    @Test func aRowDoesNotDependOnItsNeighbours() {
      let example = IALSCase(lanes: 50, rows: 23)
      forEachISA { isa in
        let (whole, left) = example.iterate(3)
        for row in 0..<example.rows {
          let (alone, own) = example.iterate(3, rows: row..<row + 1)
          #expect(
            (0..<50).allSatisfy { alone[row][$0].bitPattern == whole[row][$0].bitPattern }
              && own[row] == left[row], "\(isa): row \(row)")
          #expect(row == 0 || own[row - 1] == -7, "\(isa): no other row is written")
        }
      }
    }

    @Test func lanesThatNothingPenalisesStay() {
      var example = IALSCase(lanes: 9, rows: 8)
      example.penalties = [Float](repeating: 0, count: 8)
      example.spectrum[0][4] = 0
      forEachISA { isa in
        let (table, left) = example.iterate(3)
        for row in 1..<8 {
          #expect(table[row][4] == example.start[row][4], "\(isa)")
          #expect(left[row].isFinite && table[row].allSatisfy(\.isFinite), "\(isa)")
        }
      }
    }
  }
}
