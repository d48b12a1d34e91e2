// Same settings, same bytes: whatever the threads, and whether or not a fit was stopped on the way.
import Foundation
import Testing

struct RepeatabilityTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(users: 150, items: 60), to: "r.csv")
  }

  private func digest(_ options: String) throws -> String {
    let report = try line.succeed(
      ["train", "--ratings", "r.csv", "--output", "m.st", "--json"]
        + options.split(separator: " ").map(String.init)
    ).json()
    return try #require(report["sha256"] as? String)
  }

  @Test(arguments: ["flax-bias --epochs 3 --batch-size 700", "mf --epochs 6"])
  func threadsDoNotMatter(model: String) throws {
    let digests = try [1, 2, 3].map { try digest("--model \(model) --threads \($0)") }
    #expect(Set(digests).count == 1, "\(digests)")
  }

  @Test(arguments: [
    "", "--optimizer adamw --weight-decay 0.01", "--optimizer adagrad --learning-rate 0.05",
    "--optimizer sgd", "--shuffle each-epoch",
  ])
  func resumedIsTheSame(options: String) throws {
    let fit = "--model flax-bias --batch-size 300 \(options)"
    let straight = try digest("\(fit) --epochs 6")
    let half = try digest("\(fit) --epochs 3 --checkpoint ck --threads 1")
    let resumed = try digest("\(fit) --epochs 6 --resume ck --threads 2")
    #expect(straight == resumed && straight != half)
  }

  @Test func modelFilesHoldNoPaths() throws {
    for name in ["one.csv", "two.csv"] { try line.write(syntheticRatings(users: 5), to: name) }
    let digests = try ["one", "two"].map { try digest("--model bias --split file:\($0).csv") }
    #expect(digests[0] == digests[1])
    #expect(try line.bytes("m.st").range(of: Data("two.csv".utf8)) == nil)
  }

  @Test func aFinishedFitResumesToItself() throws {
    let straight = try digest("--model mf --checkpoint ck")
    #expect(try digest("--model mf --resume ck") == straight)
  }

  @Test func interruptedFitsAreKeptAndResumed() throws {
    let fit = "--ratings r.csv --model flax-bias --epochs 3000 --batch-size 100 --json"
    let process = try line.start(
      ["train", "--output", "part.st", "--checkpoint", "ck", "--checkpoint-every", "0s"]
        + fit.split(separator: " ").map(String.init) + ["--keep-interrupted"])
    // It has begun when it has written its first checkpoint.
    for _ in 0..<2000 where process.isRunning {
      if FileManager.default.fileExists(atPath: line.path("ck/checkpoint.safetensors")) { break }
      usleep(5000)
    }
    process.interrupt()
    process.waitUntilExit()
    let outcome = try line.outcome(of: process)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try outcome.json()
    let done = try #require(report["epochs"] as? [Any]).count
    #expect(report["interrupted"] as? Bool == true && done >= 1 && done < 3000)
    let more = "--model flax-bias --batch-size 100 --epochs \(done + 2)"
    #expect(try digest("\(more) --resume ck") == digest(more))
  }
}
