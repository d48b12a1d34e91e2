// Symmetric affinities of vectors: how much each of two counts among the other's neighbours.
import CKernels
import Foundation
import OsusumeData

/// Symmetric affinities as compressed rows, padded for vectors.
package final class Affinities: @unchecked Sendable {
  private let offsets: [Int32]
  private let columns: [Int32]
  private let values: FloatMatrix

  /// How strengths of both ways become one: sum·(p + q) + product·p·q.
  private typealias Rule = (sum: Float, product: Float)

  /// Entries of each row, padding included: the most.
  package let mostEntries: Int

  /// t-SNE's, at a perplexity, over three times as many neighbours (van der Maaten 2014), or all there are.
  package convenience init(_ near: Neighbourhoods, perplexity: Double, threads: Int) {
    let count = min(near.count, max(1, Int(3 * perplexity)))
    let wanted = Float(min(perplexity, Double(count)))
    let conditional = Self.byRow(near, count, threads) { first, last, out in
      ck_tsne_affinities(near.distances, near.count, count, wanted, first, last, out)
    }
    self.init(
      near, count, conditional, (sum: 0.5 / Float(near.points), product: 0), threads: threads)
  }

  /// UMAP's, over so many neighbours, or all there are: the probability that at least one of two edges is
  /// there.
  package convenience init(_ near: Neighbourhoods, neighbours: Int, threads: Int) {
    let count = min(near.count, neighbours)
    var total = 0.0
    for row in 0..<near.points {
      for place in 0..<count {
        total += Double(near.distances[row * near.count + place].squareRoot())
      }
    }
    let least = Float(1e-3 * total / Double(near.points * count))
    let strengths = Self.byRow(near, count, threads) { first, last, out in
      ck_umap_strengths(near.distances, near.count, count, least, first, last, out)
    }
    self.init(near, count, strengths, (sum: 1, product: -1), threads: threads)
  }

  private init(
    _ near: Neighbourhoods, _ count: Int, _ conditional: [Float], _ rule: Rule, threads: Int
  ) {
    let points = near.points
    let own = (0..<points).flatMap { row in
      near.neighbours[row * near.count..<row * near.count + count]
    }
    let naming = Grouping(keys: own, count: points, threads: threads)
    let directed = { (body: (UnsafePointer<ck_tsne_directed>, Range<Int>, inout [Int32]) -> Void) in
      forEachRange(of: points, threads: threads) { rows in
        var marks = [Int32](repeating: 0, count: points)
        var parts = ck_tsne_directed()
        (parts.points, parts.count, parts.stride) = (points, count, count)
        (parts.sum, parts.product) = (rule.sum, rule.product)
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
    mostEntries = Int(lengths.max() ?? 0)
  }

  /// [points, count] numbers, filled in by ranges of rows.
  private static func byRow(
    _ near: Neighbourhoods, _ count: Int, _ threads: Int,
    _ fill: (_ first: Int, _ last: Int, _ out: UnsafeMutablePointer<Float>?) -> Void
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: near.points * count) { out, filled in
      // Each range of rows writes its own.
      nonisolated(unsafe) let out = out.baseAddress
      forEachRange(of: near.points, threads: threads) { fill($0.lowerBound, $0.upperBound, out) }
      filled = near.points * count
    }
  }

  /// Calls `body` with the rows, which it may read until it returns.
  package func withKernel<Result>(_ body: (UnsafePointer<ck_csr>) throws -> Result) rethrows
    -> Result
  {
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
