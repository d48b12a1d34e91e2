// Data options in a model file: what was given or found out in training, and used again by `evaluate`.
import ArgumentParser
import Osusume

extension DataOptions {
  /// The options that were given, and what was found out of the ratings, by their names in JSON; nothing of
  /// paths, and nothing that stands elsewhere in the model file.
  func recorded(for ratings: Ratings) -> [String: String] {
    let sentinel: String? =
      switch file.dropRating {
      case .rating(let rating)?: RatingHistogram.label(rating)
      case .never?: "none"
      case .automatic?, nil: ratings.keptMinusOne ? "none" : ratings.droppedMinusOne ? "-1" : nil
      }
    let options: [String: String?] = [
      "columns": file.columns, "ids": file.ids?.rawValue,
      "feedback": ratings.feedback == .ratings ? nil : ratings.feedback.rawValue,
      "drop_rating": sentinel, "duplicates": duplicates?.rawValue, "join": join?.rawValue,
      "only_type": onlyType, "min_item_ratings": minItemRatings.map(String.init),
      "min_user_rows": minUserRows.map(String.init),
      "max_user_id": maxUserID.map { String($0) }, "limit": limit.map(String.init),
      "no_genres_as_genre": noGenresAsGenre ? "true" : nil,
      "skip_bad_lines": file.skipBadLines.map { $0 == .max ? "all" : String($0) },
    ]
    return options.compactMapValues { $0 }
  }

  /// The same options, and for those not given the ones that a model was trained with.
  ///
  /// What counts rows of a whole file holds for the file that the model was trained on alone: `isOwn`. What
  /// needs items waits until they are given.
  func filled(from stored: [String: String], isOwn: Bool) -> DataOptions {
    var options = self
    options.file.columns = file.columns ?? stored["columns"]
    options.file.ids = file.ids ?? stored["ids"].flatMap(RatingsFileOptions.IDs.init)
    options.file.feedback = file.feedback ?? stored["feedback"].flatMap(Feedback.init)
    options.file.skipBadLines =
      file.skipBadLines ?? stored["skip_bad_lines"].map { Int($0) ?? .max }
    options.file.dropRating =
      file.dropRating ?? stored["drop_rating"].flatMap(Sentinel.init(argument:))
    options.duplicates = duplicates ?? stored["duplicates"].flatMap(DuplicatePolicy.init)
    options.maxUserID = maxUserID ?? stored["max_user_id"].flatMap { Int64($0) }
    if items != nil {
      options.join = join ?? stored["join"].flatMap(ItemJoin.init)
      options.onlyType = onlyType ?? stored["only_type"]
      options.noGenresAsGenre = noGenresAsGenre || stored["no_genres_as_genre"] == "true"
    }
    if isOwn {
      options.minItemRatings = minItemRatings ?? stored["min_item_ratings"].flatMap { Int($0) }
      options.minUserRows = minUserRows ?? stored["min_user_rows"].flatMap { Int($0) }
      options.limit = limit ?? stored["limit"].flatMap { Int($0) }
    }
    return options
  }

  /// Which of a model's options cannot be followed for want of items.
  func unfollowed(of stored: [String: String]) -> [String] {
    guard items == nil else { return [] }
    let join = stored["join"] == ItemJoin.inner.rawValue ? ["`join inner`"] : []
    return join + (stored["only_type"].map { ["`only_type \($0)`"] } ?? [])
  }
}
