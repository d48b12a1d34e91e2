// Ctrl-C while a command keeps files in a temporary folder: they go, then the process ends as usual.
import Foundation
import Osusume
import Synchronization

/// Removes a folder before SIGINT or SIGTERM ends the process.
enum CleaningUp {
  /// Does some work while watching for signals.
  static func folder<Result>(_ folder: String, during work: () throws -> Result) throws -> Result {
    // Blocked here and in all threads of the work, a signal comes to the watcher alone.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    defer { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
    let removing = Lock()
    // Without a watcher, where no thread can be started, a signal waits until the work is done.
    Worker()?.begin { [signals] in endBySignal(of: signals, removing: folder, removing) }
    do {
      return try work()
    } catch {
      // Where the folder went from under the work, the process ends here, by its signal.
      removing.mutex.withLock { _ in }
      throw error
    }
  }

  private final class Lock: Sendable {
    let mutex = Mutex(())
  }

  /// Waits for a signal, removes the folder, and ends the process by that signal.
  private static func endBySignal(
    of signals: sigset_t, removing folder: String, _ removing: Lock
  ) {
    var signals = signals
    var number: Int32 = 0
    guard sigwait(&signals, &number) == 0 else { return }
    removing.mutex.withLock { _ in
      try? FileManager.default.removeItem(atPath: folder)
      signal(number, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      kill(getpid(), number)
      pause()
    }
  }
}
