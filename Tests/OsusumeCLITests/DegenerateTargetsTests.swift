// Targets that say little or lie out of reach: what is learned of them is right, and what is not is said.
import Foundation
import Osusume
import Testing

struct DegenerateTargetsTests {
  private let line: CommandLine

  init() throws { line = try CommandLine() }

  private func train(_ model: String, _ further: String...) throws -> (
    report: [String: Any], errors: String
  ) {
    let outcome = try line.succeed(
      [
        "train", "--ratings", "r.csv", "--model", model, "--epochs", "2", "--factors", "4",
        "--min-user-ratings", "1", "--output", "m.st", "--json",
      ] + further)
    return (try outcome.json(), outcome.errors)
  }

  private func write(_ rating: (_ user: Int, _ item: Int) -> String) throws {
    var text = "user,item,rating,timestamp\n"
    for user in 1...12 {
      for item in 1...10 where (user * 7 + item * 13) % 10 < 7 {
        text += "\(user),\(item),\(rating(user, item)),\(1_000_000_000 + 1000 * user + item)\n"
      }
    }
    try line.write(text, to: "r.csv")
    let rows = (1...10).map { "\($0),T\($0),Drama,TV,\($0)\n" }.joined()
    try line.write("item_id,title,genres,type,episodes\n" + rows, to: "i.csv")
  }

  /// Networks that end in a sigmoid over the range of the ratings divided by its width.
  @Test(arguments: ModelSpec.catalog.map(\.name)) func equalRatingsAreLearned(model: String) throws
  {
    let spec = try #require(ModelSpec.named(model))
    try write { _, _ in "7" }
    let (report, _) = try train(model, "--items", "i.csv")
    let final = try #require(report["final"] as? [String: Any])
    guard spec.predictsRatings else { return }
    #expect(final["valid_rmse"] is Double)
    if spec.scores == [.globalMean] || ["recommender-v2", "recommender-net"].contains(model) {
      // The one rating there is, but for how its digits end.
      #expect(final["valid_rmse"] as? Double ?? 1 < 1e-5)
    }
  }

  @Test func labelsOfOneKindAreSaidWithTheThreshold() throws {
    try write { user, item in String(1 + (user + item) % 9) }
    for (bound, words) in [("10", "none of the"), ("0", "all of the")] {
      let (report, errors) = try train("keras-nn-interaction", "--positive-above", bound)
      let notes = try #require(report["notes"] as? [String])
      let warning = try #require(notes.first)
      #expect(warning.hasPrefix(words) && warning.contains("--positive-above \(bound)"))
      #expect(errors == "osusume: \(warning)\n")
      #expect((report["final"] as? [String: Any])?["valid_auc"] is NSNull)
      let judged = try line.succeed(["evaluate", "--model", "m.st", "--ratings", "r.csv", "--json"])
      let said = try #require(try judged.json()["warnings"] as? [String])
      #expect(said.contains { $0.hasPrefix(words) && $0.contains("--positive-above \(bound)") })
    }
    let (report, errors) = try train("keras-nn-interaction", "--positive-above", "5")
    #expect(report["notes"] == nil && errors.isEmpty)
  }

  @Test func ratingsBeyondAFormulasReachAreSaid() throws {
    try write { user, item in String(1 + (user + item) % 10) }
    let (report, errors) = try train("dot-product-bias")
    let warning = try #require((report["notes"] as? [String])?.first)
    #expect(warning.hasPrefix("dot-product-bias predicts ratings from 0 to 5.5, and "))
    #expect(warning.contains("(6 to 10)") && errors == "osusume: \(warning)\n")
    let compared = try line.succeed([
      "compare", "--ratings", "r.csv", "--models", "dot-product-bias,bias", "--repeats", "1",
      "--resamples", "100", "--epochs", "1", "--json",
    ])
    #expect(compared.errors.hasPrefix("osusume: dot-product-bias predicts ratings from 0 to 5.5"))
    for model in ["recommender-v2", "mf", "keras-nn-interaction"] {
      #expect(try train(model).errors.isEmpty, "\(model)")
    }
  }
}
