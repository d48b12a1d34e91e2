// The Netflix Prize's ratings: a line `movie:` and below it `user,rating,date`, in one file or a folder.
import CKernels
import Foundation

/// Files of movies and their ratings.
struct NetflixFiles: TranslatedShape {
  let name: String
  /// The files, of a folder alone.
  private(set) var sources: [(stored: FileBytes, text: FileBytes)] = []
  let columns: [Int32] = [0, 1, 2, 3, -1]
  let feedback = Feedback.ratings
  let needsTimes = false
  let fields = ["user", "movie", "rating", "date"]

  /// A file, if it is one of these.
  init?(_ file: FileBytes) {
    guard Self.matches(file) else { return nil }
    name = file.name
  }

  /// Those files of a folder that hold ratings, in order of name; nil where the path is no folder.
  ///
  /// Errors: `RatingsFileError`.
  init?(folder path: String) throws {
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return nil
    }
    name = path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names.sorted() where name.hasSuffix(".txt") || name.hasSuffix(".txt.gz") {
      let stored = try FileBytes.open(path + "/" + name)
      let text = stored.bytes.isGzip ? try stored.inflated() : stored
      if Self.matches(text) { sources.append((stored, text)) }
    }
    guard !sources.isEmpty else { throw RatingsFileError.folder(path) }
  }

  /// Whether the first lines are `movie:` and `user,rating,date`; lists of what was to be predicted lack
  /// the ratings.
  private static func matches(_ file: FileBytes) -> Bool {
    let lines = file.bytes.prefix(256).split(separator: UInt8(ascii: "\n"), maxSplits: 2)
      .map { String(decoding: $0, as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" } }
    guard lines.count > 1, lines[0].hasSuffix(":"), Int64(lines[0].dropLast()) != nil else {
      return false
    }
    let fields = lines[1].split(separator: ",", omittingEmptySubsequences: false)
    return fields.count == 3 && Int64(fields[0]) != nil && Double(fields[1]) != nil
  }

  func starts(of chunks: [Chunk], in texts: [FileBytes], threads: Int) -> [Int64] {
    let last = mapChunks(chunks.count, threads: threads) { chunk in
      let text = texts[chunks[chunk].source].bytes
      return ck_netflix_movie(
        text.assumingMemoryBound(to: CChar.self).baseAddress, text.count, chunks[chunk].begin,
        chunks[chunk].end)
    }
    var movie: Int64 = -1
    return zip(chunks, last).map { chunk, last in
      if chunk.begin == 0 { movie = -1 }
      defer { if last >= 0 { movie = last } }
      return movie
    }
  }

  var room: Int { 5 * (ParsedRows.chunkSize + Int(CK_NETFLIX_LINE_LIMIT) + 2) }

  func translate(
    _ chunk: Chunk, of text: UnsafeRawBufferPointer, start: Int64,
    to out: UnsafeMutablePointer<CChar>,
    _ faults: inout ck_ingest_faults
  ) -> Int {
    ck_netflix_rows(
      text.assumingMemoryBound(to: CChar.self).baseAddress, text.count, chunk.begin, chunk.end,
      start, out, &faults)
  }
}
