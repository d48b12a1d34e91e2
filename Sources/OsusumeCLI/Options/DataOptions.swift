// Options of every command that trains or evaluates on ratings: which rows, which items, which split.
import ArgumentParser
import Osusume

struct DataOptions: ParsableArguments {
  @OptionGroup var file: RatingsFileOptions

  @Option(help: ArgumentHelp("Item metadata: id, name, genre, type …", valueName: "file"))
  var items: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rating that means 'seen, not rated', or none.", valueName: "rating"))
  var dropRating = Sentinel(rating: -1)

  @Option(help: Setting.minUserRatings.argumentHelp(default: "the model's"))
  var minUserRatings: Int?

  @Option(help: "Which of several ratings of a user and item counts.")
  var duplicates = DuplicatePolicy.last

  @Option(help: "Ratings of items missing from --items: keep them, or drop them (inner).")
  var join = ItemJoin.keep

  @Option(help: "Only items of this type; needs --items.")
  var onlyType: String?

  @Option(help: "Only items with at least this many rows, unrated ones included.")
  var minItemRatings = 0

  @Option(help: "Only users up to this id.")
  var maxUserID: Int64?

  @Option(help: "Only this many rows from the start of the file.")
  var limit: Int?

  @Option(
    help: Setting.split.argumentHelp(default: "the model's"),
    transform: { try Setting.split.checkOption($0).split })
  var split: SplitRule?

  func validate() throws {
    if let minUserRatings { try Setting.minUserRatings.checkOption("\(minUserRatings)") }
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): give a number from 1") }
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
    /// Seconds spent reading files.
    var ingestSeconds: Double
    /// Seconds spent cleaning and numbering.
    var prepareSeconds: Double
  }

  /// Reads the files and cleans the ratings; `minUserRatingsDefault` counts when the option is absent.
  ///
  /// For labels of interactions, only titles that were completed or dropped count if the file says which
  /// were; rows without a rating follow those with one.
  func load(
    minUserRatingsDefault: Int, forLabels: Bool = false, threads: Int
  ) throws -> Loaded {
    let clock = ContinuousClock()
    let start = clock.now
    Activity.now("reading \(file.ratings)")
    let itemFile = try items.map { try ItemCatalog.read($0) }
    let whole = try RatingTable.read(file.ratings, format: file.format, threads: threads)
    let table = forLabels ? whole.finished() : whole
    var test: RatingTable?
    if case .file(let path) = split {
      test = try RatingTable.read(path, format: file.format, threads: threads)
    }
    let read = clock.now
    Activity.now("cleaning the ratings")
    let catalog = itemFile?.catalog ?? ItemCatalog()
    var ratings = try Ratings(
      table: table, test: test, catalog: catalog,
      options: options(minUserRatingsDefault: minUserRatingsDefault), threads: threads)
    ratings.counts.unfinished = whole.values.count - table.values.count
    ratings.counts.rows += ratings.counts.unfinished
    return Loaded(
      ratings: forLabels ? ratings.withUnrated() : ratings, catalog: catalog,
      dropped: forLabels ? table.dropped(in: ratings) : UnratedRows(),
      itemsSHA256: itemFile?.sha256,
      testSHA256: test?.sha256,
      ingestSeconds: (read - start) / .seconds(1), prepareSeconds: (clock.now - read) / .seconds(1))
  }

  private func options(minUserRatingsDefault: Int) -> RatingsOptions {
    var options = RatingsOptions()
    options.sentinel = dropRating.rating
    options.minUserRatings = minUserRatings ?? minUserRatingsDefault
    options.duplicates = duplicates
    options.join = join
    options.onlyType = onlyType
    options.minItemRatings = minItemRatings
    options.maxUserID = maxUserID
    options.limit = limit
    return options
  }
}

/// A rating that is none, or no such rating.
struct Sentinel: ExpressibleByArgument {
  var rating: Float?

  init(rating: Float?) { self.rating = rating }

  init?(argument: String) {
    if argument == "none" { return }
    guard let rating = Float(argument), rating.isFinite else { return nil }
    self.rating = rating
  }

  var defaultValueDescription: String { rating.map(RatingHistogram.label) ?? "none" }
}

extension DataOptions.Loaded {
  /// Labels for rows of these ratings.
  func labels(above bound: Double, threads: Int) -> InteractionLabels {
    InteractionLabels(
      above: bound, dropped: dropped, users: ratings.userIDs.count, threads: threads)
  }
}

extension DuplicatePolicy: ExpressibleByArgument {}
extension ItemJoin: ExpressibleByArgument {}
