// Published data sets by name: ten lines of each as they are shipped, and what comes out of them.
import Foundation
import OsusumeData
import Testing

/// A data set's format, a sample of it written for these tests, and the ratings in it.
struct PublishedFormat: Sendable, CustomTestStringConvertible {
  var name: String
  /// The file as it is shipped.
  var text: String
  /// Its columns, where they have to be given.
  var columns: String?
  var feedback: Feedback?
  /// What comes out: ids and ratings of the first rows, rows in all.
  var rows: [(user: String, item: String, value: Float)]
  var count = 10
  var says = Feedback.ratings
  /// Seconds since 1970 of the first row.
  var time: Int64?
  /// Rows that are seen and not rated, without any option.
  var unrated = 0

  var testDescription: String { name }

  static let all: [PublishedFormat] = [
    PublishedFormat(
      name: "ML-100K, u.data",
      text: """
        196\t242\t3\t881250949
        186\t302\t3\t891717742
        22\t377\t1\t878887116
        244\t51\t2\t880606923
        166\t346\t1\t886397596
        298\t474\t4\t884182806
        115\t265\t2\t881171488
        253\t465\t5\t891628467
        305\t451\t3\t886324817
        6\t86\t3\t883603013

        """,
      rows: [("196", "242", 3), ("186", "302", 3), ("22", "377", 1)], time: 881_250_949),
    PublishedFormat(
      name: "ML-1M, ratings.dat",
      text: """
        1::1193::5::978300760
        1::661::3::978302109
        1::914::3::978301968
        1::3408::4::978300275
        1::2355::5::978824291
        1::1197::3::978302268
        1::1287::5::978302039
        2::1357::5::978298709
        2::3068::4::978299000
        2::1537::4::978299620

        """,
      rows: [("1", "1193", 5), ("1", "661", 3), ("1", "914", 3)], time: 978_300_760),
    PublishedFormat(
      name: "ML-20M as Kaggle has it, rating.csv",
      text: """
        "userId","movieId","rating","timestamp"
        "1","2","3.5","2005-04-02 23:53:47"
        "1","29","3.5","2005-04-02 23:31:16"
        "1","32","3.5","2005-04-02 23:33:39"
        "1","47","3.5","2005-04-02 23:32:07"
        "1","50","3.5","2005-04-02 23:29:40"
        "1","112","3.5","2004-09-10 03:09:00"
        "1","151","4","2004-09-10 03:08:54"
        "2","3","4","2000-11-21 15:36:54"
        "2","62","5","2000-11-21 15:36:54"
        "2","70","5","2000-11-21 15:36:54"

        """,
      rows: [("1", "2", 3.5), ("1", "29", 3.5), ("1", "32", 3.5)], time: 1_112_486_027),
    PublishedFormat(
      name: "Book-Crossing, BX-Book-Ratings.csv",
      text: """
        "User-ID";"ISBN";"Book-Rating"
        "276725";"034545104X";"0"
        "276726";"0155061224";"5"
        "276727";"0446520802";"0"
        "276729";"052165615X";"3"
        "276729";"0521795028";"6"
        "276733";"2080674722";"0"
        "276736";"3257224281";"8"
        "276737";"0600570967";"6"
        "276744";"038550120X";"7"
        "276745";"342310538";"10"

        """,
      rows: [("276725", "034545104X", 0), ("276726", "0155061224", 5), ("276727", "0446520802", 0)]),
    PublishedFormat(
      name: "Amazon 2014 and 2018, reviews as JSON",
      text: (0..<10).map {
        """
        {"reviewerID": "A2SUAM1J3GNN3B\($0)", "asin": "B000GFDAUG", "reviewerName": "J. \\"Mac\\"", \
        "helpful": [2, 3], "style": {"Format:": " Hardcover"}, "reviewText": "I bought this, for 5 \\"stars\\" {…}.", \
        "overall": \($0 % 5 + 1).0, "summary": "Heavenly", "unixReviewTime": 12528\($0)0800, \
        "reviewTime": "09 13, 2009"}

        """
      }.joined(),
      rows: [
        ("A2SUAM1J3GNN3B0", "B000GFDAUG", 1), ("A2SUAM1J3GNN3B1", "B000GFDAUG", 2),
        ("A2SUAM1J3GNN3B2", "B000GFDAUG", 3),
      ], time: 1_252_800_800),
    PublishedFormat(
      name: "Amazon 2014, ratings alone",
      text: """
        A3AF8FFZAZYNE5,B00000078X,5.0,1092182400
        AH2L9G3DQHHAJ,B00000116X,4.0,1019865600
        A2IIIDRK3PRRZY,B00000116X,1.0,1395619200
        A1TADCM7YWPQ8M,B00000868X,4.0,1031702400
        AWGH7V0BDOJKB,B000GFDAUG,4.0,1383177600
        A3UTQPQPM4TQO0,B000GFDAUG,5.0,1374883200
        A8ZS0I5L5V31B,B000GFDAUG,5.0,1393632000
        ACNGUPJ3A3TM9,B000GFDAUG,4.0,1386028800
        A3BED5QFJWK88M,B000GFDAUG,4.0,1350345600
        A2SUAM1J3GNN3B,B000GFDAUG,5.0,1252800000

        """,
      rows: [("A3AF8FFZAZYNE5", "B00000078X", 5), ("AH2L9G3DQHHAJ", "B00000116X", 4)],
      time: 1_092_182_400),
    PublishedFormat(
      name: "Amazon 2023, reviews as JSON",
      text: (0..<10).map {
        """
        {"rating": 5.0, "title": "Such a lovely scent", "text": "Line one.\\nLine two.", "images": [], \
        "asin": "B00YQ6X8EO", "parent_asin": "B00YQ6X8E\($0)", "user_id": "AGKHLEW2SOWHNMFQIJGBECAF7INQ", \
        "timestamp": 1588687728923, "helpful_vote": 0, "verified_purchase": true}

        """
      }.joined(),
      rows: [("AGKHLEW2SOWHNMFQIJGBECAF7INQ", "B00YQ6X8E0", 5)], time: 1_588_687_728),
    PublishedFormat(
      name: "Yelp, review.json",
      text: (0..<10).map {
        """
        {"review_id":"KU_O5udG6zpxOg-VcAEodg","user_id":"mh_-eMZ6K5RLWhZyISBhwA","business_id":\
        "XQfwVwDr-v0ZS3_CbbE5X\($0)","stars":3.0,"useful":0,"funny":0,"cool":0,"text":"If you decide to eat \
        here, just be aware \\u2014 it\\\\'s slow.","date":"2018-07-07 22:09:11"}

        """
      }.joined(),
      rows: [("mh_-eMZ6K5RLWhZyISBhwA", "XQfwVwDr-v0ZS3_CbbE5X0", 3)], time: 1_531_001_351),
    PublishedFormat(
      name: "Yelp's reviews as CSV",
      text: "review_id,user_id,business_id,stars,useful,funny,cool,date\n"
        + (0..<10).map { "r\($0),u\($0),b1,\($0 % 5 + 1),0,0,0,2018-07-07 22:09:11\n" }.joined(),
      rows: [("u0", "b1", 1), ("u1", "b1", 2)], time: 1_531_001_351),
    PublishedFormat(
      name: "Netflix Prize, combined_data_1.txt",
      text: """
        1:
        1488844,3,2005-09-06
        822109,5,2005-05-13
        885013,4,2005-10-19
        30878,4,2005-12-26
        2:
        2059652,4,2005-09-05
        1666394,3,2005-04-19
        10:
        1952305,3,2004-02-02
        1,1,1999-11-11

        """,
      rows: [("1488844", "1", 3), ("822109", "1", 5), ("885013", "1", 4)], count: 8,
      time: 1_125_964_800),
    PublishedFormat(
      name: "Last.fm 360K, usersha1-artmbid-artname-plays.tsv",
      text: (0..<10).map {
        "00000c289a1829a808ac09c00daf10bc3c4e223b\tartist-\($0)\tthe \"band\($0 % 2 == 0 ? "" : "s")\t\(2137 - $0)\n"
      }.joined().replacing("\"", with: ""), columns: "1,2,4", feedback: .counts,
      rows: [
        ("00000c289a1829a808ac09c00daf10bc3c4e223b", "artist-0", 2137),
        ("00000c289a1829a808ac09c00daf10bc3c4e223b", "artist-1", 2136),
      ], says: .counts),
    PublishedFormat(
      name: "Last.fm of HetRec 2011, user_artists.dat",
      text: "userID\tartistID\tweight\n" + (51..<61).map { "2\t\($0)\t\(13_883 - $0)\n" }.joined(),
      rows: [("2", "51", 13_832), ("2", "52", 13_831)], says: .counts),
    PublishedFormat(
      name: "Jester, jester_ratings.dat",
      text: """
        1\t\t5\t\t0.219
        1\t\t7\t\t-9.281
        1\t\t8\t\t-9.281
        1\t\t13\t\t-6.781
        1\t\t15\t\t-1
        1\t\t16\t\t-9.656
        1\t\t17\t\t-9.031
        2\t\t18\t\t-7.469
        2\t\t19\t\t-8.719
        2\t\t20\t\t-9.156

        """,
      rows: [("1", "5", 0.219), ("1", "7", -9.281), ("1", "8", -9.281)]),
    PublishedFormat(
      name: "Anime 2016, rating.csv",
      text: """
        user_id,anime_id,rating
        1,20,-1
        1,24,-1
        1,79,-1
        1,226,10
        1,241,-1
        1,355,-1
        1,356,-1
        3,442,8
        3,487,6
        5,846,2

        """,
      rows: [("1", "20", -1), ("1", "24", -1)], unrated: 1),
    PublishedFormat(
      name: "Anime 2020, rating_complete.csv",
      text: "user_id,anime_id,rating\n"
        + (0..<10).map { "\($0 / 3),\(430 + $0),\($0 % 10 + 1)\n" }
        .joined(),
      rows: [("0", "430", 1), ("0", "431", 2)]),
    PublishedFormat(
      name: "Anime 2020, animelist.csv",
      text: "user_id,anime_id,rating,watching_status,watched_episodes\n"
        + (0..<10).map { "0,\(67 + $0),\($0),\($0 % 4 + 1),1\n" }.joined(),
      rows: [("0", "67", 0), ("0", "68", 1)]),
    PublishedFormat(
      name: "Goodbooks-10k, ratings.csv",
      text: "user_id,book_id,rating\n" + (0..<10).map { "\($0),258,\($0 % 5 + 1)\n" }.joined(),
      rows: [("0", "258", 1), ("1", "258", 2)]),
    PublishedFormat(
      name: "BeerAdvocate, beer_reviews.csv",
      text: "review_profileName,beer_beerId,review_overall,review_time\n"
        + (0..<10).map { "stcules\($0),47986,\($0 % 5).5,123481782\($0)\n" }.joined(),
      columns: "review_profileName,beer_beerid,review_overall,review_time",
      rows: [("stcules0", "47986", 0.5)], time: 1_234_817_820),
    PublishedFormat(
      name: "purchases without a number",
      text: "customer_id,product\n" + (0..<10).map { "\($0),p\($0 % 3)\n" }.joined(),
      rows: [("0", "p0", 1), ("1", "p1", 1)], says: .seen),
  ]
}

