// Ctrl-C while a command keeps files in a temporary folder: they go, then the process ends as usual.
import Dispatch
import Foundation

/// Removes a folder before SIGINT or SIGTERM ends the process.
enum CleaningUp {
  private static let signals = [SIGINT, SIGTERM]

  /// Does some work while watching for signals.
  static func folder<Result>(_ folder: String, during work: () throws -> Result) throws -> Result {
    let queue = DispatchQueue(label: "cleaning up")
    let sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        try? FileManager.default.removeItem(atPath: folder)
        signal(number, SIG_DFL)
        kill(getpid(), number)
      }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      for number in signals { signal(number, SIG_DFL) }
    }
    do {
      return try work()
    } catch {
      // Where the folder went from under the work, the process ends here, by its signal.
      queue.sync {}
      throw error
    }
  }
}
