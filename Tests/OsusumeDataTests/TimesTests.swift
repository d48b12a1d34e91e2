// Timestamps of every kind come out in seconds; what cannot be read stays where it is, unless it is needed.
import Foundation
import OsusumeData
import Testing

struct TimesTests {
  private func table(_ times: [String], needed: Bool = false, skip: Int? = nil) throws
    -> RatingTable
  {
    var format = TableFormat()
    format.needsTimes = needed
    format.badLinesAllowed = skip
    return try read(
      "user,item,rating,timestamp\n"
        + times.enumerated().map {
          "\($0.offset),1,3,\($0.element.contains(", ") ? "\"\($0.element)\"" : $0.element)\n"
        }.joined(), format: format)
  }

  /// The same three instants in every unit and notation.
  @Test(arguments: [
    ["978300760", "1112486027", "-1"],
    ["978300760000", "1112486027999", "-1"],
    ["978300760000000", "1112486027000001", "-999999"],
    ["978300760000000000", "1112486027999999999", "-1"],
    ["978300760.0", "1.112486027e9", "-0.5"],
    ["9783007600e-1", "1112486027000000000000e-12", "-1.000"],
    ["2000-12-31 22:12:40", "2005-04-02 23:53:47", "1969-12-31 23:59:59"],
    ["2000-12-31T22:12:40Z", "\"2005-04-03T01:53:47.25+02:00\"", "1969-12-31T23:59:59Z"],
    ["2000/12/31 22:12:40", " 2005-04-02 18:53:47-0500 ", "1969-12-31 23:59:59 UTC"],
  ])
  func everyUnitGivesTheSameSeconds(times: [String]) throws {
    #expect(try table(times).timestamps == [978_300_760, 1_112_486_027, -1])
  }

  @Test func daysAlone() throws {
    #expect(
      try table(["1970-01-02", "2000-02-29", "2005-09-06"]).timestamps
        == [86_400, 951_782_400, 1_125_964_800])
  }

  /// A column without a meaning is as it was: a place in an order, say.
  @Test func smallNumbersStay() throws {
    #expect(try table(["3", "1", "2"]).timestamps == [3, 1, 2])
  }

  @Test(arguments: ["2005-02-29", "2005-13-01", "09 13, 2009", "", "1.2.3", "24:00", "1e30", "1e"])
  func whatIsNoTimeIsLeftAloneUnlessItIsNeeded(time: String) throws {
    let table = try table(["978300760", "978300761", time])
    #expect(table.timestamps.isEmpty && table.count == 3)
    let fault = try #require(table.unreadTimestamp)
    #expect(fault.line == 4 && fault.column == 4 && fault.text == time)
    #expect(fault.reason == (time.isEmpty ? .missing : .notATime))
    let error = #expect(throws: RatingsFileError.self) {
      try self.table(["978300760", "978300761", time], needed: true)
    }
    #expect("\(try #require(error))".contains(":4: column 4: "))
  }

  @Test func aTimeAskedForIsNeeded() throws {
    let text = "user,item,rating,when\n1,2,3,4\n1,3,3,yesterday\n"
    #expect(try read(text).timestamps.isEmpty)
    #expect(throws: RatingsFileError.self) {
      try read(text, format: .init(columns: .init("user,item,rating,when")))
    }
  }

  /// With bad lines allowed, the few without a time go; where most are, the column does.
  @Test func linesWithoutATimeAreBadLinesWhereThoseAreLeftOut() throws {
    let good = (0..<30).map { "\(978_300_760 + $0)" }
    let few = try table(good + ["?", "soon"], skip: .max)
    #expect(few.timestamps.count == 30 && few.badLines == 2 && few.unreadTimestamp == nil)
    let most = try table(Array(good.prefix(2)) + ["?", "soon", "?"], skip: .max)
    #expect(most.timestamps.isEmpty && most.count == 5 && most.unreadTimestamp != nil)
  }

  @Test func theNewestOfSeveralRatingsCountsWhereThereAreTimes() throws {
    let text = "user,item,rating,timestamp\n1,1,5,300\n1,1,2,100\n1,2,4,7\n1,2,3,7\n2,1,1,9\n"
    func values(_ policy: DuplicatePolicy?, of text: String) throws -> [Float] {
      var options = RatingsOptions()
      options.duplicates = policy
      return try Ratings(table: read(text), options: options).rows.values
    }
    #expect(try values(nil, of: text) == [5, 3, 1])
    #expect(try values(.newest, of: text) == [5, 3, 1])
    #expect(try values(.last, of: text) == [2, 3, 1])
    let untimed = text.replacing(",timestamp", with: "").replacing(/,\d+\n/, with: "\n")
    #expect(try values(nil, of: untimed) == [2, 3, 1])
    #expect(throws: RatingsError.newestNeedsTimestamps) { try values(.newest, of: untimed) }
  }
}
