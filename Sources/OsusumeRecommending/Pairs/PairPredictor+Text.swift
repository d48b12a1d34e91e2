// Streams pairs in, scores out: blocks of lines, cut into chunks that threads parse, score and print.
import OsusumeData
import OsusumeModels

extension PairPredictor {
  /// How scores are written.
  public enum Format: Sendable {
    /// `user,item,score` under a header.
    case csv
    /// The elements of a JSON array: objects of user, item and score, commas between them.
    case json
  }

  /// How many pairs were answered.
  public struct Counts: Sendable, Equatable {
    /// Pairs.
    public var rows = 0
    /// Pairs whose user or item the model does not know.
    public var cold = 0
  }

  /// Answers all pairs of a text, in its order; memory does not grow with its length.
  ///
  /// Columns go by the names of a header (as in ratings files), else the first is the user and the
  /// second the item. Where the model's biases change with time, a column named timestamp holds the time of
  /// the score; further columns are ignored. Ids are repeated as they were written. The first bad
  /// line ends it. Errors: `PairError`, `TextError`, `OutputError`.
  public func predict(
    _ pairs: LineBlocks, to output: ByteOutput, as format: Format = .csv, threads: Int
  ) throws -> Counts {
    var counts = Counts()
    var layout: PairLayout?
    var line = 1
    if format == .csv {
      let columns =
        withDistribution
        ? (1...max(1, classes ?? 1)).map { ",p\($0)" }.joined() : givesIntervals ? ",low,high" : ""
      try output.write("user,item,score\(columns)\n")
    }
    while let block = try pairs.next() {
      var start = 0
      if layout == nil {
        let (found, body) = try firstLine(of: block, file: pairs.name)
        (layout, start, line) = (found, body, found.hasHeader ? 2 : 1)
      }
      guard let layout else { break }
      let chunks = Self.chunks(of: block, from: start, line: &line)
      let answers = mapChunks(chunks.count, threads: threads) { number in
        let (range, line) = chunks[number]
        return Result {
          try answer(PairLines(block, range, layout, firstLine: line), format, file: pairs.name)
        }
      }
      for answer in answers {
        let answer = try answer.get()
        // The comma before the first element of all is one too many.
        let isFirst = format == .json && counts.rows == 0
        try output.write(isFirst ? Array(answer.text.dropFirst()) : answer.text)
        counts.rows += answer.counts.rows
        counts.cold += answer.counts.cold
      }
    }
    guard counts.rows > 0 else { throw PairError.noPairs(file: pairs.name) }
    return counts
  }

  /// The answers to one chunk.
  private struct Answer {
    var text: [UInt8] = []
    var counts = Counts()
  }

