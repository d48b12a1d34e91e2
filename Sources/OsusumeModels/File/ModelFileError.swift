// What can be wrong with a model file.
import Foundation
import OsusumeData

/// Why a model could not be read from or written to a file.
public enum ModelFileError: OsusumeError {
  /// The file could not be opened or read.
  case unreadable(path: String, code: Int32)
  /// The file is larger than this machine's memory can hold beside the model made from it.
  case tooLarge(path: String, bytes: Int)
  /// The file's contents are not a model's.
  case invalid(path: String, ModelFileFault)
  /// The model cannot be written: it would be refused when read.
  case unwritable(path: String, ModelFileFault)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let code):
      "cannot read the model file \(path): \(String(cString: strerror(code))); check the path"
    case .tooLarge(let path, let bytes):
      "the model file \(path) has \(bytes) bytes, more than half of this machine's memory; use a larger machine"
    case .invalid(let path, .formatVersion(let version)):
      "the model file \(path) has format \(version), which osusume \(osusumeVersion) does not know; use a newer version"
    case .invalid(let path, let fault):
      "\(path) is damaged or not a model file: \(fault); train again or restore a copy"
    case .unwritable(let path, let fault):
      "the model cannot be saved to \(path): \(fault); change the settings and train again"
    }
  }
}

/// What is wrong with a model file's contents.
public enum ModelFileFault: Error, Equatable, CustomStringConvertible {
  /// Shorter than the 8 bytes that give the header's length.
  case tooShort(bytes: Int)
  /// The header would not fit into the file, or is longer than the format allows.
  case headerLength(UInt64, fileBytes: Int)
  /// The header is longer than the format allows: too many titles.
  case headerTooLong(Int)
  /// The header is not JSON of the expected shape.
  case header(text: String, at: Int)
  /// A name occurs twice in one object of the header.
  case duplicate(String, at: Int)
  /// Something in a tensor's entry is missing or unknown.
  case tensorField(String, String)
  /// A tensor's element type is none of the format's, or none that models use.
  case dtype(String, String)
  /// A tensor's shape and its offsets do not agree, or its size cannot be counted.
  case tensorSize(String, shape: [Int], offsets: [Int])
  /// A tensor does not start where the one before it ends.
  case gap(String, begin: Int, expected: Int)
  /// The tensors do not end where the file ends.
  case dataLength(Int, expected: Int)
  /// The header lacks the checksum, so this is some other safetensors file.
  case noChecksum
  /// The contents are not those that were written.
  case checksum
  /// Written by a version of the format that this reader does not know.
  case formatVersion(String)
  /// A part of the metadata is missing or does not say what it should.
  case metadata(String)
  /// A tensor that the model needs is missing.
  case tensorMissing(String)
  /// A tensor that no model of this format has.
  case tensorUnknown(String)
  /// A tensor's elements are of another type than they should.
  case tensorType(String, Dtype, expected: Dtype)
  /// A tensor's shape does not agree with the other tensors'.
  case tensorShape(String, [Int], expected: [Int])
  /// Rows have more lanes than the kernels take.
  case tooWide(lanes: Int, limit: Int)
  /// There is nothing in a tensor that must not be empty.
  case empty(String)
  /// A parameter is NaN or infinite.
  case notFinite(String)
  /// A number is beyond what it may mean, or so large that what is computed of it overflows.
  case range(String, ClosedRange<Float>)
  /// A number of the metadata is out of its range.
  case metadataRange(String, field: String)
  /// Numbers are each in their ranges, but so large together that scores could overflow.
  case scores
  /// Ids are not strictly ascending.
  case idOrder(String, at: Int)
  /// String ids are cut outside their bytes, or are not UTF-8.
  case idText(String, at: Int)
  /// Offsets of lists do not ascend from 0 to the length of what they cut.
  case offsets(String, at: Int)
  /// An index or count lies outside its range, or a list is not strictly ascending.
  case index(String, at: Int)

  /// A clause for the middle of a sentence.
  public var description: String {
    switch self {
    case .tooShort(let bytes): "it has only \(bytes) bytes"
    case .headerLength(let length, let bytes):
      "its header claims \(length) bytes and the file has \(bytes)"
    case .headerTooLong(let bytes):
      "its header would have \(bytes) bytes and \(Safetensors.largestHeader) are allowed"
    case .header(let text, let at): "\(text) is missing at byte \(at) of the header"
    case .duplicate(let name, let at): "'\(name)' occurs twice in the header, again at byte \(at)"
    case .tensorField(let name, let field): "tensor '\(name)' has a wrong entry: \(field)"
    case .dtype(let name, let dtype): "tensor '\(name)' has the unknown element type '\(dtype)'"
    case .tensorSize(let name, let shape, let offsets):
      "tensor '\(name)' of shape \(shape) does not fill its bytes \(offsets)"
    case .gap(let name, let begin, let expected):
      "tensor '\(name)' starts at byte \(begin) instead of \(expected)"
    case .dataLength(let bytes, let expected):
      "it holds \(bytes) bytes of tensors instead of \(expected)"
    case .noChecksum: "its header has no checksum"
    case .checksum: "its checksum does not match its contents"
    case .formatVersion(let version): "its format is '\(version)'"
    case .metadata(let key): "'\(key)' in its metadata is missing or unreadable"
    case .tensorMissing(let name): "tensor '\(name)' is missing"
    case .tensorUnknown(let name): "tensor '\(name)' is unknown"
    case .tensorType(let name, let dtype, let expected):
      "tensor '\(name)' is of type \(dtype.rawValue) instead of \(expected.rawValue)"
    case .tensorShape(let name, let shape, let expected):
      "tensor '\(name)' has shape \(shape) instead of \(expected)"
    case .tooWide(let lanes, let limit):
      "its rows have \(lanes) lanes, biases included, and \(limit) are allowed"
    case .empty(let name): "'\(name)' is empty"
    case .notFinite(let name): "'\(name)' holds a number that is not finite"
    case .range(let name, let allowed):
      "'\(name)' holds a number outside \(allowed.lowerBound) to \(allowed.upperBound)"
    case .metadataRange(let key, let field):
      "'\(field)' of '\(key)' in its metadata is out of its range"
    case .scores: "its numbers are so large that scores would overflow"
    case .idOrder(let name, let at): "'\(name)' does not ascend at position \(at)"
    case .idText(let name, let at): "'\(name)' holds no text at position \(at)"
    case .offsets(let name, let at): "'\(name)' is no list of offsets at position \(at)"
    case .index(let name, let at): "'\(name)' is out of range or order at position \(at)"
    }
  }
}
