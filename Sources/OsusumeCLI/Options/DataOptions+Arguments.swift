// Data options as the words of a command line, for a command that is to be repeated by another one.
import Osusume

extension DataOptions {
  /// The options that were given, as they are written on a command line.
  var arguments: [String] {
    let values: [(String, String?)] = [
      ("--ratings", file.ratings), ("--columns", file.columns), ("--ids", file.ids?.rawValue),
      ("--feedback", file.feedback?.rawValue), ("--items", items),
      ("--min-user-ratings", minUserRatings.map(String.init)),
      ("--duplicates", duplicates?.rawValue), ("--join", join?.rawValue),
      ("--only-type", onlyType), ("--min-item-ratings", minItemRatings.map(String.init)),
      ("--min-user-rows", minUserRows.map(String.init)),
      ("--max-user-id", maxUserID.map { String($0) }), ("--limit", limit.map(String.init)),
      ("--split", split?.description),
    ]
    let sentinel: String? =
      switch file.dropRating {
      case .rating(let rating)?: RatingHistogram.label(rating)
      case .never?: "none"
      case .automatic?, nil: nil
      }
    let bad = file.skipBadLines.map { $0 == .max ? "--skip-bad-lines" : "--skip-bad-lines=\($0)" }
    return values.flatMap { name, value in value.map { [name, $0] } ?? [] }
      + (noGenresAsGenre ? ["--no-genres-as-genre"] : [])
      + (sentinel.map { ["--drop-rating", $0] } ?? []) + (bad.map { [$0] } ?? [])
  }
}
