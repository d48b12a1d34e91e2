// Ctrl-C while a model trains: once to stop after this epoch, twice to stop at once.
import Foundation
import Synchronization

/// Notices the first SIGINT or SIGTERM and lets the second one end the process.
struct Interruption {
  private static let noticed = Atomic<Bool>(false)
  private static let line: StaticString =
    "osusume: stopping after this epoch; once more to stop at once\n"

  /// Starts watching; without this, a signal ends the process as usual.
  init() {
    // Made here: a handler may not wait for another thread to make it.
    _ = Self.noticed.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      // Runs in the midst of anything, so it allocates nothing.
      signal(number) { number in
        if Self.noticed.exchange(true, ordering: .relaxed) {
          signal(number, SIG_DFL)
          raise(number)
        } else {
          _ = write(STDERR_FILENO, Self.line.utf8Start, Self.line.utf8CodeUnitCount)
        }
      }
    }
    Self.unblock([SIGINT, SIGTERM])
  }

  /// Lets signals through that whoever started this process had blocked.
  static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether a signal came.
  var came: Bool { Self.noticed.load(ordering: .relaxed) }
}
