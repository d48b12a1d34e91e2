// `osusume data validate`: every bad line of a ratings file, and what else is doubtful in it.
import ArgumentParser
import Osusume

struct DataValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check a ratings file line by line.",
    discussion: """
      Lists bad lines, duplicates and ratings outside the scale, each with its line number. Exit code 1 \
      if a line is bad, two rows rate one pair differently, or a rating is outside the scale. Exact \
      duplicates and sentinel rows are counted and are no errors.

      Example: osusume data validate --ratings rating.csv --scale 1:10
      """)

  @OptionGroup var file: RatingsFileOptions
  @OptionGroup var options: GlobalOptions

  @Option(
    help: ArgumentHelp(
      "The scale (default: the narrowest usual one that holds all but one rating in a thousand).",
      valueName: "low:high"))
  var scale: String?

  @Option(help: "The rating that stands for none.")
  var dropRating: Float = -1

  @Option(help: "Findings of each kind to list; all are counted.")
  var limit = 100_000

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit \(limit): give a number from 1") }
    guard scale == nil || range != nil else {
      throw ValidationError("--scale \(scale ?? ""): give two numbers, low:high")
    }
  }

  /// `--scale` as a range.
  private var range: ClosedRange<Float>? {
    guard let parts = scale?.split(separator: ":"), parts.count == 2,
      let low = Float(parts[0]), let high = Float(parts[1]), low <= high
    else { return nil }
    return low...high
  }

  func run() throws {
    let report = try RatingTable.validate(
      file.ratings, format: file.format, scale: range, sentinel: dropRating, limit: limit,
      threads: options.threads)
    if options.json { try Output.json(report) } else { try Output.lines(Self.lines(of: report)) }
    if !report.isValid { throw ExitCode.failure }
  }

  /// Findings line by line, then the numbers.
  private static func lines(of report: ValidationReport) -> [String] {
    let repeats = report.repeats.map { pair in
      let what = pair.rating == pair.firstRating ? "again" : "with another rating"
      return "\(report.file):\(pair.line): user \(pair.user) rates item \(pair.item) \(what): "
        + "\(pair.rating), line \(pair.firstLine) says \(pair.firstRating)"
    }
    let outliers = report.outliers.map {
      "\(report.file):\($0.line): rating \($0.rating) is outside the scale"
    }
    return report.faults.map { "\(report.file):\($0)" } + repeats + outliers + summary(of: report)
  }

  private static func summary(of report: ValidationReport) -> [String] {
    var lines = ["rows \(report.rows), sentinel rows \(report.sentinel)"]
    let reasons = report.badLinesByReason.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append(
      "bad lines \(report.badLines)"
        + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"))
    lines.append(
      "duplicates \(report.duplicates), conflicting \(report.conflictingDuplicates)")
    if let low = report.scaleLow, let high = report.scaleHigh {
      lines.append("outside the scale \(low) to \(high): \(report.outOfScale)")
    } else {
      lines.append("the ratings are on no usual scale; give --scale low:high to check one")
    }
    if report.userIDsAreStrings { lines.append("user ids are strings") }
    if report.itemIDsAreStrings { lines.append("item ids are strings") }
    lines.append(report.isValid ? "valid" : "not valid")
    return lines
  }
}
