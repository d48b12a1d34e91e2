// The Swift of ReadingAComparison.md, as it stands there: written and compared by SnippetTests.
import Osusume

func readingAComparison() throws {
  let ratings = try Ratings(table: .read("rating.csv"))
  let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
  let contenders = try Contender.list("mf:factors=8,epochs=5;als:factors=8,epochs=3", seed: 7)
  let all = contenders + Contender.baselines(beside: contenders, of: ratings.feedback, seed: 7)

  var options = ComparisonOptions()
  options.repeats = 2
  let comparison = try Comparison(all, on: ratings, split: split, options)

  for model in comparison.models {
    let interval = model["rmse"]?.interval
    print(model.mark, model.rmse ?? .nan, interval ?? 0...0, model["ndcg@10"]?.value ?? .nan)
  }

  for metric in ["rmse", "ndcg@10"] {
    if let verdict = comparison.verdict(metric, "mf", "als") { print(metric, verdict.sentence) }
  }
  for model in comparison.models {
    if let note = model.convergenceNote { print(note) }
  }
  for warning in comparison.warnings { print(warning) }
}
