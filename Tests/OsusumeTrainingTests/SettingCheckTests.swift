// A setting out of range is an error of the fit, never a trap.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeTraining
import Testing

struct SettingCheckTests {
  private let rows = IndexedRatings(
    users: [0, 0, 1, 1], items: [0, 1, 0, 1], values: [3, 4, 5, 6])

  @Test(arguments: ["mf", "als", "svdpp", "bpmf", "svd", "flax-bias", "item-knn", "bias"])
  func everyFitChecksEveryNumber(model: String) throws {
    let spec = try #require(ModelSpec.named(model))
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(spec.defaults))
    let defaults = try #require(json as? [String: Any])
    for setting in Setting.all where setting.range.contains("number") {
      let value: Any = setting.range.hasPrefix("a whole number") ? -3 : -1e31
      let changed = defaults.merging([setting.name: value]) { $1 }
      let settings = try JSONDecoder().decode(
        Hyperparameters.self, from: JSONSerialization.data(withJSONObject: changed))
      let error = #expect(throws: SettingError.self, "\(setting.name)") {
        try Trainer(spec, settings, threads: 1).fit(rows, users: 2, items: 2)
      }
      #expect("\(try #require(error))".hasPrefix("`\(setting.name)` "))
    }
  }

  @Test func aFitWithoutVectorsNeedsNoWidth() throws {
    _ = try Trainer(.bias, threads: 1).fit(rows, users: 2, items: 2)
    var settings = ModelSpec.mf.defaults
    settings.factors = 0
    #expect(throws: SettingError.self) {
      try Trainer(.mf, settings, threads: 1).fit(rows, users: 2, items: 2)
    }
  }
}
