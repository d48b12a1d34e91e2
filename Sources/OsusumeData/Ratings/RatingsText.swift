// The text of a ratings file as a table, whatever shape it came in: a table, rows of JSON, Netflix's files.
import CKernels
import Foundation

/// A ratings file's bytes, ready to be parsed as a table.
struct RatingsText {
  /// What errors call it.
  let name: String
  /// The table, inflated and translated where that was needed.
  private(set) var bytes: FileBytes
  /// Its layout, ids read as integers unless the format forbids it.
  private(set) var layout: TableLayout
  /// Bad lines found while translating, by number of line.
  private(set) var faults: [LineFault] = []
  /// Number of bad lines found while translating, for each status.
  private(set) var faultCounts = [Int](repeating: 0, count: Int(CK_INGEST_STATUSES.rawValue))
  /// SHA-256 of the bytes as they are on disk, where it is known already.
  private(set) var sha256: String?
  /// Its bytes as on disk; none of a folder.
  private(set) var stored: FileBytes?
  /// The names of its fields, where it is no table.
  private(set) var fields: [String]?
  /// The files it is made of and the line each one starts at, where they are several.
  private var files: [(name: String, line: Int)] = []
  /// The file, where it is a table.
  private var file: TextFile?
  /// The lines of a table whose records go over several of them.
  private var joined: JoinedLines?

  /// Opens a file, or the Netflix Prize files of a folder.
  ///
  /// Errors: `RatingsFileError`.
  init(_ path: String, format: TableFormat, faultLimit: Int, threads: Int) throws {
    if let files = try NetflixFiles(folder: path) {
      try self.init(files.sources, as: files, format: format, faultLimit, threads)
      return
    }
    // Bytes that are not UTF-8 matter in ids alone, where they are found as ids are numbered.
    let file = try TextFile(path, lookAhead: 1 << 16)
    let (stored, text) = (file.stored, file.text)
    if let netflix = NetflixFiles(text) {
      try self.init([(stored, text)], as: netflix, format: format, faultLimit, threads)
    } else if let objects = try JSONLines(text, format: format) {
      try self.init([(stored, text)], as: objects, format: format, faultLimit, threads)
    } else {
      self.init(table: file, layout: try TableLayout(text, format: format))
    }
  }

  private init(table: TextFile, layout: TableLayout) {
    name = table.text.name
    bytes = table.text
    stored = table.stored
    file = table
    self.layout = layout
  }

  /// What to say of its encoding, if anything.
  var note: String? { file?.note }

  /// Converts a table in which an id has turned out not to be UTF-8; whether it was in another encoding.
  ///
  /// Errors: `TextFileError`, `RatingsFileError`.
  mutating func convert(_ format: TableFormat) throws -> Bool {
    guard try file?.convert() == true, let file else { return false }
    bytes = file.text
    joined = nil
    layout = try TableLayout(bytes, format: format)
    return true
  }

  /// Takes line ends inside the quotes of a table out of the parser's way; whether there were any, and it was
  /// not done before.
  mutating func join() -> Bool {
    guard joined == nil, file != nil else { return false }
    let copy = FileBytes(name, copying: bytes.bytes)
    let lines = JoinedLines(
      joining: .init(mutating: copy.bytes), from: layout.body, layout.kernel,
      firstLine: layout.firstLine)
    joined = lines
    if lines.count > 0 { bytes = copy }
    return lines.count > 0
  }

  /// The number that a line of the table has in the file.
  func number(_ line: Int) -> Int { joined?.number(line) ?? line }

  /// Whether lines have other numbers in the file.
  var isJoined: Bool { joined.map { $0.count > 0 } ?? false }

  /// Translates files into one table, chunk by chunk.
  private init(
    _ sources: [(stored: FileBytes, text: FileBytes)], as shape: any TranslatedShape,
    format: TableFormat, _ faultLimit: Int, _ threads: Int
  ) throws {
    name = shape.name
    layout = TableLayout(
      columns: shape.columns, feedback: shape.feedback, needsTimes: shape.needsTimes,
      format: format)
    fields = shape.fields
    let chunks = sources.enumerated().flatMap { number, source in
      stride(from: 0, to: source.text.bytes.count, by: ParsedRows.chunkSize)
        .map { Chunk(source: number, begin: $0) }
    }
    let starts = shape.starts(of: chunks, in: sources.map(\.text), threads: threads)
    let digest = SHA256()
    var pieces = [Piece](repeating: Piece(), count: chunks.count)
    pieces.withUnsafeMutableBufferPointer { pieces in
      nonisolated(unsafe) let pieces = pieces
      forEachChunk(chunks.count + 1, threads: threads) { task in
        guard task > 0 else { return sources.forEach { digest.update($0.stored.bytes) } }
        let chunk = chunks[task - 1]
        pieces[task - 1] = Piece(
          chunk, of: sources[chunk.source].text, start: starts.isEmpty ? 0 : starts[task - 1],
          faultLimit: faultLimit, shape)
      }
    }
    sha256 = digest.hexadecimal()
    bytes = try FileBytes(joining: pieces.map(\.text), name: shape.name, threads: threads)
    guard bytes.bytes.count > 0 else { throw RatingsFileError.empty(file: shape.name) }
    var line = 1
    for (piece, chunk) in zip(pieces, chunks) {
      if sources.count > 1, chunk.begin == 0 {
        files.append((sources[chunk.source].text.name, line))
      }
      for (status, count) in piece.faultCounts.enumerated() { faultCounts[status] += count }
      let source = sources[chunk.source].text.bytes
      for fault in piece.faults.prefix(max(1, faultLimit) - faults.count) {
        let begin = Int(fault.offset)
        faults.append(
          LineFault(
            line: line + Int(fault.line), column: fault.column == 0 ? nil : Int(fault.column),
            reason: LineFault.Reason(rawValue: fault.status.rawValue) ?? .columns,
            text: LineFault.excerpt(source[begin..<begin + Int(fault.length)])))
      }
      line += piece.lines
    }
  }

