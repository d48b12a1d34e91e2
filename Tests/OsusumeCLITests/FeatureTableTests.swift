// What the five published systems do and show, a row each, and the command here that shows it.
//
// A, B and C are about anime, D and E about films; the data are made, in the forms of theirs.
import Foundation
import Testing

/// Data and models that all rows share; made once.
private enum Made {
  nonisolated(unsafe) static let line = Result { try make() }

  private static func make() throws -> CommandLine {
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes,rating,members\n"
        + (1...40).map {
          "\($0),Title \($0),\"\($0 % 4 == 0 ? "Action, Drama" : "Comedy")\","
            + "\($0 % 3 == 0 ? "Movie" : "TV"),\($0),7.\($0 % 10),\(1000 * $0)\n"
        }.joined(), to: "items.csv")
    // What was completed and not rated is 0 there, and what is dropped is not liked.
    let rows = syntheticRatings().split(separator: "\n").dropFirst()
    try line.write(
      "user_id,anime_id,rating,watching_status,watched_episodes\n"
        + rows.enumerated().map { place, row in "\(row),\([2, 2, 4, 1, 6][place % 5]),3\n" }
        .joined(),
      to: "list.csv")
    try line.write(
      "userId,movieId,rating,timestamp\n"
        + rows.enumerated().compactMap { place, row -> String? in
          let fields = row.split(separator: ",")
          guard let rating = Double(fields[2]), rating > 0 else { return nil }
          return "\(fields[0]),\(fields[1]),\(rating / 2),\(1_100_000_000 + 90_000 * place)\n"
        }.joined(), to: "films.csv")
    try line.write(
      "movieId,title,genres\n"
        + (1...40).map {
          "\($0),Film \($0) (19\(50 + $0)),"
            + "\($0 % 10 == 0 ? "(no genres listed)" : $0 % 2 == 0 ? "Drama|Romance" : "Comedy")\n"
        }.joined(), to: "movies.csv")
    try line.write("user,item,rating\n3,1,7\n3,4,2\n3,5,\n", to: "pairs.csv")
    let anime = ["train", "--ratings", "r.csv", "--items", "items.csv", "--quiet", "--output"]
    let small = ["--factors", "4", "--epochs", "4"]
    try line.succeed(anime + ["lists.st", "--epochs", "4"])
    try line.succeed(anime + ["mf.st", "--model", "mf"] + small)
    try line.succeed(anime + ["popularity.st", "--model", "popularity"])
    try line.succeed(anime + ["classes.st", "--model", "metadata-classes"] + small)
    try line.succeed(
      ["train", "--ratings", "list.csv", "--items", "items.csv", "--quiet"]
        + ["--model", "keras-hybrid", "--output", "hybrid.st"] + small)
    let films = ["train", "--ratings", "films.csv", "--items", "movies.csv", "--quiet", "--output"]
    try line.succeed(films + ["film.st", "--model", "dot-product-bias"] + small)
    try line.succeed(films + ["genre.st", "--model", "genre-dot", "--no-genres-as-genre"] + small)
    return line
  }
}

/// A thing that a system shows.
struct Shown: Sendable, CustomTestStringConvertible {
  /// The system's letter, and what it shows.
  let what: String
  /// Words of the command lines, one after the other.
  let commands: [String]
  /// Regular expressions that the text they print, and the pages they write, must match.
  let patterns: [String]

  init(_ what: String, _ commands: String..., shows patterns: String...) {
    (self.what, self.commands, self.patterns) = (what, commands, patterns)
  }

  var testDescription: String { what }
}

@Suite(.serialized) struct FeatureTableTests {
  /// Every row of the table.
  static let rows = ofData + ofTraining + ofComparison + ofUse + ofLooking

  private static let anime = "--ratings r.csv --items items.csv"
  private static let films = "--ratings films.csv --items movies.csv"
  private static let small = "--factors 4 --epochs 4 --output new.st"

