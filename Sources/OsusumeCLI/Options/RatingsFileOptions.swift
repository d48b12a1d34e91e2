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
      "Ratings: CSV, TSV or '::', plain or gzip; - reads stdin.", valueName: "file"))
  var ratings: String

  @Option(
    help: ArgumentHelp(
      "Columns by name or 1-based position (default: by the header's names).",
      valueName: "user,item,rating[,timestamp]"))
  var columns: String?

  @Option(help: "Read ids as integers where possible (auto), or always as strings (string).")
  var ids: IDs = .auto

  func validate() throws {
    if let columns, TableFormat.Columns(columns) == nil {
      throw ValidationError(
        "--columns \(columns): give user,item,rating[,timestamp], each a name or a position from 1")
    }
  }

  /// What these options say about the file.
  var format: TableFormat {
    TableFormat(
      columns: columns.flatMap { TableFormat.Columns($0) },
      ids: ids == .string ? .strings : .automatic)
  }
}
