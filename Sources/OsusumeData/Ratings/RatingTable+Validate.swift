// Checks a ratings file: every bad line, duplicates, ratings outside the scale, sentinel rows.
import CKernels

extension RatingTable {
  /// Checks a whole ratings file and lists what is wrong with it.
  ///
  /// - Parameters:
  ///   - path: the file, or `-` for stdin.
  ///   - format: which columns mean what; the default finds out.
  ///   - scale: the scale ratings should lie in; nil: the narrowest usual one that holds nearly all of
  ///     them (`RatingScale.evident`).
  ///   - sentinel: the rating that stands for none.
  ///   - limit: how many findings of each kind to list; all are counted.
  ///   - threads: how many threads may work at once.
  /// - Throws: `RatingsFileError` where the file as a whole cannot be read; `RatingsError.tooManyRows`.
  public static func validate(
    _ path: String, format: TableFormat = .init(), scale: ClosedRange<Float>? = nil,
    sentinel: Sentinel = .automatic, limit: Int = 1000, threads: Int
  ) throws -> ValidationReport {
    var file = try RatingsFile(
      path, format: format, faultLimit: max(1, limit), threads: threads)
    let (parsed, table) = try file.read(keepLines: true, threads: threads)
    let rows = parsed.rows
    var report = ValidationReport(file: file.text.name, sha256: parsed.sha256)
    report.rows = rows.values.count
    report.userIDsAreStrings = parsed.layout.kernel.user_text == 1
    report.itemIDsAreStrings = parsed.layout.kernel.item_text == 1
    report.addFaults(of: parsed, limit: limit) { file.text.located($0).fault }
    report.unreadTimestamp = parsed.unreadTimestamp
    report.encodingNote = table.encodingNote
    report.userIDsInSeveralForms = Array(table.users.numbersInSeveralForms().prefix(limit))
    report.itemIDsInSeveralForms = Array(table.items.numbersInSeveralForms().prefix(limit))
    guard report.rows > 0 || report.badLines > 0 else {
      throw RatingsFileError.noRows(file: file.text.name)
    }
    let sentinel = sentinel.rating(where: [RatingSurvey(rows.values)])
    report.addScale(of: rows, scale: scale, sentinel: sentinel, limit: limit, threads: threads)
    try report.addRepeats(
      in: table, lines: rows.lines, sentinel: sentinel ?? .nan, limit: limit, threads: threads)
    return report
  }
}

extension ValidationReport {
  fileprivate mutating func addFaults(
    of parsed: RatingsFile.Parsed, limit: Int, _ describe: (LineFault) -> LineFault
  ) {
    badLines = parsed.faultCounts.reduce(0, +)
    for (status, count) in parsed.faultCounts.enumerated() where count > 0 {
      guard let reason = LineFault.Reason(rawValue: UInt32(status)) else { continue }
      badLinesByReason[reason.description] = count
    }
    faults = parsed.faults.prefix(limit).map(describe)
  }

  fileprivate mutating func addScale(
    of rows: ParsedRows, scale: ClosedRange<Float>?, sentinel: Float?, limit: Int, threads: Int
  ) {
    var rated = RatingHistogram(rows.values, threads: threads)
    self.sentinel = sentinel.map { rated.remove($0) } ?? 0
    guard let scale = scale ?? RatingScale.evident(in: rated) else { return }
    scaleLow = scale.lowerBound
    scaleHigh = scale.upperBound
    outOfScale = rated.count(outside: scale)
    guard outOfScale > 0 else { return }
    for (row, rating) in rows.values.enumerated() where outliers.count < limit {
      if rating != sentinel && !scale.contains(rating) {
        outliers.append(Outlier(line: Int(rows.lines[row]), rating: rating))
      }
    }
  }

  fileprivate mutating func addRepeats(
    in table: RatingTable, lines: [Int64], sentinel: Float, limit: Int, threads: Int
  ) throws {
    let found = try table.repeats(sentinel: sentinel, limit: limit, threads: threads)
    duplicates = found.count
    conflictingDuplicates = found.conflicts
    repeats = found.list.map { row, first in
      Repeat(
        line: Int(lines[row]), firstLine: Int(lines[first]), user: table.users.text(row),
        item: table.items.text(row), rating: table.values[row], firstRating: table.values[first])
    }
  }
}

extension IDColumn {
  /// The id of a row as text.
  fileprivate func text(_ row: Int) -> String {
    switch self {
    case .integers(let ids): String(ids[row])
    case .strings(let codes, let names): names[Int(codes[row])]
    }
  }
}
