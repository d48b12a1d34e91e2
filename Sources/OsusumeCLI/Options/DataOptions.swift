// Options of every command that trains or evaluates on ratings: which rows, which items, which split.
import ArgumentParser
import Osusume

struct DataOptions: ParsableArguments {
  @OptionGroup var file: RatingsFileOptions

  @Option(
    help: ArgumentHelp("Item metadata: id, name, genre, type …", valueName: "file"),
    completion: .file())
  var items: String?

  @Option(help: Setting.minUserRatings.argumentHelp(default: "the model's"))
  var minUserRatings: Int?

  @Option(
    help: ArgumentHelp(
      "Which of several ratings of a user and item counts (default: the newest where rows have times, else the last).",
      valueName: "which", visibility: .hidden))
  var duplicates: DuplicatePolicy?

  @Option(
    help: ArgumentHelp(
      "Ratings of items missing from --items: keep them (the default), or drop them (inner).",
      valueName: "how"))
  var join: ItemJoin?

  @Option(
    help: ArgumentHelp(
      "Only items of this type; needs --items.", valueName: "type", visibility: .hidden))
  var onlyType: String?

  @Option(
    help: ArgumentHelp(
      "Only items with at least this many rows, unrated ones included.", valueName: "rows",
      visibility: .hidden))
  var minItemRatings: Int?

  @Option(
    help: ArgumentHelp(
      "Only users with at least this many rows, unrated ones included.", valueName: "rows",
      visibility: .hidden))
  var minUserRows: Int?

  @Option(help: ArgumentHelp("Only users up to this id.", valueName: "id", visibility: .hidden))
  var maxUserID: Int64?

  @Flag(
    help: ArgumentHelp(
      "Let MovieLens' \"(no genres listed)\" be a genre; else such items have none.",
      visibility: .hidden))
  var noGenresAsGenre = false

  @Option(
    help: ArgumentHelp(
      "Only this many rows from the start of the file.", valueName: "rows", visibility: .hidden))
  var limit: Int?

  @Option(
    help: Setting.split.argumentHelp(default: "the model's"),
    transform: { try Setting.split.checkOption($0).split })
  var split: SplitRule?

  /// The files that these options have read; no result may be written there.
  var files: [String?] {
    let test: String? = if case .file(let path)? = split { path } else { nil }
    return [file.ratings, items, test]
  }

  func validate() throws {
    if let minUserRatings { try Setting.minUserRatings.checkOption("\(minUserRatings)") }
    try check("--min-user-rows", minUserRows, in: 1...)
    try check("--limit", limit, in: 1...)
    if items == nil && join == .inner {
      throw ValidationError("--join inner: give the items to join with, --items FILE")
    }
    if items == nil && onlyType != nil {
      throw ValidationError("--only-type: give the items that have a type, --items FILE")
    }
  }

  /// What a command gets to work on.
  struct Loaded {
    var ratings: Ratings
    /// Empty without `--items`.
    var catalog: ItemCatalog
    /// Pairs whose title was dropped, where labels are wanted and the file says so.
    var dropped = UnratedRows()
    /// SHA-256 of the item file, if there is one.
    var itemsSHA256: String?
    /// SHA-256 of the file of test rows, if the split names one.
    var testSHA256: String?
    /// What is to be said of how the ratings were read.
    var notes: [String] = []
    /// Seconds spent reading files.
    var ingestSeconds: Double
    /// Seconds spent cleaning and numbering.
    var prepareSeconds: Double
  }

  /// What a command asks of the ratings besides what the options say.
  struct Wish {
    /// What counts when `--min-user-ratings` is absent.
    var minUserRatings = 1
    /// Whether labels of interactions are wanted: then only titles that were completed or dropped count if
    /// the file says which were, and rows without a rating follow those with one.
    var forLabels = false
    /// Whether times have to be there and read.
    var needsTimes = false
    /// The model whose data options hold where none are given.
    var model: Provenance?
  }

  /// Reads the files and cleans the ratings for a model that is to be fitted with some settings.
  func load(for spec: ModelSpec, _ settings: Hyperparameters, threads: Int) throws -> Loaded {
    try load(
      Wish(
        minUserRatings: settings.minUserRatings, forLabels: spec.needsLabels,
        needsTimes: spec.needsTimestamps), threads: threads)
  }

