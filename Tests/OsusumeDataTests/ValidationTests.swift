// Checking ratings files.
import Foundation
import Testing

@testable import OsusumeData

struct ValidationTests {
  static let rows = (0..<30).map { "\($0),\($0 * 7 % 11),\($0 % 10 + 1)\n" }.joined()

  private func validate(_ text: String, scale: ClosedRange<Float>? = nil, limit: Int = 1000)
    throws -> ValidationReport
  {
    try withFile(Data(("user,item,rating\n" + text).utf8)) { path in
      let reports = try (1...3).map {
        try RatingTable.validate(path, scale: scale, limit: limit, threads: $0)
      }
      #expect(reports[0] == reports[1] && reports[0] == reports[2])
      return reports[0]
    }
  }

  @Test func textIDsAfterMoreFaultsThanAreListed() throws {
    let text = "user,item,rating\n1,2,x\n1,2,y\nann,2,3\nbob,2,4\n"
    let report = try withFile(Data(text.utf8)) {
      try RatingTable.validate($0, limit: 1, threads: 2)
    }
    #expect(report.userIDsAreStrings && report.rows == 2 && report.badLines == 2)
    #expect(report.faults.map(\.line) == [2])
  }

  @Test func aGoodFileIsValid() throws {
    let report = try validate(Self.rows + "40,1,-1\n5,2,6\n")
    #expect(report.isValid && report.rows == 32 && report.sentinel == 1)
    #expect(report.badLines == 0 && report.outOfScale == 0)
    #expect(report.scaleLow == 1 && report.scaleHigh == 10)
    #expect(report.duplicates == 1 && report.conflictingDuplicates == 0)
    #expect(report.repeats.first?.line == 33 && report.repeats.first?.firstLine == 7)
  }

  @Test func everyBadLineIsListed() throws {
    let report = try validate("1,2,x\n3,4,5\n\n6,7\n8,9,nan\n10,11,12,13\n\"a\n3,5,5")
    #expect(report.rows == 2 && report.badLines == 5 && !report.isValid)
    #expect(report.faults.map(\.line) == [2, 5, 6, 7, 8])
    #expect(
      report.faults.map(\.reason) == [.notANumber, .columns, .notFinite, .columns, .quote])
    #expect(
      report.badLinesByReason == ["not_a_number": 1, "columns": 2, "not_finite": 1, "quote": 1])
    #expect(report.faults.first.map { "\($0)" } == "2: column 3: 'x' is not a number")
  }

  @Test func listsAreCutAndNumbersAreNot() throws {
    let report = try validate(String(repeating: "1,2,x\n", count: 100) + Self.rows, limit: 3)
    #expect(report.badLines == 100 && report.faults.map(\.line) == [2, 3, 4])
    #expect(report.rows == 30)
  }

  @Test func conflictsAreErrorsAndSentinelsContradictNothing() throws {
    let report = try validate(Self.rows + "0,0,9\n50,50,-1\n50,50,7\n50,50,7\n")
    #expect(report.duplicates == 3 && report.conflictingDuplicates == 1 && !report.isValid)
    #expect(
      report.repeats.first
        == .init(line: 32, firstLine: 2, user: "0", item: "0", rating: 9, firstRating: 1))
    #expect(report.repeats.map(\.line) == [32, 34, 35])
    #expect(report.repeats.map(\.firstLine) == [2, 33, 34])
  }

  @Test func strayRatingsAreOutOfScale() throws {
    let report = try validate(Self.rows + "60,1,42\n")
    #expect(report.outOfScale == 1 && report.outliers.map(\.line) == [32] && !report.isValid)
    let given = try validate(Self.rows, scale: 1...5)
    #expect(given.outOfScale == 15 && given.outliers.count == 15)
    #expect(try validate("1,2,42\n").isValid)
    #expect(try validate("1,2,x\n").scaleLow == nil)
  }

  @Test func textIDsAreTold() throws {
    let report = try validate("ann,1,5\nbob,1,4\nann,1,4\n")
    #expect(report.userIDsAreStrings && !report.itemIDsAreStrings)
    #expect(report.repeats.first?.user == "ann" && report.conflictingDuplicates == 1)
  }

  @Test func theReportIsJSONWithSnakeCase() throws {
    let report = try validate("1,2,x\n3,4,5\n")
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
    let object = try #require(json as? [String: Any])
    #expect(object["bad_lines"] as? Int == 1 && object["conflicting_duplicates"] as? Int == 0)
    let faults = try #require(object["faults"] as? [[String: Any]])
    #expect(faults.first?["reason"] as? String == "not_a_number")
    #expect(
      try JSONDecoder().decode(ValidationReport.self, from: JSONEncoder().encode(report)) == report)
  }
}
