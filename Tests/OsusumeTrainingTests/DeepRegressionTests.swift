// deep-regression against double precision on every instruction set: dropout, ReLU, absolute error, Adam.
import CKernels
import OsusumeData
import Testing

@testable import OsusumeModels
@testable import OsusumeTraining

struct DeepRegressionTests {
  private static let users = 60
  private static let items = 40
  private static let rows: IndexedRatings = {
    var rows = IndexedRatings(users: [], items: [], values: [])
    for row in 0..<1500 {
      rows.users.append(Int32(row / 25))
      rows.items.append(Int32(row * 7 % items))
      rows.values.append(Float(1 + (row * 29 + row / 7) % 10))
    }
    return rows
  }()

  /// Two epochs of 24 batches, after which parameters have moved by 0.03 on the mean.
  ///
  /// A pair that one run scores a hair above its rating and the other a hair below pulls the other way:
  /// no such pair is among these, so that what is left is rounding.
  @Test func everyParameterMovesAsInDoublePrecision() throws {
    let spec = ModelSpec.deepRegression
    var settings = spec.defaults
    (settings.factors, settings.batchSize, settings.epochs) = (20, 64, 2)
    let before = ck_isa_active()
    defer { _ = ck_isa_use(before) }
    for isa in [CK_ISA_SCALAR, CK_ISA_AVX2, CK_ISA_AVX512]
    where isa.rawValue <= ck_isa_best().rawValue {
      _ = ck_isa_use(isa)
      let run = try NetworkTrainer(
        FitTask(
          spec, settings, seed: 5, threads: 1, train: Self.rows, users: Self.users,
          items: Self.items))
      let start = DoubleDeepRegression(run.network)
      var expected = start
      for epoch in 0..<settings.epochs {
        _ = run.runEpoch(epoch)
        for batch in run.pairs(epoch: epoch, seed: 5, rate: 0.2) { expected.step(batch, settings) }
      }
      let actual = DoubleDeepRegression(run.network).values
      let gap = Self.distances(actual, expected.values).max() ?? .infinity
      let moved = Self.distances(start.values, expected.values)
      let name = String(cString: ck_isa_name(isa))
      #expect(moved.reduce(0, +) > 0.02 * Double(moved.count), "\(name)")
      #expect(gap < 1e-6, "\(name): \(gap)")
    }
  }

  private static func distances(_ a: [Double], _ b: [Double]) -> [Double] {
    zip(a, b).map { abs($0 - $1) }
  }
}
