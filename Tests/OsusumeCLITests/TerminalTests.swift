// What files can do to the terminal a command prints on, and what the environment can ask for: nothing.
import Foundation
import Testing

struct TerminalTests {
  private let line: CommandLine

  /// Characters that terminals obey.
  ///
  /// ESC, BEL, BS, DEL, a C1 control (CSI), a turn of the direction of writing, a line separator. Of control
  /// characters in titles nothing stays but a space.
  private static let steering = "\u{1B}\u{07}\u{08}\u{7F}\u{9B}\u{202E}\u{2028}"

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type\n"
        + (1...40).map { "\($0),Title\(Self.steering)\($0),Dra\u{1B}]0;ma,T\u{07}V\n" }.joined(),
      to: "items.csv")
    try line.succeed(
      [
        "train", "--ratings", "r.csv", "--items", "items.csv", "--model", "mf", "--factors", "4",
        "--epochs", "2", "--output", "m.st", "--quiet",
      ])
  }

  private func steers(_ text: String) -> Bool {
    text.unicodeScalars.contains {
      $0 != "\n" && (Self.steering.unicodeScalars.contains($0) || $0.value < 32)
    }
  }

  @Test(arguments: [
    ["similar", "--item", "7"], ["similar", "--item", "7", "--json"],
    ["similar", "--pair", "7", "8"], ["recommend", "--user", "3"],
    ["recommend", "--user", "3", "--json"], ["similar", "--biases", "items"],
  ])
  func titlesReachTheTerminalWithoutControls(_ command: [String]) throws {
    let outcome = try line.succeed(command + ["--model", "m.st"])
    #expect(outcome.output.contains("Title"))
    #expect(!steers(outcome.output), "\(outcome.output.debugDescription)")
    if command.contains("--json") {
      let items = try #require(outcome.json()["items"] as? [[String: Any]])
      let titles = items.compactMap { $0["title"] as? String }
      #expect(!titles.isEmpty && titles.allSatisfy { $0.hasPrefix("Title \u{202E}\u{2028}") })
    } else {
      let shown = outcome.output.split(separator: "\n").filter { $0.contains("Title") }
      #expect(shown.allSatisfy { $0.contains("Title \u{FFFD} ") }, "\(shown)")
    }
  }

  @Test func errorsNameIDsWithoutControls() throws {
    let outcome = try line.run(["similar", "--model", "m.st", "--item", "no\u{202E}such\u{9B}31m"])
    #expect(outcome.code == 1 && outcome.errors.contains("such"))
    #expect(!steers(outcome.errors), "\(outcome.errors.debugDescription)")
  }

  @Test func anInstructionSetThatIsNotThereIsRefused() throws {
    for (wish, code) in [("bogus", 1), ("", 1), ("AVX2", 1), ("scalar", 0)] as [(String, Int32)] {
      let outcome = try line.run(
        ["recommend", "--model", "m.st", "--user", "3"], environment: ["CK_ISA": wish])
      #expect(outcome.code == code, "CK_ISA=\(wish): \(outcome.errors)")
      guard code == 1 else { continue }
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("osusume: CK_ISA is '\(wish)': this processor runs scalar"))
    }
  }

  /// Killed at any moment, a fit that writes checkpoints leaves the last whole one; should it be killed while
  /// that gets its name, the next fit there removes what was left.
  ///
  /// By SIGKILL, after which nobody can tidy up; threads of tests block other signals, and what they start
  /// inherits that.
  @Test(arguments: [0.05, 0.1, 0.2, 0.3]) func aKilledFitLeavesNoTemporaryFile(
    delay: Double
  ) throws {
    let process = try line.start([
      "train", "--ratings", "r.csv", "--model", "mf", "--epochs", "1000000", "--checkpoint",
      "ck", "--checkpoint-every", "0s", "--output", "k.st", "--quiet",
    ])
    Thread.sleep(forTimeInterval: delay)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = try line.outcome(of: process)
    try line.succeed([
      "train", "--ratings", "r.csv", "--model", "mf", "--epochs", "2", "--checkpoint", "ck",
      "--output", "k.st", "--quiet",
    ])
    let rest = try line.names().subtracting(["r.csv", "items.csv", "m.st", "k.st"])
    #expect(rest.isSubset(of: ["ck", "ck/checkpoint.safetensors"]), "after \(delay) s: \(rest)")
  }
}
