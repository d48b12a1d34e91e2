// What factors mean, on the page: directions, neighbours and lists by names, and agreement in words.
import Foundation
import OsusumeData
import OsusumeModels

extension Comparison {
  /// The title of an item, or its id.
  package func title(_ item: Int) -> String {
    let id = models[0].model.itemIDs[item]
    for model in models {
      if let title = model.model.catalog[id]?.title { return title }
    }
    return id
  }

  /// Titles one after the other, each by itself whatever the direction it is written in.
  private func titles(_ items: [Int]) -> String {
    items.map { "\u{2068}\(title($0).shown())\u{2069}" }.joined(separator: " · ")
  }

  var directionSection: ReportSection? {
    guard !meaning.directions.isEmpty else { return nil }
    let matched = meaning.directions.flatMap { direction in
      direction.matches.map { (direction, $0) }
    }
    return ReportSection(
      "What the factors mean",
      [
        "The strongest directions of each model's P·Qᵀ, by the items that have most and least of them, of "
          + "those with at least \(fewestNeighbourRatings) training ratings. A direction adds its σ to a "
          + "score, as a root mean square: it tells apart people who like the items of one end from people "
          + "who like those of the other. Which end is which has no meaning. Beside it, the direction of each "
          + "other model that makes the smallest angle with it, with the cosine of that angle: 1 is the same, "
          + "0 has nothing in common."
      ],
      table: ReportTable(
        ["model", "direction, σ", "items at one end", "items at the other", "in the other models"],
        meaning.directions.map { direction in
          [
            models[direction.model].mark, "\(direction.number), \(direction.strength.figure)",
            titles(direction.high), titles(direction.low),
            direction.matches.map {
              "\(models[$0.model].mark) \($0.number): \($0.cosine.short)"
            }.joined(separator: " · "),
          ]
        }, textColumns: 5, wraps: true),
      details: matched.isEmpty
        ? nil
        : ReportTable(
          [
            "direction of", "is nearest to", "cosine", "to its whole space", "items at one end",
            "items at the other",
          ],
          matched.map { direction, match in
            [
              "\(models[direction.model].mark) \(direction.number)",
              "\(models[match.model].mark) \(match.number)", match.cosine.short,
              match.contained.short, titles(match.high), titles(match.low),
            ]
          }, textColumns: 6, wraps: true))
  }

  var neighbourSection: ReportSection? {
    let places = models.indices.filter { place in
      meaning.neighbours.contains { $0.nearest[place] != nil }
    }
    guard !places.isEmpty, !meaning.neighbours.isEmpty else { return nil }
    return ReportSection(
      "Neighbours of well-known items",
      [
        "The ten items with most training ratings, and the five nearest to each: by cosine of their vectors, "
          + "or by what a model itself relates items by."
      ],
      table: ReportTable(
        ["item"] + places.map { models[$0].mark },
        meaning.neighbours.map { known in
          [titles([known.item])] + places.map { known.nearest[$0].map(titles) ?? "–" }
        }, textColumns: 1 + places.count, wraps: true))
  }

  var personSection: ReportSection? {
    guard !meaning.lists.isEmpty else { return nil }
    return ReportSection(
      "What some users are recommended",
      [
        "Users with few, a middling number and many training ratings, of those who liked something in the "
          + "test rows: what they rated highest in training, what they liked in the test rows, which no model "
          + "has seen, and the first five of each model's lists. A ✓ was liked in the test rows."
      ],
      table: ReportTable(
        ["user", "by", "items"],
        meaning.lists.flatMap { person -> [[String]] in
          let id = models[0].model.userIDs[person.user]
          let relevant = person.relevant.sorted()
          let more = relevant.count - FactorMeaning.listLength
          return [
            [
              "\(id.shown(24)), \(person.ratings) ratings", "liked in training",
              titles(person.liked),
            ],
            [
              "", "liked in the test rows",
              titles(Array(relevant.prefix(FactorMeaning.listLength)))
                + (more > 0 ? " · and \(more) more" : ""),
            ],
          ]
            + zip(models, person.lists).map { model, list in
              [
                "", model.mark,
                list.map { (person.relevant.contains($0) ? "✓ " : "") + titles([$0]) }
                  .joined(separator: " · "),
              ]
            }
        }, textColumns: 3, wraps: true))
  }

  // MARK: Agreement in words

  /// Where the factors of two models agree and where not: of the first one that is solved for, als for one, and
  /// each that is trained by gradients; where all are of one kind, of the first and each other.
  public var agreementWords: [String] {
    let places = models.indices.filter { geometry[$0] != nil }
    guard let first = places.first(where: isSolved) ?? places.first else { return [] }
    let trained = places.filter { !isSolved($0) && $0 != first }
    let others = trained.isEmpty ? places.filter { $0 != first } : trained
    return others.compactMap { other in
      factorPairs.first { Set([$0.models.0, $0.models.1]) == [first, other] }
        .map { words($0, first: first, second: other) }
    }
  }

  /// Whether a model's rows are solved for or drawn, not reached by gradient steps.
  private func isSolved(_ place: Int) -> Bool {
    !Set<FitKind>.ofSteps.contains(models[place].contender.spec.fit)
  }

  /// One pair in words.
  private func words(_ agreement: Agreement, first a: Int, second b: Int) -> String {
    let (first, second) = (models[a].label, models[b].label)
    let cosines = agreement.principalCosines ?? []
    let near = cosines.count { $0 >= 0.866 }
    let directions = meaning.directions.filter { $0.model == a }.compactMap { direction in
      direction.matches.first { $0.model == b }.map { likeness(direction.number, $0, of: second) }
    }
    var sentences = [
      "\(first) and \(second): \(near) of the \(cosines.count) dimensions of their item spaces lie within 30° "
        + "of each other",
      "of \(first), " + directions.joined(separator: ", "),
    ]
    if let shared = agreement.sharedNeighbours, let halves = agreement.sharedNeighboursByPopularity
    {
      sentences.append(
        "of ten nearest neighbours they share \(number(10 * shared)), of the more often rated half of the items "
          + "\(number(10 * halves.often)), of the other half \(number(10 * halves.seldom))"
          + comment(shared, often: halves.often, seldom: halves.seldom))
    }
    sentences.append("their lists overlap by \(agreement.rankBiasedOverlap.short)")
    return sentences.joined(separator: "; ") + "."
  }

  /// What a direction is in another model: the same (an angle below 26°), alike (below 45°), or nothing.
  private func likeness(_ number: Int, _ match: FactorDirection.Match, of other: String) -> String {
    if match.cosine >= 0.7 {
      let relation = match.cosine >= 0.9 ? "is" : "resembles"
      return
        "direction \(number) \(relation) \(other)'s \(match.number) (cosine \(match.cosine.short))"
    }
    let mixture =
      match.contained >= 0.7
      ? ", but a mixture of its directions comes to \(match.contained.short)" : ""
    return "direction \(number) has no counterpart (the nearest, \(match.number), has cosine "
      + "\(match.cosine.short)\(mixture))"
  }

  /// Where neighbours agree.
  private func comment(_ shared: Double, often: Double, seldom: Double) -> String {
    if shared < 0.05 { return ": next to nothing" }
    if often > 1.25 * seldom { return ": more where there are many ratings" }
    return seldom > 1.25 * often ? ": more where there are few ratings" : ""
  }

  private func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
