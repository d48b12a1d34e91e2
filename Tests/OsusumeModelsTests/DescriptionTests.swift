// Specifications in words, and names that are not quite right.
import OsusumeModels
import Testing

struct DescriptionTests {
  @Test func formulas() {
    #expect(ModelSpec.mf.score.formula == "μ + b_u + b_i + p·q")
    #expect(ModelSpec.flaxDot.score.formula == "p·q")
    #expect(ModelSpec.popularity.score.formula == "n_i")
    #expect(ModelSpec.timeMF.score.formula == "μ + b_u + b_i + p·q + b_u(t) + b_i(t)")
  }

  @Test func tensorsAreCounted() {
    let tensors = ModelSpec.flaxBias.tensors(factors: 50)
    #expect(tensors.map(\.name) == ["user_factors", "item_factors", "user_bias", "item_bias"])
    let counts = tensors.map { $0.count(users: 66_351, items: 9_926) }
    #expect(counts == [3_317_550, 496_300, 66_351, 9_926])
    #expect(tensors.map { $0.count(users: nil, items: 2) } == [nil, 100, nil, 2])
    #expect(tensors[0].count(users: .max, items: 1) == nil)
    #expect(tensors[1].extents.map { $0.text(users: 3, items: nil) } == ["I", "50"])
  }

  @Test(arguments: [("MF", "mf"), ("flax_bias", "flax-bias"), ("populrity", "popularity")])
  func aWrongNameNamesTheClosest(name: String, closest: String) {
    #expect(throws: CatalogError.unknownModel(name, closest: closest)) {
      try ModelSpec.lookup(name)
    }
  }

  /// What an original says of itself, what was found by repeating it, and what is chosen here stand apart.
  @Test func publicationsSayWhoseFiguresAreWhose() throws {
    let known = ModelSpec.catalog.compactMap(\.publication)
    #expect(known.count == 20)
    for publication in known {
      #expect(!publication.result.contains("torch") && !publication.result.contains("reproduced"))
      #expect(publication.reproduced?.hasPrefix("with torch") ?? true)
    }
    let film = try #require(ModelSpec.lookup("recommender-v1").publication)
    #expect(film.result == "none" && film.reproduced?.contains("test RMSE 1.104") == true)
    let anime = try #require(ModelSpec.lookup("keras-hybrid").publication)
    #expect(anime.result.contains("RMSE 1.4034") && anime.reproduced == nil)
    #expect(anime.chosen?.contains("batches of 1024") == true)
    #expect(
      try ModelSpec.lookup("genre-dot").publication?.chosen?.contains("no_genres_as_genre") == true)
    #expect(try ModelSpec.lookup("metadata").publication?.chosen?.contains("popularity") == true)
  }

  @Test(arguments: ["normal:0.01", "normal-over-factors", "zero"])
  func initializersAsText(text: String) {
    #expect(Initializer(text)?.description == text)
  }

  @Test(arguments: ["", "normal", "normal:-1", "normal:nan", "zero:1", "uniform:-1"])
  func nonsenseIsNoInitializer(text: String) {
    #expect(Initializer(text) == nil)
  }
}
