// The published data sets, for tests that need them.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

/// The folder of published data: `$OSUSUME_DATA`, or `../shared/data` beside the package.
enum RealData {
  /// The path of a file of it, or nil when it is not here.
  static func path(_ file: String) -> String? {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["OSUSUME_DATA"].map { URL(fileURLWithPath: $0) }
      ?? package.deletingLastPathComponent().appendingPathComponent("shared/data")
    let path = folder.appendingPathComponent(file).path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Whether the tests are optimised: on published data they take too long otherwise.
  static var optimised: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  /// The ratings of a file.
  static func ratings(_ path: String, minUserRatings: Int = 1) throws -> Ratings {
    var options = RatingsOptions()
    options.minUserRatings = minUserRatings
    return try Ratings(table: RatingTable.read(path, threads: 2), options: options, threads: 2)
  }

  /// Test RMSE of a model as the catalog has it, a tenth of each user's ratings held out.
  static func error(of spec: ModelSpec, on path: String, minUserRatings: Int = 1) throws -> Double {
    let ratings = try ratings(path, minUserRatings: minUserRatings)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    let model = try Trainer(spec, threads: 2).model(of: ratings, split: split)
    return try #require(model.metrics["valid_rmse"])
  }
}
