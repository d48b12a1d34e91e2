// The command `data synthesize`.
import ArgumentParser
import Testing

@testable import OsusumeCLI

struct SynthesizeCommandTests {
  private let start = ["data", "synthesize", "--like", "anime", "--output", "full"]

  @Test func scaleAndSeedHaveDefaults() throws {
    let parsed = try OsusumeCommand.parseAsRoot(start)
    let command = try #require(parsed as? DataSynthesizeCommand)
    #expect(command.scale == 1 && command.options.seed == 42 && command.output == "full")
    #expect(command.drift == nil)
  }

  @Test(arguments: [
    ["--scale", "0"], ["--scale", "0.0005"], ["--scale", "nan"], ["--scale", "11"],
    ["--like", "netflix"], ["--drift", "-1"], ["--drift", "4"], ["--drift", "nan"],
  ])
  func nonsenseIsRefused(options: [String]) {
    #expect(throws: (any Error).self) { try OsusumeCommand.parseAsRoot(start + options) }
  }
}
