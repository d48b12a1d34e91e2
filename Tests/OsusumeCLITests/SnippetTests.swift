// The Swift of the README and of the articles is compiled as it stands there, and runs.
import Foundation
import Osusume
import Testing

struct SnippetTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL
  private static let articles = root.appending(path: "Sources/Osusume/Osusume.docc")

  /// Every page with Swift in it, by the name of the function that its lines are.
  private static func pages() throws -> [String: URL] {
    let names = try FileManager.default.contentsOfDirectory(atPath: articles.path)
    let all =
      [("readme", root.appending(path: "README.md"))]
      + names.filter { $0.hasSuffix(".md") }.map { name in
        let words = name.dropLast(".md".count)
        return (words.prefix(1).lowercased() + words.dropFirst(), articles.appending(path: name))
      }
    return Dictionary(
      uniqueKeysWithValues: try all.filter { try !blocks("swift", of: $0.1).isEmpty })
  }

  /// The blocks of a page in a language, without their fences.
  private static func blocks(_ language: String, of page: URL) throws -> [String] {
    let text = try String(contentsOf: page, encoding: .utf8)
    return text.components(separatedBy: "\n```").enumerated()
      .filter { !$0.offset.isMultiple(of: 2) && $0.element.hasPrefix("\(language)\n") }
      .map { String($0.element.dropFirst(language.count + 1)) }
  }

  /// The function that a page's Swift is.
  private static func source(_ name: String, _ page: URL) throws -> String {
    let lines = try blocks("swift", of: page).joined(separator: "\n\n")
      .split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.hasPrefix("import ") || $0.isEmpty }
    let body = lines.map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
    return """
      // The Swift of \(page.lastPathComponent), as it stands there: written and compared by SnippetTests.
      import Osusume

      func \(name)()\(body.contains("await ") ? " async" : "") throws {
      \(body)
      }

      """
  }

  @Test func thePagesAreWhatIsCompiled() throws {
    let pages = try Self.pages()
    #expect(pages.count >= 6, "\(pages.keys)")
    let folder = Self.root.appending(path: "Tests/Snippets")
    for (name, page) in pages {
      let file = folder.appending(path: page.deletingPathExtension().lastPathComponent + ".swift")
      let source = try Self.source(name, page)
      if ProcessInfo.processInfo.environment["OSUSUME_WRITE_PAGES"] != nil {
        try source.write(to: file, atomically: true, encoding: .utf8)
      }
      #expect(
        try String(contentsOf: file, encoding: .utf8) == source,
        "\(page.lastPathComponent) has other Swift: OSUSUME_WRITE_PAGES=1 writes it anew")
    }
    let compiled = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(compiled.count == pages.count + 1, "a function of no page: \(compiled)")
  }

  /// What some of them print, where it does not depend on the ratings.
  private static let printed: [String: [String]] = [
    "readme": ["10 "], "gettingStarted": ["ndcg@10 ", "you ["],
    "ratingsFromMemory": ["3 3\n", "5 1\n", "2 1 2\n", "row 2 has the rating nan"],
    "choosingAModel": ["bias "], "readingAComparison": ["rmse ", "ndcg@10 "],
    "trainingInATask": ["epoch 20: ", "valid_rmse", "cancelled\n"],
    "addingAModel": ["b_u + b_i + ", "true\n"],
  ]

  @Test(arguments: printed.keys.sorted())
  func theyRun(name: String) throws {
    #expect(Set(try Self.pages().keys) == Set(Self.printed.keys))
    let line = try CommandLine()
    try Synthesis(scale: 0.004, seed: 1).write(to: line.path("."), threads: 2)
    let json = try Self.blocks("json", of: Self.articles.appending(path: "AddingAModel.md"))
    try line.write(try #require(json.first), to: "wide.json")
    let process = try line.start([name], of: line.executable("OsusumeSnippets"))
    process.waitUntilExit()
    let outcome = try line.outcome(of: process)
    #expect(outcome.code == 0, "\(outcome)")
    for words in Self.printed[name] ?? [] {
      #expect(outcome.output.contains(words), "\(words) in \(outcome)")
    }
  }
}
