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
      append(ids[index])
      offsets.append(bytes.count)
    }
  }

  /// By bytes: a quote and a combining mark after it are one character, but two in the file.
  private mutating func append(_ text: String) {
    let quote = UInt8(ascii: "\"")
    let needsQuotes = text.utf8.contains { $0 == quote || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d }
    guard needsQuotes else { return bytes += text.utf8 }
    bytes.append(quote)
    for byte in text.utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  func withKernelIDs<Result>(_ body: (ck_text_ids) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      offsets.withUnsafeBufferPointer { offsets in
        body(.init(text: bytes.baseAddress, offsets: offsets.baseAddress))
      }
    }
  }
}
