// Ratings files for tests: text put into a file and read.
import Foundation
import OsusumeData

/// Reads a text as a ratings file.
func read(_ text: String, format: TableFormat = .init(), threads: Int = 2) throws -> RatingTable {
  try read(Data(text.utf8), format: format, threads: threads)
}

/// Reads bytes as a ratings file.
func read(_ data: Data, format: TableFormat = .init(), threads: Int = 2) throws -> RatingTable {
  try withFile(data) { try RatingTable.read($0, format: format, threads: threads) }
}

/// Calls `body` with the path of a file of these bytes; the file is gone afterwards.
func withFile<T>(_ data: Data, _ body: (String) throws -> T) throws -> T {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv")
  try data.write(to: url)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}
