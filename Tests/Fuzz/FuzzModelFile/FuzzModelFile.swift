// Fuzz target for the model file (libFuzzer): whatever the bytes are, reading ends in a model or an error,
// and a model that is opened answers every command in finite numbers.
//
// An input is a header without its length, a NUL, and the tensors' bytes: so mutations that lengthen the
// header still reach what lies behind it. The checksum is not verified, for the same reason.
import Foundation
import OsusumeData
import OsusumeModels

/// Called by libFuzzer once, before it reads its corpus: writes valid files into the directory that
/// $FUZZ_SEEDS names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?
) -> Int32 {
  guard let directory = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
  do {
    for (number, model) in try seeds().enumerated() {
      let path = "\(directory)/seed-\(number)"
      try model.write(to: path)
      let file = try Data(contentsOf: URL(filePath: path))
      let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let input = file.dropFirst(8).prefix(length) + [0] + file.dropFirst(8 + length)
      try input.write(to: URL(filePath: path))
    }
  } catch {
    fatalError("no seeds: \(error)")
  }
  return 0
}

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  let header = input.prefix { $0 != 0 }
  let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
  for file in [input, length + header + input.dropFirst(header.count + 1)] {
    if let model = try? ModelFile(bytes: file, verifyChecksum: false).model() {
      do { try use(model) } catch {
        preconditionFailure("a model that was read is refused: \(error)")
      }
    }
  }
  return 0
}
