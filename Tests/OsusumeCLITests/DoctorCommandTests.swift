// `osusume doctor`: what it says of the machine, and that a wrong answer does not pass.
import Foundation
import OsusumeBench
import Testing

@testable import OsusumeCLI

struct DoctorCommandTests {
  @Test func aSoundMachineIsSaidToBeSound() throws {
    let line = try CommandLine()
    let report = try line.succeed(["doctor", "--json", "--threads", "2"]).json()
    #expect(report["command"] as? String == "doctor" && report["ok"] as? Bool == true)
    for key in ["machine", "threads", "memory", "blas", "libraries", "missing", "self_test"] {
      #expect(report[key] != nil, "\(key)")
    }
    let checks = try #require(report["self_test"] as? [[String: Any]])
    #expect(checks.count > 10 && checks.allSatisfy { $0["right"] as? Bool == true }, "\(checks)")
    let sets = Set(checks.compactMap { $0["isa"] as? String })
    #expect(sets.contains("scalar") && sets.contains(report["best_isa"] as? String ?? ""))
    #expect((report["blas"] as? String)?.contains("OpenBLAS") == true)
    #expect(try line.names().isEmpty)
    let words = try line.succeed(["doctor"]).output
    for word in ["processor", "instructions", "memory", "BLAS", "zlib", "self-test"] {
      #expect(words.contains(word), "\(word)")
    }
    // What the environment asks for is what runs elsewhere, and all sets are tested all the same.
    let scalar = try line.run(
      ["doctor"], environment: ["CK_ISA": "scalar", "OSUSUME_VEGA": "/nowhere"])
    #expect(scalar.code == 0 && scalar.output.contains("CK_ISA=scalar"))
    #expect(scalar.output.contains("missing: /nowhere/vega-util.min.js and"))
  }

  /// A kernel whose answer is right, or not.
  private func kernel(_ name: String, right: Bool) -> KernelBench {
    KernelBench(
      name, unit: "number", units: 1, bytes: 0, bandwidth: nil, remark: "", run: { _ in },
      isRight: { _ in right })
  }

  @Test func aWrongAnswerIsNamedAndFails() {
    let checks = SelfTest.checks(
      of: [kernel("pair.forward", right: true), kernel("adam.update", right: false)], isa: "avx2")
    let report = DoctorReport(checks: checks, seconds: 1, threads: 2)
    #expect(!report.ok && report.wrong == ["adam.update (avx2)"])
    #expect(report.lines.contains { $0.contains("WRONG: adam.update (avx2)") })
    #expect(DoctorError.wrong(report.wrong).description.contains("adam.update (avx2)"))
    #expect(!DoctorReport(checks: [], seconds: 0, threads: 1).ok)
  }
}
