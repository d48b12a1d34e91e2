// Parallel passes over columns: what stands between Swift arrays and the kernels of `ck_columns.h`.
import CKernels

/// Passes over whole columns in fixed chunks; results do not depend on the number of threads.
enum Columns {
  /// Rows a worker takes at a time: a chunk's columns fit in L2, and there are enough chunks to share.
  static let chunkRows = 1 << 16

  /// Runs `body` over 0..<count in chunks.
  static func forEachRange(_ count: Int, threads: Int, _ body: (Range<Int>) -> Void) {
    forEachChunk((count + chunkRows - 1) / chunkRows, threads: threads) { chunk in
      body(chunk * chunkRows..<min((chunk + 1) * chunkRows, count))
    }
  }

  /// Runs `body` over 0..<count in chunks and returns what it returned, in order.
  static func mapRanges<Result>(
    _ count: Int, threads: Int, _ body: (Range<Int>) -> Result
  ) -> [Result] {
    array((count + chunkRows - 1) / chunkRows) { results in
      forEachRange(count, threads: threads) { range in
        (results + range.lowerBound / chunkRows).initialize(to: body(range))
      }
    }
  }

  /// An array whose places `fill` writes, all of them.
  static func array<Element>(
    _ count: Int, fill: (UnsafeMutablePointer<Element>) -> Void
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      preferHugePages(.init(buffer))
      if let base = buffer.baseAddress { fill(base) }
      filled = count
    }
  }

  /// The places at which runs of these lengths start, one after the other, and where the last ends.
  static func starts(_ lengths: [Int]) -> (places: [Int], total: Int) {
    var total = 0
    let places = lengths.map { length in
      defer { total += length }
      return total
    }
    return (places, total)
  }

  /// A stable counting sort in parts: where each key's rows start, and what `place` wrote for them.
  ///
  /// `place` gets the rows of one part, where the part's next row of each key goes, and where to. The
  /// result does not depend on `parts`; each takes 4 bytes a key.
  static func group(
    _ keys: [Int32], count: Int, parts: Int, threads: Int,
    place: (Range<Int>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Void
  ) -> (offsets: [Int32], grouped: [Int32]) {
    var offsets = [Int32](repeating: 0, count: count + 1)
    var places = [Int32](repeating: 0, count: parts * count)
    let grouped: [Int32] = array(keys.count) { grouped in
      places.withUnsafeMutableBufferPointer { places in
        guard let places = places.baseAddress else { return }
        forEachChunk(parts, threads: threads) { part in
          let range = evenRange(part, of: parts, count: keys.count)
          ck_columns_count(keys, range.lowerBound, range.upperBound, places + part * count)
        }
        ck_columns_starts(places, parts, count, &offsets)
        forEachChunk(parts, threads: threads) { part in
          place(
            evenRange(part, of: parts, count: keys.count), places + part * count, grouped)
        }
      }
    }
    return (offsets, grouped)
  }
}

extension IndexedRatings {
  /// Rows whose columns `fill` writes in full, `count` places each.
  init(count: Int, timed: Bool, fill: (ck_columns) -> Void) {
    var items = [Int32]()
    var values = [Float]()
    var timestamps = [Int64]()
    let users: [Int32] = Columns.array(count) { users in
      items = Columns.array(count) { items in
        values = Columns.array(count) { values in
          timestamps = Columns.array(timed ? count : 0) { timestamps in
            fill(
              .init(
                users: users, items: items, values: values, timestamps: timed ? timestamps : nil))
          }
        }
      }
    }
    self.init(users: users, items: items, values: values, timestamps: timestamps)
  }
}
