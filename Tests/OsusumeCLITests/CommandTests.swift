// The command line.
import ArgumentParser
import Testing

@testable import OsusumeCLI

struct CommandTests {
  @Test func threadsAreBounded() {
    #expect(throws: (any Error).self) {
      try OsusumeCommand.parseAsRoot(["models", "--threads", "0"])
    }
    #expect(throws: Never.self) { try OsusumeCommand.parseAsRoot(["models", "--threads", "2"]) }
  }
}
