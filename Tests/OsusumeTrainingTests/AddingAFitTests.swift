// The example of docs/adding-a-fit.md, as it stands there: it compiles, trains, stops early and resumes.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

/// μ + b_u + b_i, fitted by alternation: users' biases given items', then items' given users'.
final class AlternatingBiases: Fit {
  let task: FitTask
  private let factors: FactorParameters

  init(_ task: FitTask) {
    self.task = task
    factors = FactorParameters(
      layout: FactorLayout(factors: 0, biased: true), users: task.users, items: task.items,
      mean: Float(task.problem.mean))
  }

  var parameters: any Scorer { factors }

  func runEpoch(_ number: Int) -> Double {
    let (train, layout) = (task.train, factors.layout)
    solve(factors.users, lane: layout.userBiasLane, keys: train.users)
    solve(factors.items, lane: layout.itemBiasLane, keys: train.items)
    let squared = (0..<train.count).reduce(0.0) { $0 + Double(residual($1) * residual($1)) }
    return squared / Double(train.count)
  }

  /// Sets each bias to the sum of the residuals without it, over their number and the damping.
  private func solve(_ table: FloatMatrix, lane: Int, keys: [Int32]) {
    var sums = [Float](repeating: 0, count: table.rows)
    for (rating, key) in keys.enumerated() {
      sums[Int(key)] += residual(rating) + table[Int(key)][lane]
    }
    for (row, count) in Grouping.counts(keys, keys: table.rows).enumerated() {
      table[row][lane] = sums[row] / (Float(count) + Float(task.settings.biasRegularization))
    }
  }

  private func residual(_ rating: Int) -> Float {
    let (user, item) = (Int(task.train.users[rating]), Int(task.train.items[rating]))
    return task.train.values[rating] - factors.score(user: user, item: item)
  }
}

struct AddingAFitTests {
  private static let world = World(users: 200, items: 60, rank: 0, density: 0.4, noise: 0.3)

  private func fit(
    resuming: FitState? = nil, _ change: (inout Hyperparameters) -> Void = { _ in },
    progress: (EpochReport, () -> FitState) throws -> Bool = { _, _ in true }
  ) throws -> FitResult {
    var settings = ModelSpec.bias.defaults
    settings.epochs = 40
    change(&settings)
    let world = Self.world
    return try Trainer(.bias, settings).fit(
      world.train, test: world.test, users: world.users, items: world.items, resuming: resuming,
      by: AlternatingBiases.self, progress: progress)
  }

  @Test func thePageHasTheCodeOfThisTest() throws {
    let file = URL(fileURLWithPath: #filePath)
    let package = file.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: package.appendingPathComponent("docs/adding-a-fit.md"), encoding: .utf8)
    let code = try #require(page.components(separatedBy: "```swift\n").dropFirst().first)
    let example = try #require(code.components(separatedBy: "```").first)
    #expect(example.contains("final class AlternatingBiases: Fit {"))
    #expect(try String(contentsOf: file, encoding: .utf8).contains(example))
  }

  @Test func itFindsTheBiasesOfTheClosedForm() throws {
    let result = try fit()
    let world = Self.world
    let expected = try Trainer(.bias).fit(world.train, users: world.users, items: world.items)
    for user in 0..<world.users {
      for item in 0..<world.items {
        let difference =
          result.parameters.score(user: user, item: item)
          - expected.parameters.score(user: user, item: item)
        // The closed form stops where a sweep moves no bias by 1e-4.
        #expect(abs(difference) < 5e-3, "user \(user), item \(item)")
      }
    }
    #expect(result.epochs.count == 40)
    #expect(
      zip(result.epochs, result.epochs.dropFirst()).allSatisfy {
        $1.trainLoss <= $0.trainLoss * (1 + 1e-6)
      })
    let error = try #require(result.epochs.last?.validRMSE)
    #expect(abs(error - 0.3) < 0.05, "noise alone is 0.3")
  }

  @Test func theLoopStopsItEarlyAndFitsAnew() throws {
    let result = try fit { ($0.earlyStopping, $0.refit) = (2, true) }
    let errors = result.search.compactMap(\.validRMSE)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    #expect(result.search.count == min(40, best + 1 + 2))
    #expect(result.epochs.count == best + 1)
  }

  @Test func itResumesInTheSameBytes() throws {
    let whole = try fit()
    let folder = FileManager.default.temporaryDirectory.path + "/osusume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var settings = ModelSpec.bias.defaults
    settings.epochs = 40
    let world = Self.world
    let checkpoint = Checkpoint(
      folder: folder,
      identity: FitIdentity(
        specification: .bias, hyperparameters: settings, seed: 42, dataSHA256: "",
        trainRows: world.train.count, users: world.users, items: world.items))
    _ = try fit(
      progress: { report, state in
        try checkpoint.write(state())
        return report.epoch < 3
      })
    let resumed = try fit(resuming: try checkpoint.read())
    #expect(bytes(resumed.parameters) == bytes(whole.parameters))
    #expect(resumed.epochs.map(\.trainLoss) == whole.epochs.map(\.trainLoss))
  }

  @Test func whatProgressThrowsEndsTheFit() {
    struct Enough: Error {}
    #expect(throws: Enough.self) { try fit(progress: { _, _ in throw Enough() }) }
  }
}
