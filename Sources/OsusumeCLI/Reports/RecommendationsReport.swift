// Recommendations as JSON and as a table for people.
import Foundation
import Osusume

/// What `osusume recommend --json` prints for a user.
struct RecommendationsReport: Encodable {
  struct Entry: Encodable {
    var item: String
    var title: String?
    var type: String?
    var genres: [String]?
    var averageRating: Double?
    var episodes: Int?
    var members: Int?
    var score: Float
    var rank: Int
    var likely: Float?
    var expectedRating: Float?
    /// Bounds that hold four of five such ratings.
    var expectedRatingInterval: [Float]?
    var because: [Because]?
  }

  /// An item of the user's own that adds to a score.
  struct Because: Encodable {
    var item: String
    var title: String?
    var rating: Float?
    var contribution: Float
  }

  /// An item that the user has rated.
  struct Rated: Encodable {
    var item: String
    var title: String?
    var rating: Float?
  }

  /// How many items were left out, by reason; those that the user has met, by how.
  struct Filtered: Encodable {
    let leftOut: LeftOut

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: JSONKey.self)
      let met = [
        Meeting.train: leftOut[.seen], .test: leftOut[.seenInTest], .unrated: leftOut[.seenUnrated],
      ]
      try values.encode(
        Dictionary(uniqueKeysWithValues: met.map { ($0.key.rawValue, $0.value) }),
        forKey: JSONKey("seen"))
      for (name, count) in leftOut.json where !name.hasPrefix("seen") {
        try values.encode(count, forKey: JSONKey(name))
      }
    }
  }

  var user: String
  var modelVersion: String
  var items: [Entry]
  var rankedBy: RankBy
  /// What the list is made by where nothing that the user has met speaks for any item.
  var fallback: String?
  var diversity: Double?
  var popularity: Double?
  var perSeries: Int?
  var perGenre: Int?
  var history: [Rated]?
  var filtered: Filtered
  /// Why fewer came back than asked for.
  var note: String?

  /// The list for people, and what they rated highest, where that was asked for.
  @NotEncoded var lines: [String]
  @NotEncoded var past: [String]

  /// - Parameters:
  ///   - itemCount: Number of items of the model.
  ///   - isNewcomer: Whether the person's ratings are none of those that the model was trained on.
  init(
    _ answer: Recommendations, ofItems itemCount: Int, isNewcomer: Bool, version: String
  ) {
    lines = answer.lines(ofItems: itemCount, isNewcomer: isNewcomer)
    past = answer.past
    user = answer.user
    modelVersion = version
    items = answer.items.map {
      Entry(
        item: $0.id, title: $0.item?.title, type: $0.item?.type, genres: $0.item?.genres,
        averageRating: $0.item?.averageRating, episodes: $0.item?.episodes,
        members: $0.item?.members, score: $0.score, rank: $0.rank,
        likely: $0.likely, expectedRating: $0.expectedRating,
        expectedRatingInterval: $0.expectedInterval.map { [$0.lowerBound, $0.upperBound] },
        because: $0.because?.map {
          Because(
            item: $0.id, title: $0.item?.title, rating: $0.rating, contribution: $0.contribution)
        })
    }
    history =
      answer.history.isEmpty
      ? nil
      : answer.history.map { Rated(item: $0.id, title: $0.item?.title, rating: $0.rating) }
    rankedBy = answer.rankedBy
    fallback = answer.isByPopularity ? "popularity" : nil
    diversity = answer.diversity > 0 ? answer.diversity : nil
    popularity = answer.popularity != 0 ? answer.popularity : nil
    (perSeries, perGenre) = (answer.limits.perSeries, answer.limits.perGenre)
    filtered = Filtered(leftOut: answer.leftOut)
    note = answer.leftOut.shortfall(answer.items.count, of: answer.asked)
  }
}

/// What it prints: `users`, one or many; of one, the answer stands beside it as well.
struct RecommendationsOfUsers: Report {
  let command = "recommend"
  let users: [RecommendationsReport]
  /// Whether one user was asked for.
  let isOfOne: Bool

  var lines: [String] { users.flatMap(\.lines) }

  func encode(to encoder: any Encoder) throws {
    if isOfOne { try users[0].encode(to: encoder) }
    var container = encoder.container(keyedBy: JSONKey.self)
    try container.encode(users, forKey: "users")
  }
}

/// The lists of several models for the same people, side by side.
struct RecommendationsOfModels: Report {
  /// What a model recommends.
  struct List: Encodable {
    let model: String
    let file: String
    let list: RecommendationsReport

    func encode(to encoder: any Encoder) throws {
      try list.encode(to: encoder)
      var values = encoder.container(keyedBy: JSONKey.self)
      try values.encode(model, forKey: "model")
      try values.encode(file, forKey: "file")
    }
  }

  /// A person and what each model recommends them.
  struct Person: Encodable {
    let user: String
    let models: [List]
    /// Items that are on all lists.
    let inAll: Int

    init(_ models: [List]) {
      user = models.first?.list.user ?? ""
      self.models = models
      let lists = models.map { Set($0.list.items.map(\.item)) }
      inAll = lists.dropFirst().reduce(lists.first ?? []) { $0.intersection($1) }.count
    }
  }

  let command = "recommend"
  let users: [Person]
  /// Whether they are a newcomer's, whom a table calls by name.
  @NotEncoded var isNewcomer: Bool

