// Python's `safetensors` opens a model file and finds in it what was written.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

/// The interpreter of $OSUSUME_PYTHON, or python3, if it has numpy and safetensors.
private let python: String? = {
  let python = ProcessInfo.processInfo.environment["OSUSUME_PYTHON"] ?? "python3"
  let output = try? run(python, "import numpy, safetensors.numpy; print('yes')")
  return output == "yes\n" ? python : nil
}()

/// The standard output of a Python program.
private func run(_ python: String, _ program: String, _ arguments: String...) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [python, "-c", program] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}

struct PythonTests {
  /// Prints every tensor as [dtype, shape, elements] by name, and the metadata, as JSON.
  private let program = """
    import json, sys
    from safetensors import safe_open
    from safetensors.numpy import load_file
    tensors = load_file(sys.argv[1])
    with safe_open(sys.argv[1], framework="numpy") as file: metadata = file.metadata()
    print(json.dumps({"metadata": metadata, "tensors": {name: [str(t.dtype), list(t.shape),
        [float(x) for x in t.ravel()]] for name, t in tensors.items()}}))
    """

  @Test(
    .enabled(if: python != nil, "needs numpy and safetensors in $OSUSUME_PYTHON or python3"),
    arguments: [false, true])
  func theSameTensors(stringIDs: Bool) throws {
    let model = tinyModel(factors: 5, stringIDs: stringIDs)
    let printed = try withTemporaryDirectory { directory in
      try model.write(to: directory + "/m")
      return try run(python ?? "python3", program, directory + "/m")
    }
    let object = try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: Any]
    let metadata = object?["metadata"] as? [String: String]
    #expect(metadata?["format_version"] == "1" && metadata?["checksum"]?.count == 64)
    let tensors = object?["tensors"] as? [String: [Any]] ?? [:]
    func expect(_ name: String, _ dtype: String, _ shape: [Int], _ elements: [Double]) {
      #expect(tensors[name]?[0] as? String == dtype, "\(name)")
      #expect(tensors[name]?[1] as? [Int] == shape, "\(name)")
      #expect((tensors[name]?[2] as? [NSNumber])?.map(\.doubleValue) == elements, "\(name)")
    }
    let p = try #require(model.parameters.factors)
    expect("user_factors", "float32", [3, 5], p.userFactors.map(Double.init))
    expect("item_factors", "float32", [4, 5], p.itemFactors.map(Double.init))
    expect("user_bias", "float32", [3], p.userBiases.map(Double.init))
    expect("item_bias", "float32", [4], p.itemBiases.map(Double.init))
    expect("mean", "float32", [], [7.25])
    expect("seen_offsets", "int32", [4], [0, 2, 2, 5])
    expect("seen_items", "int32", [5], [1, 3, 0, 1, 2])
    expect("item_counts", "int32", [4], [1, 2, 1, 1])
    if stringIDs {
      expect("user_ids", "uint8", [10], "annbobzoë".utf8.map(Double.init))
      expect("user_id_offsets", "int64", [4], [0, 3, 6, 10])
    } else {
      expect("user_ids", "int64", [3], [1, 5, 9])
      expect("item_ids", "int64", [4], [-3, 20, 30, Double(1 << 40)])
    }
    #expect(tensors.count == (stringIDs ? 12 : 10))
  }
}
