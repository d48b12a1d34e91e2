// What long work says where stderr is no terminal: every five seconds a line, so that nobody takes it for hung.
import ArgumentParser
import Foundation
import Osusume
import Synchronization

/// A command whose work may take long.
protocol LongCommand: ParsableCommand {
  associatedtype Options: CommandOptions
  var options: Options { get }
}

/// What the command is doing, and a thread that says so.
enum Activity {
  private static let step = Mutex("working")
  private static let secondsBetweenLines = 5.0

  /// Says from now on how long the command has run and what it is doing.
  ///
  /// Nothing is said on a terminal, under `--quiet`, and where the system has no thread to spare.
  static func report(quiet: Bool) {
    guard !quiet, isatty(STDERR_FILENO) == 0, let thread = Worker() else { return }
    let start = ContinuousClock.now
    thread.begin {
      while true {
        Thread.sleep(forTimeInterval: secondsBetweenLines)
        let seconds = Int(start.duration(to: .now) / .seconds(1))
        Output.note("osusume: \(seconds) s: \(step.withLock { $0 })")
      }
    }
  }

  /// What the command does from now on, worded to follow "at the moment".
  static func now(_ text: String) { step.withLock { $0 = text } }
}
