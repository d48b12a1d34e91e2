// Named tensors as a model file holds them.
import OsusumeData

/// Element types of the safetensors format.
public enum Dtype: String, Sendable, CaseIterable {
  /// Unsigned bytes.
  case uint8 = "U8"
  /// 32-bit integers.
  case int32 = "I32"
  /// 64-bit integers.
  case int64 = "I64"
  /// 32-bit floats.
  case float32 = "F32"
  /// 64-bit floats.
  case float64 = "F64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }
}

/// A Swift type that is an element type of the format, byte for byte (little-endian machines).
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// Its name in the format.
  static var dtype: Dtype { get }
}

extension UInt8: TensorElement {
  /// U8.
  public static var dtype: Dtype { .uint8 }
}

extension Int32: TensorElement {
  /// I32.
  public static var dtype: Dtype { .int32 }
}

extension Int64: TensorElement {
  /// I64.
  public static var dtype: Dtype { .int64 }
}

extension Float: TensorElement {
  /// F32.
  public static var dtype: Dtype { .float32 }
}

extension Double: TensorElement {
  /// F64.
  public static var dtype: Dtype { .float64 }
}

/// A named tensor to be written; it shares the memory of what it was made from.
public struct Tensor {
  /// Its name in the file.
  public let name: String
  /// Type of its elements.
  public let dtype: Dtype
  /// Its extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Bytes of all its elements.
  public let byteCount: Int
  /// Hands its elements, row-major, to a reader of bytes.
  let withBytes: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Makes a tensor of elements in row-major order; without a shape it is a vector.
  package init<Element: TensorElement>(_ name: String, _ elements: [Element], shape: [Int]? = nil) {
    self.name = name
    self.shape = shape ?? [elements.count]
    precondition(self.shape.reduce(1, *) == elements.count, "\(name): elements do not fill shape")
    dtype = Element.dtype
    byteCount = elements.count * Element.dtype.size
    withBytes = { body in try elements.withUnsafeBytes(body) }
  }

  /// Makes a tensor of the rows of a table, padding included: what is in them when it is written.
  package init(_ name: String, _ table: FloatMatrix) {
    let bytes = table.capacity * Float.dtype.size
    self.name = name
    shape = [table.rows, table.stride]
    dtype = Float.dtype
    byteCount = bytes
    withBytes = { body in try body(UnsafeRawBufferPointer(start: table.base, count: bytes)) }
  }
}
