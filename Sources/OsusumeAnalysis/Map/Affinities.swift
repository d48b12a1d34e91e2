// Symmetric affinities of vectors: how much each of two counts among the other's neighbours.
import CKernels
import Foundation
import OsusumeData

/// p_ij of t-SNE as compressed rows, padded for vectors.
final class Affinities: @unchecked Sendable {
  private let offsets: [Int32]
  private let columns: [Int32]
  private let values: FloatMatrix

  /// Affinities at a perplexity, over three times as many neighbours (van der Maaten 2014), or all there are.
  init(_ near: Neighbourhoods, perplexity: Double, threads: Int) {
    let (points, count) = (near.points, min(near.count, max(1, Int(3 * perplexity))))
    let conditional = Self.conditional(near, count, perplexity, threads)
    let own = (0..<points).flatMap { row in
      near.neighbours[row * near.count..<row * near.count + count]
    }
    let naming = Grouping(keys: own, count: points, threads: threads)
    let directed = { (body: (UnsafePointer<ck_tsne_directed>, Range<Int>, inout [Int32]) -> Void) in
      forEachRange(of: points, threads: threads) { rows in
        var marks = [Int32](repeating: 0, count: points)
        var parts = ck_tsne_directed()
        (parts.points, parts.count, parts.stride) = (points, count, count)
        own.withUnsafeBufferPointer { own in
          conditional.withUnsafeBufferPointer { conditional in
            naming.offsets.withUnsafeBufferPointer { starts in
              naming.order.withUnsafeBufferPointer { entries in
                parts.neighbours = own.baseAddress
                parts.p = conditional.baseAddress
                parts.starts = starts.baseAddress
                parts.entries = entries.baseAddress
                body(&parts, rows, &marks)
              }
            }
          }
        }
      }
    }
    let lengths = [Int32](unsafeUninitializedCapacity: points) { lengths, filled in
      nonisolated(unsafe) let lengths = lengths.baseAddress
      directed { ck_tsne_join_lengths($0, $1.lowerBound, $1.upperBound, &$2, lengths) }
      filled = points
    }
    var offsets: [Int32] = [0]
    for length in lengths { offsets.append(offsets[offsets.count - 1] + length) }
    let entries = Int(offsets[points])
    let values = FloatMatrix(rows: 1, columns: entries)
    columns = [Int32](unsafeUninitializedCapacity: entries) { columns, filled in
      nonisolated(unsafe) let columns = columns.baseAddress
      directed {
        ck_tsne_join($0, $1.lowerBound, $1.upperBound, &$2, offsets, columns, values.base)
      }
      filled = entries
    }
    self.offsets = offsets
    self.values = values
  }

  /// p_j|i, [points, count].
  private static func conditional(
    _ near: Neighbourhoods, _ count: Int, _ perplexity: Double, _ threads: Int
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: near.points * count) { out, filled in
      // Each range of rows writes its own.
      nonisolated(unsafe) let out = out.baseAddress
      forEachRange(of: near.points, threads: threads) { rows in
        ck_tsne_affinities(
          near.distances, near.count, count, Float(min(perplexity, Double(count))), rows.lowerBound,
          rows.upperBound, out)
      }
      filled = near.points * count
    }
  }

  /// Calls `body` with the rows, which it may read until it returns.
  func withKernel<Result>(_ body: (UnsafePointer<ck_csr>) throws -> Result) rethrows -> Result {
    try offsets.withUnsafeBufferPointer { offsets in
      try columns.withUnsafeBufferPointer { columns in
        let rows = ck_csr(
          rows: offsets.count - 1, offsets: offsets.baseAddress, columns: columns.baseAddress,
          values: values.base)
        return try withUnsafePointer(to: rows) { try body($0) }
      }
    }
  }
}
