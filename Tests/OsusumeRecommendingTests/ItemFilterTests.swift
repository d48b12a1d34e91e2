// Filters on items: what passes, what is counted under which reason, what is refused.
import ModelFixtures
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

struct ItemFilterTests {
  /// Items 0…7: type and genres by index, item 0 without metadata, ratings 0, 1, 2 ….
  static let model: Model = {
    var model = tinyModel(factors: 2)
    model.itemIDs = .integers((0..<8).map { $0 + 10 })
    model.itemCounts = (0..<8).map { $0 }
    model.parameters = FactorParameters(
      layout: FactorLayout(factors: 2, biased: true), users: 3, items: 8, mean: 7)
    model.catalog = ItemCatalog(
      (1..<8).map {
        Item(
          id: String($0 + 10), title: "T\($0)",
          genres: $0 % 2 == 0 ? ["Sci-Fi"] : ["Drama", "Été"],
          type: $0 < 4 ? "TV" : "Movie")
      })
    return model
  }()

  private func passing(_ change: (inout ItemFilter) -> Void) throws -> FilteredItems {
    var filter = ItemFilter()
    change(&filter)
    return try Self.model.items(passing: filter)
  }

  @Test func everyConditionIsCountedUnderItsName() throws {
    let cases: [((inout ItemFilter) -> Void, [Int32], [ItemFilter.Reason: Int])] = [
      ({ $0.types = ["tv"] }, [1, 2, 3], [.type: 5]),
      ({ $0.types = ["TV", "movie"] }, [1, 2, 3, 4, 5, 6, 7], [.type: 1]),
      ({ $0.genres = ["sci-fi"] }, [2, 4, 6], [.genre: 5]),
      ({ $0.genres = ["DRAMA", "Sci-Fi"] }, [1, 2, 3, 4, 5, 6, 7], [.genre: 1]),
      ({ $0.excludedGenres = ["ete"] }, [0, 2, 4, 6], [.excludedGenre: 4]),
      ({ $0.minRatings = 6 }, [6, 7], [.tooFewRatings: 6]),
      ({ $0.onlyItems = ["12", "15", "999"] }, [2, 5], [.notListed: 6]),
      ({ $0.excludedItems = ["12", "999"] }, [0, 1, 3, 4, 5, 6, 7], [.excluded: 1]),
    ]
    for (change, candidates, counts) in cases {
      let items = try passing(change)
      #expect(items.candidates == candidates && items.leftOut().counts == counts, "\(counts)")
    }
    #expect(try passing { _ in }.candidates == nil && FilteredItems.all.leftOut().total == 0)
  }

  @Test func reasonsAndTheRestAddUpToAllItems() throws {
    let items = try passing {
      $0.types = ["TV"]
      $0.genres = ["Drama"]
      $0.minRatings = 2
    }
    // Seen: 1 has too few ratings, 3 would pass, 5 is a film.
    let leftOut = items.leftOut(met: MetItems([.train: [1, 3, 5]]))
    #expect(leftOut.counts == [.seen: 3, .type: 4, .genre: 1])
    #expect(leftOut.total == 8 && items.candidates == [3])
    let rated = FilteredItems.all.rated(Self.model)
    #expect(rated.leftOut().counts == [.unrated: 1] && rated.candidates?.first == 1)
  }

  @Test func whatNoItemHasIsRefused() {
    for (change, words) in [
      ({ $0.types = ["Movies"] }, "no item has the type 'Movies': did you mean 'Movie'?"),
      ({ $0.excludedGenres = ["Drma"] }, "did you mean 'Drama'?"),
      ({ $0.onlyItems = ["1", "2"] }, "names none of the model's 8 items"),
    ] as [((inout ItemFilter) -> Void, String)] {
      let error = #expect(throws: ItemFilterError.self) { try passing(change) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    var bare = Self.model
    bare.catalog = ItemCatalog()
    var filter = ItemFilter()
    filter.genres = ["Drama"]
    #expect(throws: ItemFilterError.noMetadata("genre")) { try bare.items(passing: filter) }
  }
}

struct ItemLookupTests {
  private static let model: Model = {
    var model = ItemFilterTests.model
    let titles = [
      "Cowboy Bebop", "Cowboy Bebop: The Movie", "Pokémon", "Emma", "Emma", "11", "Trigun", "Ōkami",
    ]
    model.catalog = ItemCatalog(
      titles.enumerated().map { Item(id: String($0 + 10), title: $1) })
    return model
  }()

  @Test(arguments: [
    ("12", 2), ("11", 1), ("cowboy bebop", 0), ("COWBOY BEBOP:", 1), ("pokemon", 2), ("tri", 6),
    ("okami", 7),
  ])
  func isFoundByIDTitleOrBeginning(name: String, index: Int32) throws {
    #expect(try Self.model.index(ofItem: name) == index)
  }

  @Test(arguments: [
    ("emma", "2 titles match 'emma': give an id, such as 14 'Emma', 13 'Emma'"),
    ("cow", "2 titles match 'cow'"), ("bebop", "did you mean 10 'Cowboy Bebop', 11 "),
    ("trigan", "did you mean 16 'Trigun'?"),
    ("zzzzzzzzzz", "give one of the model's ids, 10 to 17"),
    ("", "no item has the id or title ''"),
  ])
  func whatMayHaveBeenMeantIsSaid(name: String, words: String) {
    let error = #expect(throws: ItemLookupError.self) { try Self.model.index(ofItem: name) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }
}
