// Ctrl-C while a command keeps files in a temporary folder: they go, then the process ends as usual.
import Foundation
import Osusume
import Synchronization

/// Removes a folder before SIGINT or SIGTERM ends the process.
enum CleaningUp {
  /// A pipe from the signals' handler, which may do hardly anything, to a thread that may.
  private static let pipe: (reader: Int32, writer: Int32)? = {
    var ends: [Int32] = [-1, -1]
    return Foundation.pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }()
  private static let signals = [SIGINT, SIGTERM]
  /// Held while the folder is being removed.
  private static let removing = Mutex(())

  /// Does some work while watching for signals.
  static func folder<Result>(_ folder: String, during work: () throws -> Result) throws -> Result {
    // Before there is a watcher: it is to end the process by the signal, and a thread blocks what its
    // maker does.
    Interruption.unblock(signals)
    // Where there can be no watcher, a signal ends the process and the folder stays.
    guard let pipe, let watcher = Worker() else { return try work() }
    watcher.begin { endBySignal(from: pipe.reader, removing: folder) }
    for number in signals {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        if let pipe = CleaningUp.pipe { _ = write(pipe.writer, &byte, 1) }
      }
    }
    defer { for number in signals { signal(number, SIG_DFL) } }
    do {
      return try work()
    } catch {
      // Where the folder went from under the work, the process ends here, by its signal.
      removing.withLock { _ in }
      throw error
    }
  }

  /// Waits for a signal, removes the folder, and ends the process by that signal.
  private static func endBySignal(from reader: Int32, removing folder: String) {
    var byte: UInt8 = 0
    while read(reader, &byte, 1) != 1 {}
    removing.withLock { _ in
      // The work goes on meanwhile. Under another name the folder gets no further files, which would keep
      // it from being removed; should the work have made it again, it goes again.
      let removed = folder + ".removed"
      while rename(folder, removed) == 0 {
        try? FileManager.default.removeItem(atPath: removed)
      }
      signal(Int32(byte), SIG_DFL)
      raise(Int32(byte))
    }
  }
}
