// Streams pairs in, scores out: blocks of pairs, cut into chunks that threads score and print.
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
    /// Pairs with text in the column of ratings that is no rating; nil where there is no such column, or nobody
    /// asked for it.
    public var unreadRatings: Int?
    /// The line of the first of them, and what stands there.
    public var firstUnreadRating: LineFault?
  }

  /// Answers all pairs of a text, in its order; memory does not grow with its length.
  ///
  /// Columns go by the names of a header (as in ratings files), else the first is the user and the
  /// second the item. Where the model's biases change with time, a column named timestamp holds the time of
  /// the score; with details, one of ratings is kept (`init`). Further columns are ignored. Ids are repeated, quoted
  /// where CSV asks for it. The first bad line ends it. Errors: `PairError`, `TextError`, `TextFileError`, `OutputError`.
  public func predict(
    _ pairs: LineBlocks, to output: ByteOutput, as format: Format = .csv, threads: Int
  ) throws -> Counts {
    var counts = Counts()
    var blocks = PairBlocks(
      pairs, integerIDs: users.holdsIntegers, isTimed: isTimed, wantsRatings: details != nil)
    var hasHeader = format != .csv
    while let block = try blocks.next(threads: threads) {
      if !hasHeader { try output.write(header(blocks.hasRatings)) }
      hasHeader = true
      let withDetails = blocks.hasRatings ? details : nil
      if withDetails != nil && counts.unreadRatings == nil { counts.unreadRatings = 0 }
      // Enough pairs to fill the scoring kernel, few enough to stay in L2.
      let size = 1 << 14
      let answers = mapChunks((block.count + size - 1) / size, threads: threads) { chunk in
        Result {
          try answer(
            block, chunk * size..<min((chunk + 1) * size, block.count), format, withDetails,
            file: pairs.name)
        }
      }
      for answer in answers {
        let answer = try answer.get()
        // The comma before the first element of all is one too many.
        let isFirst = format == .json && counts.rows == 0
        try output.write(isFirst ? Array(answer.text.dropFirst()) : answer.text)
        counts.rows += answer.counts.rows
        counts.cold += answer.counts.cold
        counts.unreadRatings? += answer.counts.unreadRatings ?? 0
        counts.firstUnreadRating = counts.firstUnreadRating ?? answer.counts.firstUnreadRating
      }
      if let fault = block.fault { throw PairError(fault, file: pairs.name) }
    }
    guard counts.rows > 0 else { throw PairError.noPairs(file: pairs.name) }
    return counts
  }

  /// The names of the columns.
  private func header(_ hasRatings: Bool) -> String {
    let columns =
      switch further {
      case .nothing: ""
      case .distribution: (1...max(1, classes ?? 1)).map { ",p\($0)" }.joined()
      case .interval: ",low,high"
      case .probability: ",probability"
      }
    return "user,item,score\(columns)\(hasRatings ? "," + PairDetails.columns : "")\n"
  }

  /// The answers to one chunk.
  private struct Answer {
    var text: [UInt8] = []
    var counts = Counts()
  }

  /// Scores some of a block's pairs and writes them out.
  private func answer(
    _ block: PairBlock, _ rows: Range<Int>, _ format: Format, _ details: PairDetails?,
    file: String
  ) throws -> Answer {
    var answer = Answer()
    var userRows: [Int32] = []
    var itemRows: [Int32] = []
    for row in rows {
      let user = try index(of: block.user(row), .user, .line(file, block.lines[row]))
      let item = try index(of: block.item(row), .item, .line(file, block.lines[row]))
      userRows.append(user.index)
      itemRows.append(item.index)
      if user.isCold || item.isCold { answer.counts.cold += 1 }
    }
    let times = block.times.isEmpty ? [] : Array(block.times[rows])
    let scores = scores(users: userRows, items: itemRows, at: times)
    answer.text.reserveCapacity(rows.count * 32)
    let numbers = numbers(users: userRows, items: itemRows, scores: scores)
    let width = numbers.count / max(1, rows.count)
    let wrong =
      scores.firstIndex { !$0.isFinite } ?? numbers.firstIndex { !$0.isFinite }.map { $0 / width }
    if let wrong {
      let row = rows.lowerBound + wrong
      throw PairError.notFinite(
        user: String(decoding: block.user(row), as: UTF8.self),
        item: String(decoding: block.item(row), as: UTF8.self), .line(file, block.lines[row]))
    }
    for (place, (row, score)) in zip(rows, scores).enumerated() {
      answer.text.append(
        block.user(row), block.item(row), score: clip(score), further,
        numbers[place * width..<(place + 1) * width], as: format)
      if let details {
        let text = block.rating(row)
        let rating = details.rating(text, block.delimiter)
        if case .unreadable(let reason) = rating {
          answer.counts.unreadRatings = (answer.counts.unreadRatings ?? 0) + 1
          answer.counts.firstUnreadRating =
            answer.counts.firstUnreadRating
            ?? LineFault(
              line: block.lines[row], column: nil, reason: reason,
              text: LineFault.excerpt(text ?? []))
        }
        answer.text.append(
          details, text, rating.value, score: clip(score), item: itemRows[place], as: format)
      }
      answer.text.append(contentsOf: format == .csv ? "\n".utf8 : "}".utf8)
    }
    answer.counts.rows = rows.count
    return answer
  }

  /// What follows the score of a pair.
  fileprivate enum Further: String {
    /// Nothing.
    case nothing
    /// The probability of each rating.
    case distribution
    /// The bounds of the rating.
    case interval
    /// The probability that the user likes the item.
    case probability
  }

  private var further: Further {
    withDistribution
      ? .distribution
      : givesIntervals ? .interval : givesProbabilities ? .probability : .nothing
  }

  /// The numbers that follow the score of each pair, equally many for each.
  private func numbers(users: [Int32], items: [Int32], scores: [Float]) -> [Float] {
    switch further {
    case .nothing: []
    case .distribution: scorer.distributions(users: users, items: items, threads: 1) ?? []
    case .probability: scorer.probabilities(users: users, items: items, threads: 1) ?? []
    case .interval:
      zip(scores, zip(users, items)).flatMap { score, pair in
        interval(user: pair.0, item: pair.1, around: score)
          .map { [$0.lowerBound, $0.upperBound] } ?? [.nan, .nan]
      }
    }
  }
}

