// A model small enough to damage in every possible way.
import OsusumeData
import OsusumeModels

/// A model of 3 users and 4 items with parameters that are all different.
package func tinyModel(
  factors: Int = 3, biased: Bool = true, stringIDs: Bool = false, title: String = "First \"one\" é"
) -> Model {
  let parameters = FactorParameters(
    layout: FactorLayout(factors: factors, biased: biased), users: 3, items: 4, mean: 7.25)
  parameters.setFactors(
    users: (0..<(3 * factors)).map { Float($0) / 8 },
    items: (0..<(4 * factors)).map { -Float($0) / 4 })
  if biased { parameters.setBiases(users: [0.5, -0.5, 2], items: [1, -1, 0.25, 3]) }
  return Model(
    spec: biased ? .flaxBias : .flaxDot, hyperparameters: .init { $0.factors = factors },
    parameters: parameters,
    userIDs: stringIDs ? .strings(["ann", "bob", "zoë"]) : .integers([1, 5, 9]),
    itemIDs: stringIDs ? .strings(["", "a", "b/2", "c"]) : .integers([-3, 20, 30, 1 << 40]),
    seen: .init(offsets: [0, 2, 2, 5], items: [1, 3, 0, 1, 2]), itemCounts: [1, 2, 1, 1],
    scale: 1...10, medianRating: 8,
    catalog: ItemCatalog([
      Item(
        id: stringIDs ? "a" : "20", title: title, genres: ["Drama", "Sci-Fi"], averageRating: 7.9),
      Item(id: "absent", title: "Not in the model"),
    ]),
    provenance: Provenance(
      dataSHA256: "00", split: "per-user:0.1", seed: 42, trainRows: 5, testRows: 1, version: "0.1.0"
    ),
    metrics: ["valid_rmse": 1.25, "valid_mae": .infinity])
}
