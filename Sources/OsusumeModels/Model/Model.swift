// A trained model: specification, parameters, ids, titles, rated items, and provenance.
import OsusumeData

/// Everything needed to score, recommend and explain; one file on disk (`Model+File.swift`).
public struct Model: Sendable {
  /// What the model is.
  public package(set) var spec: ModelSpec
  /// The settings it was trained with.
  public package(set) var hyperparameters: Hyperparameters
  /// What it has learned, and how that scores.
  package var parameters: any Scorer
  /// Original user ids, in order of index.
  public package(set) var userIDs: IDMap
  /// Original item ids, in order of index.
  public package(set) var itemIDs: IDMap
  /// The items each user rated in training: item indices ascending within a user.
  public package(set) var seen: SeenItems
  /// What they rated these items; nil where that is not known.
  public package(set) var seenRatings: SeenRatings?
  /// The items of each user's test ratings; nil: none.
  public package(set) var seenInTest: SeenItems?
  /// The items each user has seen without rating them; nil: none.
  public package(set) var seenUnrated: SeenItems?
  /// Number of training ratings of each item.
  public package(set) var itemCounts: [Int32]
  /// The lowest and highest rating of training: the scale predictions are clipped to.
  public package(set) var scale: ClosedRange<Float>
  /// The median training rating: from here on an item counts as liked (ranking metrics).
  public package(set) var medianRating: Float
  /// The standard deviation of the training ratings: what penalties are scaled by.
  public package(set) var deviation: Double
  /// Metadata of items, for display; empty when none was given.
  public package(set) var catalog: ItemCatalog
  /// What the fit learned beside the parameters.
  public package(set) var learned: Learned
  /// Where the model comes from: data, split, seed, tool version.
  public package(set) var provenance: Provenance
  /// Metrics found when it was trained, by name; of a model trained on all ratings, those of `provenance.judged`.
  public package(set) var metrics: [String: Double]

  /// The scorer that makes the lists: one of its own, or the parameters.
  package var ranker: any Scorer { learned.lists ?? parameters }

  /// Makes a model from its parts.
  package init(
    spec: ModelSpec, hyperparameters: Hyperparameters, parameters: any Scorer,
    userIDs: IDMap, itemIDs: IDMap, seen: SeenItems, itemCounts: [Int32],
    scale: ClosedRange<Float>, medianRating: Float, deviation: Double = 1, catalog: ItemCatalog,
    provenance: Provenance, metrics: [String: Double] = [:], learned: Learned = .init(),
    seenRatings: SeenRatings? = nil, seenInTest: SeenItems? = nil, seenUnrated: SeenItems? = nil
  ) {
    self.spec = spec
    self.hyperparameters = hyperparameters
    self.parameters = parameters
    self.userIDs = userIDs
    self.itemIDs = itemIDs
    self.seen = seen
    self.itemCounts = itemCounts
    self.scale = scale
    self.medianRating = medianRating
    self.deviation = deviation
    self.catalog = catalog
    self.provenance = provenance
    self.metrics = metrics
    self.learned = learned
    self.seenRatings = seenRatings
    self.seenInTest = seenInTest
    self.seenUnrated = seenUnrated
  }
}

/// What each user has rated in training, as compressed rows.
public struct SeenItems: Sendable, Equatable {
  /// users + 1 offsets into `items`.
  public package(set) var offsets: [Int32]
  /// Item indices, ascending within a user.
  public package(set) var items: [Int32]

  /// Makes seen lists from compressed rows.
  package init(offsets: [Int32], items: [Int32]) {
    self.offsets = offsets
    self.items = items
  }

  /// The items of one user, an index below the number of users; ascending.
  public subscript(user: Int) -> ArraySlice<Int32> {
    items[Int(offsets[user])..<Int(offsets[user + 1])]
  }
}

/// Where a model comes from; a function of input, settings and seed alone.
public struct Provenance: Codable, Sendable, Hashable {
  /// SHA-256 of the ratings file.
  public var dataSHA256: String
  /// SHA-256 of the item file, if one was given.
  public var itemsSHA256: String?
  /// The split, as on the command line.
  public var split: String
  /// The seed.
  public var seed: UInt64
  /// Training rows.
  public var trainRows: Int
  /// Test rows.
  public var testRows: Int
  /// Version of the tool.
  public var version: String
  /// A date or note the user asked to have written in.
  public var stamp: String?
  /// The data options that were given or found out, as on the command line and by the names they have in
  /// JSON (`drop_rating`: `none`); nil in files that know of none.
  public var dataOptions: [String: String]?
  /// The fit that the metrics are of, where the model was fitted again to all rows after it; nil: they are its own.
  public var judged: JudgedFit?

  /// Makes provenance from its parts.
  public init(
    dataSHA256: String, itemsSHA256: String? = nil, split: String, seed: UInt64, trainRows: Int,
    testRows: Int, version: String, stamp: String? = nil, dataOptions: [String: String]? = nil,
    judged: JudgedFit? = nil
  ) {
    self.dataSHA256 = dataSHA256
    self.itemsSHA256 = itemsSHA256
    self.split = split
    self.seed = seed
    self.trainRows = trainRows
    self.testRows = testRows
    self.version = version
    self.stamp = stamp
    self.dataOptions = dataOptions
    self.judged = judged
  }

  /// What the rows that it was trained on say.
  public var feedback: Feedback {
    dataOptions?["feedback"].flatMap(Feedback.init) ?? .ratings
  }

  private enum CodingKeys: String, CodingKey {
    case split, seed, version, stamp, judged
    case dataSHA256 = "data_sha256"
    case itemsSHA256 = "items_sha256"
    case trainRows = "train_rows"
    case testRows = "test_rows"
    case dataOptions = "data_options"
  }
}
