// The command `osusume`: its subcommands, and any error as one line and exit code 1.
import ArgumentParser
import COutOfMemory
import Foundation
import Osusume

@main
struct OsusumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "osusume",
    abstract: "Recommendations from ratings, on one machine.",
    discussion: """
      A result that is a model, a page or a folder goes to the file that -o, --output or --report names; tables, CSV and \
      JSON go to standard output, which - names.

      Examples:
        osusume train --ratings rating.csv --items anime.csv
        osusume recommend --model model.safetensors --user 123
      """,
    version: osusumeVersion,
    subcommands: [
      DataCommand.self,
      ModelsCommand.self,
      TrainCommand.self,
      EvaluateCommand.self,
      PredictCommand.self,
      RecommendCommand.self,
      SimilarCommand.self,
      UserCommand.self,
      CompareCommand.self,
      TuneCommand.self,
      MapCommand.self,
      ReportCommand.self,
      InspectCommand.self,
      BenchCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    take_signals_as_errors()
    do {
      // The name that help gives to ArgumentParser's --help-hidden.
      let arguments = CommandLine.arguments.dropFirst()
      var command = try parseAsRoot(arguments.map { $0 == "--help-all" ? "--help-hidden" : $0 })
      try InstructionSetError.check()
      if let long = command as? any LongCommand { Activity.report(quiet: long.options.quiet) }
      try command.run()
    } catch {
      let code = exitCode(for: error)
      // ArgumentParser words its own errors and the requests for help and version.
      if code != .failure || error is ExitCode { exit(withError: error) }
      Output.note("osusume: \(error)".namingFlags)
      Foundation.exit(code.rawValue)
    }
  }
}
