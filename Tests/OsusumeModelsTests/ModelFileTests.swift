// The model file: what is written comes back, and nothing else is believed.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct ModelFileTests {
  /// The bytes of a model's file.
  private func bytes(of model: Model) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
      try model.write(to: directory + "/m")
      return Array(try Data(contentsOf: URL(filePath: directory + "/m")))
    }
  }

  @Test(arguments: [0, 1, 3, 14, 15, 16, 33], [false, true])
  func everythingComesBack(factors: Int, biased: Bool) throws {
    let model = tinyModel(factors: factors, biased: biased, stringIDs: factors == 1)
    try withTemporaryDirectory { directory in
      let path = directory + "/m"
      let sha256 = try model.write(to: path)
      let file = try ModelFile(path)
      #expect(file.sha256() == sha256)
      let back = try Model.read(path)
      #expect(back.parameters.isIdentical(to: model.parameters))
      #expect(back.spec == model.spec && back.hyperparameters == model.hyperparameters)
      #expect(back.userIDs == model.userIDs && back.itemIDs == model.itemIDs)
      #expect(back.seen == model.seen && back.itemCounts == model.itemCounts)
      #expect(back.scale == model.scale && back.medianRating == model.medianRating)
      #expect(back.provenance == model.provenance && back.metrics == model.metrics)
      #expect(back.catalog.items == [model.catalog.items[0]])
      #expect(try back.write(to: directory + "/again") == sha256)
    }
  }

  @Test func layoutIsTheContracts() throws {
    let bytes = try bytes(of: tinyModel())
    let file = try Safetensors(bytes)
    #expect(file.header.upperBound % 64 == 0)
    #expect(file.tensors.map(\.bytes.count) == file.tensors.map(\.bytes.count).sorted(by: >))
    #expect(file.tensors.first?.name == "item_factors")
    let shapes = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.shape) })
    #expect(
      shapes == [
        "user_factors": [3, 3], "item_factors": [4, 3], "user_bias": [3], "item_bias": [4],
        "mean": [], "user_ids": [3], "item_ids": [4], "seen_offsets": [4], "seen_items": [5],
        "item_counts": [4],
      ])
    let header = String(decoding: bytes[file.header], as: UTF8.self)
    let names = file.tensors.map(\.name).sorted()
    let positions = names.map { header.range(of: "\"\($0)\":{")?.lowerBound }
    #expect(positions.allSatisfy { $0 != nil })
    #expect(positions.compactMap { $0 } == positions.compactMap { $0 }.sorted())
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try bytes(of: tinyModel())
    for length in 0..<bytes.count {
      #expect(throws: ModelFileFault.self, "cut at \(length)") {
        try ModelFile(bytes: Array(bytes[..<length])).model()
      }
    }
    #expect(throws: ModelFileFault.self) { try ModelFile(bytes: bytes + [0]).model() }
  }

  @Test func everyChangedByteIsAnError() throws {
    var bytes = try bytes(of: tinyModel())
    for position in bytes.indices {
      let mask: UInt8 = 1 << (position % 8)
      bytes[position] ^= mask
      #expect(throws: ModelFileFault.self, "byte \(position) changed by \(mask)") {
        try ModelFile(bytes: bytes).model()
      }
      bytes[position] ^= mask
    }
  }

  @Test func filesThatAreNoneAreNamed() throws {
    try withTemporaryDirectory { directory in
      for path in [directory, directory + "/missing", "/dev/zero"] {
        #expect { try Model.read(path) } throws: {
          guard case ModelFileError.unreadable(path, _) = $0 else { return false }
          return true
        }
      }
      let text = directory + "/text"
      try "user_id,anime_id,rating\n1,2,3\n".write(toFile: text, atomically: false, encoding: .utf8)
      #expect { try Model.read(text) } throws: {
        "\($0)".hasPrefix("\(text) is damaged or not a model")
      }
    }
  }

  @Test func aModelWiderThanTheKernelsIsNotWritten() {
    let wide = tinyModel(factors: FactorSearch.mostLanes)
    #expect(throws: ModelFileError.self) { try wide.write(to: "/nonexistent/m") }
    #expect(throws: ModelFileFault.tooWide(lanes: 4098, limit: 4096)) { try wide.check() }
  }

  @Test func aModelThatDivergedIsNotWritten() throws {
    try withTemporaryDirectory { directory in
      let model = tinyModel()
      model.parameters.tables[1][1][0] = .nan
      #expect { try model.write(to: directory + "/m") } throws: {
        guard case ModelFileError.unwritable(_, .notFinite("item_factors")) = $0 else {
          return false
        }
        return true
      }
      let entries = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(entries.isEmpty)
    }
  }
}
