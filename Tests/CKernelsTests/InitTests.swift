// Starting values: normal, and a function of place alone.
import CKernels
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
}
