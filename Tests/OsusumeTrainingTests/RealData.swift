// Where the published data sets are, for tests that need them.
import Foundation

/// The folder of published data: `$OSUSUME_DATA`, or `../shared/data` beside the package.
enum RealData {
  /// The path of a file of it, or nil when it is not here.
  static func path(_ file: String) -> String? {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["OSUSUME_DATA"].map { URL(fileURLWithPath: $0) }
      ?? package.deletingLastPathComponent().appendingPathComponent("shared/data")
    let path = folder.appendingPathComponent(file).path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
