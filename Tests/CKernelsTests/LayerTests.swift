// Layers and heads of networks on every instruction set; gradients are checked where networks train.
import CKernels
import CReference
import Foundation
import OsusumeData
import Testing

extension KernelTests {
  struct LayerTests {
    private func view(
      _ matrix: FloatMatrix, _ width: Int, row: UnsafePointer<Int32>? = nil
    ) -> ck_layer_view {
      ck_layer_view(base: matrix.base, stride: matrix.stride, row: row, width: width)
    }

    @Test(arguments: awkwardLanes) func joinsSumAndActivate(width: Int) {
      let stride = (width + 15) / 16 * 16
      let a = randomRows(9, lanes: width, stride: stride, seed: 1)
      let b = randomRows(4, lanes: width, stride: stride, seed: 2)
      let bias = randomRows(1, lanes: width, stride: stride, seed: 3)
      let number = randomRows(9, lanes: 1, stride: 16, seed: 4)
      let row: [Int32] = [3, 0, 0, 1, 2, 3, 3, 1, 0]
      let shapes = [
        ck_layer_shape(activation: CK_LAYER_LINEAR, low: 0, high: 1),
        ck_layer_shape(activation: CK_LAYER_RELU, low: 0, high: 1),
        ck_layer_shape(activation: CK_LAYER_SIGMOID, low: -1, high: 4),
      ]
      forEachISA { name in
        for shape in shapes {
          for count in [2, 3] {
            let out = FloatMatrix(rows: 9, columns: stride)
            row.withUnsafeBufferPointer { row in
              let inputs = [view(a, width), view(b, width, row: row.baseAddress), view(number, 1)]
              ck_layer_join(inputs, count, bias.base, 0, shape, 9, width, out.base, stride)
            }
            for r in 0..<9 {
              for n in 0..<width {
                let terms = [a[r][n], b[Int(row[r])][n], bias[0][n], count == 3 ? number[r][0] : 0]
                let z = terms.reduce(0) { $0 + Double($1) }
                let magnitude = terms.reduce(0) { $0 + Double(abs($1)) }
                let expected =
                  shape.activation == CK_LAYER_LINEAR
                  ? z : shape.activation == CK_LAYER_RELU ? max(z, 0) : -1 + 5 / (1 + exp(-z))
                // Four sums; the sigmoid's slope is at most 5/4, its own rounding a few ulp of 5.
                let bound = 0x1p-24 * (8 * magnitude + 20)
                #expect(abs(Double(out[r][n]) - expected) <= bound, "\(name), \(r), \(n)")
              }
              for n in width..<stride { #expect(out[r][n] == 0, "\(name): padding written") }
            }
          }
        }
      }
    }

    @Test(arguments: awkwardLanes) func collectSumsTheRowsOfEachSegment(width: Int) {
      let stride = (width + 15) / 16 * 16
      let d = randomRows(20, lanes: width, stride: stride, seed: 5)
      let start: [Int32] = [0, 1, 1, 13, 20]
      let source = (0..<20).map { Int32($0 * 7 % 20) }
      forEachISA { name in
        for adds in [0, 1] {
          let out = randomRows(4, lanes: width, stride: stride, seed: 6)
          let before = out.copy()
          ck_layer_collect(
            d.base, stride, start, source, 4, width, Int32(adds), out.base, stride)
          for s in 0..<4 {
            for n in 0..<width {
              let own = (Int(start[s])..<Int(start[s + 1])).map { d[Int(source[$0])][n] }
              let terms = own + (adds == 1 ? [before[s][n]] : [])
              let bound = 20 * 0x1p-24 * terms.reduce(0) { $0 + Double(abs($1)) }
              let expected = terms.reduce(0) { $0 + Double($1) }
              #expect(abs(Double(out[s][n]) - expected) <= bound, "\(name), \(s), \(n)")
            }
          }
        }
      }
    }

    @Test(arguments: awkwardLanes) func scoresOfAllPairs(lanes: Int) {
      let stride = (lanes + 15) / 16 * 16
      for (users, items) in [(1, 1), (2, 4), (3, 7), (8, 33)] {
        let a = randomRows(users, lanes: lanes, stride: stride, seed: 7)
        let b = randomRows(items, lanes: lanes, stride: stride, seed: 8)
        let w = randomRows(1, lanes: lanes, stride: stride, seed: 9)
        forEachISA { name in
          var out = [Float](repeating: .nan, count: users * (items + 3))
          let views = [a, b].map {
            ck_layer_view(base: $0.base, stride: stride, row: nil, width: stride)
          }
          ck_layer_relu_scores(views[0], users, views[1], items, w.base, &out, items + 3)
          for u in 0..<users {
            for i in 0..<items {
              var magnitude = 0.0
              let expected = ref_layer_relu_score(
                a.base + u * stride, b.base + i * stride, w.base, lanes, &magnitude)
              let bound = Double(lanes + 2) * 0x1p-24 * magnitude
              #expect(abs(Double(out[u * (items + 3) + i]) - expected) <= bound, "\(name)")
            }
            for guarded in items..<items + 3 { #expect(out[u * (items + 3) + guarded].isNaN) }
          }
        }
      }
    }

    @Test func selectIsAStableSort() {
      var scores = (0..<1000).map { Float(($0 * 7919) % 97) / 7 }
      scores[500] = .nan
      let items = (0..<1000).map { Int32(2 * $0) }
      let seen = (0..<1000).filter { $0 % 3 == 0 }.map { Int32($0) }
      let ranks = scores.map { $0.isNaN ? Float.infinity : -$0 }
      let order = (0..<1000).filter { !seen.contains(items[$0]) }.sorted {
        (ranks[$0], $0) < (ranks[$1], $1)
      }
      for n in [0, 1, 10, 900] {
        var found = [Int32](repeating: 7, count: n)
        var best = [Float](repeating: 7, count: n)
        ck_topn_select(scores, items, 1000, seen, seen.count, n, &found, &best)
        let expected = order.prefix(n).map { items[$0] }
        #expect(Array(found.prefix(expected.count)) == expected)
        #expect(found.dropFirst(expected.count).allSatisfy { $0 == -1 })
      }
    }

    @Test func lossesOfHeads() {
      let logits: [Float] = [-40, -3, -0.1, 0, 0.1, 3, 40]
      for label: Float in [0, 1] {
        for logit in logits where abs(logit) < 30 {
          var d: Float = 0
          let loss = ck_head_binary([logit], 1, [label], 1, 2, &d)
          let expected = ref_head_binary(Double(logit), Double(label))
          #expect(abs(loss - expected) <= 8 * 0x1p-24 * (expected + 1))
          let slope = 2 * (1 / (1 + exp(-Double(logit))) - Double(label))
          #expect(abs(Double(d) - slope) <= 8 * 0x1p-24)
        }
      }
      // Far out neither overflows: the loss is the logit itself.
      var d: Float = 0
      #expect(ck_head_binary([-40], 1, [1], 1, 1, &d) == 40 && d == -1)
      var gradient = [Float](repeating: 0, count: 14)
      let truth: [Float] = [1, 7]
      let loss = ck_head_classes(logits + logits, 7, truth, 2, 7, 1, 1, &gradient)
      let expected = ref_head_classes(logits, 7, 0) + ref_head_classes(logits, 7, 6)
      #expect(abs(loss - expected) <= 1e-5 * expected)
      #expect(abs(gradient.prefix(7).reduce(0, +)) < 1e-6 && gradient[0] < -0.99)
    }

    @Test func aRowWithoutRatingCostsNothing() {
      var d: [Float] = [9, 9]
      let sums = ck_head_rating([3, 3], 1, [.nan, 1], 2, CK_LOSS_MSE, 0.5, &d)
      #expect(sums.squared == 4 && sums.absolute == 2 && d == [0, 2])
    }
  }
}
