// Starting values: of the laws that they are to have, and functions of place alone.
import CKernels
import CReference
import Testing

struct InitTests {
  @Test func valuesAreNormalAndDoNotDependOnTheCut() {
    let (rows, lanes, stride) = (2000, 51, 64)
    var whole = [Float](repeating: 0, count: rows * stride)
    ck_init_normal(&whole, 0, rows, lanes, stride, 0.5, 9)
    var cut = [Float](repeating: 0, count: rows * stride)
    ck_init_normal(&cut, 700, rows, lanes, stride, 0.5, 9)
    ck_init_normal(&cut, 0, 700, lanes, stride, 0.5, 9)
    #expect(whole == cut)

    let values = (0..<rows).flatMap { whole[$0 * stride..<$0 * stride + lanes] }.map(Double.init)
    let count = Double(values.count)
    let moments = (1...4).map { power in
      values.reduce(0) { sum, value in
        sum + (0..<power).reduce(1) { product, _ in product * value / 0.5 }
      } / count
    }
    // Five standard errors of the moments of n normal values.
    let five = 5 / count.squareRoot()
    #expect(abs(moments[0]) < five)
    #expect(abs(moments[1] - 1) < five * 2.0.squareRoot())
    #expect(abs(moments[2]) < five * 15.0.squareRoot())
    #expect(abs(moments[3] - 3) < five * 96.0.squareRoot())
    #expect(
      (0..<rows).allSatisfy { row in (lanes..<stride).allSatisfy { whole[row * stride + $0] == 0 } }
    )
  }

  private typealias Kernel = (
    UnsafeMutablePointer<Float>?, Int, Int, Int, Int, Float, UInt64
  ) -> Void

  /// Holds rows 3 ..< 12 to what is drawn at their places, and all else to what it was.
  private func check(
    lanes: Int, _ kernel: Kernel, _ reference: (_ key: UInt64, _ position: UInt64) -> Double
  ) {
    let (first, end, stride, key) = (3, 12, lanes + 2, ck_random_key(UInt64(lanes), 924))
    let out = Guarded<Float>(repeating: 99, count: (end + 1) * stride)
    kernel(out.base, first, end, lanes, stride, 0.3, key)
    let values = out.values
    for place in values.indices {
      let (row, lane) = (place / stride, place % stride)
      guard first..<end ~= row && lane < lanes else {
        #expect(values[place] == 99, "\(lanes) lanes: row \(row), lane \(lane) was written")
        continue
      }
      // Rounded to float32 once, on top of a few roundings in double of numbers up to 1.
      let expected = reference(key, UInt64(row * lanes + lane))
      let bound = 0x1p-24 * abs(expected) + 0x1p-49
      #expect(abs(Double(values[place]) - expected) <= bound, "\(lanes) lanes: \(row), \(lane)")
    }
    #expect(out.isIntact, "\(lanes) lanes")
  }

  @Test(arguments: [0] + awkwardLanes) func uniformAndTruncatedAreTheReferences(lanes: Int) {
    let bound = Double(Float(0.3))
    check(lanes: lanes, ck_init_uniform) { ref_init_uniform($0, $1, bound) }
    check(lanes: lanes, ck_init_truncated) { ref_init_truncated($0, $1, bound) }
  }

  /// The laws themselves: the deviation asked for, and no value beyond the cut.
  @Test func deviationsAreThoseAskedFor() {
    let count = 200_000
    var values = [Float](repeating: 0, count: count)
    func expectMoments(_ sd: Double, fourth: Double, note: String) {
      let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
      let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
      // Five standard errors of each; `fourth` is the fourth moment over sd⁴.
      let five = 5 / Double(count).squareRoot()
      #expect(abs(mean) < five * sd, "\(note)")
      #expect(abs(square / (sd * sd) - 1) < five * (fourth - 1).squareRoot(), "\(note)")
    }
    ck_init_uniform(&values, 0, 1, count, count, 0.5, 77)
    expectMoments(0.5 / 3.0.squareRoot(), fourth: 1.8, note: "uniform")
    #expect(values.allSatisfy { abs($0) <= 0.5 })
    #expect(values.contains { $0 > 0.49 } && values.contains { $0 < -0.49 })
    ck_init_truncated(&values, 0, 1, count, count, 0.5, 77)
    expectMoments(0.5, fourth: 2.4, note: "truncated")
    let cut = Float(2 * 0.5 / 0.8796)
    #expect(values.allSatisfy { abs($0) <= cut })
    #expect(values.contains { $0 > 0.98 * cut } && values.contains { $0 < -0.98 * cut })
  }
}
