// The README's commands, as they stand there.
import Foundation
import Testing

struct ReadmeCommandsTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL

  /// MovieLens ml-latest-small, where the environment or the neighbourhood has it.
  private static let movieLens: URL? = {
    let data =
      ProcessInfo.processInfo.environment["OSUSUME_DATA"].map { URL(filePath: $0) }
      ?? folder.appending(path: "../shared/data")
    let set = data.appending(path: "ml-latest-small")
    return FileManager.default.fileExists(atPath: set.appending(path: "ratings.csv").path)
      ? set : nil
  }()

  /// A block of lines between fences.
  private func blocks() throws -> [[Substring]] {
    let text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    let parts = text.split(separator: "\n```", omittingEmptySubsequences: false)
    return parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }
      .map { $0.element.split(separator: "\n").filter { !$0.isEmpty } }
  }

  /// The words of a line as a shell takes them, quotes around some.
  private func words(_ line: Substring) -> [String] {
    line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap {
      $0.offset.isMultiple(of: 2)
        ? $0.element.split(separator: " ").map(String.init) : [String($0.element)]
    }
  }

  @Test func itsCommandsDoWhatItSays() throws {
    let line = try CommandLine()
    let titles = ["Alien (1979)", "Die Hard (1988)", "Notting Hill (1999)"]
    if let set = Self.movieLens {
      for name in ["ratings.csv", "movies.csv"] {
        try line.write(try Data(contentsOf: set.appending(path: name)), to: name)
      }
    } else {
      try line.write(syntheticRatings(), to: "ratings.csv")
      try line.write(
        "movieId,title,genres\n"
          + (1...40).map { "\($0),\($0 <= 3 ? titles[$0 - 1] : "Film \($0)"),Drama|Comedy\n" }
          .joined(), to: "movies.csv")
    }
    let all = try blocks()
    let commands = all.joined().filter { $0.hasPrefix("osusume ") }
    #expect(commands.count >= 4, "\(commands)")
    var printed = ""
    for command in commands {
      let outcome = try line.succeed(Array(words(command).dropFirst()))
      if command.contains("--user 1") { printed = outcome.output }
    }
    #expect(printed.hasPrefix("user 1: 5 of "))
    guard Self.movieLens != nil else { return }
    let shown = all.first { $0.first?.hasPrefix("user 1: ") == true }
    #expect(printed == (shown ?? []).map { $0 + "\n" }.joined(), "the README shows another list")
  }

  @Test func itsTargetsAreThere() throws {
    let text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    let makefile = try String(contentsOf: Self.folder.appending(path: "Makefile"), encoding: .utf8)
    let targets = Set(text.matches(of: /make ([a-z]+(?:-[a-z]+)*)`/).map(\.1))
    #expect(targets.isSuperset(of: ["demo", "uninstall", "deb", "help"]), "\(targets)")
    for target in targets {
      #expect(makefile.contains("\n\(target):"), "\(target)")
      #expect(makefile.contains("\n## \(target): "), "\(target) is in no help")
    }
    for link in text.matches(of: /\]\(([^)#]+)\)/).map(\.1) where !link.hasPrefix("http") {
      let path = Self.folder.appending(path: String(link)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(link)")
    }
  }

  @Test func theVersionIsOne() throws {
    let version = try CommandLine().succeed(["--version"]).output.trimmingCharacters(
      in: .whitespacesAndNewlines)
    for (file, words) in [
      ("CITATION.cff", "\nversion: \(version)\n"), ("CHANGELOG.md", "\n## \(version)"),
    ] {
      let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
      #expect(text.contains(words), "\(file) is of another version than \(version)")
    }
  }
}
