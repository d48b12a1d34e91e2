// Ctrl-C while a model trains: once to stop after this epoch, twice to stop at once.
import Dispatch
import Foundation
import Synchronization

/// Notices the first SIGINT or SIGTERM and lets the second one end the process.
final class Interruption: @unchecked Sendable {
  private let noticed = Atomic<Bool>(false)
  private let sources: [any DispatchSourceSignal]

  /// Starts watching; without this, a signal ends the process as usual.
  init() {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for (source, number) in zip(sources, [SIGINT, SIGTERM]) {
      source.setEventHandler { [self] in
        if noticed.exchange(true, ordering: .relaxed) {
          signal(number, SIG_DFL)
          raise(number)
        } else {
          Output.note("osusume: stopping after this epoch; once more to stop at once")
        }
      }
      source.resume()
    }
  }

  /// Whether a signal came.
  var came: Bool { noticed.load(ordering: .relaxed) }
}
