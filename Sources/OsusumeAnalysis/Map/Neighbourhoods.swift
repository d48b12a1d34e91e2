// The nearest of every vector, with their distances: what maps of neighbours start from.
import CKernels
import OsusumeData
import OsusumeModels

/// The nearest vectors of each vector, itself left out, nearest first.
package final class Neighbourhoods: @unchecked Sendable {
  /// Number of vectors.
  package let points: Int
  /// Neighbours of each.
  package let count: Int
  /// Indices, [points, count].
  package let neighbours: [Int32]
  /// Squared distances, [points, count].
  package let distances: [Float]

  /// Finds the `count` nearest of each of some vectors, at least one and fewer than there are, exactly.
  package init(_ vectors: FactorVectors, count: Int, threads: Int) {
    precondition(count >= 1 && count < vectors.count)
    points = vectors.count
    self.count = count
    let neighbours = NeighbourSearch(vectors, by: .euclid).nearest(
      count, to: (0..<Int32(vectors.count)).map { $0 }, threads: threads)
    distances = [Float](unsafeUninitializedCapacity: neighbours.count) { out, filled in
      // Each range of rows writes its own distances.
      nonisolated(unsafe) let out = out.baseAddress
      let (points, table) = (vectors.count, vectors.table)
      forEachRange(of: points, threads: threads) { rows in
        ck_tsne_distances(
          table.base, table.stride, neighbours, count, rows.lowerBound, rows.upperBound, out)
      }
      filled = neighbours.count
    }
    self.neighbours = neighbours
  }
}

/// Runs `body` for ranges that together are 0..<count, side by side.
func forEachRange(of count: Int, threads: Int, _ body: (Range<Int>) -> Void) {
  let parts = min(64, max(1, count))
  forEachChunk(parts, threads: threads) { body(evenRange($0, of: parts, count: count)) }
}
