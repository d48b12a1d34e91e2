// Fits killed twenty times at moments nobody chose: each goes on from its checkpoint and ends in the same bytes.
import Foundation
import Testing

@Suite(.serialized) struct ChaosTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(users: 600, items: 400), to: "r.csv")
  }

  private func arguments(_ model: String, _ epochs: Int, _ output: String) -> [String] {
    "train --ratings r.csv --model \(model) --epochs \(epochs) --output \(output) --quiet --threads 2"
      .split(separator: " ").map(String.init)
  }

  /// Starts a fit that goes on from the checkpoint, where there is one.
  private func start(_ arguments: [String]) throws -> Process {
    let hasCheckpoint = FileManager.default.fileExists(
      atPath: line.path("ck/checkpoint.safetensors"))
    return try line.start(
      arguments + ["--checkpoint", "ck", "--checkpoint-every", "0s"]
        + (hasCheckpoint ? ["--resume", "ck"] : []))
  }

  /// Five kills of each: at moments spread over what the whole fit takes, whatever it does then.
  @Test(arguments: [("mf", 60), ("als", 30), ("flax-bias", 40), ("bpmf --factors 2", 40)])
  func killedFitsEndInTheSameBytes(model: String, epochs: Int) throws {
    let clock = ContinuousClock()
    let began = clock.now
    try line.succeed(arguments(model, epochs, "whole.st"))
    let seconds = began.duration(to: clock.now) / .seconds(1)
    let whole = try line.bytes("whole.st")
    var (kills, ends) = (0, 0)
    var moments: [Double] = []
    while kills < 5, ends < 40 {
      let moment = Double.random(in: 0...1) * min(seconds, 2)
      moments.append(moment)
      let process = try start(arguments(model, epochs, "m.st"))
      Thread.sleep(forTimeInterval: moment)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let wasKilled = process.terminationReason == .uncaughtSignal
      let outcome = try line.outcome(of: process)
      let what = Comment(rawValue: "\(model), killed after \(moments): \(outcome)")
      guard wasKilled else {
        // It was done before: from the start again.
        #expect(outcome.code == 0, what)
        #expect(try line.bytes("m.st") == whole, what)
        for name in ["m.st", "ck"] { try FileManager.default.removeItem(atPath: line.path(name)) }
        ends += 1
        continue
      }
      kills += 1
      // A file is there whole or not at all.
      if FileManager.default.fileExists(atPath: line.path("m.st")) {
        #expect(try line.bytes("m.st") == whole, what)
      }
    }
    #expect(kills == 5, "\(model): over before it could be killed")
    let last = try start(arguments(model, epochs, "m.st"))
    last.waitUntilExit()
    let outcome = try line.outcome(of: last)
    #expect(outcome.code == 0, "\(model), killed after \(moments): \(outcome)")
    #expect(try line.bytes("m.st") == whole, "\(model), killed after \(moments)")
    let rest = try line.names().subtracting(["r.csv", "whole.st", "m.st"])
    #expect(rest == ["ck", "ck/checkpoint.safetensors"], "killed after \(moments)")
  }
}
