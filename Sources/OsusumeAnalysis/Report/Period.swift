// Months and years of times in seconds since 1970, as charts over time have them.

/// A month or a whole year of the Gregorian calendar, in UTC.
struct Period: Hashable, Comparable, CustomStringConvertible {
  /// The year.
  var year: Int
  /// 1 to 12; nil: the whole year.
  var month: Int?

  /// The month that a time falls in (days to civil date, Hinnant 2014).
  init(seconds: Int64) {
    let days = Int(seconds / 86_400) - (seconds % 86_400 < 0 ? 1 : 0) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let day = days - era * 146_097
    let yearOfEra = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    self.month = month
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Its middle, as a year with a fraction.
  var middle: Double { Double(year) + (month.map { Double($0) - 0.5 } ?? 6) / 12 }

  /// `2015-03`, or `2015`.
  var description: String {
    month.map { "\(year)-\($0 < 10 ? "0" : "")\($0)" } ?? String(year)
  }

  static func < (a: Period, b: Period) -> Bool { (a.year, a.month ?? 0) < (b.year, b.month ?? 0) }

  /// Most periods that a chart shows.
  private static let most = 240

  /// The rows of each month, or of each year where there are many months, in order of time; of very many years
  /// the last.
  static func rows(of times: [Int64]) -> [(period: Period, rows: [Int])] {
    var rows: [Period: [Int]] = [:]
    for (row, time) in times.enumerated() { rows[Period(seconds: time), default: []].append(row) }
    if rows.count > most {
      var years: [Period: [Int]] = [:]
      for (period, own) in rows {
        var year = period
        year.month = nil
        years[year, default: []] += own
      }
      rows = years.mapValues { $0.sorted() }
    }
    return rows.sorted { $0.key < $1.key }.suffix(most).map { ($0.key, $0.value) }
  }
}
