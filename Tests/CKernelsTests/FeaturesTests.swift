// ck_features_residuals and ck_features_sweep against double precision over awkward shapes and instruction
// sets.
import CKernels
import CReference
import OsusumeData
import Testing

/// Rows of a table, some of which have each feature.
private struct FeaturesCase {
  let rows: Int
  let lanes: Int
  var offsets: [Int32] = [0]
  var members: [Int32] = []
  let scales: [Float]
  let residuals: FloatMatrix
  let weights: FloatMatrix
  let noise: FloatMatrix

  init(rows: Int, features: Int, lanes: Int) {
    self.rows = rows
    self.lanes = lanes
    let key = ck_random_key(UInt64(rows * 1000 + features * 10 + lanes), 93)
    for feature in 0..<features {
      // The first nobody has, the second everybody.
      members += (0..<Int32(rows)).filter {
        feature == 1
          || (feature > 0 && ck_random_below(key, UInt64(feature * rows) + UInt64($0), 3) == 0)
      }
      offsets.append(Int32(members.count))
    }
    scales = (0..<rows).map { 1 / Float($0 % 7 + 1).squareRoot() }
    func normal(_ count: Int, _ stream: UInt64) -> FloatMatrix {
      let matrix = FloatMatrix(rows: count, columns: lanes)
      let key = ck_random_bits(key, stream)
      for row in 0..<count {
        for lane in 0..<lanes {
          matrix[row][lane] = Float(ck_random_normal(key, UInt64(row * 4096 + lane)))
        }
      }
      return matrix
    }
    residuals = normal(rows, 1)
    weights = normal(features, 2)
    noise = normal(features, 3)
  }

  /// Sweeps all blocks of lanes.
  func sweep(ridge: Float, noisy: Bool) {
    ck_csr.lend(offsets: offsets, columns: members) { byFeature in
      for lane in stride(from: 0, to: lanes, by: 16) {
        ck_features_sweep(
          byFeature, scales, ridge, lane, min(16, lanes - lane), residuals.stride,
          noisy ? noise.base : nil, residuals.base, weights.base)
      }
    }
  }
}

extension KernelTests {
  @Suite struct FeaturesTests {
    @Test(arguments: [false, true]) func weightsAreThoseOfDoublePrecision(noisy: Bool) {
      forEachISA { isa in
        for lanes in [1, 7, 8, 9, 15, 16, 17, 24, 25, 33, 48, 66] {
          for (rows, features) in [(1, 1), (2, 3), (40, 9), (133, 30)] {
            let example = FeaturesCase(rows: rows, features: features, lanes: lanes)
            var residuals = (0..<example.residuals.capacity).map {
              Double(example.residuals.base[$0])
            }
            var weights = (0..<example.weights.capacity).map { Double(example.weights.base[$0]) }
            for feature in 0..<features {
              let range = Int(example.offsets[feature])..<Int(example.offsets[feature + 1])
              guard !range.isEmpty else { continue }
              for lane in 0..<lanes {
                let place = feature * example.weights.stride + lane
                weights[place] = residuals.withUnsafeMutableBufferPointer { residuals in
                  ref_features_step(
                    Array(example.members[range]), range.count, example.scales, 0.8,
                    noisy ? Double(example.noise[feature][lane]) : 0, example.residuals.stride,
                    residuals.baseAddress.map { $0 + lane }, weights[place])
                }
              }
            }
            example.sweep(ridge: 0.8, noisy: noisy)
            let note = "\(isa): \(rows) rows, \(features) features, \(lanes) lanes"
            #expect(isClose(example.residuals, residuals), "residuals of \(note)")
            #expect(isClose(example.weights, weights), "weights of \(note)")
          }
        }
      }
    }

    /// Lanes behind those in use included: they stay zeros.
    private func isClose(_ mine: FloatMatrix, _ right: [Double]) -> Bool {
      right.indices.allSatisfy {
        abs(Double(mine.base[$0]) - right[$0]) <= 3e-5 * (1 + abs(right[$0]))
      }
    }

    @Test func residualsAreDifferences() {
      forEachISA { isa in
        let example = FeaturesCase(rows: 21, features: 21, lanes: 35)
        let (rows, centers, mean) = (example.residuals, example.weights, example.noise)
        let out = FloatMatrix(rows: 21, columns: 35)
        ck_features_residuals(rows.base, centers.base, mean.base, 2, 20, rows.stride, out.base)
        for row in 0..<21 {
          for lane in 0..<rows.stride {
            let right = rows[row][lane] - centers[row][lane] - mean[0][lane]
            #expect(out[row][lane] == (2..<20 ~= row ? right : 0), "\(isa): \(row), \(lane)")
          }
        }
      }
    }

    /// Steps without noise lower Σ residuals² + ridge·Σ weights², down to where none helps.
    @Test func stepsDescendToTheMinimum() {
      let example = FeaturesCase(rows: 60, features: 12, lanes: 5)
      func objective() -> Double {
        [(example.residuals, 1.0), (example.weights, 0.8)].reduce(0) { sum, part in
          (0..<part.0.capacity).reduce(sum) {
            $0 + part.1 * Double(part.0.base[$1]) * Double(part.0.base[$1])
          }
        }
      }
      var last = objective()
      for _ in 0..<200 {
        example.sweep(ridge: 0.8, noisy: false)
        let now = objective()
        #expect(now <= last * (1 + 1e-6))
        last = now
      }
      // The gradient: Σ scale·residual = ridge·weight.
      for feature in 1..<12 {
        let range = Int(example.offsets[feature])..<Int(example.offsets[feature + 1])
        for lane in 0..<5 {
          let gradient = example.members[range].reduce(Float(0)) {
            $0 + example.scales[Int($1)] * example.residuals[Int($1)][lane]
          }
          #expect(abs(gradient - 0.8 * example.weights[feature][lane]) < 1e-4)
        }
      }
    }
  }
}
