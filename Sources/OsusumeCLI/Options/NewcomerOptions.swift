// Options that describe a person who is not in the model by what they have rated.
import ArgumentParser
import Foundation
import Osusume

struct NewcomerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ratings by a person who is not in the model, of items by id or title; commas in titles: in quotes.",
      valueName: "item=rating,…"))
  var rated: String?

  @Option(
    help: ArgumentHelp(
      "A file of such ratings: item,rating lines, or a ratings file of that person.",
      valueName: "file"))
  var ratingsOf: String?

  @Option(
    help: ArgumentHelp(
      "Items the person has seen without rating them, which are not recommended.",
      valueName: "item,…"))
  var seen: String?

  func validate() throws {
    guard seen == nil || isGiven else {
      throw ValidationError("--seen goes with --rated or --ratings-of")
    }
    guard rated == nil || ratingsOf == nil else {
      throw ValidationError("give --rated or --ratings-of, not both")
    }
  }

  /// Whether there is such a person.
  var isGiven: Bool { rated != nil || ratingsOf != nil }

  /// What to call the person: whoever typed the ratings, or their file.
  var name: String { ratingsOf.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "you" }

  /// Folds the person into a model; says how many of the rated items it does not know, and which are rated several
  /// times, once by id and once by title perhaps.
  func foldIn(to model: Model, quiet: Bool) throws -> Newcomer {
    var (ratings, unrated) = try ratingsOf.map(RatingByID.read) ?? ([], [])
    if let rated {
      ratings = try RatingByID.list(rated).map {
        RatingByID(try model.id(ofItemNamed: $0.id), $0.rating)
      }
    }
    unrated += try seen.map(DelimitedRows.entries)?.map(model.id(ofItemNamed:)) ?? []
    let newcomer = try model.foldIn(ratings, seen: unrated)
    if !quiet {
      Output.noteUnknown(newcomer.unknown, of: "the items rated")
      for (id, times) in ratings.repeated {
        let all = times.map { String(format: "%g", $0) }.joined(separator: ", ")
        Output.note("osusume: \(id) is rated \(times.count) times (\(all)); the last rating counts")
      }
    }
    return newcomer
  }
}

extension [RatingByID] {
  /// Ids with several ratings, and those ratings in order; by id.
  fileprivate var repeated: [(id: String, ratings: [Float])] {
    Dictionary(grouping: self, by: \.id).filter { $1.count > 1 }
      .map { ($0, $1.map(\.rating)) }.sorted { $0.id < $1.id }
  }
}
