// The Swift of AddingAModel.md, as it stands there: written and compared by SnippetTests.
import Osusume

func addingAModel() throws {
  let wide = ModelSpec(
    "wide", summary: "Biases and a hidden layer of 32.",
    score: .bias(.user) + .bias(.item)
      + Formula.concat([.p, .q]).dropout(0.2).dense(32, .relu).dense(1),
    fit: .minibatch,
    defaults: .init { ($0.loss, $0.factors, $0.batchSize, $0.biasInit) = (.mse, 16, 256, .zero) },
    source: "an example")
  print(wide.score.formula)

  let ratings = try Ratings(table: .read("rating.csv"))
  let split = try ratings.split(.perUser(testFraction: 0.1), seed: 7)
  var settings = wide.defaults
  settings.epochs = 3
  let model = try Trainer(wide, settings, seed: 7).model(of: ratings, split: split)
  try model.write(to: "wide.safetensors")
  print(try Model.read("wide.safetensors").spec.score.formula)

  let contender = Contender(label: "wide", spec: wide, hyperparameters: settings, seed: 7)
  let others = Contender.baselines(beside: [contender], of: ratings.feedback, seed: 7)
  let comparison = try Comparison([contender] + others, on: ratings, split: split, .init())
  if let verdict = comparison.verdict("rmse", "wide", "bias") { print(verdict.sentence) }

  let read = try ModelSpec.read("wide.json")
  print(read.score == wide.score)
}
