// What ratings count in lists: said by the ratings in a model file, or by strengths where there are none.
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

@Suite struct RatingStrengthFileTests {
  /// Two users of three items: 0 and 2 rated 9 and 4, 1 rated 7.
  private static let seen = SeenItems(offsets: [0, 2, 3], items: [0, 2, 1])
  private static let ratings = SeenRatings(values: [4, 7, 9], codes: [2, 0, 1])
  /// With a median of 7 and a deviation of 2: 1 + 2/4, at most 1.1; 1 − 3/4; 1.
  private static let strengths: [UInt8] = [110, 25, 100]

  private func model(ratings: SeenRatings?) -> Model {
    Model(
      spec: .ease, hyperparameters: .init(),
      parameters: ItemRelations(
        relation: ItemRelation(
          offsets: [0, 1, 2, 3], columns: [1, 2, 0], weights: [0.5, 0.25, -0.125]),
        rated: Self.seen, strengths: Self.strengths,
        unrated: SeenItems(offsets: [0, 0, 0], items: []),
        strength: RatingStrength(likedFrom: 7, deviation: 2)),
      userIDs: .integers([1, 2]), itemIDs: .integers([10, 20, 30]), seen: Self.seen,
      itemCounts: [1, 1, 1], scale: 1...10, medianRating: 7, catalog: ItemCatalog([]),
      provenance: Provenance(
        dataSHA256: "00", split: "none", seed: 42, trainRows: 3, testRows: 0, version: "0.1.0"),
      metrics: [:], seenRatings: ratings)
  }

  /// The strengths of a model that is written as some tensors and read back.
  private func strengths(of model: Model, _ tensors: [Tensor]) throws -> [UInt8]? {
    try withTemporaryDirectory { directory in
      let path = directory + "/m"
      _ = try Safetensors.write(tensors, metadata: ModelMetadata.encode(model), to: path)
      return (try Model.read(path).parameters as? ItemRelations)?.strengths
    }
  }

  @Test func ratingsSayIt() throws {
    let model = model(ratings: Self.ratings)
    #expect(!model.tensors.contains { $0.name == "seen_strengths" })
    #expect(try strengths(of: model, model.tensors) == Self.strengths)
  }

  @Test func strengthsInTheFileComeFirst() throws {
    let model = model(ratings: Self.ratings)
    let tensors = model.tensors + [Tensor("seen_strengths", [1, 2, 3] as [UInt8])]
    #expect(try strengths(of: model, tensors) == [1, 2, 3])
  }

  @Test func strengthsStayWithoutRatings() throws {
    let model = model(ratings: nil)
    #expect(model.tensors.contains { $0.name == "seen_strengths" })
    #expect(try strengths(of: model, model.tensors) == Self.strengths)
    let bare = model.tensors.filter { $0.name != "seen_strengths" }
    #expect(throws: ModelFileError.self) { try strengths(of: model, bare) }
  }

  @Test func aCodeOfNoRatingIsRefused() throws {
    let model = model(ratings: Self.ratings)
    let tensors =
      model.tensors.filter { $0.name != "seen_ratings" } + [
        Tensor("seen_ratings", [2, 3, 1] as [UInt8])
      ]
    #expect(throws: ModelFileError.self) { try strengths(of: model, tensors) }
  }
}