  private static let ofData = [
    Shown(
      "A: first rows of ratings, of items, of both joined; shapes",
      "data describe \(anime) --head 5",
      shows: #"rows +1\d{3}: "#, #"\nRatings\nuser +item +rating\n1 +"#,
      #"\nItems\nid +title +genres +type +episodes +average +members\n1 +Title 1 "#,
      #"\nBoth joined\nuser +item +rating +title .*\n1 +\d+ +\d+ +Title \d+ "#),
    Shown(
      "A: what is null or cannot be read", "data validate --ratings r.csv",
      shows: #"sentinel rows [1-9]\d*"#, "bad lines 0", "valid"),
    Shown(
      "A: users, items, rating values, single raters", "data describe \(anime)",
      shows: #"users +60: 55 rate, 0 once only"#, #"items +\d+: \d+ rated"#, #"\n +7 +\d+ █"#),
    Shown(
      "A: users in train and not in test, and the other way; a split per user",
      "data split \(anime) --split per-user:0.1 --output cut",
      shows: #"users with no row in test: \d+; with none in train: 0"#,
      #"\d+ rows in cut/train\.csv, \d+ in cut/test\.csv"#),
    Shown(
      "A: a pivot of ten users and items", "data describe \(anime) --pivot 10",
      shows: #"\nitem +ratings( +\d+){10}\n +ratings( +\d+){10}\nTitle \d+ +\d+ "#),
    Shown(
      "B: counts of watching statuses, and labels by them",
      "data describe --ratings list.csv",
      "train --ratings list.csv --model keras-nn-interaction \(small)",
      shows: #"; \d+ watching, \d+ completed, \d+ dropped, \d+ planned"#,
      #"[1-9]\d* neither completed nor dropped"#),
    Shown(
      "B: users with enough rows, rated or not",
      "train \(anime) --model bias --min-user-ratings 23 --output new.st",
      "train \(anime) --model bias --min-user-rows 24 --output new.st",
      shows: #"dropped: .*[1-9]\d* of users with too few"#,
      #"\(1440 rows; dropped: \d+ without a rating\)"#),
    Shown(
      "C: histogram, popularity, a subset, its ids anew, 80:20, a tenth for validation",
      "train \(anime) --model regression --only-type TV --min-item-ratings 30 --max-user-id 50 \(small)",
      shows: #"of 2\d items by 4\d users"#, "outside the subset", "train loss", "validation MAE"),
    Shown(
      "D: the most active users against the most rated films",
      "data describe \(films) --report data.html",
      shows: "The most active users and the most rated items", "<td class=\"text\">Film "),
  ]

  private static let ofTraining = [
    Shown(
      "A: four models, RMSE or MAE loss, an error per epoch",
      "train \(anime) --model flax-deep --loss mae \(small)",
      "train \(anime) --model flax-bias --loss rmse \(small)",
      shows: #"epoch +seconds +train loss +test RMSE +test MAE\n +1 +"#),
    Shown(
      "A: shapes of layers", "models flax-dense --users 66351 --items 9926",
      shows: #"100 × 100"#, #"user_factors +p +66351 × 50 +3,317,550"#),
    Shown(
      "B: accuracy, precision and recall per epoch",
      "train --ratings list.csv --model keras-mf-interaction \(small)",
      shows: #"test accuracy +test precision +test recall"#),
    Shown(
      "B: two heads with weights of their losses", "models keras-hybrid",
      shows: #"head +.*interaction, bce, weight 5"#, "batches of 1024 and 10 epochs"),
    Shown(
      "C: errors before training, on train and on test",
      "train \(anime) --model regression --factors 4 --epochs 0 --output untrained.st",
      "evaluate --model untrained.st \(anime) --on train --resamples 0",
      "evaluate --model untrained.st \(anime) --resamples 0",
      shows: #"regression +6\.\d+"#, "that the model was trained on: lower than on new ones",
      #"mae +\d"#),
    Shown(
      "C: loss curves of train, validation and test; predicted against true",
      "train \(anime) --model deep-regression --report run.html \(small)",
      shows: "Learning curve", "MAE on validation rows and test rows",
      "Predicted against true ratings"),
    Shown(
      "C: a model's tensors and counts, and the vector of an item",
      "models regression --users 60 --items 40", "inspect mf.st",
      "similar --model mf.st --item 1 --vector",
      shows: #"item_factors +q +40 × 64 +2,560"#, #"item_factors"#, "4 factors, norm "),
    Shown(
      "C: random search over settings",
      "tune \(anime) --model deep-regression --search random --trials 3 --factors 4 --epochs 2 --resamples 100",
      shows: #"trial"#, #"osusume train .*--model deep-regression"#),
    Shown(
      "C: a distribution over ten classes",
      "predict --model classes.st --user 3 --item 1 --distribution",
      shows: #"\n +1 +\d\.\d{3} .*\n +2 +\d\.\d{3}"#),
    Shown(
      "D: three models with L2, settings of one's own, widths apart, dates",
      "models recommender-net", "train \(films) --model recommender-v2 \(small)",
      "train \(films) --model time-mf \(small)",
      shows: #"regularization +1e-06"#, "recommender-v2, clipped", "time-mf, clipped"),
    Shown(
      "E: train and validation loss", "train \(films) --model nn-extended \(small)",
      shows: #"epoch +seconds +train loss +test RMSE"#),
    Shown(
      "E: early stopping: the epoch that was kept, and its error",
      "train \(films) --model dot-product-bias --epochs 8 --early-stopping 2 --factors 4 --output new.st",
      shows: #"Early stopping: of .* number \d+ was best.*\d\.\d+"#),
  ]

  private static let ofComparison = [
    Shown(
      "A: 40 to 120 factors compared",
      "compare \(anime) --models mf --also-factors 2,6 --factors 4 --epochs 3 --resamples 100 --repeats 1",
      shows: #"width +k +rmse.*\nmf +2 .*\nmf +4 .*\nmf +6 "#),
    Shown(
      "B: a table of rating models and one of interaction models, the hybrid in both",
      "compare --ratings list.csv --models keras-nn-interaction,keras-hybrid,keras-nn --factors 4 --epochs 2 "
        + "--resamples 100 --repeats 1",
      shows: #"would like it +k +accuracy +precision +recall"#,
      #"(?s)ratings +k +rmse.*keras-hybrid.*would like it.*keras-hybrid"#),
    Shown(
      "F: ALS and SVD against gradients: agreement of factors and of lists",
      "compare \(anime) --models als,svd,flax-bias --factors 4 --epochs 3 --resamples 100 --repeats 1",
      shows: #"agreement +shared space +CKA +of scores +neighbours@10 +RBO@10\nals, svd +0\.\d\d"#,
      "als and flax-bias: .* of the 4 dimensions of their item spaces"),
    Shown(
      "card: throughput of kernels", "bench --quick --repeats 1 --threads 1 --only init",
      shows: #"init\.normal +number"#),
  ]

  private static let ofUse = [
    Shown(
      "A: of one user: rated titles, true, predicted, rounded, sorted",
      "user 3 --model mf.st", "predict --model mf.st --pairs pairs.csv",
      shows: #"rated +predicted +rounded"#, "user,item,score,rating,rounded,error,title",
      #"\n3,1,[\d.]+,7,\d\.0,-?[\d.]+,Title 1\n"#),
    Shown(
      "A: new items with type, genres, average, episodes, members",
      "recommend --model lists.st --user 3",
      shows: #"title +type +episodes +average +members +genres"#,
      #"Title \d+ +(TV|Movie) +\d+ +7\.\d0 +\d+,000 +(Comedy|Action)"#),
    Shown(
      "A: recommendations of several models beside each other",
      "recommend --model lists.st --model mf.st --user 3 --top 5",
      shows:
        #"user 3: the best 5, 5 items of 2 models; on all lists: \d\n +score +lists +score +mf\n"#,
      #"\n5 +[\d.]+ +Title \d+ +[\d.]+ +Title \d+\n"#),
    Shown(
      "A: new users; popular items for those of whom nothing is known",
      "recommend --model mf.st --rated 1=9,2=3", "recommend --model popularity.st --user 3",
      shows: #"you: 10 of 37 items"#, #"user 3: 10 of 37 items"#),
    Shown(
      "B: rating and probability of a pair by the hybrid",
      "predict --model hybrid.st --user 3 --item 1", "predict --model hybrid.st --pairs pairs.csv",
      shows: #"\d\.\d+, liked with probability 0\.\d{3}"#,
      "user,item,score,probability,rating,rounded,error,title",
      #"\n3,1,[\d.]+,0\.\d+,7,"#),
    Shown(
      "C: recommendations beside titles the user knows",
      "recommend --model lists.st --user 3 --history 20",
      shows: #"rated +item +title\n +\d+\.0 +\d+ +Title \d+"#),
    Shown(
      "E: items by title", "predict --model film.st --user 3 --item \"film 4 (1954)\"",
      "recommend --model film.st --rated \"Film 1 (1951)=4\"",
      shows: #"^\d\.\d+"#, "you: 10 of "),
    Shown(
      "E: predicted against actual for some rows, rounded to half stars",
      "predict --model film.st --pairs pairs.csv",
      shows: #"\n3,1,[\d.]+,7,\d\.[05],-[\d.]+,"#),
  ]

  private static let ofLooking = [
    Shown(
      "C: the cosine of two items, the most similar, a histogram of similarities",
      "similar --model mf.st --pair 1 2", "similar --model mf.st --item 1",
      "report --model mf.st \(anime) --resamples 20 --output page.html",
      shows: #"cosine -?\d\.\d{4}"#, "nearest by cosine", "How alike items are"),
    Shown(
      "C: t-SNE at several perplexities, UMAP, colours, what is under the pointer",
      "map --model mf.st --method tsne,umap --perplexity 3,5,7,9 --output map.html",
      shows: "t-SNE, perplexity 3 ", "t-SNE, perplexity 9", "UMAP +", "Title 1", "average rating"),
    Shown(
      "E: items and genres by bias", "similar --model genre.st --biases items",
      "similar --model genre.st --biases genres",
      shows: "items by bias; highest", "4 genres by bias; highest"),
    Shown(
      "E: similar items, similar genres, a pair of genres, those without a genre as one",
      "similar --model genre.st --item 1", "similar --model genre.st --genre Drama",
      "similar --model genre.st --genre-pair Drama \"(no genres listed)\"",
      shows: "nearest by cosine", "genre Drama: nearest by cosine",
      #"genre Drama\ngenre \(no genres listed\)\ncosine -?\d\.\d{4}\n"#),
  ]

  @Test(arguments: rows) func theCommandShowsIt(_ row: Shown) throws {
    let line = try Made.line.get()
    var shown = ""
    for command in row.commands {
      let words = Self.words(command)
      shown += try line.succeed(words).output
      for name in words where name.hasSuffix(".html") {
        shown += String(decoding: try line.bytes(name), as: UTF8.self)
      }
    }
    for pattern in row.patterns {
      let matches = try Regex(pattern).firstMatch(in: shown) != nil
      #expect(matches, "\(pattern) is not in\n\(shown.prefix(6000))")
    }
  }

  /// The words of a command line: those in double quotes are one.
  private static func words(_ command: String) -> [String] {
    command.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap {
      $0.offset % 2 == 1 ? [String($0.element)] : $0.element.split(separator: " ").map(String.init)
    }
  }
}
