// ck_drift against the solve that defines it.
import CKernels
import CReference
import Testing

extension KernelTests {
  @Suite struct DriftTests {
    /// Series of awkward lengths, with equal times, close ones and ones a century apart.
    private struct Case {
      var offsets: [Int32] = [0]
      var times: [Int64] = []
      var values: [Float] = []
      let rates: [Double]
      let variances: [Double]
      let noise: Double

      init(parts: Int, seed: UInt64) {
        let key = ck_random_key(seed, 97)
        var position: UInt64 = 0
        func uniform() -> Double {
          position += 1
          return ck_random_uniform(key, position)
        }
        rates = (0..<parts).map { _ in 1 / [0.5, 60, 4e3, 9e7][Int(4 * uniform())] }
        variances = (0..<parts).map { $0 == 2 ? 0 : 0.01 + uniform() }
        noise = 0.1 + uniform()
        for length in [0, 1, 2, 3, 0, 16, 17, 63] {
          var time = Int64(1e9 * uniform()) - 500_000_000
          for _ in 0..<length {
            time += [0, 1, 50, 90_000, 3_000_000_000][Int(4.2 * uniform())]
            times.append(time)
            values.append(Float(4 * uniform() - 2))
          }
          offsets.append(Int32(times.count))
        }
      }

      var law: ck_drift_law {
        func four(_ list: [Double]) -> (Double, Double, Double, Double) {
          let all = list + [.nan, .nan, .nan, .nan]
          return (all[0], all[1], all[2], all[3])
        }
        return ck_drift_law(
          parts: rates.count, rate: four(rates), variance: four(variances), noise: noise)
      }

      /// Means of all processes of a series at a time, and the parts of its likelihood.
      func reference(_ series: Int, at when: Int64) -> (
        means: [Double], log: Double, square: Double
      ) {
        let range = Int(offsets[series])..<Int(offsets[series + 1])
        var means = [Double](repeating: 0, count: rates.count)
        var square = 0.0
        var log = 0.0
        Array(times[range]).withUnsafeBufferPointer { times in
          Array(values[range]).withUnsafeBufferPointer { values in
            rates.withUnsafeBufferPointer { rates in
              variances.withUnsafeBufferPointer { variances in
                var one = ref_drift_series(
                  parts: rates.count, rate: rates.baseAddress, variance: variances.baseAddress,
                  noise: noise, count: range.count, times: times.baseAddress,
                  values: values.baseAddress)
                log = ref_drift_mean(&one, when, &means, &square)
              }
            }
          }
        }
        return (means, log, square)
      }

      /// The kernel's states, in two ranges as threads would.
      func states() -> [Float] {
        var law = law
        var states = [Float](repeating: .nan, count: times.count * rates.count + 1)
        withUnsafeTemporaryAllocation(
          byteCount: ck_drift_scratch_bytes(&law, 63), alignment: 16
        ) { scratch in
          for (first, last) in [(5, 8), (0, 5)] {
            ck_drift_smooth(
              &law, offsets, times, values, first, last, &states, scratch.baseAddress)
          }
        }
        return states
      }
    }

    /// Means are sums of at most 63 values of at most 2 by weights that add up to less than 1 or so,
    /// found in double and rounded to float.
    private let tolerance = 4 * 0x1p-24

    @Test(arguments: [1, 2, 3, 4], [1, 2, 3] as [UInt64])
    func smoothedIsTheSolve(parts: Int, seed: UInt64) {
      let one = Case(parts: parts, seed: seed)
      let states = one.states()
      for series in 0..<one.offsets.count - 1 {
        for place in Int(one.offsets[series])..<Int(one.offsets[series + 1]) {
          let means = one.reference(series, at: one.times[place]).means
          for part in 0..<parts {
            #expect(
              abs(Double(states[place * parts + part]) - means[part]) <= tolerance,
              "seed \(seed), series \(series), place \(place), part \(part) of \(parts)")
          }
        }
      }
      #expect(states[one.times.count * parts].isNaN)
    }

    @Test(arguments: [1, 2, 3, 4]) func surpriseIsTheDensity(parts: Int) {
      let one = Case(parts: parts, seed: 7)
      var law = one.law
      for series in 0..<one.offsets.count - 1 {
        var sums = [Double.nan, .nan]
        ck_drift_surprise(&law, one.offsets, one.times, one.values, series, series + 1, &sums)
        let wanted = one.reference(series, at: 0)
        let count = Double(one.offsets[series + 1] - one.offsets[series])
        #expect(abs(sums[0] - wanted.log) <= 1e-9 * (1 + count), "series \(series)")
        #expect(abs(sums[1] - wanted.square) <= 1e-9 * (1 + wanted.square), "series \(series)")
      }
    }

    @Test(arguments: [1, 2, 3, 4]) func betweenTimesToo(parts: Int) {
      let one = Case(parts: parts, seed: 11)
      let states = one.states()
      var rows: [Int32] = []
      var when: [Int64] = []
      for series in 0..<one.offsets.count - 1 {
        let range = Int(one.offsets[series])..<Int(one.offsets[series + 1])
        for time in [Int64(0)] + one.times[range] {
          for shift in [-4_000_000_000, -70, -1, 0, 1, 33, 100_000] as [Int64] {
            rows.append(Int32(series))
            when.append(time + shift)
          }
        }
      }
      var out = [Float](repeating: .nan, count: rows.count)
      ck_drift_at(
        one.rates, parts, one.offsets, one.times, states, rows, when, rows.count, &out)
      for (query, (row, time)) in zip(rows, when).enumerated() {
        let mean = one.reference(Int(row), at: time).means.reduce(0, +)
        #expect(
          abs(Double(out[query]) - mean) <= 4 * tolerance, "series \(row), time \(time)")
      }
    }
  }
}
