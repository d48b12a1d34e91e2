// Item files as data sets ship them: ten lines or fewer of each, and what comes out.
import Foundation
import Testing

@testable import OsusumeData

struct ItemFormsTests {
  private func parse(_ text: String, genres: [String] = []) throws -> ItemCatalog {
    try .parse(Array(text.utf8), file: "items", genreNames: genres)
  }

  /// A folder with files of these texts; gone afterwards.
  private func withFolder<T>(_ files: [String: Data], _ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
    return try body(folder.path)
  }

  /// ML-1M's movies.dat: `::`, no header, Latin-1; and ML-10M's, where titles begin with quotes.
  @Test func movieLens1M() throws {
    let text =
      "1::Toy Story (1995)::Animation|Children's|Comedy\n"
      + "2::City of Lost Children, The (1995)::Adventure|Sci-Fi\n"
      + "3::Misérables, Les (1995)::Drama|Musical\n"
      + "4::\"Great Performances\" Cats (1998)::Musical\n"
    let (catalog, _, notes) = try withFile(text.data(using: .isoLatin1) ?? Data()) {
      try ItemCatalog.read($0)
    }
    #expect(
      catalog.items == [
        Item(
          id: "1", title: "Toy Story (1995)", genres: ["Animation", "Children's", "Comedy"]),
        Item(
          id: "2", title: "City of Lost Children, The (1995)", genres: ["Adventure", "Sci-Fi"]),
        Item(id: "3", title: "Misérables, Les (1995)", genres: ["Drama", "Musical"]),
        Item(id: "4", title: "\"Great Performances\" Cats (1998)", genres: ["Musical"]),
      ])
    #expect(notes.count == 1 && notes[0].contains("Latin-1"))
  }

  static let uItem =
    "1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|0|0|0|1|1\n"
    + "2|GoldenEye (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?GoldenEye%20(1995)|0|1|1|0|0\n"
    + "3|unknown||||1|0|0|0|0\n"
  static let uGenre = "unknown|0\nAction|1\nAdventure|2\nAnimation|3\nChildren's|4\n\n"

  /// ML-100K's u.item: `|`, no header, a column for each genre, whose names stand in u.genre.
  @Test func movieLens100K() throws {
    let (item, genre) = (Data(Self.uItem.utf8), Data(Self.uGenre.utf8))
    try withFolder(["u.item": item, "u.genre": genre, "alone.item": item]) { folder in
      let (catalog, _, notes) = try ItemCatalog.read(folder + "/u.item")
      #expect(
        catalog["1"]
          == Item(id: "1", title: "Toy Story (1995)", genres: ["Animation", "Children's"]))
      #expect(
        catalog["2"] == Item(id: "2", title: "GoldenEye (1995)", genres: ["Action", "Adventure"]))
      #expect(catalog["3"] == Item(id: "3", title: "unknown") && notes.isEmpty)
      let alone = try ItemCatalog.read(folder + "/alone.item")
      #expect(alone.catalog["2"] == Item(id: "2", title: "GoldenEye (1995)"))
      #expect(alone.notes.count == 1 && alone.notes[0].contains("u.genre"))
    }
  }

  /// Last.fm's artists.dat, Book-Crossing's BX-Books.csv, and the Anime set of 2020.
  @Test func otherSets() throws {
    let artists = try parse(
      "id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://x\t\n2\tDiary of \"Dreams\"\t\t\n")
    #expect(artists["2"]?.title == "Diary of \"Dreams\"" && artists.items.count == 2)
    let books = try parse(
      "\"ISBN\";\"Book-Title\";\"Book-Author\"\n\"0195153448\";\"Classical Mythology\";\"Mark P. O. Morford\"\n"
        + "\"034545104X\";\"Flesh Tones: A Novel &amp; more\";\"M. J. Rose\"\n")
    #expect(books["0195153448"]?.title == "Classical Mythology")
    #expect(books["034545104X"]?.title == "Flesh Tones: A Novel & more")
    let anime = try parse(
      "MAL_ID,Name,Score,Genres,Type,Episodes,Members\n1,Cowboy Bebop,8.78,\"Action, Space\",TV,26,1251960\n"
        + "5,Bebop,Unknown,Action,Movie,1.0,273145\n")
    #expect(
      anime.items == [
        Item(
          id: "1", title: "Cowboy Bebop", genres: ["Action", "Space"], type: "TV", episodes: 26,
          averageRating: 8.78, members: 1_251_960),
        Item(
          id: "5", title: "Bebop", genres: ["Action"], type: "Movie", episodes: 1, members: 273_145),
      ])
  }

  @Test func numbersWithCommas() throws {
    #expect(try parse("id;name;rating\n1;A;7,5\n")["1"]?.averageRating == 7.5)
    #expect(try parse("id,name,rating\n1,A,\"7,5\"\n")["1"]?.averageRating == nil)
  }

  /// Control characters in titles, written or as references, would steer a terminal.
  @Test func controlCharactersInTitles() throws {
    let catalog = try parse(
      "id,name,genre,type\n1,\"A\u{1B}[2J\nB\",\"Dra\u{7}ma|X\u{9B}Y\",T\u{8}V\n2,&#27;[31mred&#10;,,\n"
    )
    #expect(
      catalog["1"] == Item(id: "1", title: "A [2J B", genres: ["Dra ma", "X Y"], type: "T V"))
    #expect(catalog["2"]?.title == "[31mred")
  }

  @Test func idsAreReadAsInRatings() throws {
    let catalog = try parse("id,name\n 007 ,A\n7,B\n\" 7\",C\n\"a\"\"b\",D\n")
    #expect(catalog.items.map(\.id) == ["007", "7", " 7", "a\"b"])
    for bad in ["id,name\n\"7\"x,A\n", "id,name\n7\u{1},A\n"] {
      #expect(throws: ItemFileError.self) { try parse(bad) }
    }
  }

  @Test func idsInSeveralForms() throws {
    let report = try withFile(Data("user,item,rating\n1,1.0,5\n1.0,7,4\n2,007,3\n3,x,1\n".utf8)) {
      try RatingTable.validate($0, threads: 1)
    }
    #expect(report.userIDsInSeveralForms == [["1", "1.0"]])
    #expect(report.itemIDsInSeveralForms == [["007", "7"]])
    let clean = try withFile(Data("user,item,rating\n1,a,5\n2,7,4\n".utf8)) {
      try RatingTable.validate($0, threads: 1)
    }
    #expect(clean.userIDsInSeveralForms.isEmpty && clean.itemIDsInSeveralForms.isEmpty)
  }
}
