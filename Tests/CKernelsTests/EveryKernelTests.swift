// Every kernel that Swift calls is named in a test of its own.
import Foundation
import Testing

/// The package, by where this file stands.
private let package = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// Names that begin with ck_ in the files of a folder of the package, outside of comments.
///
///   call  whether a parenthesis has to follow the name
private func names(in folder: String, endings: Set<String>, call: Bool) throws -> Set<String> {
  let files = FileManager.default.enumerator(
    at: package.appending(path: folder), includingPropertiesForKeys: nil)
  let found = try (files?.allObjects ?? []).compactMap { $0 as? URL }
    .filter { endings.contains($0.pathExtension) }
    .flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
    .flatMap { line in
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
      return call
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
}
