// Synthesized sets: exact sizes, no row twice, the same bytes whatever the threads.
import Foundation
import Testing

@testable import OsusumeData

/// What a synthesized pair of files holds, counted from their bytes.
private struct SynthesizedFiles {
  var rows = 0
  var rated = 0
  var isAscending = true
  var histogram = [Int](repeating: 0, count: 11)
  /// Rated rows in the catalog, by user id and by item id.
  var ratingsOfUser: [Int: Int] = [:]
  var items: Set<Int> = []
  var ratedItems: Set<Int> = []
  var users: Set<Int> = []
  var keptItems: Set<Int> = []
  var ratedMissing = 0

  init(directory: String, catalog: Set<Int>) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/rating.csv"))
    var triples: [(user: Int, item: Int, rating: Int)] = []
    var fields: [Int] = []
    var number = 0
    var sign = 1
    let header = "user_id,anime_id,rating\n"
    #expect(bytes.starts(with: header.utf8))
    for byte in bytes.dropFirst(header.utf8.count) {
      switch byte {
      case 0x30...0x39: number = number * 10 + Int(byte - 0x30)
      case 0x2D: sign = -1
      default:
        fields.append(sign * number)
        (number, sign) = (0, 1)
        if byte == 0x0A {
          triples.append((fields[0], fields[1], fields[2]))
          fields.removeAll(keepingCapacity: true)
        }
      }
    }
    var before = (user: 0, item: 0)
    for (user, item, rating) in triples {
      isAscending = isAscending && before < (user, item)
      before = (user, item)
      users.insert(user)
      items.insert(item)
      guard rating > 0 else { continue }
      rated += 1
      histogram[rating] += 1
      if catalog.contains(item) {
        ratingsOfUser[user, default: 0] += 1
        ratedItems.insert(item)
      } else {
        ratedMissing += 1
      }
    }
    rows = triples.count
    for (user, item, rating) in triples where rating > 0 && ratingsOfUser[user, default: 0] > 1 {
      if catalog.contains(item) { keptItems.insert(item) }
    }
  }
}

