// Where the real data sets are: $OSUSUME_DATA, else ../shared/data beside the package.
import Foundation

enum RealData {
  /// The directory of the data sets, or nil when it is not there.
  static let directory: URL? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["OSUSUME_DATA"].map {
      URL(fileURLWithPath: $0, isDirectory: true)
    }
    let directory = named ?? package.deletingLastPathComponent().appending(path: "shared/data")
    return FileManager.default.fileExists(atPath: directory.path) ? directory : nil
  }()

  /// Whether the data sets are there.
  static var isPresent: Bool { directory != nil }

  /// The path of a file of the data sets.
  static func path(_ file: String) -> String { directory?.appending(path: file).path ?? file }
}
