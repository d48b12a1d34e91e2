// softmax of rows against double precision.
import CKernels
import CReference
import Testing

struct HeadTests {
  @Test(arguments: [1, 2, 5, 10, 15, 16, 17, 33], [0.1, 3, 40, 2000] as [Float])
  func softmaxIsThatOfDoublePrecision(classes: Int, spread: Float) {
    let (rows, stride) = (9, classes + 2)
    var random = Draws(key: ck_random_key(UInt64(classes), 918))
    let logits = (0..<rows * stride).map { place in
      // Row 4: all the same.
      place / stride == 4 ? -spread : spread * random.normal()
    }
    let out = Guarded(logits)
    ck_head_softmax(out.base, stride, rows, classes)
    let found = out.values
    #expect(out.isIntact)
    for row in 0..<rows {
      let own = Array(logits[row * stride..<row * stride + classes])
      var shares = [Double](repeating: 0, count: classes)
      ref_head_softmax(own, classes, &shares)
      let top = Double(own.max() ?? 0)
      let note = "\(classes) classes, spread \(spread), row \(row)"
      for (c, share) in shares.enumerated() {
        // A rounding of the difference goes into the exponent; then the exponential's own, which is
        // less than two, a sum's and a quotient's. Below float32's normal range: one of its steps.
        let roundings = top - Double(own[c]) + 2 + Double(classes) + 1
        let bound = roundings * 0x1p-24 * share + 0x1p-148
        #expect(abs(Double(found[row * stride + c]) - share) <= bound, "\(note), class \(c)")
      }
      for lane in row * stride + classes..<(row + 1) * stride {
        #expect(found[lane] == logits[lane], "\(note): beyond the classes")
      }
    }
  }
}
