// Lines that cannot be read, left out where that is allowed; JSON that is none; names of columns.
import Foundation
import OsusumeData
import Testing

struct BadLinesTests {
  private func format(_ allowed: Int?) -> TableFormat {
    var format = TableFormat()
    format.badLinesAllowed = allowed
    return format
  }

  @Test func badLinesAreLeftOutAndCounted() throws {
    let text = "user,item,rating\n1,2,3\n1,5\n4,5,x\n\n6,7,8\n6,\"9,1\n"
    for threads in 1...3 {
      let table = try read(text, format: format(.max), threads: threads)
      #expect(table.values == [3, 8] && table.badLines == 3)
      #expect(table.firstBadLine?.description.hasPrefix("3: '1,5' does not have as many") == true)
      #expect(try read(text, format: format(3), threads: threads).badLines == 3)
      let error = #expect(throws: RatingsFileError.self) {
        try read(text, format: format(2), threads: threads)
      }
      let words = "\(try #require(error))"
      #expect(words.contains("3 lines cannot be read, more than `skip_bad_lines 2` leaves out"))
      #expect(words.contains("3: '1,5'"))
    }
    #expect(throws: RatingsFileError.self) { try read(text, format: format(nil)) }
    #expect(try Ratings(table: read(text, format: format(3))).counts.rows == 5)
  }

  /// Text in a column of ids is no bad line: the ids are text.
  @Test func idsTurnToTextBehindBadLines() throws {
    let text =
      "user,item,rating\n1,2,x\n" + String(repeating: "1,2,3\n", count: 300_000) + "1,a,3\n"
    let table = try read(text, format: format(1))
    #expect(table.badLines == 1 && table.count == 300_001)
    #expect(table.items.texts.last == "a" && table.items.texts.first == "2")
  }

  private static let object = #"{"user_id":"u","business_id":"b","stars":4,"date":"2005-09-06"}"#

  @Test(arguments: [
    (
      #"{"user_id":"u","business_id":"b","stars":4"#,
      "2: '{\"user_id\":\"u\",\"business_id\":\"b\",\"stars\"…' is no JSON object"
    ),
    (#"{"user_id":"u","stars":4}"#, "2: business_id: the field is empty"),
    (#"{"user_id":"u","business_id":null,"stars":4}"#, "2: business_id: the field is empty"),
    (#"{"user_id":"u","business_id":"b","stars":null}"#, "2: stars: the field is empty"),
    (#"{"user_id":"u","business_id":"b","stars":"good"}"#, "2: stars: 'good' is not a number"),
    (#"{"user_id":["u"],"business_id":"b","stars":4}"#, "2: user_id: "),
    (#"{"user_id":"a\nb","business_id":"b","stars":4}"#, "2: user_id: "),
    (#"{"user_id":"\ud800","business_id":"b","stars":4}"#, "2: user_id: "),
    (#"["u","b",4]"#, "is no JSON object"),
    (#"{"user_id":"u","business_id":"b","stars":4} x"#, "is no JSON object"),
  ])
  func jsonThatIsNone(line: String, says: String) throws {
    let text =
      Self.object + "\n" + line + "\n" + Self.object.replacing("\"u\"", with: "\"v\"") + "\n"
    for threads in 1...2 {
      let error = #expect(throws: RatingsFileError.self) { try read(text, threads: threads) }
      let words = "\(try #require(error))"
      #expect(words.contains(says), "\(words)")
    }
    let table = try read(text, format: format(1))
    #expect(table.users.texts == ["u", "v"] && table.badLines == 1)
  }

  @Test func jsonOfAnyNamesAndEscapes() throws {
    let text = """
      {"what": 7, "who": "Zo\\u00eb \\"Z\\", \\ud83d\\ude00", "much": 4.5, "more": {"who": "x", "y": ["}", "\\\\"]}}

      { "who" : "plain" , "what" : 8 , "much" : -1e0 }
      """
    let table = try read(text, format: .init(columns: .init("who,what,much")))
    #expect(table.users.texts == ["Zoë \"Z\", 😀", "plain"])
    #expect(table.items.texts == ["7", "8"] && table.values == [4.5, -1])
    #expect(throws: RatingsFileError.self) { try read("[\n" + Self.object + "]\n") }
  }

  @Test(arguments: [
    "User-ID;ISBN;Book-Rating", "reviewerID;asin;overall", "user_id;business_id;stars",
    "profileName;BOOK ID;Score", "userid;artist;rating", "\"User\";\"Movie_ID\";\"RATING\"",
  ])
  func headersAreComparedWithoutCaseAndPunctuation(header: String) throws {
    let table = try read(header + "\n1;2;3\n")
    #expect(table.users == .integers([1]) && table.items == .integers([2]) && table.values == [3])
  }

  /// Of several names the best counts: the rating, not the count; the id, not the name.
  @Test func theBestNameCounts() throws {
    let text = "plays,profileName,UserId,asin,parent_asin,overall,rating\n9,8,1,7,2,6,3\n"
    let table = try read(text)
    #expect(table.users == .integers([1]) && table.items == .integers([2]) && table.values == [3])
    #expect(table.feedback == .ratings)
    let counts = try read(text, format: .init(feedback: .counts))
    #expect(counts.values == [9] && counts.feedback == .counts)
    let named = try read(text, format: .init(columns: .init("USER-ID,asin,Plays")))
    #expect(named.items == .integers([7]) && named.feedback == .counts)
  }
}