/// A catalog file's rows, fields unquoted.
private func catalogRows(_ directory: String) throws -> [[String]] {
  let text = try String(contentsOfFile: directory + "/anime.csv", encoding: .utf8)
  return text.components(separatedBy: "\r\n").dropLast().map { line in
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}

private func withDirectory(_ body: (String) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory.path + "/synthesis-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}

struct SynthesisTests {
  @Test func sizesAtScaleOneAreTheKaggleSets() throws {
    let sizes = try Synthesis().sizes
    #expect(sizes.rows == 7_813_737 && sizes.ratings == 6_337_241)
    #expect(sizes.users == 73_515 && sizes.raters == 69_600 && sizes.singleRaters == 3_249)
    #expect(sizes.seenItems == 11_200 && sizes.ratedItems == 9_926 && sizes.catalogItems == 12_294)
    #expect(sizes.keptUsers == 66_351 && sizes.joinedRatings - sizes.singleRaters == 6_333_990)
  }

  @Test(arguments: [0.001, 0.02, 1])
  func usersAddUp(scale: Double) throws {
    let sizes = try Synthesis(scale: scale).sizes
    let users = SynthesisUsers(sizes: sizes, seed: 9)
    let kept = users.rated.filter { $0 > 1 }
    #expect(users.rated.reduce(0, +) == sizes.joinedRatings)
    #expect(users.unrated.reduce(0, +) == sizes.unrated)
    #expect(kept.count == sizes.keptUsers)
    #expect(users.rated.filter { $0 == 1 }.count == sizes.singleRaters)
    #expect(zip(users.rated, users.unrated).allSatisfy { $0 + $1 > 0 })
    // The split's own arithmetic: of n rows the first ⌊0.9·n + 1e-9⌋ train.
    let test = kept.reduce(0) { $0 + $1 - Int(0.9 * Double($1) + 1e-9) }
    #expect(test == sizes.testRows)
  }

  @Test(arguments: [(0.001, 1), (0.004, 2), (0.01, 42)] as [(Double, UInt64)])
  func filesHoldWhatTheSizesSay(scale: Double, seed: UInt64) throws {
    try check(Synthesis(scale: scale, seed: seed))
  }

  @Test(.enabled(if: !_isDebugAssertConfiguration(), "needs a release build to be quick"))
  func filesHoldWhatTheSizesSayAtFullSize() throws {
    try check(Synthesis())
  }

  private func check(_ synthesis: Synthesis) throws {
    let sizes = synthesis.sizes
    try withDirectory { directory in
      try synthesis.write(to: directory + "/made/on the way", threads: 2)
      let catalog = Set(
        try catalogRows(directory + "/made/on the way").dropFirst().compactMap { Int($0[0]) })
      let files = try SynthesizedFiles(directory: directory + "/made/on the way", catalog: catalog)
      #expect(files.rows == sizes.rows && files.rated == sizes.ratings)
      #expect(files.isAscending, "rows are not distinct and ascending")
      #expect(files.users == Set(1...sizes.users))
      #expect(files.items.count == sizes.seenItems)
      #expect(files.ratedItems.count == sizes.ratedItems)
      #expect(files.keptItems.count == sizes.ratedItems)
      #expect(files.ratedMissing == sizes.missingItems)
      #expect(files.items.subtracting(catalog).count == sizes.missingItems)
      #expect(files.ratingsOfUser.count == sizes.raters)
      #expect(files.ratingsOfUser.values.filter { $0 == 1 }.count == sizes.singleRaters)
      let total = Synthesis.histogram.reduce(0, +)
      for (rating, wanted) in zip(1...10, Synthesis.histogram) {
        let share = Double(files.histogram[rating]) / Double(files.rated)
        #expect(abs(share - wanted / total) < 0.004, "share of rating \(rating): \(share)")
      }
    }
  }

  @Test func bytesDependOnSeedAloneNotOnThreads() throws {
    try withDirectory { directory in
      func files(seed: UInt64, threads: Int) throws -> [Data] {
        try Synthesis(scale: 0.02, seed: seed).write(to: directory, threads: threads)
        return try ["rating", "anime"].map {
          try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\($0).csv"))
        }
      }
      let one = try files(seed: 3, threads: 1)
      #expect(try files(seed: 3, threads: 2) == one)
      #expect(try files(seed: 3, threads: 3) == one)
      let other = try files(seed: 4, threads: 2)
      #expect(other[0] != one[0] && other[1] != one[1])
    }
  }

  /// Times stand behind what is there without them; what moves by 0 points is as it was.
  @Test func driftAddsTimesAndMovesRatings() throws {
    try withDirectory { directory in
      func lines(_ drift: Double?, threads: Int = 2) throws -> [Substring] {
        let synthesis = try Synthesis(scale: 0.01, seed: 5, drift: drift)
        try synthesis.write(to: directory, threads: threads)
        return try String(contentsOfFile: directory + "/rating.csv", encoding: .utf8)
          .split(separator: "\n")
      }
      func untimed(_ lines: [Substring]) -> [Substring] {
        lines.map { $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)] }
      }
      let still = try lines(nil)
      let catalog = try Data(contentsOf: URL(fileURLWithPath: directory + "/anime.csv"))
      let timed = try lines(0)
      #expect(still[0] == "user_id,anime_id,rating")
      #expect(timed[0] == "user_id,anime_id,rating,timestamp")
      #expect(untimed(timed) == still)
      let moved = try lines(0.6)
      #expect(try Data(contentsOf: URL(fileURLWithPath: directory + "/anime.csv")) == catalog)
      #expect(moved.count == still.count && untimed(moved) != still)
      // Users, items and what is unrated stay; times do not depend on how much moves.
      for (one, other) in zip(timed, moved).dropFirst() {
        let (mine, its) = (one.split(separator: ","), other.split(separator: ","))
        #expect(mine[0] == its[0] && mine[1] == its[1] && mine[3] == its[3])
        #expect((mine[2] == "-1") == (its[2] == "-1"))
        let time = try #require(Int64(mine[3]))
        #expect((1_167_609_600...1_483_228_799).contains(time))
      }
      #expect(try lines(0.6, threads: 1) == moved)
      #expect(try lines(0.6, threads: 3) == moved)
    }
  }

  @Test(arguments: [-0.1, 3.1, .nan, .infinity] as [Double])
  func driftsOutOfRangeAreRefused(drift: Double) {
    #expect(throws: SynthesisError.self) { try Synthesis(drift: drift) }
  }

  @Test func theCatalogHasTheRealFilesSchemaAndGaps() throws {
    let synthesis = try Synthesis(scale: 0.05)
    let sizes = synthesis.sizes
    try withDirectory { directory in
      try synthesis.write(to: directory, threads: 1)
      let rows = try catalogRows(directory)
      #expect(rows[0] == ["anime_id", "name", "genre", "type", "episodes", "rating", "members"])
      let items = rows.dropFirst()
      #expect(items.count == sizes.catalogItems && items.allSatisfy { $0.count == 7 })
      #expect(Set(items.map { $0[0] }).count == items.count)
      #expect(Set(items.map { $0[1] }).count == items.count)
      #expect(items.filter { $0[2].isEmpty }.count == sizes.withoutGenre)
      #expect(items.filter { $0[3].isEmpty }.count == sizes.withoutType)
      #expect(items.filter { $0[5].isEmpty }.count == sizes.withoutRating)
      #expect(items.contains { $0[4] == "Unknown" } && items.contains { $0[2].contains(", ") })
      #expect(items.allSatisfy { $0[4] == "Unknown" || Int($0[4]) != nil })
      #expect(items.allSatisfy { Int($0[6]) != nil })
      let ratings = items.compactMap { Double($0[5]) }
      #expect(ratings == ratings.sorted(by: >) && ratings.allSatisfy { 1...10 ~= $0 })
      #expect(items.contains { $0[1].contains(",") } && items.contains { $0[1].contains("&#039;") })
    }
  }

  @Test(arguments: [0, 0.0009, -1, 11, .nan, .infinity] as [Double])
  func scalesOutOfRangeAreRefused(scale: Double) {
    #expect(throws: SynthesisError.self) { try Synthesis(scale: scale) }
  }

  @Test func whatCannotBeWrittenLeavesNothing() throws {
    try withDirectory { directory in
      let synthesis = try Synthesis(scale: 0.001)
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/file"))
      #expect(throws: OutputError.self) { try synthesis.write(to: directory + "/file", threads: 1) }
      #expect(throws: OutputError.self) {
        try synthesis.write(to: directory + "/file/x", threads: 1)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["file"])
      // A directory in the place of rating.csv: the catalog must not appear without it.
      try FileManager.default.createDirectory(
        atPath: directory + "/out/rating.csv", withIntermediateDirectories: true)
      #expect(throws: OutputError.self) { try synthesis.write(to: directory + "/out", threads: 1) }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory + "/out") == ["rating.csv"])
    }
  }
}