extension [UInt8] {
  /// Appends one answered pair.
  fileprivate mutating func append(
    _ user: ArraySlice<UInt8>, _ item: ArraySlice<UInt8>, score: Float,
    _ further: PairPredictor.Further, _ numbers: ArraySlice<Float>, as format: PairPredictor.Format
  ) {
    switch format {
    case .csv:
      append(csvField: user)
      append(UInt8(ascii: ","))
      append(csvField: item)
      append(UInt8(ascii: ","))
      append(decimal: score)
      for number in numbers {
        append(UInt8(ascii: ","))
        append(decimal: number)
      }
    case .json:
      let user = String(decoding: user, as: UTF8.self).quotedAsJSON
      let item = String(decoding: item, as: UTF8.self).quotedAsJSON
      append(contentsOf: ",{".utf8)
      if further == .distribution || further == .interval {
        append(contentsOf: "\"\(further.rawValue)\":[".utf8)
        for number in numbers {
          append(decimal: number)
          append(UInt8(ascii: ","))
        }
        self[count - 1] = UInt8(ascii: "]")
        append(UInt8(ascii: ","))
      }
      append(contentsOf: "\"item\":\(item)".utf8)
      if further == .probability, let probability = numbers.first {
        append(contentsOf: ",\"probability\":".utf8)
        append(decimal: probability)
      }
      append(contentsOf: ",\"score\":".utf8)
      append(decimal: score)
      append(contentsOf: ",\"user\":\(user)".utf8)
    }
  }

  /// Appends what stands beside the rating of a pair; what is not known is empty, or not there.
  fileprivate mutating func append(
    _ details: PairDetails, _ text: ArraySlice<UInt8>?, _ rating: Float?, score: Float,
    item: Int32, as format: PairPredictor.Format
  ) {
    let figures = [
      ("rating", rating), ("rounded", details.rounded(score)),
      ("error", details.error(score, rating)),
    ]
    let title = details.title(item)
    switch format {
    case .csv:
      append(UInt8(ascii: ","))
      append(csvField: text ?? [])
      for (_, figure) in figures.dropFirst() {
        append(UInt8(ascii: ","))
        if let figure { append(decimal: figure) }
      }
      append(UInt8(ascii: ","))
      append(csvField: title[...])
    case .json:
      for case (let name, let figure?) in figures {
        append(contentsOf: ",\"\(name)\":".utf8)
        append(decimal: figure)
      }
      guard !title.isEmpty else { return }
      let quoted = String(decoding: title, as: UTF8.self).quotedAsJSON
      append(contentsOf: ",\"title\":\(quoted)".utf8)
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
