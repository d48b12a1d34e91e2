// Small JSON files that people write: specifications and spaces of settings.
import Foundation

/// Why a small JSON file is not what it should be; whoever reads it says what that is.
enum SmallJSONFault: Error {
  /// The file could not be opened.
  case unreadable(code: Int32)
  /// What is wrong with it, as a clause.
  case invalid(String)
}

extension Data {
  /// Reads a JSON file of at most a megabyte, nested at most eight deep: a gigabyte by mistake is not read.
  ///
  /// Errors: `SmallJSONFault`.
  init(smallJSON path: String) throws {
    let most = 1 << 20
    // A pipe without a writer would keep `open` waiting.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SmallJSONFault.unreadable(code: errno) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let text = try? file.read(upToCount: most + 1) ?? Data(), text.count <= most
    else { throw SmallJSONFault.invalid("it is not a file of at most a megabyte") }
    guard nestingOfJSON(String(decoding: text, as: UTF8.self)) <= 8 else {
      throw SmallJSONFault.invalid("it is nested too deeply")
    }
    self = text
  }
}
