// Files of lines that grow: what was written is there, what was begun is not.
import Foundation
import Testing

@testable import OsusumeData

struct LineLogTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var path: String { folder.appending(path: "lines").path }

  private func written(_ lines: [String]) throws -> [String] {
    let log = try LineLog(path)
    for line in lines { try log.append(line) }
    return log.lines
  }

  @Test func linesAreThereForTheNext() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try written(["one", "", "zwei ü"]) == [])
    #expect(try written(["four"]) == ["one", "", "zwei ü"])
    #expect(try written([]) == ["one", "", "zwei ü", "four"])
  }

  /// Whatever a killed writer has left of its last line.
  @Test func aLineThatWasNotFinishedIsCutOff() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = Data("one\nzwei ü\nthree\n".utf8)
    for length in 0...whole.count {
      try whole.prefix(length).write(to: URL(filePath: path))
      let kept = String(decoding: whole.prefix(length), as: UTF8.self)
        .components(separatedBy: "\n").dropLast()
      #expect(try written(["next"]) == Array(kept), "\(length)")
      #expect(try written([]) == kept + ["next"], "\(length)")
    }
  }

  /// A file that turns out to be none of ours is as it was.
  @Test func openingChangesNothing() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for text in ["", "one\ntwo\nthr", "notes without an end"] {
      try Data(text.utf8).write(to: URL(filePath: path))
      let rest = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
      #expect(try LineLog(path).unfinished == Array(rest.utf8))
      #expect(try Data(contentsOf: URL(filePath: path)) == Data(text.utf8))
    }
  }

  @Test func oneProcessAtATimeHasIt() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let log = try LineLog(path)
      #expect(throws: LineLogError.inUse(path)) { try LineLog(path) }
      try log.append("kept")
    }
    #expect(try LineLog(path).lines == ["kept"])
  }

  @Test func whatIsNoFileIsSaid() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: OutputError.cannotCreate(path: folder.path, code: EISDIR)) {
      try LineLog(folder.path)
    }
    #expect(throws: OutputError.cannotCreate(path: path + "/x", code: ENOENT)) {
      try LineLog(path + "/x")
    }
    #expect(throws: LineLogError.self) { try LineLog("/dev/null") }
    let sparse = FileManager.default.createFile(atPath: path, contents: nil)
    #expect(sparse && truncate(path, 1 << 40) == 0)
    #expect(throws: LineLogError.tooLarge(path, bytes: 1 << 40)) { try LineLog(path) }
  }
}
