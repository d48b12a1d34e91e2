// Options of every command that reads a ratings file.
import ArgumentParser
import Osusume

struct RatingsFileOptions: ParsableArguments {
  /// `--ids`, as on the command line.
  enum IDs: String, ExpressibleByArgument, CaseIterable {
    case auto
    case string
  }

  @Option(
    help: ArgumentHelp(
      "Ratings: CSV, TSV or '::', plain or gzip; - reads stdin.", valueName: "file"),
    completion: .file())
  var ratings: String

  @Option(
    help: ArgumentHelp(
      "Columns by name or 1-based position (default: by the header's names).",
      valueName: "user,item[,rating[,timestamp]]"))
  var columns: String?

  @Option(
    help: ArgumentHelp(
      "Read ids as integers where possible (auto), or always as strings (string).",
      valueName: "how", visibility: .hidden))
  var ids: IDs?

  @Option(
    help: ArgumentHelp(
      "What rows say: ratings, counts (plays, hours, purchases), or seen, no more than who met what; of three "
        + "--columns of what was seen the third is the time (default: by columns and header).",
      valueName: "kind", visibility: .hidden))
  var feedback: Feedback?

  @Option(
    defaultAsFlag: Int.max,
    help: ArgumentHelp(
      "Leave out lines that cannot be read, N at most, and say how many.", valueName: "N",
      visibility: .hidden))
  var skipBadLines: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The rating that means 'seen, not rated', or none (default: -1 where no other rating is negative).",
      valueName: "rating"))
  var dropRating: Sentinel?

  func validate() throws {
    if let columns, TableFormat.Columns(columns) == nil {
      throw ValidationError(
        "--columns \(columns): give user,item[,rating[,timestamp]], each a name or a position from 1"
      )
    }
    if case .rating(let rating)? = dropRating, rating.magnitude > RatingTable.largestRating {
      throw ValidationError("--drop-rating \(rating): no rating is that large")
    }
    try check("--skip-bad-lines", skipBadLines, in: 0...)
  }

  /// The file's name without its folders, as pages have it.
  var name: String { ratings.split(separator: "/").last.map(String.init) ?? "ratings" }

  /// What these options say about the file.
  var format: TableFormat {
    var format = TableFormat(
      columns: columns.flatMap { TableFormat.Columns($0) },
      ids: ids == .string ? .strings : .automatic, feedback: feedback)
    format.badLinesAllowed = skipBadLines
    return format
  }
}

extension Feedback: ExpressibleByArgument {}
