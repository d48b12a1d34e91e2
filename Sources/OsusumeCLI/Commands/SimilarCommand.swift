// `osusume similar`: nearest items and users in factor space, any two of them, ranked biases.
import ArgumentParser
import Osusume

struct SimilarCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar",
    abstract: "Nearest items or users in factor space; ranked biases.",
    discussion: """
      An item is named by its id, its title, or the beginning of its title. Vectors are compared without \
      biases; cosines between items are shrunk by how few people rated both. Models that relate items \
      themselves answer with what they keep: item-knn with cosines, ease with partial correlations.

      Examples:
        osusume similar --model model.safetensors --item "Cowboy Bebop"
        osusume similar --model model.safetensors --pair 1 5 --by dot
        osusume similar --model genre-dot.safetensors --genre-pair Drama Comedy
        osusume similar --model model.safetensors --biases items --top 10
      """)

  /// What biases are of.
  enum Biases: String, ExpressibleByArgument, CaseIterable { case items, users, genres }

  @Option(
    help: ArgumentHelp("A saved model.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(help: ArgumentHelp("An item's id or title: the items nearest to it.", valueName: "item"))
  var item: String?

  @Option(help: ArgumentHelp("A user's id: the users nearest to them.", valueName: "id"))
  var user: String?

  @Option(help: ArgumentHelp("A genre: the genres nearest to it.", valueName: "genre"))
  var genre: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Two items: how alike they are.", valueName: "item"))
  var pair: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Two genres: how alike they are, in models with genre features.", valueName: "genre"))
  var genrePair: [String] = []

  @Option(help: ArgumentHelp("The highest and lowest biases: items, users or genres."))
  var biases: Biases?

  @Flag(help: "Print the vector of --item or --user instead.")
  var vector = false

  @Option(help: "Nearness: cosine, dot or euclid (distance).")
  var by = SimilarityMeasure.cosine

  @Option(help: ArgumentHelp("How many.", valueName: "n"))
  var top = 10

  @OptionGroup(title: "Filters") var filter: ItemFilterOptions
  @OptionGroup var options: PlainOptions

  func validate() throws {
    let asked = [
      item != nil, user != nil, genre != nil, !pair.isEmpty, !genrePair.isEmpty, biases != nil,
    ].count { $0 }
    guard asked == 1 else {
      throw ValidationError(
        "give one of --item, --user, --genre, --pair, --genre-pair and --biases")
    }
    guard genrePair.isEmpty || genrePair.count == 2 else {
      throw ValidationError("--genre-pair: give two genres")
    }
    guard pair.isEmpty || pair.count == 2 else {
      throw ValidationError("--pair: give two items, by id or title")
    }
    guard !vector || item != nil || user != nil else {
      throw ValidationError("--vector: give --item or --user")
    }
    guard !filter.isGiven || (item != nil && !vector) || biases == .items else {
      throw ValidationError("filters are for answers that hold items: --item and --biases items")
    }
    try check("--top", top, in: 1...1_000_000)
  }

  func run() throws {
    let file = try ModelFile(model)
    let source = SimilarSource(
      model: try file.model(path: model), version: String(file.checksum.prefix(12)))
    if genre != nil || !genrePair.isEmpty || biases == .genres { return try answerGenres(source) }
    if let biases {
      try options.show(try ranking(biases == .users ? .user : .item, source))
    } else if pair.count == 2 {
      let similarity = try Similarity(source.model, of: .item, by: by)
      let rows = try pair.map { Int(try source.model.index(ofItem: $0)) }
      try options.show(
        SimilarPair(
          source, rows.map { source.named(.item, $0) }, rows.map { similarity.vectors[$0] }, by: by)
      )
    } else {
      try answer(source)
    }
  }

  private func answerGenres(_ source: SimilarSource) throws {
    let genres = try GenreFactors(source.model)
    if !genrePair.isEmpty {
      let places = try genrePair.map(genres.index)
      return try options.show(
        SimilarPair(
          source, places.map { SimilarName(genre: genres.names[$0]) },
          try places.map(genres.vector), by: by))
    }
    guard let genre else {
      return try options.show(SimilarBiases(source, genres, try genres.rankedBiases(count: top)))
    }
    let place = try genres.index(of: genre)
    try options.show(
      SimilarNeighbours(
        genres: genres, of: source, to: place, try genres.nearest(top, to: place, by: by), by: by))
  }

  /// The items that the filters let pass.
  private func passing(_ model: Model, fewestRatings: Int = 0) throws -> FilteredItems {
    let conditions = try filter.filter(fewestRatings: fewestRatings)
    filter.note(conditions, for: model, quiet: options.quiet)
    return try model.items(passing: conditions)
  }

  private func ranking(_ entity: Entity, _ source: SimilarSource) throws -> SimilarBiases {
    let items = try passing(source.model)
    return SimilarBiases(
      source, entity, try RankedBiases(source.model, of: entity, count: top, among: items),
      asked: top)
  }

  private func answer(_ source: SimilarSource) throws {
    if let item, !vector { return try answer(item: item, source) }
    let entity: Entity = user == nil ? .item : .user
    let similarity = try Similarity(source.model, of: entity, by: by)
    let row =
      try user.map { Int(try Recommender(source.model).index(ofUser: $0)) }
      ?? Int(source.model.index(ofItem: item ?? ""))
    if vector {
      try options.show(SimilarVector(source, similarity, row: row))
    } else {
      try options.show(
        SimilarNeighbours(users: source, by, try similarity.nearest(top, toUser: row)))
    }
  }

  /// Ratings that a neighbour must have unless `--min-ratings` says otherwise: one or two say nothing.
  private static let fewestRatings = 5

  /// The items nearest one: those the model itself relates to it, or else by vectors.
  private func answer(item: String, _ source: SimilarSource) throws {
    let model = source.model
    let row = Int(try model.index(ofItem: item))
    let items = try passing(model, fewestRatings: Self.fewestRatings)
    let common = try CommonRaters(model, item: row)
    let related = try Similarity.Neighbours(top, toItem: row, in: model, among: items)
    guard related == nil || by == .cosine else {
      throw SimilarityError.ownMeasureAlone(
        model.ranker.neighbourMeasure, model: model.spec.name)
    }
    let answer =
      try related
      ?? Similarity(model, of: .item, by: by).nearest(
        top, toItem: row, among: items, shrunkBy: common)
    try options.show(
      SimilarNeighbours(
        items: source, by: related == nil ? by : nil, answer, common,
        fewest: filter.minRatings == nil ? Self.fewestRatings : 0))
  }
}

extension SimilarityMeasure: ExpressibleByArgument {}
