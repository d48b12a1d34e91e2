// Files of JSON that people write: what is no such file is refused before it is read, by both readers alike.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct SmallJSONTests {
  /// What each reader says of a file.
  private func faults(_ path: String) throws -> [String] {
    let specification = #expect(throws: SpecificationError.self) { try ModelSpec.read(path) }
    let space = #expect(throws: SearchSpaceError.self) { try SearchSpace.read(path, for: .mf) }
    return ["\(try #require(specification))", "\(try #require(space))"]
  }

  @Test func whatIsNoSmallFileIsRefused() throws {
    try withTemporaryDirectory { folder in
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      let spaces = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
      try Data(spaces + Array("{}".utf8)).write(to: URL(filePath: folder + "/large"))
      // A pipe without a writer keeps nobody waiting.
      for path in [folder, folder + "/pipe", folder + "/large", "/dev/zero"] {
        for fault in try faults(path) {
          #expect(fault.contains("it is not a file of at most a megabyte"), "\(fault)")
        }
      }
      for fault in try faults(folder + "/none") {
        #expect(fault.contains("cannot read") && fault.contains("No such file"), "\(fault)")
      }
    }
  }

  @Test func deepNestingIsRefused() throws {
    try withTemporaryDirectory { folder in
      let deep = String(repeating: "[", count: 100_000)
      try Data(#"{"factors": \#(deep)"#.utf8).write(to: URL(filePath: folder + "/deep"))
      for fault in try faults(folder + "/deep") {
        #expect(fault.contains("nested too deeply"), "\(fault)")
      }
    }
  }

  @Test func aMegabyteIsRead() throws {
    try withTemporaryDirectory { folder in
      let text = #"{"name": "a", "formula": "p·q", "fit": "minibatch"}"#
      let blanks = String(repeating: " ", count: (1 << 20) - text.utf8.count)
      try Data((text + blanks).utf8).write(to: URL(filePath: folder + "/spec.json"))
      #expect(try ModelSpec.read(folder + "/spec.json").score == .dot)
    }
  }
}