struct FormatsTests {
  @Test(arguments: PublishedFormat.all) func readsAsItIsShipped(format: PublishedFormat) throws {
    for threads in 1...3 {
      let table = try read(
        format.text,
        format: .init(columns: format.columns.flatMap { .init($0) }, feedback: format.feedback),
        threads: threads)
      #expect(table.count == format.count && table.badLines == 0)
      #expect(table.feedback == format.says)
      #expect(table.timestamps.first == format.time && table.unreadTimestamp == nil)
      let ratings = try Ratings(table: table, threads: threads)
      #expect(ratings.unrated.users.count == format.unrated || format.unrated > 0)
      for (row, expected) in format.rows.enumerated() {
        #expect(table.users.texts[row] == expected.user)
        #expect(table.items.texts[row] == expected.item)
        #expect(table.values[row] == expected.value)
      }
    }
  }

  /// The set of 2016 has −1 for what was seen and not rated; Jester's scale has −1 for a bad joke.
  @Test func minusOneIsARatingOnlyWhereItCanBe() throws {
    func ratings(_ name: String) throws -> Ratings {
      let format = try #require(PublishedFormat.all.first { $0.name.hasPrefix(name) })
      return try Ratings(table: read(format.text))
    }
    let anime = try ratings("Anime 2016")
    #expect(anime.counts.sentinel == 6 && anime.rows.values == [10, 8, 6, 2])
    #expect(anime.droppedMinusOne && !anime.keptMinusOne)
    let jester = try ratings("Jester")
    #expect(jester.counts.sentinel == 0 && jester.rows.count == 10)
    #expect(jester.rows.values.contains(-1) && jester.keptMinusOne)
    #expect(try ratings("Book-Crossing").mayBeUnratedAtZero)
    #expect(try !ratings("Anime 2020, rating").mayBeUnratedAtZero)
  }

