// Layers on their way back, on every instruction set: derivatives, gradients passed on and summed.
import CKernels
import CReference
import Testing

extension KernelTests.LayerTests {
  /// The derivative of each activation at its value.
  private static let activations: [(ck_layer_shape, @Sendable (Double) -> Double)] = [
    (.init(activation: CK_LAYER_LINEAR, low: 0, high: 1), { _ in 1 }),
    (.init(activation: CK_LAYER_RELU, low: 0, high: 1), ref_layer_relu_slope),
    (
      .init(activation: CK_LAYER_SIGMOID, low: -1.5, high: 4),
      { ref_layer_sigmoid_slope($0, -1.5, 4) }
    ),
  ]

  @Test(arguments: awkwardLanes, awkwardRows) func joinBackIsTheChainRule(width: Int, rows: Int) {
    let y = LayerRows(rows, width: width, seed: 20)
    for (shape, slope) in Self.activations {
      forEachISA { name in
        let note = "\(name), activation \(shape.activation.rawValue)"
        let alone = LayerRows(rows, width: width, seed: 21)
        ck_layer_join_back(y.base, y.stride, shape, rows, width, alone.base, alone.stride, nil)
        let d = LayerRows(rows, width: width, seed: 21)
        let bias = LayerRows(1, width: width, seed: 22)
        ck_layer_join_back(y.base, y.stride, shape, rows, width, d.base, d.stride, bias.base)
        for out in [alone, d] {
          out.expect("join_back, \(note)") { r, n in
            let gradient = out.double(r, n) * slope(y.double(r, n))
            // Linear and ReLU take a gradient or leave it; the logistic function has six roundings.
            let roundings = shape.activation == CK_LAYER_SIGMOID ? 6 : 0
            return .sum(gradient, roundings: roundings, magnitude: abs(gradient))
          }
        }
        bias.expect("bias gradient, \(note), \(rows) rows") { _, n in
          let terms = [bias.double(0, n)] + (0..<rows).map { Double(d.now($0, n)) }
          return .sum(
            terms.reduce(0, +), roundings: rows + 1, magnitude: terms.reduce(0) { $0 + abs($1) })
        }
      }
    }
  }

  /// Ratings that are all equal make such a range: nothing moves its value.
  @Test func aRangeOfOneValueHasNoSlope() {
    let shape = ck_layer_shape(activation: CK_LAYER_SIGMOID, low: 7, high: 7)
    forEachISA { name in
      let y = [Float](repeating: 7, count: 33)
      var d = (0..<33).map { Float($0) - 16 }
      ck_layer_join_back(y, 33, shape, 1, 33, &d, 33, nil)
      #expect(d.allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test(arguments: awkwardLanes, awkwardRows) func passGivesGradientsOrTheirSums(
    width: Int, rows: Int
  ) {
    let d = LayerRows(rows, width: width, seed: 23)
    for adds in [0, 1] {
      forEachISA { name in
        let wide = LayerRows(rows, width: width, seed: 24)
        ck_layer_pass(d.base, d.stride, rows, width, Int32(adds), wide.base, wide.stride, width)
        wide.expect("pass, \(name), adds \(adds)") { r, n in
          .exactly(d[r, n] + Float(adds) * wide[r, n])
        }
        let narrow = LayerRows(rows, width: 1, seed: 25)
        ck_layer_pass(d.base, d.stride, rows, width, Int32(adds), narrow.base, narrow.stride, 1)
        narrow.expect("pass to one lane, \(name), adds \(adds), width \(width)") { r, _ in
          let terms = [Double(adds) * narrow.double(r, 0)] + (0..<width).map { d.double(r, $0) }
          return .sum(
            terms.reduce(0, +), roundings: width + 1, magnitude: terms.reduce(0) { $0 + abs($1) })
        }
      }
    }
  }

  @Test(arguments: awkwardLanes, awkwardRows) func membersGetTheGradientsOfTheirLists(
    width: Int, rows: Int
  ) {
    let d = LayerRows(rows, width: width, seed: 26)
    let lists = MemberLists(lists: max(6, rows), table: 9, seed: UInt64(width))
    var random = Draws(key: 27)
    let id = random.codes(rows, below: 6)
    for list in [id, nil] {
      // The rows whose gradient each member gets, as often as it is in their list.
      let readers = (0..<9 as Range<Int32>).map { member in
        (0..<rows).flatMap { row in
          lists[list.map { Int($0[row]) } ?? row].filter { $0 == member }.map { _ in row }
        }
      }
      forEachISA { name in
        let gradient = LayerRows(1, width: 9 * width, seed: 28)
        ck_layer_members_back(
          d.base, d.stride, width, lists.offsets, lists.members, list, rows, gradient.base)
        gradient.expect("members_back, \(name), by number \(list != nil), \(rows) rows") { _, n in
          let terms = [gradient.double(0, n)] + readers[n / width].map { d.double($0, n % width) }
          return .sum(
            terms.reduce(0, +), roundings: terms.count,
            magnitude: terms.reduce(0) { $0 + abs($1) })
        }
      }
    }
  }

  @Test(arguments: awkwardLanes, awkwardRows) func totalAddsUpParts(width: Int, count: Int) {
    let parts = LayerRows(count, width: width, seed: 29)
    forEachISA { name in
      let out = LayerRows(1, width: width, seed: 30)
      ck_layer_total(parts.base, count, parts.stride, width, out.base)
      // In the order of the parts: the same bits as one after the other.
      out.expect("total, \(name), \(count) parts") { _, n in
        .exactly((0..<count).reduce(Float(0)) { $0 + parts[$1, n] })
      }
    }
  }
}
