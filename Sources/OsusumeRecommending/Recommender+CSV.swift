// Recommendations for many users as CSV, made in parallel and written in order.
import OsusumeData
import OsusumeModels

extension Recommender {
  /// Writes `user,rank,item,score` for the `count` best items of each user, in the order given.
  ///
  /// Works through users in blocks, so memory does not grow with their number. Returns the rows written.
  ///
  /// Errors: `OutputError`, `RatingsFault` for a user that there is not, `SettingError` for a count out of range.
  public func writeCSV(
    top count: Int, for users: [Int32], leavingOut ways: Set<Meeting> = .all, to output: ByteOutput,
    threads: Int
  ) throws -> Int {
    try SettingError.check("top", count, in: Self.counts)
    try users.check("user", count: model.userIDs.count)
    let itemIDs = (0..<model.itemIDs.count).map { Array(model.itemIDs[$0].csvField.utf8) }
    // About a million rows a block: some 25 MB of text.
    let block = max(1, (1 << 20) / max(1, count))
    let chunk = 1024
    var rows = 0
    try output.write("user,rank,item,score\n")
    for low in stride(from: 0, to: users.count, by: block) {
      let part = Array(users[low..<min(low + block, users.count)])
      let top = try rank(count, for: part, leavingOut: ways, threads: threads)
      let texts = mapChunks((part.count + chunk - 1) / chunk, threads: threads) { number in
        let places = number * chunk..<min((number + 1) * chunk, part.count)
        return lines(top, places: places, users: part, itemIDs: itemIDs)
      }
      for text in texts { try output.write(text) }
      rows += top.items.count { $0 >= 0 }
    }
    return rows
  }

  /// The lines of the users at some places of a ranking.
  private func lines(
    _ top: TopItems, places: Range<Int>, users: [Int32], itemIDs: [[UInt8]]
  ) -> [UInt8] {
    let ranks = (0..<top.width).map { Array(",\($0 + 1),".utf8) }
    var text: [UInt8] = []
    text.reserveCapacity(places.count * top.width * 28)
    for place in places {
      let user = model.userIDs[Int(users[place])].csvField.utf8
      for rank in 0..<top.width {
        let item = top.items[place * top.width + rank]
        guard item >= 0 else { break }
        text += user
        text += ranks[rank]
        text += itemIDs[Int(item)]
        text.append(UInt8(ascii: ","))
        text.append(decimal: shown(top.scores[place * top.width + rank]))
        text.append(UInt8(ascii: "\n"))
      }
    }
    return text
  }
}
