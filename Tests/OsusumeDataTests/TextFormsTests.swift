// The forms that text comes in: encodings, line ends, delimiters, quotes; the same rules for every file.
import Foundation
import Testing

@testable import OsusumeData

struct TextFormsTests {
  /// A text in an encoding.
  static func encoded(_ text: String, _ encoding: String.Encoding) -> Data {
    text.data(using: encoding) ?? Data()
  }

  static let text = "user,item,rating\nélan,2,5\nGöran,10,4\nélan,10,3\n"

  /// The same ratings in each encoding.
  @Test(arguments: [
    encoded(text, .utf8), Data([0xEF, 0xBB, 0xBF]) + encoded(text, .utf8),
    encoded(text, .isoLatin1), encoded(text, .windowsCP1252),
    Data([0xFF, 0xFE]) + encoded(text, .utf16LittleEndian),
    Data([0xFE, 0xFF]) + encoded(text, .utf16BigEndian),
    encoded(text.replacing("\n", with: "\r"), .utf8),
    encoded(text.replacing("\n", with: "\r"), .isoLatin1),
    encoded(text.replacing("\n", with: "\r\n"), .isoLatin1),
    GzipTests.gzip(encoded(text, .isoLatin1)),
    GzipTests.gzip(Data([0xFF, 0xFE]) + encoded(text, .utf16LittleEndian)),
  ])
  func ratingsInEveryEncoding(data: Data) throws {
    let table = try read(data)
    #expect(table.users == .strings(codes: [1, 0, 1], names: ["Göran", "élan"]))
    #expect(table.items == .integers([2, 10, 10]) && table.values == [5, 4, 3])
  }

  /// An id far into the file that is not UTF-8, when the file has been taken for it.
  @Test func latin1FarIntoTheFile() throws {
    let rows = (0..<9_000).map { "user\($0 % 900),\($0),5\n" }.joined()
    let table = try read(Data(rows.utf8) + Data([0xE9]) + Data("lan,1,4\n".utf8))
    guard case .strings(let codes, let names) = table.users else {
      Issue.record("not text")
      return
    }
    #expect(names[Int(codes[9_000])] == "élan")
  }

  @Test func encodingsAreToldApart() {
    func found(_ bytes: [UInt8]) -> TextEncoding? { bytes.withUnsafeBytes(TextEncoding.unmarked) }
    #expect(found(Array("tea".utf8)) == nil && found(Array("thé".utf8)) == .utf8)
    #expect(found([0x74, 0x68, 0xE9]) == .latin1)
    #expect(found([0x93, 0x74, 0x68, 0xE9, 0x94]) == .windows1252)
    // Shift-JIS: 0x81 is no character of Windows-1252.
    #expect(found([0x83, 0x65, 0x83, 0x58, 0x81, 0x5B]) == .unknown)
    // UTF-8 with one byte damaged stays UTF-8.
    #expect(found(Array("thé à la ménthe".utf8) + [0xE9]) == .utf8)
    let quoted = ([0x93, 0x80, 0xE9, 0x94] as [UInt8]).withUnsafeBytes {
      TextEncoding.windows1252.utf8($0)
    }
    #expect(quoted.map { String(decoding: $0, as: UTF8.self) } == "“€é”")
  }

  @Test(
    arguments: [
      ([0x50, 0x4B, 0x03, 0x04], "a zip file; unpack it first (unzip)"),
      ([0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59], "a bzip2 file"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "an xz file"),
      ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip file"),
      ([UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8), "a tar archive"),
      ([0x83, 0x65, 0x83, 0x58, 0x81, 0x5B, 0x0A], "convert it"),
    ] as [([UInt8], String)])
  func whatIsNoTextIsNamed(bytes: [UInt8], says: String) throws {
    let data = Data(bytes) + Data(repeating: 0x41, count: 40)
    for data in [data, GzipTests.gzip(data)] {
      try withFile(data) { path in
        for read in [
          { _ = try ItemCatalog.read(path) }, { _ = try RatingTable.read(path, threads: 1) },
          { _ = try DelimitedRows(path) },
          {
            let blocks = try LineBlocks(path)
            while try blocks.next() != nil {}
          },
        ] as [() throws -> Void] {
          let error = #expect(throws: TextFileError.self) { try read() }
          #expect("\(String(describing: error.map { "\($0)" }))".contains(says))
        }
      }
    }
  }

  /// Texts stream in blocks as they are read whole.
  @Test func blocksAreTheWholeText() throws {
    let text = (0..<400).map { "élan \($0),\($0 % 7)\n" }.joined() + "end"
    let forms: [Data] = [
      Self.encoded(text, .utf8), Data([0xEF, 0xBB, 0xBF]) + Self.encoded(text, .utf8),
      Self.encoded(text, .isoLatin1), Data([0xFE, 0xFF]) + Self.encoded(text, .utf16BigEndian),
      Data([0xFF, 0xFE]) + Self.encoded(text, .utf16LittleEndian),
      GzipTests.gzip(Self.encoded(text, .isoLatin1)),
      Self.encoded(text.replacing("\n", with: "\r"), .utf8),
    ]
    for (form, data) in forms.enumerated() {
      try withFile(data) { path in
        for size in [64, 1_000, 1 << 20] {
          let blocks = try LineBlocks(path, blockSize: size)
          var found: [UInt8] = []
          while let block = try blocks.next() {
            #expect(block.last == 0x0A || found.count + block.count == text.utf8.count)
            found += block
          }
          #expect(String(decoding: found, as: UTF8.self) == text, "form \(form), \(size)")
        }
      }
    }
    let damaged = GzipTests.gzip(Data(text.utf8)).dropLast(9)
    try withFile(Data(damaged)) { path in
      let blocks = try LineBlocks(path)
      #expect(throws: RatingsFileError.self) { while try blocks.next() != nil {} }
    }
  }

