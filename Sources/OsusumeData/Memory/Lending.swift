// Lends columns and compressed rows to kernels, as the structs that they read.
import CKernels

extension IndexedRatings {
  /// Calls `body` with the columns, which it may read until it returns.
  package func withKernel<Result>(
    _ body: (UnsafePointer<ck_ratings>) throws -> Result
  ) rethrows -> Result {
    try users.withUnsafeBufferPointer { users in
      try items.withUnsafeBufferPointer { items in
        try values.withUnsafeBufferPointer { values in
          try timestamps.withUnsafeBufferPointer { timestamps in
            let columns = ck_ratings(
              users: users.baseAddress, items: items.baseAddress, values: values.baseAddress,
              timestamps: timestamps.isEmpty ? nil : timestamps.baseAddress)
            return try withUnsafePointer(to: columns) { try body($0) }
          }
        }
      }
    }
  }
}

extension ck_csr {
  /// Calls `body` with compressed rows made of arrays, which it may read until it returns.
  package static func lend<Result>(
    offsets: [Int32], columns: [Int32], values: [Float]? = nil,
    to body: (UnsafePointer<ck_csr>) throws -> Result
  ) rethrows -> Result {
    try offsets.withUnsafeBufferPointer { starts in
      try columns.withUnsafeBufferPointer { columns in
        try (values ?? []).withUnsafeBufferPointer { numbers in
          let rows = ck_csr(
            rows: starts.count - 1, offsets: starts.baseAddress, columns: columns.baseAddress,
            values: values == nil ? nil : numbers.baseAddress)
          return try withUnsafePointer(to: rows) { try body($0) }
        }
      }
    }
  }
}

extension CompressedRows {
  /// Calls `body` with the rows, which it may read until it returns; `values` has a number for each
  /// column.
  package func withKernel<Result>(
    values: [Float]? = nil, _ body: (UnsafePointer<ck_csr>) throws -> Result
  ) rethrows -> Result {
    try ck_csr.lend(offsets: offsets, columns: columns, values: values, to: body)
  }
}

extension Grouping {
  /// Calls `body` with the row numbers of each key, which it may read until it returns.
  package func withKernel<Result>(
    _ body: (UnsafePointer<ck_csr>) throws -> Result
  ) rethrows -> Result {
    try ck_csr.lend(offsets: offsets, columns: order, to: body)
  }
}