  /// Takes the answers of models, all about the same people in the same order.
  init(
    files: [String], isNewcomer: Bool,
    _ models: [(recommender: Recommender, answers: [Recommendations])]
  ) {
    self.isNewcomer = isNewcomer
    users = (models.first?.answers ?? []).indices.map { place in
      Person(
        zip(files, models).map { file, model in
          List(
            model: model.recommender.model.spec.name, file: file,
            list: RecommendationsReport(
              model.answers[place], ofItems: model.recommender.model.itemIDs.count,
              isNewcomer: isNewcomer, version: model.recommender.version))
        })
    }
  }

  var lines: [String] {
    users.enumerated().flatMap { place, person in
      (place > 0 ? [""] : []) + person.lines(isNewcomer: isNewcomer)
    }
  }
}

extension RecommendationsOfModels.Person {
  /// A line for each rank: the title on each list, and what it is ranked by there.
  fileprivate func lines(isNewcomer: Bool) -> [String] {
    let names = models.map(\.model)
    let headings = models.map { model in
      names.count { $0 == model.model } > 1
        ? model.file.split(separator: "/").last.map(String.init) ?? model.model : model.model
    }
    var table = TextTable(
      [""] + headings.flatMap { ["score", $0] },
      alignments: [.right] + models.flatMap { _ in [.right, .left] as [TextTable.Alignment] })
    let width = max(16, 96 / max(1, models.count))
    for rank in 0..<(models.map(\.list.items.count).max() ?? 0) {
      table.add(
        [String(rank + 1)]
          + models.flatMap { model -> [String] in
            guard rank < model.list.items.count else { return ["", ""] }
            let entry = model.list.items[rank]
            return [
              String(format: "%.2f", entry.score), (entry.title ?? entry.item).clipped(to: width),
            ]
          })
    }
    let counts = models.map { String($0.list.items.count) }.joined(separator: ", ")
    return (models.first?.list.past ?? [])
      + [
        "\(isNewcomer ? user : "user \(user)"): the best \(counts) items of \(names.count) models; on all lists: \(inAll)"
      ]
      + table.lines
  }
}

/// What `osusume recommend --output FILE --json` prints.
struct RecommendationsWritten: Encodable {
  var output: String
  var users: Int
  var rows: Int
  var modelVersion: String
  var seconds: Double
}

extension Recommendations {
  /// A heading and a table: rank, what it is ranked by, expected rating and where four of five such lie, item, title
  /// and what else is known of it.
  fileprivate func lines(ofItems itemCount: Int, isNewcomer: Bool) -> [String] {
    // A column without anything in it is left out.
    var table = TextTable(
      [
        "", rankedBy == .rating ? "rating" : "score", "likely", "expected", "item", "title", "type",
        "episodes", "average", "members", "genres", "because of",
      ],
      alignments: [
        .right, .right, .right, .right, .right, .left, .left, .right, .right, .right, .left, .left,
      ])
    for entry in items {
      let interval = entry.expectedInterval.map {
        String(format: " [%.1f, %.1f]", $0.lowerBound, $0.upperBound)
      }
      let expected =
        rankedBy == .rating && interval == nil ? nil : entry.expectedRating.map(Double.init)
      let reasons = (entry.because ?? []).prefix(3).map {
        ($0.item?.title ?? $0.id).clipped(to: 30)
      }
      let genres = entry.item?.genres.joined(separator: ", ") ?? ""
      table.add(
        String(entry.rank), String(format: "%.2f", entry.score),
        Self.figure(entry.likely.map(Double.init), digits: 2),
        Self.figure(expected, digits: 1) + (interval ?? ""),
        entry.id, (entry.item?.title ?? "").clipped(to: 48), entry.item?.type ?? "",
        entry.item?.episodes?.grouped ?? "", Self.figure(entry.item?.averageRating, digits: 2),
        entry.item?.members?.grouped ?? "",
        genres.clipped(to: 40), reasons.joined(separator: ", "))
    }
    let name = isNewcomer ? user : "user \(user)"
    let heading = "\(name): \(items.count) of \(itemCount.grouped) items"
    let own = isNewcomer ? "by \(user)" : "in training"
    var lines = past
    lines.append(heading + leftOut.clause(ratedIn: own) + wishes)
    lines += table.lines
    return lines + leftOut.shortfallLines(items.count, of: asked)
  }

  /// What the user has rated highest, and an empty line; nothing where nobody asked.
  fileprivate var past: [String] {
    var table = TextTable(["rated", "item", "title"], alignments: [.right, .right, .left])
    for entry in history {
      table.add(
        Self.figure(entry.rating.map(Double.init), digits: 1), entry.id,
        (entry.item?.title ?? "").clipped(to: 48))
    }
    return history.isEmpty ? [] : table.lines + [""]
  }

  /// What the list is besides the best items, and what was asked of it.
  private var wishes: String {
    [
      isByPopularity
        ? "nothing met speaks for any item, so by popularity and expected rating" : nil,
      diversity > 0 ? "diversity \(diversity)" : nil,
      popularity > 0 ? "popularity \(popularity): toward popular items" : nil,
      popularity < 0 ? "popularity \(popularity): away from popular items" : nil,
      limits.perSeries.map { "at most \($0) of a series" },
      limits.perGenre.map { "at most \($0) of a genre" },
    ].compactMap { $0 }.map { "; " + $0 }.joined()
  }

  private static func figure(_ value: Double?, digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}
