// Three people of a model: what they liked, what is predicted of that, and what they are recommended.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending

extension RunPage {
  /// Rated items of each kind, and recommended ones, that are shown.
  private static let (shownRated, shownBest) = (6, 10)

  /// A section for each of three users: one who rated little, one in the middle, one who rated much.
  func people() throws -> [ReportSection] {
    let tested = SeenItems(rows: test, users: held.users, threads: threads)
    let known = (0..<model.userIDs.count).filter { !model.seen[$0].isEmpty }
    let judged = known.filter { !tested[$0].isEmpty }
    let order = (judged.isEmpty ? known : judged)
      .sorted { (model.seen[$0].count, $0) < (model.seen[$1].count, $1) }
    guard !order.isEmpty else { return [] }
    let places = [0.25, 0.5, 0.9].map { min(order.count - 1, Int($0 * Double(order.count))) }
    let rows = Grouping(keys: test.users, count: held.users)
    let recommender = try Recommender(model)
    return try places.indices.filter { $0 == 0 || places[$0] != places[$0 - 1] }.map { number in
      try person(
        order[places[number]], Array(rows[order[places[number]]]).map { Int($0) }, recommender)
    }
  }

  private func person(
    _ user: Int, _ testRows: [Int], _ recommender: Recommender
  ) throws -> ReportSection {
    let person = try Person(model, user: Int32(user), neighbours: 0, threads: threads)
    var text =
      "\(person.rated.count.grouped) \(data.noun) to train on"
      + (person.mean.map { ", \($0.short) on average" } ?? "")
      + ", \(testRows.count.grouped) held out."
    let likes = person.tastes.prefix(3).filter { $0.liking > 0 }.map { $0.genre.shown(24) }
    let dislikes = person.tastes.suffix(3).reversed().filter { $0.liking < 0 }
      .map { $0.genre.shown(24) }
    if !likes.isEmpty {
      text += " Rates above their own average: \(likes.joined(separator: ", "))."
    }
    if !dislikes.isEmpty { text += " Below it: \(dislikes.joined(separator: ", "))." }
    return ReportSection(
      "User \(person.id.shown(24))", [text],
      tables: [ratedTable(person, testRows), try bestTable(user, testRows, recommender)])
  }

  /// What they rated highest in training, and of what was held out, with what is predicted of it.
  private func ratedTable(_ person: Person, _ testRows: [Int]) -> ReportTable {
    func row(_ title: String, _ part: String, _ rating: Float?, _ predicted: Double?) -> [String] {
      let rounded = predicted.flatMap { model.seenRatings?.nearest(to: Float($0)) }
      return [
        title, part, rating.map(RatingHistogram.label) ?? "–", predicted?.short ?? "–",
        rounded.map(RatingHistogram.label) ?? "–",
      ]
    }
    let held = testRows.sorted { (test.values[$1], $0) < (test.values[$0], $1) }
      .prefix(Self.shownRated).map { number in
        let item = Int(test.items[number])
        return row(
          item < model.itemIDs.count ? name(item) : "an item that the model does not know",
          "held out",
          test.values[number], predictions.map { clipped($0[number]) })
      }
    let trained = person.rated.prefix(Self.shownRated).map { entry in
      row(
        (entry.item?.title ?? data.catalog[entry.id]?.title ?? entry.id).shown(48), "trained on",
        entry.rating, entry.predicted.map { Double($0) })
    }
    return ReportTable(
      ["item", "", "rated", "predicted", "rounded"], held + trained, textColumns: 2,
      caption: "Rated highest")
  }

  /// The best of all items that they have not rated in training; those held out may be among them.
  private func bestTable(
    _ user: Int, _ testRows: [Int], _ recommender: Recommender
  ) throws -> ReportTable {
    let best = try recommender.recommend(
      Self.shownBest, for: Int32(user), leavingOut: [.train, .unrated])
    let given = Dictionary(
      testRows.map { (test.items[$0], test.values[$0]) }, uniquingKeysWith: { $1 })
    let byLikelihood = best.items.contains { $0.likely != nil }
    let header =
      ["item", "type", "genres", byLikelihood ? "likely" : "score"]
      + (byLikelihood && model.spec.predictsRatings ? ["expected rating"] : [])
      + ["held out, rated"]
    return ReportTable(
      header,
      best.items.map { entry in
        let item = entry.item ?? data.catalog[entry.id]
        let score =
          entry.likely.map { RatingsPage.percent(Double($0)) } ?? Double(entry.score).short
        return [
          (item?.title ?? entry.id).shown(48), item?.type?.shown(12) ?? "",
          (item?.genres ?? []).joined(separator: ", ").shown(36), score,
        ]
          + (byLikelihood && model.spec.predictsRatings
            ? [entry.expectedRating.map { Double($0).short } ?? "–"] : [])
          + [
            model.itemIDs.index(of: entry.id).flatMap { given[Int32($0)] }
              .map(RatingHistogram.label) ?? ""
          ]
      }, textColumns: 3,
      caption: "Recommended: the best of what they have not rated in training")
  }
}