  @Test func aFolderOfTheNetflixPrize() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "netflix-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try write("mv_0000001.txt", "1:\n1488844,3,2005-09-06\n822109,5,2005-05-13\n")
    try write("mv_0000002.txt", "2:\r\n2059652,4,2005-09-05\r\n1666394,3,2005-04-19")
    // What was to be predicted, and titles: no ratings.
    try write("probe.txt", "1:\n30878\n2647871\n")
    try write("qualifying.txt", "1:\n1046323,2005-12-19\n")
    try write("movie_titles.txt", "1,2003,Dinosaur Planet\n2,2004,Isle of Man\n")
    for threads in 1...3 {
      let table = try RatingTable.read(folder.path, threads: threads)
      #expect(table.users.texts == ["1488844", "822109", "2059652", "1666394"])
      #expect(table.items.texts == ["1", "1", "2", "2"])
      #expect(table.values == [3, 5, 4, 3] && table.timestamps[3] == 1_113_868_800)
    }
    try write("mv_0000003.txt", "3:\n12,5,2005-05-13\n12,five,2005-05-13\n")
    #expect {
      try RatingTable.read(folder.path, threads: 2)
    } throws: {
      "\($0)".contains("mv_0000003.txt:3: rating: 'five' is not a number")
    }
    try FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    #expect(throws: RatingsFileError.folder(folder.path)) {
      try RatingTable.read(folder.path, threads: 1)
    }
  }
}

extension IDColumn {
  /// The id of each row as text.
  var texts: [String] {
    switch self {
    case .integers(let ids): ids.map { String($0) }
    case .strings(let codes, let names): codes.map { names[Int($0)] }
    }
  }
}