  /// The layout, and where the first line after the header starts.
  private func firstLine(of block: [UInt8], file: String) throws -> (PairLayout, body: Int) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = block.starts(with: mark) ? mark.count : 0
    let end = block[start...].firstIndex(of: UInt8(ascii: "\n")) ?? block.endIndex
    var layout = try PairLayout(
      firstLine: block[start..<end].trimmed, file: file, integerIDs: users.holdsIntegers)
    if !isTimed { layout.time = nil }
    return (layout, layout.hasHeader ? min(end + 1, block.endIndex) : start)
  }

  /// Cuts a block behind line ends, and numbers the first line of each chunk from `line` on.
  ///
  /// 256 KiB, some 20,000 pairs: enough to fill the scoring kernel, little enough to stay in L2.
  private static func chunks(
    of block: [UInt8], from start: Int, size: Int = 256 << 10, line: inout Int
  ) -> [(Range<Int>, line: Int)] {
    let lineEnd = UInt8(ascii: "\n")
    var chunks: [(Range<Int>, line: Int)] = []
    var low = start
    while low < block.count {
      let wanted = min(low + size, block.count)
      let high = block[(wanted - 1)...].firstIndex(of: lineEnd).map { $0 + 1 } ?? block.count
      chunks.append((low..<high, line))
      line += block[low..<high].withUnsafeBufferPointer { bytes in
        bytes.reduce(0) { $0 + ($1 == lineEnd ? 1 : 0) }
      }
      low = high
    }
    return chunks
  }

  /// Parses a chunk, scores its pairs and writes them out.
  private func answer(_ chunk: PairLines, _ format: Format, file: String) throws -> Answer {
    var chunk = chunk
    var answer = Answer()
    var pairs: [PairLines.Pair] = []
    var userRows: [Int32] = []
    var itemRows: [Int32] = []
    var times: [Int64] = []
    var lines: [Int] = []
    do {
      while let pair = try chunk.next() {
        let user = try index(of: pair.user.text, .user, .line(file, chunk.line))
        let item = try index(of: pair.item.text, .item, .line(file, chunk.line))
        if let time = pair.time { times.append(try self.time(time.text, .line(file, chunk.line))) }
        pairs.append(pair)
        lines.append(chunk.line)
        userRows.append(user.index)
        itemRows.append(item.index)
        if user.isCold || item.isCold { answer.counts.cold += 1 }
      }
    } catch let fault as PairLines.Fault {
      let place = PairError.Place.line(file, chunk.line)
      throw fault == .quote ? PairError.quote(place) : PairError.columns(place)
    }
    let scores = scores(users: userRows, items: itemRows, at: times)
    answer.text.reserveCapacity(pairs.count * 32)
    let further = further(users: userRows, items: itemRows, scores: scores)
    let width = further.numbers.count / max(1, pairs.count)
    let wrong =
      scores.firstIndex { !$0.isFinite }
      ?? further.numbers.firstIndex { !$0.isFinite }.map { $0 / width }
    if let wrong {
      throw PairError.notFinite(
        user: String(decoding: pairs[wrong].user.text, as: UTF8.self),
        item: String(decoding: pairs[wrong].item.text, as: UTF8.self), .line(file, lines[wrong]))
    }
    for (place, (pair, score)) in zip(pairs, scores).enumerated() {
      answer.text.append(
        pair.user, pair.item, score: clip(score), further.name,
        further.numbers[place * width..<(place + 1) * width], as: format)
    }
    answer.counts.rows = pairs.count
    return answer
  }

  /// The numbers that follow the score of each pair, equally many for each, and their name.
  private func further(
    users: [Int32], items: [Int32], scores: [Float]
  ) -> (name: String, numbers: [Float]) {
    if withDistribution {
      return ("distribution", scorer.distributions(users: users, items: items, threads: 1) ?? [])
    }
    guard givesIntervals else { return ("interval", []) }
    let bounds = zip(scores, zip(users, items)).map { score, pair in
      interval(user: pair.0, item: pair.1, around: score)
    }
    return (
      "interval", bounds.flatMap { $0.map { [$0.lowerBound, $0.upperBound] } ?? [.nan, .nan] }
    )
  }
}

extension [UInt8] {
  /// Appends one answered pair.
  fileprivate mutating func append(
    _ user: PairLines.Field, _ item: PairLines.Field, score: Float, _ name: String,
    _ further: ArraySlice<Float>, as format: PairPredictor.Format
  ) {
    switch format {
    case .csv:
      append(contentsOf: user.raw)
      append(UInt8(ascii: ","))
      append(contentsOf: item.raw)
      append(UInt8(ascii: ","))
      append(decimal: score)
      for number in further {
        append(UInt8(ascii: ","))
        append(decimal: number)
      }
      append(UInt8(ascii: "\n"))
    case .json:
      let user = String(decoding: user.text, as: UTF8.self).quotedAsJSON
      let item = String(decoding: item.text, as: UTF8.self).quotedAsJSON
      append(contentsOf: ",{".utf8)
      if !further.isEmpty {
        append(contentsOf: "\"\(name)\":[".utf8)
        for number in further {
          append(decimal: number)
          append(UInt8(ascii: ","))
        }
        self[count - 1] = UInt8(ascii: "]")
        append(UInt8(ascii: ","))
      }
      append(contentsOf: "\"item\":\(item),\"score\":".utf8)
      append(decimal: score)
      append(contentsOf: ",\"user\":\(user)}".utf8)
    }
  }

  /// Appends a number with at most six decimals, more than a float32 has on any scale of ratings.
  mutating func append(decimal number: Float) {
    let millionths = (Double(number) * 1e6).rounded()
    guard abs(millionths) < 1e15 else {
      append(contentsOf: "\(number)".utf8)
      return
    }
    if millionths < 0 { append(UInt8(ascii: "-")) }
    let (whole, fraction) = UInt64(abs(millionths)).quotientAndRemainder(dividingBy: 1_000_000)
    append(whole: whole)
    append(UInt8(ascii: "."))
    var place: UInt64 = 100_000
    var rest = fraction
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest / place))
      rest %= place
      place /= 10
    } while rest > 0
  }

  private mutating func append(whole: UInt64) {
    if whole >= 10 { append(whole: whole / 10) }
    append(UInt8(ascii: "0") + UInt8(whole % 10))
  }
}
