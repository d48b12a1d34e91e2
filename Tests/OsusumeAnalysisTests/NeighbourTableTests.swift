// A table of well-known titles and of what a fan expects beside them, on the real data sets.
import OsusumeAnalysis
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import OsusumeTraining
import Testing

@Suite(.enabled(if: RealData.isPresent, "needs the real data sets: set OSUSUME_DATA"))
struct NeighbourTableTests {
  /// A title, and titles that must be among its five and its ten nearest.
  private struct Expected {
    var title: String
    var five: [String]
    var ten: [String] = []
  }

  /// Ratings that a neighbour must have, as `similar` asks unless told otherwise.
  private static let fewestRatings = 5

  private static let anime = [
    Expected(
      title: "Cowboy Bebop",
      five: ["Cowboy Bebop: Tengoku no Tobira", "Trigun", "Samurai Champloo"],
      ten: ["Ghost in the Shell: Stand Alone Complex"]),
    Expected(
      title: "Fullmetal Alchemist: Brotherhood",
      five: [
        "Fullmetal Alchemist", "Fullmetal Alchemist: The Sacred Star of Milos",
        "Fullmetal Alchemist: Brotherhood Specials",
      ]),
    Expected(
      title: "Code Geass: Hangyaku no Lelouch", five: ["Code Geass: Hangyaku no Lelouch R2"]),
    Expected(
      title: "Steins;Gate",
      five: [
        "Steins;Gate: Oukoubakko no Poriomania", "Steins;Gate Movie: Fuka Ryouiki no Déjà vu",
      ]),
    Expected(
      title: "Neon Genesis Evangelion",
      five: [
        "Neon Genesis Evangelion: The End of Evangelion",
        "Neon Genesis Evangelion: Death & Rebirth", "Evangelion: 1.0 You Are (Not) Alone",
      ], ten: ["Evangelion: 2.0 You Can (Not) Advance"]),
    Expected(
      title: "Gintama",
      five: [
        "Gintama'", "Gintama': Enchousen", "Gintama Movie: Shinyaku Benizakura-hen",
        "Gintama Movie: Kanketsu-hen - Yorozuya yo Eien Nare",
      ]),
    Expected(
      title: "Sen to Chihiro no Kamikakushi",
      five: ["Howl no Ugoku Shiro", "Tonari no Totoro", "Mononoke Hime"],
      ten: ["Gake no Ue no Ponyo", "Tenkuu no Shiro Laputa"]),
    Expected(
      title: "Clannad",
      five: ["Clannad: After Story", "Clannad: Mou Hitotsu no Sekai, Tomoyo-hen"],
      ten: ["Kanon (2006)", "Air"]),
    Expected(
      title: "Haikyuu!!", five: ["Haikyuu!! Second Season", "Kuroko no Basket 2nd Season"],
      ten: ["Haikyuu!!: Karasuno Koukou VS Shiratorizawa Gakuen Koukou"]),
    Expected(
      title: "Bakemonogatari",
      five: ["Nisemonogatari", "Monogatari Series: Second Season", "Nekomonogatari: Kuro"]),
  ]

  private static let films = [
    Expected(title: "Toy Story (1995)", five: ["Toy Story 2 (1999)"], ten: ["Toy Story 3 (2010)"]),
    Expected(
      title: "Star Wars: Episode IV - A New Hope (1977)",
      five: [
        "Star Wars: Episode V - The Empire Strikes Back (1980)",
        "Star Wars: Episode VI - Return of the Jedi (1983)",
      ],
      ten: ["Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark) (1981)"]),
    Expected(
      title: "Lord of the Rings: The Fellowship of the Ring, The (2001)",
      five: [
        "Lord of the Rings: The Two Towers, The (2002)",
        "Lord of the Rings: The Return of the King, The (2003)",
      ]),
    Expected(
      title: "Harry Potter and the Chamber of Secrets (2002)",
      five: ["Harry Potter and the Prisoner of Azkaban (2004)"],
      ten: [
        "Harry Potter and the Goblet of Fire (2005)",
        "Harry Potter and the Order of the Phoenix (2007)",
      ]),
    Expected(
      title: "Godfather, The (1972)", five: ["Godfather: Part II, The (1974)", "Goodfellas (1990)"]),
    Expected(
      title: "Back to the Future (1985)",
      five: ["Back to the Future Part II (1989)", "Back to the Future Part III (1990)"]),
    Expected(title: "Terminator 2: Judgment Day (1991)", five: ["Terminator, The (1984)"]),
    Expected(title: "Kill Bill: Vol. 1 (2003)", five: ["Kill Bill: Vol. 2 (2004)"]),
    Expected(
      title: "Dark Knight, The (2008)", five: ["Batman Begins (2005)"],
      ten: ["Dark Knight Rises, The (2012)"]),
    Expected(title: "Alien (1979)", five: ["Aliens (1986)", "Blade Runner (1982)"]),
  ]

  /// A model of the catalog on a data set, and the training part of a split that everybody uses.
  private func trained(_ spec: ModelSpec, _ ratings: String, _ items: String) throws -> Model {
    let catalog = try ItemCatalog.read(RealData.path(items)).catalog
    var options = RatingsOptions()
    options.minUserRatings = 2
    let ratings = try Ratings(
      table: RatingTable.read(RealData.path(ratings), threads: 2), catalog: catalog,
      options: options, threads: 2)
    let split = try ratings.split(.perUser(testFraction: 0.1), seed: 42, threads: 2)
    return try Trainer(spec, threads: 2).model(of: ratings, split: split, catalog: catalog)
  }

  /// The ten nearest of an item, as `similar` finds them.
  private func nearest(_ model: Model, _ title: String) throws -> [Int] {
    var filter = ItemFilter()
    filter.minRatings = Self.fewestRatings
    let row = Int(try model.index(ofItem: title))
    let found = try Similarity.Neighbours(
      10, toItem: row, in: model, among: try model.items(passing: filter))
    return try #require(found).nearest.map(\.row)
  }

  private func check(_ table: [Expected], _ model: Model) throws {
    for expected in table {
      let rows = try nearest(model, expected.title)
      let titles = rows.map { model.catalog[model.itemIDs[$0]]?.title ?? "" }
      #expect(rows.count == 10, "\(expected.title)")
      let five = Set(expected.five).subtracting(titles.prefix(5))
      #expect(five.isEmpty, "\(five) not among the five of \(expected.title): \(titles)")
      let ten = Set(expected.ten).subtracting(titles)
      #expect(ten.isEmpty, "\(ten) not among the ten of \(expected.title): \(titles)")
      let few = rows.filter { model.itemCounts[$0] < Self.fewestRatings }
      #expect(few.isEmpty, "\(expected.title) is near what hardly anybody rated: \(titles)")
    }
  }

  @Test func animeHaveTheirSequelsAndTheLikeBesideThem() throws {
    let model = try trained(.lists, "anime-2016/rating.csv", "anime-2016/anime.csv")
    try check(Self.anime, model)
  }

  @Test func filmsHaveTheirSequelsAndTheLikeBesideThem() throws {
    let files = ("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv")
    let model = try trained(.ease, files.0, files.1)
    try check(Self.films, model)
    let lists = try trained(.lists, files.0, files.1)
    for expected in Self.films {
      let (own, other) = (try nearest(model, expected.title), try nearest(lists, expected.title))
      #expect(own == other, "lists has the neighbours of ease: \(expected.title)")
    }
  }
}
