// `osusume bench`: throughput of kernels and of training on this machine.
import ArgumentParser
import Osusume
import OsusumeBench

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure throughput on this machine.",
    discussion: "Example: osusume bench --threads 2")

  @OptionGroup var options: GlobalOptions
  @Option var model = "flax-bias"
  @Option var epochs = 3

  func run() throws {
    guard let spec = ModelSpec.named(model) else { throw ValidationError("unknown") }
    var settings = spec.defaults
    settings.epochs = epochs
    let reports = try benchTraining(
      spec, shape: .anime, hyperparameters: settings, threads: options.threads)
    for report in reports { print(report.epoch, report.seconds, report.trainLoss) }
  }
}