  /// The file and the line in it that a fault is about, its column by name where it has one.
  func located(_ fault: LineFault) -> (file: String, fault: LineFault) {
    var fault = fault
    fault.line = number(fault.line)
    if let fields, let column = fault.column, fields.indices.contains(column - 1) {
      fault.field = fields[column - 1]
    }
    guard let file = files.last(where: { $0.line <= fault.line }) else { return (name, fault) }
    fault.line -= file.line - 1
    return (file.name, fault)
  }
}

/// A shape of ratings files that is no table, and how it becomes one.
protocol TranslatedShape {
  /// What errors call the file.
  var name: String { get }
  /// The column of each role, −1 where there is none.
  var columns: [Int32] { get }
  /// What rows say.
  var feedback: Feedback { get }
  /// Whether timestamps were asked for.
  var needsTimes: Bool { get }
  /// The names of the columns.
  var fields: [String] { get }
  /// What a chunk has to know of those before it; empty where that is nothing.
  func starts(of chunks: [Chunk], in texts: [FileBytes], threads: Int) -> [Int64]
  /// Bytes that a chunk may become.
  var room: Int { get }
  /// Writes a line for each line that starts in a chunk (`ck_translate.h`).
  func translate(
    _ chunk: Chunk, of text: UnsafeRawBufferPointer, start: Int64,
    to out: UnsafeMutablePointer<CChar>,
    _ faults: inout ck_ingest_faults
  ) -> Int
}

/// A range of `ParsedRows.chunkSize` bytes of a file.
struct Chunk {
  /// Number of the file.
  var source: Int
  /// Its first byte.
  var begin: Int
  /// The byte behind it.
  var end: Int { begin + ParsedRows.chunkSize }
}

/// What became of a chunk.
private struct Piece {
  var text: [UInt8] = []
  var lines = 0
  var faults: [ck_ingest_fault] = []
  var faultCounts: [Int] = []

  init() {}

  init(
    _ chunk: Chunk, of source: FileBytes, start: Int64, faultLimit: Int,
    _ shape: any TranslatedShape
  ) {
    var report = ck_ingest_faults()
    report.stop = faultLimit == 0 ? 1 : 0
    let room = max(1, faultLimit)
    faults = Array(unsafeUninitializedCapacity: room) { list, filled in
      report.list = list.baseAddress
      report.capacity = room
      // Most of the room is never touched; what is stays as long as it takes to copy it.
      let scratch = UnsafeMutablePointer<CChar>.allocate(capacity: shape.room)
      defer { scratch.deallocate() }
      let count = shape.translate(chunk, of: source.bytes, start: start, to: scratch, &report)
      text = Array(UnsafeRawBufferPointer(start: scratch, count: count))
      faultCounts = withUnsafeBytes(of: report.counts) { Array($0.bindMemory(to: Int.self)) }
      filled = min(room, faultCounts.reduce(0, +))
    }
    lines = text.withUnsafeBytes { text in
      ck_ingest_count(
        text.assumingMemoryBound(to: CChar.self).baseAddress, text.count, 0, text.count)
    }
  }
}

extension FileBytes {
  /// Pieces of text one after the other.
  convenience init(joining pieces: [[UInt8]], name: String, threads: Int) throws {
    let (places, total) = Columns.starts(pieces.map(\.count))
    guard total <= FileBytes.limit else {
      throw RatingsFileError.tooLarge(file: name, limit: FileBytes.limit)
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: total, alignment: 64)
    forEachChunk(pieces.count, threads: threads) { piece in
      pieces[piece].withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: memory[places[piece]...]).copyMemory(from: bytes)
      }
    }
    self.init(name: name, bytes: UnsafeRawBufferPointer(memory)) { _ in memory.deallocate() }
  }
}
