// Options that every command has; a command offers those of them that change what it does.
import ArgumentParser
import Foundation

/// What every command takes.
protocol CommandOptions: ParsableArguments {
  var printing: PrintingOptions { get }
  var seeding: SeedOption { get }
  var threading: ThreadsOption { get }
}

extension CommandOptions {
  var json: Bool { printing.json }
  var quiet: Bool { printing.quiet }
  var seed: UInt64 { seeding.seed }
  var threads: Int { threading.threads }
}

struct PrintingOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on stdout and nothing else there.")
  var json = false

  @Flag(help: "Print no progress.")
  var quiet = false
}

struct SeedOption: ParsableArguments {
  @Option(help: "Seed of every random choice.")
  var seed: UInt64 = 42
}

struct ThreadsOption: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp("Threads to use (default: all cores).", valueName: "threads"))
  var asked: Int?

  /// As many as were asked for, or as there are cores: help and manual pages name no number of this machine.
  var threads: Int { asked ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    try check("--threads", threads, in: 1...1024)
  }
}

/// Of commands that choose at random, on several threads.
struct GlobalOptions: CommandOptions {
  @OptionGroup var printing: PrintingOptions
  @OptionGroup var seeding: SeedOption
  @OptionGroup var threading: ThreadsOption
}

/// Of commands in which nothing is random: a seed is taken, as everywhere, and not offered.
struct UnseededOptions: CommandOptions {
  @OptionGroup var printing: PrintingOptions
  @OptionGroup(visibility: .private) var seeding: SeedOption
  @OptionGroup var threading: ThreadsOption
}

/// Of commands in which nothing is random or takes long: seed and threads are taken and not offered.
struct PlainOptions: CommandOptions {
  @OptionGroup var printing: PrintingOptions
  @OptionGroup(visibility: .private) var seeding: SeedOption
  @OptionGroup(visibility: .private) var threading: ThreadsOption
}
