// `osusume inspect`: what a model file holds.
import ArgumentParser
import Osusume

struct InspectCommand: LongCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what a model file holds and verify its checksum.",
    discussion: """
      Example:
        osusume inspect model.safetensors
      """)

  @Argument(help: "A model file.", completion: .file(extensions: ["safetensors"]))
  var file: String

  @OptionGroup var options: PlainOptions

  func run() throws {
    let inspection = try ModelInspection(file)
    try options.show(inspection)
  }
}
