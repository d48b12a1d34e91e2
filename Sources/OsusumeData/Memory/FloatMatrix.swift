// Memory for tables of float32 rows: cache-line aligned, rows padded to 16 floats.
import Foundation

/// A row-major float32 matrix, 64-byte aligned, rows padded to a multiple of 16 floats.
///
/// Starts as zeros. Shared by reference; who writes to it while others read is the owner's business.
public final class FloatMatrix: @unchecked Sendable {
  /// Number of rows.
  public let rows: Int
  /// Lanes in use in each row.
  public let columns: Int
  /// Floats from one row to the next: columns rounded up to a multiple of 16, at least 16.
  public let stride: Int
  /// The first element of the first row.
  public let base: UnsafeMutablePointer<Float>

  /// Makes a zeroed matrix.
  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    self.stride = Self.stride(columns: columns)
    let bytes = max(64, rows * stride * MemoryLayout<Float>.stride)
    // Tables beyond a few megabytes ask for huge pages: rows are met at random, and 4 KiB pages would
    // miss the TLB at nearly every row.
    let hugePage = 2 << 20
    let alignment = bytes >= 2 * hugePage ? hugePage : 64
    var raw: UnsafeMutableRawPointer?
    guard posix_memalign(&raw, alignment, bytes) == 0, let raw else {
      fatalError("out of memory: \(bytes) bytes for a matrix of \(rows) x \(columns)")
    }
    #if os(Linux)
      if alignment == hugePage { madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    memset(raw, 0, bytes)
    base = raw.assumingMemoryBound(to: Float.self)
  }

  deinit { free(base) }

  /// Floats from one row of `columns` lanes to the next.
  package static func stride(columns: Int) -> Int { max(16, (columns + 15) / 16 * 16) }

  /// Floats held, padding included.
  public var capacity: Int { rows * stride }

  /// One row, padding included.
  public subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(row >= 0 && row < rows)
    return .init(start: base + row * stride, count: stride)
  }

  /// A matrix with the same contents in memory of its own.
  public func copy() -> FloatMatrix {
    let other = FloatMatrix(rows: rows, columns: columns)
    memcpy(other.base, base, capacity * MemoryLayout<Float>.stride)
    return other
  }
}
