// `osusume doctor`: what this machine is, what is missing, and whether it computes right.
import ArgumentParser
import CKernels
import Foundation
import Osusume
import OsusumeBench

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "What this machine is, what is missing, and whether it computes right.",
    discussion: """
      Takes about two seconds: every kernel runs on every instruction set of the processor and is compared with plain \
      code, and so are OpenBLAS, LAPACK and SHA-256. A wrong answer ends in exit code 1. What is missing for pages of \
      charts is said and is no failure.

      Example:
        osusume doctor
      """)

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let start = ContinuousClock.now
    let folder = FileManager.default.temporaryDirectory.appending(path: "osusume-doctor-\(UUID())")
      .path
    let checks = try CleaningUp.folder(folder) {
      try SelfTest.run(folder: folder, seed: options.seed)
    }
    let report = DoctorReport(
      checks: checks, seconds: start.duration(to: .now) / .seconds(1), threads: options.threads)
    try options.show(report)
    if !report.wrong.isEmpty { throw DoctorError.wrong(report.wrong) }
  }
}

/// Why a machine is not fit for work.
enum DoctorError: OsusumeError, Equatable {
  /// Answers that differ from those of plain code.
  case wrong([String])

  var description: String {
    switch self {
    case .wrong(let names):
      "doctor: wrong answers of \(names.joined(separator: ", ")); CK_ISA=scalar avoids the kernels of a set, "
        + "OPENBLAS_CORETYPE=Haswell those of OpenBLAS; where plain sets are wrong too, the memory may be at fault"
    }
  }
}
