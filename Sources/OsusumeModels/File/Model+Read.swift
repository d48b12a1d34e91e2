// Reads a model from its file: what the tensors and the metadata mean, and whether they agree.
import OsusumeData

extension Model {
  /// Reads a model file: checksum, structure and the range of everything in it are checked.
  ///
  /// Errors: `ModelFileError`.
  public static func read(_ path: String) throws -> Model {
    try ModelFile(path).model(path: path)
  }
}

extension ModelFile {
  /// The model in the file, whose path is for errors.
  ///
  /// Errors: `ModelFileError`.
  public func model(path: String) throws -> Model {
    do {
      return try model()
    } catch let fault as ModelFileFault {
      throw ModelFileError.invalid(path: path, fault)
    }
  }

  /// The model in the file, its scorer one of some kinds.
  ///
  /// Errors: `ModelFileFault`.
  package func model(kinds: [any Scorer.Type] = Model.scorerKinds) throws -> Model {
    let text = try ModelMetadata(contents.metadata)
    var reader = TensorReader(contents)
    let userIDs = try reader.ids("user")
    let itemIDs = try reader.ids("item")
    let seen = try reader.seenItems(users: userIDs.count)
    let seenRatings = try SeenRatings(from: &reader, count: seen.items.count)
    try seenRatings?.check(entries: seen.items.count)
    let unrated = try reader.seenItems(ifAny: "unrated", users: userIDs.count)
    let context = ScorerContext(
      spec: text.specification, hyperparameters: text.hyperparameters, userCount: userIDs.count,
      itemIDs: itemIDs,
      itemCounts: try reader.vector("item_counts", count: itemIDs.count),
      catalog: ItemCatalog(text.items), scale: text.ratings.lowest...text.ratings.highest,
      seen: seen, seenRatings: seenRatings, seenUnrated: unrated)
    guard let kind = kinds.first(where: { $0.reads(context.spec) }) else {
      throw ModelFileFault.metadata("specification")
    }
    let parameters = try kind.init(from: &reader, context)
    let model = Model(
      spec: context.spec, hyperparameters: context.hyperparameters, parameters: parameters,
      userIDs: userIDs, itemIDs: itemIDs, seen: seen,
      itemCounts: context.itemCounts, scale: context.scale, medianRating: text.ratings.median,
      deviation: text.ratings.deviation, catalog: context.catalog, provenance: text.provenance,
      metrics: text.metrics,
      learned: try Learned(
        from: &reader, context, kinds: kinds, layout: parameters.factors?.layout),
      seenRatings: seenRatings,
      seenInTest: try reader.seenItems(ifAny: "test", users: userIDs.count),
      seenUnrated: unrated)
    try reader.refuseUnread()
    try model.check()
    return model
  }
}
