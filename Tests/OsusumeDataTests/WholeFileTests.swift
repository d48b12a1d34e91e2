// Files that are there whole or not at all.
import Foundation
import Testing

@testable import OsusumeData

struct WholeFileTests {
  private struct Stop: Error {}

  /// A fresh directory, removed afterwards.
  private func inDirectory(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  private func entries(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  @Test func smallAndLargePiecesArriveInOrder() throws {
    try inDirectory { directory in
      let large = [UInt8](repeating: 7, count: 1 << 20)
      try WholeFile.write(to: directory + "/a") {
        try $0.write("head")
        try $0.write(large)
        try $0.write([1, 2] as [Int32])
      }
      let data = try Data(contentsOf: URL(filePath: directory + "/a"))
      #expect(data == Data("head".utf8) + Data(large) + Data([1, 0, 0, 0, 2, 0, 0, 0]))
      #expect(try entries(directory) == ["a"])
    }
  }

  @Test func anErrorLeavesTheOldFileAndNothingElse() throws {
    try inDirectory { directory in
      let path = directory + "/a"
      try WholeFile.write(to: path) { try $0.write("old") }
      #expect(throws: Stop.self) {
        try WholeFile.write(to: path) {
          try $0.write([UInt8](repeating: 0, count: 1 << 20))
          throw Stop()
        }
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(try entries(directory) == ["a"])
    }
  }

  /// A temporary file of a killed writer goes with the next write; one that is locked is in use, and other
  /// names are none of ours.
  @Test func temporaryFilesThatNobodyWritesAreRemoved() throws {
    try inDirectory { directory in
      let others = ["a.1.2.tmp.gz", "a.x.2.tmp", "a.1.tmp", "b.1.2.tmp", "a..2.tmp"]
      for name in others + ["a.1.2.tmp", "a.99999999.4294967295.tmp", "a.3.4.tmp"] {
        #expect(FileManager.default.createFile(atPath: directory + "/" + name, contents: nil))
      }
      let inUse = open(directory + "/a.3.4.tmp", O_RDONLY)
      defer { close(inUse) }
      #expect(flock(inUse, LOCK_EX) == 0)
      try WholeFile.write(to: directory + "/a") { try $0.write("new") }
      #expect(try entries(directory) == (others + ["a", "a.3.4.tmp"]).sorted())
    }
  }

  #if os(Linux)
    /// What a process that is killed while it writes leaves behind: nothing, as nothing is there yet.
    @Test func whileItIsWrittenThereIsNoFile() throws {
      try inDirectory { directory in
        try WholeFile.write(to: directory + "/a") {
          try $0.write([UInt8](repeating: 7, count: 1 << 20))
          #expect(try entries(directory) == [])
        }
        #expect(try entries(directory) == ["a"])
        let size = try FileManager.default.attributesOfItem(atPath: directory + "/a")[.size]
        #expect(size as? Int == 1 << 20)
      }
    }
  #endif

  @Test func permissionsAndLinksStay() throws {
    try inDirectory { directory in
      try WholeFile.write(to: directory + "/a") { try $0.write("old") }
      chmod(directory + "/a", 0o640)
      symlink("a", directory + "/link")
      try WholeFile.write(to: directory + "/link") { try $0.write("new") }
      #expect(try String(contentsOfFile: directory + "/a", encoding: .utf8) == "new")
      var status = stat()
      #expect(lstat(directory + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(stat(directory + "/a", &status) == 0 && status.st_mode & 0o777 == 0o640)
    }
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    try inDirectory { directory in
      let missing = directory + "/none/a"
      #expect(throws: OutputError.cannotCreate(path: missing, code: ENOENT)) {
        try WholeFile.write(to: missing) { try $0.write("x") }
      }
      #expect(throws: OutputError.cannotCreate(path: directory, code: EISDIR)) {
        try WholeFile.write(to: directory) { try $0.write("x") }
      }
      #if os(Linux)
        #expect(throws: OutputError.cannotWrite(path: "/dev/full", code: ENOSPC)) {
          try WholeFile.write(to: "/dev/full") { try $0.write("x") }
        }
      #endif
    }
  }
}

struct DirectoryPathTests {
  @Test(arguments: [
    ("a", "."), (".", "."), ("..", "."), ("", "."), ("/", "/"), ("//", "/"), ("/a", "/"),
    ("a/b", "a"),
    ("a/b/", "a"), ("/a/b", "/a"), ("./a", "."), ("../a", ".."),
  ])
  func parents(path: String, parent: String) {
    #expect(DirectoryPath.parent(of: path) == parent)
  }

  @Test func adviceFitsTheCause() {
    func advice(_ code: Int32) -> [String] {
      [
        OutputError.cannotWrite(path: "a/b", code: code),
        OutputError.cannotCreate(path: "a/b", code: code),
      ].map { $0.description.split(separator: "; ").dropFirst().joined() }
    }
    #expect(advice(ENOSPC) == advice(EDQUOT) && advice(ENOSPC)[0].hasPrefix("free some space"))
    for code in [EXDEV, EINTR, EACCES, EROFS, EFBIG, EMFILE, EIO, ENOENT, ENOTDIR] {
      #expect(advice(code).allSatisfy { !$0.isEmpty && !$0.contains("space") }, "\(code)")
    }
    #expect(advice(EXDEV)[0].contains("one file system") && advice(EFBIG)[0].contains("ulimit -f"))
    #expect(advice(EACCES)[1] == "choose a place that can be written to")
  }

  @Test func interruptedCallsAreMadeAgain() {
    var calls = 0
    let result = uninterrupted {
      calls += 1
      errno = calls < 4 ? EINTR : EACCES
      return -1
    }
    #expect(calls == 4 && result == -1 && errno == EACCES)
    #expect(uninterrupted { 7 } == 7)
  }
}
