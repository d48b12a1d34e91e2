// Recommendations for many users as CSV, made in parallel and written in order.
import OsusumeData

extension Recommender {
  /// Writes `user,rank,item,score` for the `count` best items of each user, in the order given.
  ///
  /// Scores are raw and written with as many digits as it takes to read the same float back. Works
  /// through users in blocks, so memory does not grow with their number. Returns the rows written.
  ///
  /// Errors: those of `output`.
  public func writeCSV(
    top count: Int, for users: [Int32], excludeSeen: Bool = true, to output: ByteOutput,
    threads: Int
  ) throws -> Int {
    let itemIDs = (0..<model.itemIDs.count).map { Self.field(model.itemIDs[$0]) }
    // About a million rows a block: some 25 MB of text.
    let block = max(1, (1 << 20) / max(1, count))
    var rows = 0
    try output.write("user,rank,item,score\n")
    for low in stride(from: 0, to: users.count, by: block) {
      let part = Array(users[low..<min(low + block, users.count)])
      let top = rank(count, for: part, excludeSeen: excludeSeen, threads: threads)
      for text in lines(top, users: part, itemIDs: itemIDs, threads: threads) {
        try output.write(text)
      }
      rows += top.items.count { $0 >= 0 }
    }
    return rows
  }

  /// The lines of a block of users, in pieces.
  private func lines(
    _ top: TopItems, users: [Int32], itemIDs: [[UInt8]], threads: Int
  ) -> [[UInt8]] {
    let piece = 1024
    let pieces = (users.count + piece - 1) / piece
    var texts = [[UInt8]](repeating: [], count: pieces)
    texts.withUnsafeMutableBufferPointer { texts in
      // Each piece writes its own text.
      nonisolated(unsafe) let texts = texts
      forEachChunk(pieces, threads: threads) { chunk in
        let rows = chunk * piece..<min((chunk + 1) * piece, users.count)
        texts[chunk] = lines(top, rows: rows, users: users, itemIDs: itemIDs)
      }
    }
    return texts
  }

  private func lines(
    _ top: TopItems, rows: Range<Int>, users: [Int32], itemIDs: [[UInt8]]
  ) -> [UInt8] {
    let comma = UInt8(ascii: ",")
    var text: [UInt8] = []
    text.reserveCapacity(rows.count * top.width * 28)
    for row in rows {
      let user = Self.field(model.userIDs[Int(users[row])])
      for place in 0..<top.width {
        let item = top.items[row * top.width + place]
        guard item >= 0 else { break }
        text += user
        text.append(comma)
        text += String(place + 1).utf8
        text.append(comma)
        text += itemIDs[Int(item)]
        text.append(comma)
        text += top.scores[row * top.width + place].description.utf8
        text.append(UInt8(ascii: "\n"))
      }
    }
    return text
  }

  /// An id as a CSV field, quoted where it has to be (RFC 4180).
  private static func field(_ id: String) -> [UInt8] {
    guard id.utf8.contains(where: { [",", "\"", "\n", "\r"].contains(UnicodeScalar($0)) }) else {
      return Array(id.utf8)
    }
    return Array("\"\(id.replacing("\"", with: "\"\""))\"".utf8)
  }
}
