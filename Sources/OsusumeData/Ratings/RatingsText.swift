// The text of a ratings file as a table, whatever shape it came in: a table, rows of JSON, Netflix's files.
import CKernels
import Foundation

/// A ratings file's bytes, ready to be parsed as a table.
struct RatingsText {
  /// What errors call it.
  let name: String
  /// The table, inflated and translated where that was needed.
  let bytes: FileBytes
  /// Its layout, ids read as integers unless the format forbids it.
  let layout: TableLayout
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

  /// Opens a file, or the Netflix Prize files of a folder.
  ///
  /// Errors: `RatingsFileError`.
  init(_ path: String, format: TableFormat, faultLimit: Int, threads: Int) throws {
    if let files = try NetflixFiles(folder: path) {
      try self.init(files.sources, as: files, format: format, faultLimit, threads)
      return
    }
    let stored = try FileBytes.open(path)
    let text = stored.isGzip ? try stored.inflated() : stored
    if let netflix = NetflixFiles(text) {
      try self.init([(stored, text)], as: netflix, format: format, faultLimit, threads)
    } else if let objects = try JSONLines(text, format: format) {
      try self.init([(stored, text)], as: objects, format: format, faultLimit, threads)
    } else {
      self.init(stored, table: text, layout: try TableLayout(text, format: format))
    }
  }

  private init(_ stored: FileBytes, table: FileBytes, layout: TableLayout) {
    name = stored.name
    bytes = table
    self.stored = stored
    self.layout = layout
  }

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