  /// Reads the files and cleans the ratings.
  func load(_ wish: Wish = Wish(), threads: Int) throws -> Loaded {
    let stored = wish.model?.dataOptions ?? [:]
    let data = filled(from: stored, isOwn: false)
    let clock = ContinuousClock()
    let start = clock.now
    Activity.now("reading \(file.ratings)")
    let itemFile = try items.map {
      try ItemCatalog.read($0, keepsNoGenres: data.noGenresAsGenre)
    }
    var format = data.file.format
    format.needsTimes = wish.needsTimes || data.needsTimes
    // A model's columns hold for files like its own; another may have its own names.
    let isOfModel = file.columns == nil && format.columns != nil
    let whole = try RatingTable.read(
      file.ratings, format: format, orElse: isOfModel ? file.format : nil, threads: threads)
    var wholeTest: RatingTable?
    if case .file(let path) = split {
      wholeTest = try RatingTable.read(
        path, format: format, orElse: isOfModel ? file.format : nil, threads: threads)
    }
    let ingested = clock.now
    Activity.now("cleaning the ratings")
    let options = filled(from: stored, isOwn: whole.sha256 == wish.model?.dataSHA256)
    let all = options.limit.map(whole.prefix) ?? whole
    let read = options.minUserRows.map { all.keepingUsers(withRows: $0, threads: threads) } ?? all
    if read.count == 0, all.count > 0 { throw RatingsError.nothingLeft(rows: all.count) }
    let table = wish.forLabels ? read.finished() : read
    let test = wish.forLabels ? wholeTest?.finished() : wholeTest
    let catalog = itemFile?.catalog ?? ItemCatalog()
    var ratings = try Ratings(
      table: table, test: test, catalog: catalog,
      options: options.cleaning(minUserRatings: wish.minUserRatings), threads: threads)
    ratings.counts.unfinished =
      read.count - table.count + (wholeTest?.count ?? 0) - (test?.count ?? 0)
    ratings.counts.subset += all.count - read.count
    ratings.counts.rows += ratings.counts.unfinished + all.count - read.count
    ratings.options = recorded(for: ratings)
    ratings.statuses = all.statusCounts
    var notes = ratings.notes
    if case .file(let path)? = split, let wholeTest { notes = wholeTest.notes(path) + notes }
    return Loaded(
      ratings: wish.forLabels ? ratings.withUnrated() : ratings, catalog: catalog,
      dropped: wish.forLabels ? table.dropped(in: ratings) : UnratedRows(),
      itemsSHA256: itemFile?.sha256,
      testSHA256: test?.sha256, notes: whole.notes(file.ratings) + (itemFile?.notes ?? []) + notes,
      ingestSeconds: (ingested - start) / .seconds(1),
      prepareSeconds: (clock.now - ingested) / .seconds(1))
  }

  /// Whether the options cut by time or choose by it.
  private var needsTimes: Bool {
    switch split {
    case .temporal?, .globalTime?: true
    default: duplicates == .newest
    }
  }

  private func cleaning(minUserRatings minimum: Int) -> RatingsOptions {
    var options = RatingsOptions()
    options.sentinel = file.dropRating ?? .automatic
    options.minUserRatings = minUserRatings ?? minimum
    options.duplicates = duplicates
    options.join = join ?? .keep
    options.onlyType = onlyType
    options.minItemRatings = minItemRatings ?? 0
    options.maxUserID = maxUserID
    return options
  }
}

extension RatingTable {
  /// Reads a ratings file; where it lacks the columns, in another format.
  fileprivate static func read(
    _ path: String, format: TableFormat, orElse other: TableFormat?, threads: Int
  ) throws -> RatingTable {
    do {
      return try read(path, format: format, threads: threads)
    } catch RatingsFileError.columnNotFound where other != nil && path != "-" {
      var other = other ?? format
      other.needsTimes = format.needsTimes
      return try read(path, format: other, threads: threads)
    }
  }

  /// What a reader of the figures should know of how the file was read.
  fileprivate func notes(_ path: String) -> [String] {
    let name = path == "-" ? "stdin" : path
    var notes = encodingNote.map { [$0] } ?? []
    if let firstBadLine {
      notes.append(
        "\(badLines.grouped("line")) of \(name) left out that cannot be read; the first: "
          + "\(firstBadLine)")
    }
    if let unreadTimestamp {
      notes.append("the times of \(name) are left alone: \(unreadTimestamp)")
    }
    return notes
  }
}

extension Sentinel: ExpressibleByArgument {
  /// A rating, or none where every value is one.
  public init?(argument: String) {
    if argument == "none" {
      self = .never
      return
    }
    guard let rating = Float(argument), rating.isFinite else { return nil }
    self = .rating(rating)
  }
}

extension Ratings {
  /// What a reader of the figures should know of how they came about.
  fileprivate var notes: [String] {
    if keptMinusOne {
      return [
        "-1 is taken for a rating, because there are other negative ones; `drop_rating -1` takes it for "
          + "'seen, not rated'"
      ]
    }
    if mayBeUnratedAtZero {
      return [
        "many ratings are 0, and no other is below 1: if 0 means 'seen, not rated', give `drop_rating 0`"
      ]
    }
    return []
  }
}

extension CommandOptions {
  /// Says how ratings were read, on stderr, one line each; only once the command has its answer.
  func say(_ notes: [String]) { warn(notes.map { "note: " + $0.namingFlags }) }
}

extension DataOptions.Loaded {
  /// Labels for rows of these ratings, where a model needs them.
  func labels(
    for spec: ModelSpec, _ settings: Hyperparameters, threads: Int
  ) -> InteractionLabels? {
    spec.needsLabels ? labels(above: settings.positiveAbove, threads: threads) : nil
  }

  /// Labels for rows of these ratings.
  func labels(above bound: Double, threads: Int) -> InteractionLabels {
    InteractionLabels(
      above: bound, dropped: dropped, users: ratings.userIDs.count, threads: threads)
  }
}

extension DuplicatePolicy: ExpressibleByArgument {}
extension ItemJoin: ExpressibleByArgument {}
