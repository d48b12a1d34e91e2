// `train --retrain-on-all`: judged on what was held out, saved as a fit to all ratings; no figure flatters.
import Foundation
import Testing

struct RetrainTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type\n"
        + (1...40).map { "\($0),Title \($0),\($0 % 2 == 0 ? "Drama" : "Comedy"),TV\n" }.joined(),
      to: "items.csv")
  }

  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private func train(_ options: String, _ output: String = "all.st") throws -> [String: Any] {
    try line.succeed(
      words("train --ratings r.csv --items items.csv --json --quiet -o \(output) \(options)")
    ).json()
  }

  private func provenance(_ file: String) throws -> [String: Any] {
    try #require(line.succeed(["inspect", file, "--json"]).json()["provenance"] as? [String: Any])
  }

  /// One model of every kind of fit: what is saved was trained on all, its figures are those without the flag.
  @Test(
    arguments: [
      ("lists", 20), ("mf", 20), ("als --epochs 3", 3), ("bpmf --epochs 3", 3), ("ease", nil),
      ("bpr --epochs 2", 2), ("bias", nil), ("item-knn", nil), ("keras-hybrid --epochs 2", 2),
      ("keras-nn-interaction --epochs 1", 1), ("flax-bias --epochs 2 --validation 0.2", 2),
      ("mf --split strong:0.2", 20),
    ] as [(String, Int?)])
  func allRatingsTrainAndTheFirstFitJudges(model: String, epochs: Int?) throws {
    let judged = try train("--model \(model)", "part.st")
    let all = try train("--model \(model) --retrain-on-all --threads 1")
    let data = try #require(all["data"] as? [String: Any])
    let rows = try #require(data["ratings"] as? Int)
    let retrained = try #require(all["retrained"] as? [String: Any])
    #expect(judged["retrained"] == nil && retrained["train_rows"] as? Int == rows)
    #expect(retrained["epochs"] as? Int == epochs && retrained["seconds"] as? Double ?? 0 > 0)
    // All figures but the one of lists, which is judged only where it would be lost.
    var final = try #require(all["final"] as? [String: Any])
    let ndcg = final.removeValue(forKey: "valid_ndcg@10") as? Double
    #expect(final.removeValue(forKey: "test_ndcg@10") as? Double == ndcg && ndcg != nil)
    let first = try #require(judged["final"] as? [String: Any])
    #expect(NSDictionary(dictionary: final).isEqual(to: first), "\(final), \(first)")
    // Any number of threads, the same bytes; and others than those of the fit that was judged.
    let again = try train("--model \(model) --retrain-on-all --threads 3", "again.st")
    #expect(again["sha256"] as? String == all["sha256"] as? String)
    #expect(judged["sha256"] as? String != all["sha256"] as? String)
    let kept = try provenance("all.st")
    let earlier = try #require(kept["judged"] as? [String: Any])
    #expect(kept["train_rows"] as? Int == rows && kept["test_rows"] as? Int == 0)
    #expect(earlier["train_rows"] as? Int == data["train"] as? Int)
    #expect(earlier["test_rows"] as? Int == data["test"] as? Int)
    #expect(earlier["epochs"] as? Int == epochs)
    #expect(try provenance("part.st")["judged"] == nil)
    // Evaluating it shows what it was judged by, and says so.
    let evaluate = words("--ratings r.csv --items items.csv --resamples 0 --no-baselines")
    let shown = try line.succeed(["evaluate", "--model", "all.st", "--json"] + evaluate).json()
    let found = try line.succeed(["evaluate", "--model", "part.st", "--json"] + evaluate).json()
    #expect(shown["on"] as? String == "judged" && shown["n"] as? Int == data["test"] as? Int)
    for name in ["rmse", "rmse_clipped", "mae", "ndcg@10", "accuracy", "auc"] {
      let (own, other) = (shown[name] as? Double, found[name] as? Double)
      #expect(abs((own ?? 0) - (other ?? 0)) < 1e-6, "\(name): \(own ?? 0), \(other ?? 0)")
    }
    let said = try line.succeed(["evaluate", "--model", "all.st"] + evaluate)
    #expect(
      said.errors.contains(" of r.csv were trained on: the figures are those of the fit to "))
    #expect(said.output.hasPrefix("as judged on "))
  }

  @Test func whatWasSavedIsSaid() throws {
    let plain = try line.succeed(words("train --ratings r.csv --model mf")).output
    #expect(
      plain.contains(
        " % of them, and judged on others; --retrain-on-all trains it on all\n"))
    let whole = try line.succeed(words("train --ratings r.csv --model mf --split none")).output
    #expect(!whole.contains("retrain"))
    let all = try line.succeed(
      words("train --ratings r.csv --model mf --retrain-on-all --report page.html"))
    let rows = try #require(all.output.firstMatch(of: /trained again, on all ([0-9,]+) ratings/)).1
    #expect(all.output.contains(" s: the figures are of the fit to "))
    #expect(
      try String(decoding: line.bytes("page.html"), as: UTF8.self).contains(
        "the file holds the one to all \(rows) ratings"))
    let inspected = try line.succeed(["inspect", "model.safetensors"]).output
    #expect(inspected.contains("all \(rows) rows, after a fit to "))
    let report = try line.succeed(
      words("report --model model.safetensors --ratings r.csv -o later.html")
    ).output
    #expect(
      report.contains("All ratings of the file were trained on, after a fit")
        && report.contains(": RMSE "))
    try line.fail(
      words("compare --ratings r.csv --models model.safetensors,bias"),
      saying: "train it without --retrain-on-all")
    try line.fail(
      words("train --ratings r.csv --model mf --split none --retrain-on-all"),
      saying: "--split none holds nothing out")
  }

  /// Test rows teach: their errors after fitting again are below those of the fit that had not seen them.
  @Test func theModelHasSeenItsTestRows() throws {
    _ = try train("--model mf", "part.st")
    _ = try train("--model mf --retrain-on-all")
    let on = words("--ratings r.csv --on train --json --resamples 0")
    let part = try line.succeed(["evaluate", "--model", "part.st"] + on).json()
    let all = try line.succeed(["evaluate", "--model", "all.st"] + on).json()
    let test = try line.succeed(
      words("evaluate --model part.st --ratings r.csv --json --resamples 0")
    ).json()
    let (rows, more) = try (#require(part["n"] as? Int), #require(test["n"] as? Int))
    #expect(all["n"] as? Int == rows + more)
    // What the first fit makes of all rows, by its errors on either part.
    let (trained, tested) = try (
      #require(part["rmse"] as? Double), #require(test["rmse"] as? Double)
    )
    let before =
      ((trained * trained * Double(rows) + tested * tested * Double(more)) / Double(rows + more))
      .squareRoot()
    #expect(try #require(all["rmse"] as? Double) < before)
    // Rows that it has not seen are judged as ever.
    try line.write("user_id,anime_id,rating\n1,3,9\n2,2,4\n3,3,8\n4,4,2\n", to: "other.csv")
    let other = try line.succeed(
      words("evaluate --model all.st --ratings other.csv --json --resamples 0")
    ).json()
    #expect(other["on"] as? String == "test" && other["n"] as? Int ?? 0 > 0)
    // Nobody's test rows are left out of lists any more: they are rows of training.
    let list = try line.succeed(words("recommend --model all.st --user 3 --json")).json()
    let seen = try #require((list["filtered"] as? [String: Any])?["seen"] as? [String: Int])
    #expect(seen["train"] ?? 0 > 0 && seen["test"] ?? 0 == 0)
  }

  /// Early stopping finds the number of epochs once; both files are of as many.
  @Test(arguments: ["mf --refit true", "mf --refit false", "flax-bias --epochs 12"])
  func theBestEpochsAreUsedAgain(model: String) throws {
    let all = try train("--model \(model) --early-stopping 1 --learning-rate 0.2 --retrain-on-all")
    let stopped = try #require(all["early_stopping"] as? [String: Any])
    let kept = try #require(stopped["epoch"] as? Int)
    #expect((all["retrained"] as? [String: Any])?["epochs"] as? Int == kept)
  }

  @Test func killedWhileTrainingAgain() throws {
    let fit =
      "train --ratings r.csv --model flax-bias --epochs 400 --batch-size 50 --retrain-on-all"
    let whole = try line.succeed(words("\(fit) --json -o whole.st")).json()
    let checkpoint = "--checkpoint ck --checkpoint-every 0s --json -o m.st"
    let process = try line.start(words("\(fit) \(checkpoint)"))
    let second = line.path("ck/all/checkpoint.safetensors")
    for _ in 0..<12_000 where process.isRunning {
      if FileManager.default.fileExists(atPath: second) { break }
      usleep(5000)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = try line.outcome(of: process)
    #expect(FileManager.default.fileExists(atPath: second))
    let resumed = try line.succeed(words("\(fit) \(checkpoint) --resume ck")).json()
    #expect(resumed["sha256"] as? String == whole["sha256"] as? String)
    // A state that is damaged costs time and nothing else.
    try line.write("nothing", to: "ck/all/checkpoint.safetensors")
    let anew = try line.succeed(words("\(fit) --resume ck --json -o m.st")).json()
    #expect(anew["sha256"] as? String == whole["sha256"] as? String)
  }

  /// Ctrl-C leaves the fit that was judged.
  @Test func interruptedWhileTrainingAgain() throws {
    let fit = "train --ratings r.csv --model flax-bias --epochs 400 --batch-size 50"
    let judged = try line.succeed(words("\(fit) --json -o part.st")).json()
    let process = try line.start(
      words(
        "\(fit) --retrain-on-all --keep-interrupted --checkpoint ck --checkpoint-every 0s --json -o m.st"
      ))
    for _ in 0..<12_000 where process.isRunning {
      if FileManager.default.fileExists(atPath: line.path("ck/all/checkpoint.safetensors")) {
        break
      }
      usleep(5000)
    }
    process.interrupt()
    process.waitUntilExit()
    let report = try line.outcome(of: process).json()
    #expect(report["interrupted"] as? Bool == true && report["retrained"] == nil)
    #expect(
      (report["notes"] as? [String])?.contains { $0.contains("trained again") } == true)
    let kept = try provenance("m.st")
    #expect(kept["train_rows"] as? Int == (judged["data"] as? [String: Any])?["train"] as? Int)
    #expect(kept["judged"] == nil)
  }
}
