// Model files that were made to do harm: each is named for what it is, at no cost.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct HostileFileTests {
  /// A file of a header and some bytes of tensors.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test(arguments: [2, 1 << 32, 1 << 63, .max] as [UInt64])
  func headerLengths(length: UInt64) {
    #expect(throws: ModelFileFault.headerLength(length, fileBytes: 9)) {
      try Safetensors(file("{", length: length))
    }
  }

  @Test func tensorsThatDoNotFit() {
    let huge = "9223372036854775807"
    let cases: [(String, ModelFileFault)] = [
      (entry("F32", "[2]", "[0,4]"), .tensorSize("a", shape: [2], offsets: [0, 4])),
      (entry("F32", "[1]", "[4,0]"), .tensorSize("a", shape: [1], offsets: [4, 0])),
      (entry("F32", "[1]", "[4,8]"), .gap("a", begin: 4, expected: 0)),
      (entry("F32", "[3]", "[0,12]"), .dataLength(8, expected: 12)),
      (entry("F32", "[1]", "[0,4]"), .dataLength(8, expected: 4)),
      (entry("F16", "[4]", "[0,8]"), .dtype("a", "F16")),
      (
        entry("I64", "[\(huge)]", "[0,8]"),
        .tensorSize("a", shape: [.max], offsets: [0, 8])
      ),
      (
        entry("I64", "[4294967296,4294967296]", "[0,0]"),
        .tensorSize("a", shape: [1 << 32, 1 << 32], offsets: [0, 0])
      ),
      ("{\"dtype\":\"F32\",\"shape\":[2]}", .tensorField("a", "dtype, shape and data_offsets")),
      ("{\"dtype\":\"F32\",\"x\":[2]}", .tensorField("a", "x")),
    ]
    for (entry, fault) in cases {
      #expect(throws: fault) { try Safetensors(file("{\"a\":\(entry)}", data: 8)) }
    }
  }

  @Test func overlapsAndDuplicates() {
    let one = entry("F32", "[2]", "[0,8]")
    #expect(throws: ModelFileFault.gap("b", begin: 0, expected: 8)) {
      try Safetensors(file("{\"a\":\(one),\"b\":\(one)}", data: 8))
    }
    #expect(throws: ModelFileFault.duplicate("a", at: 55)) {
      try Safetensors(file("{\"a\":\(one) ,\"a\":\(one)}", data: 8))
    }
    #expect(throws: ModelFileFault.duplicate("k", at: 24)) {
      try Safetensors(file("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}"))
    }
  }

  @Test(arguments: [
    "[]", " {}", "{ ", "{}x", "{\"a\"}", "{\"a\":1}", "{\"a\":{\"shape\":[01]}}",
    "{\"a\":{\"shape\":[-1]}}", "{\"a\":{\"shape\":[1.0]}}",
    "{\"a\":{\"shape\":[9223372036854775808]}}",
    "{\"__metadata__\":{\"k\":1}}", "{\"__metadata__\":{\"k\":\"\\x\"}}",
    "{\"__metadata__\":{\"k\":\"\\ud800\"}}",
    "{\"__metadata__\":{\"k\":\"\\u+123\"}}", "{\"__metadata__\":{\"k\":\"\n\"}}",
    "{\"__metadata__\":{\"k\":\"",
  ])
  func headersThatAreNoJSON(header: String) {
    #expect {
      try Safetensors(file(header))
    } throws: {
      if case ModelFileFault.header = $0 { true } else { false }
    }
  }

  @Test func textThatIsNoUTF8() {
    var bytes = file("{\"__metadata__\":{\"k\":\"?\"}}")
    bytes[bytes.count - 4] = 0xFF
    #expect { try Safetensors(bytes) } throws: {
      if case ModelFileFault.header("UTF-8", _) = $0 { true } else { false }
    }
  }

  @Test func deepNestingCostsNothing() {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(throws: (any Error).self) { try Safetensors(file("{\"a\":{\"shape\":\(deep)}}")) }
    #expect(nestingOfJSON("{\"a\":[\"]]\\\"[\", {}]}") == 3)
    #expect(throws: ModelFileFault.metadata("specification")) {
      try ModelMetadata(["format_version": "1", "specification": deep])
    }
  }

  @Test func escapesMeanWhatJSONSays() throws {
    let header = #"{"__metadata__":{"k":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"}}"#
    #expect(try Safetensors(file(header)).metadata == ["k": "\"\\/\u{8}\u{c}\n\r\té😀é"])
    let text = "\u{1}\u{1f}\"\\é😀\n"
    let quoted = "{\"__metadata__\":{\"k\":\(text.quotedAsJSON)}}"
    #expect(try Safetensors(file(quoted)).metadata == ["k": text])
  }

  /// Writes a tiny model's tensors after a change, with a checksum that is right, and reads that.
  private func read(
    metadata change: (inout [String: String]) -> Void = { _ in }, tensors: (inout [Tensor]) -> Void
  ) throws -> Model {
    let model = tinyModel()
    var list = model.tensors
    var metadata = try ModelMetadata.encode(model)
    tensors(&list)
    change(&metadata)
    return try withTemporaryDirectory { directory in
      _ = try Safetensors.write(list, metadata: metadata, to: directory + "/m")
      return try ModelFile(bytes: Array(try Data(contentsOf: URL(filePath: directory + "/m"))))
        .model()
    }
  }

  /// Reads a tiny model with one tensor replaced.
  private func read(replacing tensor: Tensor) throws -> Model {
    try read { list in
      list.removeAll { $0.name == tensor.name }
      list.append(tensor)
    }
  }

  @Test func valuesOutOfRange() {
    let cases: [(Tensor, ModelFileFault)] = [
      (Tensor("mean", [Float.nan], shape: []), .notFinite("mean")),
      (Tensor("item_bias", [0, 0, -Float.infinity, 0]), .notFinite("item_factors")),
      (Tensor("item_bias", [0, 0, 3.4e38, 0] as [Float]), .range("item_factors", -1e12...1e12)),
      (Tensor("singular_values", [2, -1] as [Float]), .range("singular_values", 0...1e16)),
      (Tensor("user_ids", [1, 5, 5] as [Int64]), .idOrder("user_ids", at: 2)),
      (Tensor("user_ids", [] as [Int64]), .empty("user_ids")),
      (
        Tensor("user_ids", [1, 5] as [Int64]),
        .tensorShape("seen_offsets", [4], expected: [3])
      ),
      (Tensor("seen_offsets", [0, 3, 2, 5] as [Int32]), .offsets("seen_offsets", at: 2)),
      (Tensor("seen_offsets", [0, 2, 2, 6] as [Int32]), .offsets("seen_offsets", at: 0)),
      (Tensor("seen_offsets", [0, .min, 2, 5] as [Int32]), .offsets("seen_offsets", at: 1)),
      (Tensor("seen_items", [1, 3, 0, 1, 4] as [Int32]), .index("seen_items", at: 4)),
      (Tensor("seen_items", [-1, 3, 0, 1, 2] as [Int32]), .index("seen_items", at: 0)),
      (Tensor("seen_items", [3, 3, 0, 1, 2] as [Int32]), .index("seen_items", at: 1)),
      (Tensor("item_counts", [1, 1, 1, -1] as [Int32]), .index("item_counts", at: 3)),
      (
        Tensor("item_counts", [1, 1, 1] as [Int32]), .tensorShape("item_counts", [3], expected: [4])
      ),
      (
        Tensor("item_counts", [1, 1, 1, 1] as [Float]),
        .tensorType("item_counts", .float32, expected: .int32)
      ),
      (
        Tensor("user_factors", [Float](), shape: [0, 1 << 60]),
        .tensorShape("user_factors", [0, 1 << 60], expected: [3, 1 << 60])
      ),
      (Tensor("extra", [1] as [Float]), .tensorUnknown("extra")),
    ]
    for (tensor, fault) in cases {
      #expect(throws: fault, "\(tensor.name)") { try read(replacing: tensor) }
    }
  }

  /// Each number is in its range, and the scores of all together are not.
  @Test func scoresThatWouldOverflow() {
    #expect(throws: ModelFileFault.scores) {
      try read { list in
        list.removeAll { $0.name.hasSuffix("factors") }
        list.append(Tensor("user_factors", [Float](repeating: 1e10, count: 9), shape: [3, 3]))
        list.append(Tensor("item_factors", [Float](repeating: -1e10, count: 12), shape: [4, 3]))
      }
    }
  }

  @Test func metadataOutOfRange() throws {
    let sound = try ModelMetadata.encode(tinyModel())
    let cases: [(key: String, field: String, old: String, new: String)] = [
      ("ratings", "median", #""median":8"#, #""median":11"#),
      ("ratings", "median", #""median":8"#, #""median":"inf""#),
      ("ratings", "median", #""median":8"#, #""median":"nan""#),
      ("ratings", "highest", #""highest":10"#, #""highest":2e9"#),
      ("ratings", "lowest", #""lowest":1"#, #""lowest":11"#),
      ("ratings", "lowest", #""lowest":1"#, #""lowest":-2e9"#),
      ("ratings", "deviation", #""deviation":1"#, #""deviation":0"#),
      ("ratings", "deviation", #""deviation":1"#, #""deviation":1e300"#),
      ("hyperparameters", "epochs", #""epochs":10"#, #""epochs":-1"#),
      ("hyperparameters", "learning_rate", #""learning_rate":0.001"#, #""learning_rate":"nan""#),
      ("hyperparameters", "noise", #""noise":0.33"#, #""noise":-1"#),
      ("provenance", "rows", #""train_rows":5"#, #""train_rows":-5"#),
      (
        "provenance", "judged", #""train_rows":5"#,
        #""judged":{"train_rows":-1,"test_rows":1},"train_rows":5"#
      ),
      ("metrics", "valid_rmse", #""valid_rmse":1.25"#, #""valid_rmse":1e300"#),
      ("items", "average_rating", #""average_rating":7.9"#, #""average_rating":"inf""#),
    ]
    for (key, field, old, new) in cases {
      let text = try #require(sound[key])
      #expect(text.contains(old), "\(text)")
      #expect(throws: ModelFileFault.metadataRange(key, field: field), "\(new)") {
        try read(metadata: { $0[key] = text.replacing(old, with: new) }, tensors: { _ in })
      }
    }
  }

  @Test func mediansAndScalesOfAnyRatings() {
    let rows = IndexedRatings(users: [0, 0, 1], items: [0, 1, 1], values: [.nan, 2e38, 3e38])
    let summary = RatingSummary(rows: rows, items: 2)
    #expect(summary.median == 2.5e38 && summary.scale == 2e38...3e38)
    #expect(summary.itemCounts == [1, 2])
  }

  /// What would be refused when read is not written, and the file that was there stays.
  @Test func modelsThatWouldBeRefusedAreNotWritten() throws {
    var wrong = [Model](repeating: tinyModel(), count: 3)
    wrong[0].medianRating = .infinity
    wrong[1].deviation = .nan
    wrong[2].learned.singularValues = [-1]
    var draws = tinyModel()
    draws.learned.draws = PosteriorDraws(
      noise: [-1], userNoise: [1, 1, 1], userBiases: FloatMatrix(rows: 3, columns: 1),
      itemBiases: FloatMatrix(rows: 4, columns: 1))
    for model in wrong + [draws] {
      try withTemporaryDirectory { directory in
        let path = directory + "/m"
        try Data("as it was".utf8).write(to: URL(filePath: path))
        #expect(throws: ModelFileError.self) { try model.write(to: path) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("as it was".utf8))
      }
    }
  }

  /// What a tiny model of biases that move needs besides.
  private static var drift: [Tensor] {
    [
      Tensor("user_drift_offsets", [0, 2, 2, 3] as [Int32]),
      Tensor("user_drift_times", [10, 20, 5] as [Int64]),
      Tensor("user_drift", [1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]),
      Tensor("user_drift_memory", [60, 600] as [Float]),
      Tensor("item_drift_offsets", [0, 0, 1, 1, 1] as [Int32]),
      Tensor("item_drift_times", [7] as [Int64]),
      Tensor("item_drift", [1] as [Float], shape: [1, 1]),
      Tensor("item_drift_memory", [1e7] as [Float]),
      Tensor("drift_now", [20] as [Int64], shape: []),
    ]
  }

  /// Reads a tiny model of biases that move with some tensors replaced.
  private func readMoving(replacing tensors: [Tensor] = []) throws -> Model {
    let specification = String(
      decoding: try JSONEncoder().encode(ModelSpec.timeMF), as: UTF8.self)
    return try read(metadata: { $0["specification"] = specification }) { list in
      list += Self.drift.filter { old in !tensors.contains { $0.name == old.name } } + tensors
    }
  }

  @Test func biasesThatMoveInDisorder() throws {
    let sound = try readMoving()
    #expect(sound.learned.timeBiases?.now == 20)
    let cases: [(Tensor, ModelFileFault)] = [
      (Tensor("drift_now", [Int64.max], shape: []), .index("drift_now", at: 0)),
      (Tensor("user_drift_times", [20, 20, 5] as [Int64]), .index("user_drift_times", at: 1)),
      (Tensor("user_drift_times", [10, 20, .min] as [Int64]), .index("user_drift_times", at: 2)),
      (
        Tensor("user_drift_offsets", [0, 4, 2, 3] as [Int32]), .offsets("user_drift_offsets", at: 0)
      ),
      (
        Tensor("user_drift_offsets", [0, 2, -1, 3] as [Int32]),
        .offsets("user_drift_offsets", at: 1)
      ),
      (
        Tensor("user_drift_offsets", [0, 2, 2, 2] as [Int32]), .offsets("user_drift_offsets", at: 0)
      ),
      (
        Tensor("user_drift_memory", [60, 0] as [Float]), .range("user_drift_memory", 1e-3...1e12)
      ),
      (
        Tensor("user_drift", [1, 2, 3, 4, 5, 1e13] as [Float], shape: [3, 2]),
        .range("user_drift", -1e12...1e12)
      ),
      (Tensor("user_drift_memory", [60, .nan] as [Float]), .notFinite("user_drift_memory")),
      (
        Tensor("user_drift_memory", [60] as [Float]),
        .tensorShape("user_drift", [3, 2], expected: [3, 1])
      ),
      (Tensor("item_drift", [Float.infinity], shape: [1, 1]), .notFinite("item_drift")),
    ]
    for (tensor, fault) in cases {
      #expect(throws: fault, "\(tensor.name)") { try readMoving(replacing: [tensor]) }
    }
    let tooMany = [
      Tensor("item_drift_memory", [Float](repeating: 1, count: 5)),
      Tensor("item_drift", [Float](repeating: 1, count: 5), shape: [1, 5]),
    ]
    #expect(throws: ModelFileFault.tensorShape("item_drift_memory", [5], expected: [4])) {
      try readMoving(replacing: tooMany)
    }
    // A model whose biases move must say how, and others must not.
    #expect(throws: ModelFileFault.tensorMissing("drift_now")) {
      try read { $0 += Self.drift }
    }
  }

  @Test func stringIDsOutOfOrder() {
    let cases: [([UInt8], [Int64], ModelFileFault)] = [
      (Array("abc".utf8), [0, 1, 2, 4], .offsets("user_id_offsets", at: 0)),
      (Array("abc".utf8), [0, 2, 1, 3], .idText("user_ids", at: 1)),
      ([0x61, 0xFF, 0x63], [0, 1, 2, 3], .idText("user_ids", at: 1)),
      (Array("acb".utf8), [0, 1, 2, 3], .idOrder("user_ids", at: 2)),
      ([], [], .empty("user_ids")),
    ]
    for (bytes, offsets, fault) in cases {
      #expect(throws: fault) {
        try read { list in
          list.removeAll { $0.name == "user_ids" }
          list += [Tensor("user_ids", bytes), Tensor("user_id_offsets", offsets)]
        }
      }
    }
  }

  @Test(arguments: [
    "specification", "hyperparameters", "ratings", "provenance", "metrics", "items",
  ])
  func metadataThatIsMissingOrNonsense(key: String) {
    for text in [nil, "", "null", "{}x", "[1,", "\"\\ud800\"", "17"] {
      #expect(throws: ModelFileFault.metadata(key), "\(text ?? "missing")") {
        try read(metadata: { $0[key] = text }, tensors: { _ in })
      }
    }
  }

  @Test func otherFormats() {
    #expect(throws: ModelFileFault.formatVersion("2")) {
      try read(metadata: { $0["format_version"] = "2" }, tensors: { _ in })
    }
    #expect(throws: ModelFileFault.metadata("ratings")) {
      try read(
        metadata: { $0["ratings"] = #"{"lowest":9,"highest":1,"median":5}"# }, tensors: { _ in })
    }
    #expect(throws: ModelFileFault.noChecksum) {
      try ModelFile(bytes: file("{\"__metadata__\":{\"format\":\"pt\"}}"))
    }
  }

  @Test func aSparseFileOfTerabytesIsRefusedUnread() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m"
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      guard truncate(path, 1 << 42) == 0 else { return }  // Not on every file system.
      #expect { try ModelFile(path) } throws: {
        if case ModelFileError.tooLarge(path, bytes: 1 << 42) = $0 { true } else { false }
      }
    }
  }
}
