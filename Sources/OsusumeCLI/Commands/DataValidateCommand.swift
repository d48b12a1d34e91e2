// `osusume data validate`: every bad line of a ratings file, repeated pairs and ratings outside the scale.
import ArgumentParser
import Osusume

struct DataValidateCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check a ratings file line by line.",
    discussion: """
      Lists bad lines, duplicates and ratings outside the scale, each with its line number. Exit code 1 \
      if a line is bad, two rows rate one pair differently, or a rating is outside the scale. Exact \
      duplicates and sentinel rows are counted and are no errors. --help-all lists all options.

      Example:
        osusume data validate --ratings rating.csv --rating-scale 1:10
      """)

  @OptionGroup(title: "Data") var file: RatingsFileOptions
  @OptionGroup var options: UnseededOptions

  @Option(
    help: ArgumentHelp(
      "The scale (default: the narrowest usual one that holds all but one rating in a thousand).",
      valueName: "low:high"))
  var ratingScale: String?

  @Option(help: ArgumentHelp("Findings of each kind to list; all are counted.", valueName: "n"))
  var findings = 100_000

  func validate() throws {
    try check("--findings", findings, in: 1...)
    guard ratingScale == nil || range != nil else {
      throw ValidationError("--rating-scale \(ratingScale ?? ""): give two numbers, low:high")
    }
  }

  /// `--rating-scale` as a range.
  private var range: ClosedRange<Float>? {
    guard let parts = ratingScale?.split(separator: ":"), parts.count == 2,
      let low = Float(parts[0]), let high = Float(parts[1]), low <= high
    else { return nil }
    return low...high
  }

  func run() throws {
    let report = try RatingTable.validate(
      file.ratings, format: file.format, scale: range, sentinel: file.dropRating ?? .automatic,
      limit: findings, threads: options.threads)
    try options.show(report)
    if !report.isValid { throw ExitCode.failure }
  }

}

extension ValidationReport: Report {
  var command: String { "data validate" }

  /// Findings line by line, then the numbers.
  var lines: [String] {
    let again = repeats.map { pair in
      let what = pair.rating == pair.firstRating ? "again" : "with another rating"
      return "\(file):\(pair.line): user \(pair.user) rates item \(pair.item) \(what): "
        + "\(pair.rating), line \(pair.firstLine) says \(pair.firstRating)"
    }
    let outside = outliers.map {
      "\(file):\($0.line): rating \($0.rating) is outside the scale"
    }
    return faults.map { "\(file):\($0)" } + again + outside + summary
  }

  /// A line where ids write numbers in several ways.
  private func several(_ entity: String, _ forms: [[String]]) -> [String] {
    guard let first = forms.first else { return [] }
    return [
      "\(forms.count) number\(forms.count == 1 ? " is" : "s are") written in several ways among the \(entity) ids, and so are "
        + "several \(entity)s: \(first.joined(separator: " and ")), for one"
    ]
  }

  private var summary: [String] {
    var lines = ["rows \(rows), sentinel rows \(sentinel)"]
    let reasons = badLinesByReason.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append(
      "bad lines \(badLines)"
        + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"))
    lines.append(
      "duplicates \(duplicates), conflicting \(conflictingDuplicates)")
    if let low = scaleLow, let high = scaleHigh {
      lines.append("outside the scale \(low) to \(high): \(outOfScale)")
    } else {
      lines.append("the ratings are on no usual scale; give --rating-scale low:high to check one")
    }
    if let unreadTimestamp { lines.append("the times are left alone: \(unreadTimestamp)") }
    if userIDsAreStrings { lines.append("user ids are strings") }
    if itemIDsAreStrings { lines.append("item ids are strings") }
    lines += several("user", userIDsInSeveralForms) + several("item", itemIDsInSeveralForms)
    if let encodingNote { lines.append(encodingNote) }
    lines.append(isValid ? "valid" : "not valid")
    return lines
  }
}
