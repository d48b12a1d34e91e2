// The Swift of TrainingInATask.md, as it stands there: written and compared by SnippetTests.
import Osusume

func trainingInATask() async throws {
  let ratings = try Ratings(table: .read("rating.csv"))
  let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
  let task = Task {
    try await Trainer(.mf).model(of: ratings, split: split) { report in
      print("epoch \(report.epoch): \(report.validRMSE ?? .nan)")
      return true
    }
  }
  print(try await task.value.metrics.keys.sorted())

  let another = Task {
    try await Trainer(.als).model(of: ratings, split: split)
  }
  another.cancel()
  do {
    _ = try await another.value
  } catch is CancellationError {
    print("cancelled")
  }
}
