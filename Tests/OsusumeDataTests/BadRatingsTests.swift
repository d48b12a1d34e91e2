// Reading ratings files: what is refused, and in which words.
import Foundation
import OsusumeData
import Testing

struct BadRatingsTests {
  /// A fault of one line: the text of the line and what the error says about it.
  struct Case: Sendable, CustomTestStringConvertible {
    var line: String
    var column: Int?
    var reason: LineFault.Reason
    var text: String
    var testDescription: String { String("\(reason): \(line)".prefix(60)) }
  }

  static let cases: [Case] = [
    .init(line: "1,2", column: nil, reason: .columns, text: "1,2"),
    .init(line: "1,2,3,4", column: nil, reason: .columns, text: "1,2,3,4"),
    .init(line: "1,2,", column: 3, reason: .missing, text: ""),
    .init(line: ",2,3", column: 1, reason: .missing, text: ""),
    .init(line: "1,2,abc", column: 3, reason: .notANumber, text: "abc"),
    .init(line: "1,2,3x", column: 3, reason: .notANumber, text: "3x"),
    .init(line: "1,2,1.2.3", column: 3, reason: .notANumber, text: "1.2.3"),
    .init(line: "1,2,-", column: 3, reason: .notANumber, text: "-"),
    .init(line: "1,2,.", column: 3, reason: .notANumber, text: "."),
    .init(line: "1,2,1e", column: 3, reason: .notANumber, text: "1e"),
    .init(line: "1,2,0x10", column: 3, reason: .notANumber, text: "0x10"),
    .init(line: "1,2,nan", column: 3, reason: .notFinite, text: "nan"),
    .init(line: "1,2,-NaN", column: 3, reason: .notFinite, text: "-NaN"),
    .init(line: "1,2,inf", column: 3, reason: .notFinite, text: "inf"),
    .init(line: "1,2,-Infinity", column: 3, reason: .notFinite, text: "-Infinity"),
    .init(line: "1,2,1e400", column: 3, reason: .numberRange, text: "1e400"),
    .init(line: "1,2,2e38", column: 3, reason: .numberRange, text: "2e38"),
    .init(line: "1,2,-1000000065", column: 3, reason: .numberRange, text: "-1000000065"),
    .init(line: "1,2,-1e39", column: 3, reason: .numberRange, text: "-1e39"),
    .init(
      line: "9223372036854775808,2,3", column: 1, reason: .integerRange,
      text: "9223372036854775808"),
    .init(
      line: "1,-9223372036854775809,3", column: 2, reason: .integerRange,
      text: "-9223372036854775809"),
    .init(line: "\"1,2,3", column: 1, reason: .quote, text: "\"1,2,3"),
    .init(line: "1,2,\"3", column: 3, reason: .quote, text: "\"3"),
    .init(line: "1,\"2\"x,3", column: 2, reason: .quote, text: "\"2\"x,3"),
    .init(line: "1,2,\u{0}", column: 3, reason: .control, text: "\\0"),
    .init(line: "1,2\u{1},3", column: 2, reason: .control, text: "\\u{01}"),
    .init(line: "1,2,3\r\r", column: 3, reason: .control, text: "\\r"),
    .init(
      line: "1,2," + String(repeating: "5", count: 1 << 20), column: nil, reason: .lineLength,
      text: "1,2," + String(repeating: "5", count: 36) + "…"),
  ]

  @Test(arguments: cases) func aBadLineIsNamed(fault: Case) throws {
    let good = "10,20,3.5\n"
    let text =
      "user_id,item_id,rating\n" + String(repeating: good, count: 15) + fault.line + "\n"
      + String(repeating: good, count: 9) + "oops\n"
    for threads in 1...3 {
      let error = #expect(throws: RatingsFileError.self) { try read(text, threads: threads) }
      guard case .line(_, let found) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(
        found
          == LineFault(line: 17, column: fault.column, reason: fault.reason, text: fault.text))
    }
  }

  /// The same faults in the first line that follows no header, and in the last.
  @Test(arguments: cases) func aBadLineAtEitherEnd(fault: Case) throws {
    for text in [
      "user,item,rating\n\(fault.line)\n1,2,3", "user,item,rating\n1,2,3\n\(fault.line)",
    ] {
      #expect(throws: RatingsFileError.self) { try read(text) }
    }
  }

  @Test func theFirstErrorWinsFarApart() throws {
    // Some ten chunks with an error in each but the first three.
    let line = "1234567,7654321,4.5\n"
    var text = "user,item,rating\n"
    for chunk in 0..<10 {
      text += String(repeating: line, count: 50_000) + (chunk > 2 ? "1,2,chunk \(chunk)\n" : "")
    }
    for threads in 1...3 {
      let error = #expect(throws: RatingsFileError.self) { try read(text, threads: threads) }
      #expect(
        "\(String(describing: error))".contains(":200002: column 3: 'chunk 3' is not a number"))
    }
  }

  @Test(arguments: [
    ("", "the file is empty"),
    ("\u{FEFF}", "the file is empty"),
    ("user,item,rating\n", "no ratings after the header"),
    ("user,item,rating", "no ratings after the header"),
    ("user,item,rating\n\n\n", "no ratings after the header"),
    ("hello\nworld\n", "found but one column"),
    ("user,item,colour\n1,2,3\n", "no column rating among user, item, colour"),
    ("a,b,c\n1,2,3\n", "no column user among a, b, c"),
    ("1,2,3\n4,5", "2: the file ends in the middle of the line '4,5'"),
    ("1,2,3\n4,5,", "2: column 3: the field is empty"),
    ("1,2,nan\n", "1: column 3: 'nan' is not a finite number"),
    ("user,it\u{0}em,rating\n1,2,3\n", "1: column 2: control character"),
    ("user,\"item,rating\n1,2,3\n", "1: column 2: a quote is not closed"),
  ])
  func wholeFiles(text: String, says: String) throws {
    let error = #expect(throws: RatingsFileError.self) { try read(text) }
    let line = String(describing: error.map { "\($0)" } ?? "")
    #expect(line.contains(says), "\(line)")
    #expect(!line.contains("\n") && !line.hasSuffix("."))
  }

  @Test func columnsThatAreNotThere() throws {
    let text = "user,item,rating\n1,2,3\n"
    for (columns, missing) in [
      ("user,item,stars", "stars"), ("1,2,4", "4"), ("1,2,3,when", "when"),
    ] {
      #expect(
        throws: RatingsFileError.columnNotFound(
          file: "x", column: missing, available: ["user", "item", "rating"]
        )
      ) {
        do {
          _ = try read(text, format: .init(columns: .init(columns)))
        } catch RatingsFileError.columnNotFound(_, let column, let available) {
          throw RatingsFileError.columnNotFound(file: "x", column: column, available: available)
        }
      }
    }
  }

  @Test(arguments: ["/nonexistent/file.csv", "/"]) func unreadable(path: String) throws {
    #expect {
      try RatingTable.read(path, threads: 1)
    } throws: { error in
      "\(error)".hasPrefix(path) && (error as? RatingsFileError) != nil
    }
  }

  /// Text that is UTF-8 but for a byte or two is damaged, not in another encoding.
  @Test func idsThatAreNotUTF8() throws {
    let data =
      Data("user,item,rating\nélan à côté,1,2\nb".utf8) + [0xff, 0xfe] + Data(",1,2\n".utf8)
    let error = #expect(throws: RatingsFileError.self) { try read(data) }
    #expect("\(String(describing: error))".contains(":3: 'b\u{FFFD}\u{FFFD}' is not UTF-8"))
  }
}
