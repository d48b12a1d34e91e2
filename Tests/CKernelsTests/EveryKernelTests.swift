// Every kernel that Swift calls is named in a test of its own, and none has a long list of arguments.
import Foundation
import Testing

/// The package, by where this file stands.
private let package = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// The files of a folder of the package, without comments.
private func code(in folder: String, endings: Set<String>) throws -> [String] {
  let files = FileManager.default.enumerator(
    at: package.appending(path: folder), includingPropertiesForKeys: nil)
  return try (files?.allObjects ?? []).compactMap { $0 as? URL }
    .filter { endings.contains($0.pathExtension) }
    .map { file in
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        .map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }
        .joined(separator: "\n")
    }
}

/// Names that begin with ck_ in the files of a folder of the package, outside of comments.
///
///   call  whether a parenthesis has to follow the name
private func names(in folder: String, endings: Set<String>, call: Bool) throws -> Set<String> {
  let found = try code(in: folder, endings: endings).flatMap { code in
    call
      ? code.matches(of: /\b(ck_[a-z0-9_]+)\(/).map { String($0.output.1) }
      : code.matches(of: /\b(ck_[a-z0-9_]+)\b/).map { String($0.output.1) }
  }
  return Set(found)
}

struct EveryKernelTests {
  @Test func kernelsThatSwiftCallsAreNamedInATest() throws {
    let declared = try names(in: "CKernels/include", endings: ["h"], call: true)
    let called = try names(in: "Sources", endings: ["swift"], call: false)
      .union(names(in: "bench", endings: ["swift"], call: false)).intersection(declared)
    let tested = try names(in: "Tests/CKernelsTests", endings: ["swift"], call: false)
    #expect(called.count > 100, "found \(declared.count) kernels, \(called.count) of them called")
    #expect(called.subtracting(tested).sorted() == [], "kernels that no test in this folder names")
  }

  @Test func noKernelHasMoreThanNineArguments() throws {
    let declared = try names(in: "CKernels/include", endings: ["h"], call: true)
    let counts = try code(in: "CKernels/include", endings: ["h"]).flatMap { code in
      code.matches(of: /\b(ck_[a-z0-9_]+)\(([^()]*)\)\s*[;{]/).map {
        (name: String($0.output.1), arguments: $0.output.2.count { $0 == "," } + 1)
      }
    }
    #expect(declared.subtracting(counts.map(\.name)).sorted() == [], "not read as declarations")
    #expect(
      counts.filter { $0.arguments > 9 }.map { "\($0.name): \($0.arguments)" } == [],
      "what belongs together goes into a struct (docs/adding-a-kernel.md)")
  }
}
