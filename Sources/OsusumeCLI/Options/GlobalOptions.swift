// Options that every command has.
import ArgumentParser
import Foundation

struct GlobalOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on stdout and nothing else there.")
  var json = false

  @Flag(help: "Print no progress.")
  var quiet = false

  @Option(help: "Seed of every random choice.")
  var seed: UInt64 = 42

  @Option(help: "Threads to use (default: all cores).")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard threads >= 1 && threads <= 1024 else {
      throw ValidationError("--threads \(threads): give a number from 1 to 1024")
    }
  }
}
