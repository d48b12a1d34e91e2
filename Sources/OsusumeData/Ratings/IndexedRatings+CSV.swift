// Writes rows as CSV with their original ids.
import CKernels

extension IndexedRatings {
  /// Writes `user,item,rating[,timestamp]` with a header of these names; the file appears whole.
  ///
  /// Reading it back gives the same ids, ratings and order. Errors: `OutputError`, `RatingsFault`.
  public func writeCSV(
    to path: String, userIDs: IDMap, itemIDs: IDMap, threads: Int
  ) throws {
    try check(users: userIDs.count, items: itemIDs.count)
    let users = IDTexts(userIDs)
    let items = IDTexts(itemIDs)
    let timed = !timestamps.isEmpty
    let chunks = (count + Columns.chunkRows - 1) / Columns.chunkRows
    try WholeFile.write(to: path) { output in
      try output.write(timed ? "user,item,rating,timestamp\n" : "user,item,rating\n")
      // A few chunks at a time, so that memory does not grow with the file.
      let wave = 4 * max(1, threads)
      for first in stride(from: 0, to: chunks, by: wave) {
        let rows = first * Columns.chunkRows..<min((first + wave) * Columns.chunkRows, count)
        let texts = Columns.mapRanges(rows.count, threads: threads) { range in
          text(
            range.lowerBound + rows.lowerBound..<range.upperBound + rows.lowerBound, users, items)
        }
        for text in texts { try output.write(text) }
      }
    }
  }

  private func text(_ rows: Range<Int>, _ userTexts: IDTexts, _ itemTexts: IDTexts) -> [UInt8] {
    let (first, last) = (rows.lowerBound, rows.upperBound)
    return userTexts.withKernelIDs { userIDs in
      itemTexts.withKernelIDs { itemIDs in
        timestamps.withUnsafeBufferPointer { timestamps in
          let room = ck_text_bound(users, items, first, last, userIDs, itemIDs)
          return [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            filled = ck_text_rows(
              users, items, values, timestamps.isEmpty ? nil : timestamps.baseAddress, first, last,
              userIDs, itemIDs, buffer.baseAddress)
          }
        }
      }
    }
  }
}

/// The ids of a map as CSV fields, one after the other.
private struct IDTexts {
  private var bytes = [UInt8]()
  private var offsets = [0]

  init(_ ids: IDMap) {
    offsets.reserveCapacity(ids.count + 1)
    for index in 0..<ids.count {
      bytes.append(csvField: ids[index].utf8)
      offsets.append(bytes.count)
    }
  }

  func withKernelIDs<Result>(_ body: (ck_text_ids) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      offsets.withUnsafeBufferPointer { offsets in
        body(.init(text: bytes.baseAddress, offsets: offsets.baseAddress))
      }
    }
  }
}