  @Test(arguments: [
    ("1::Toy Story, The (1995)::Animation|Comedy|War|Crime\n", Delimiter.doubleColon),
    ("1|Usual Suspects, The (1995)|14-Aug-1995||http://x|0|1|0\n", .bar),
    ("1\tUsual Suspects, The (1995)\tCrime\n", .tab),
    ("1;2;4,5\n3;4;5,0\n", .semicolon), ("user;item;rating\n1;2;4,5\n", .semicolon),
    ("1,Toy Story,A|B|C|D\n2,Jumanji,A\n3,Heat,A|B\n", .comma),
    ("a::b\tc\t5\nd\te\t4\n", .tab), ("\"a;b;c\",2\n\"d;e;f\",4\n", .comma), ("alone\n", .comma),
    ("", .comma),
  ])
  func delimitersAreFound(text: String, delimiter: Delimiter) {
    var text = text
    let found = text.withUTF8 { Delimiter(of: .init($0)) }
    #expect(found == delimiter, "\(text)")
  }

  /// Line ends in quoted fields that nobody needs, and the numbers of the lines behind them.
  @Test func quotedLineBreaksInUnusedColumns() throws {
    let header = "user,item,rating,review\n"
    let good =
      "1,20,8,\"good,\nvery \"\"good\"\"\r\n\tindeed\"\n2,24,7,plain\n\"3\",20,10,\"x\ny\"\n"
    for threads in 1...3 {
      let table = try read(header + good, threads: threads)
      #expect(table.users == .integers([1, 2, 3]) && table.values == [8, 7, 10])
    }
    let fault = #expect(throws: RatingsFileError.self) { try read(header + good + "4,20,oops,\n") }
    #expect("\(String(describing: fault.map { "\($0)" }))".contains(":8: column 3: "))
    let text = try read(header + "ann,20,8,\"a\nb\"\nélan,20,7,\n")
    #expect(text.users == .strings(codes: [0, 1], names: ["ann", "élan"]))
    let report = try withFile(Data((header + good + good + "1,20,9,\n").utf8)) {
      try RatingTable.validate($0, threads: 2)
    }
    #expect(report.badLines == 0 && report.rows == 7 && report.duplicates == 4)
    #expect(report.repeats.map(\.line) == [8, 11, 12, 14])
    // In a column that is needed they are a fault, and an open quote is named by its own line.
    for (bad, says) in [
      ("\"1\n2\",20,8,\n", ":2: column 1: control character"),
      ("1,20,8,\"a\nb\"\n1,20,8,\"never\n1,20,8,\n", ":4: column 4: a quote is not closed"),
    ] {
      let error = #expect(throws: RatingsFileError.self) { try read(header + bad) }
      #expect("\(String(describing: error.map { "\($0)" }))".contains(says), "\(bad)")
    }
  }

  @Test(arguments: [
    "user;item;rating\n1;20;4,5\n1;24;-1\n2;20;10,25\n", "1\t20\t4,5\n1\t24\t-1,0\n2\t20\t10.25\n",
    "1|20|4,5\n1|24|-1\n2|20|10,25\n", "1::20::4,5\n1::24::-1\n2::20::10,25\n",
    "\"user\";\"item\";\"rating\"\n\"1\";\"20\";\"4,5\"\n1;24;-1\n2;20;10,25\n",
  ])
  func decimalCommas(text: String) throws {
    let table = try read(text)
    #expect(table.users == .integers([1, 1, 2]) && table.items == .integers([20, 24, 20]))
    #expect(table.values == [4.5, -1, 10.25])
  }

  @Test(arguments: [
    "user;item;rating\n1;2;1.234,5\n", "user;item;rating\n1;2;1,234.5\n",
    "user;item;rating\n1;2;1,2,3\n", "user,item,rating\n1,2,\"4,5\"\n",
  ])
  func commasThatAreNoPoints(text: String) throws {
    let error = #expect(throws: RatingsFileError.self) { try read(text) }
    #expect("\(String(describing: error.map { "\($0)" }))".contains("is not a number"))
  }

  /// Fields that are written and read back.
  @Test(arguments: [
    "tea", " tea", "tea\t", "a,b", "\"", "a\"b", "a\nb", "", " ", "é", "a;b", "a::b",
  ])
  func writtenFieldsAreReadBack(text: String) throws {
    var line: [UInt8] = []
    line.append(csvField: text.utf8)
    line += Array(",1\n".utf8)
    let fields = try line.withUnsafeBytes { bytes in
      var records = Records(bytes, .comma)
      return try records.next()?.map(\.text)
    }
    #expect(fields == [text, "1"])
  }
}
