// How busy a machine is at a moment, and what a tool was built with.
import CProbe
import Foundation
import Osusume

/// What else the machine does, and how fast it runs, as far as its system says.
public struct MachineState: Sendable, Codable {
  /// Processes that run or wait to, averaged over a minute; nil where the system does not say.
  public var load: Double?
  /// The first processor's clock in megahertz; nil likewise.
  public var megahertz: Double?

  /// As it is now.
  static var now: MachineState {
    MachineState(
      load: Machine.text("/proc/loadavg").flatMap { $0.split(separator: " ").first }
        .flatMap { Double($0) },
      megahertz: Machine.value(of: "cpu MHz", in: "/proc/cpuinfo").flatMap { Double($0) })
  }

  private enum CodingKeys: String, CodingKey {
    case load
    case megahertz = "clock_mhz"
  }
}

/// What made the figures besides the machine.
public struct BuildTools: Sendable, Codable {
  /// The compiler of the kernels.
  public var compiler: String
  /// OpenBLAS, and the kernels it runs.
  public var blas: String
  /// The commit, with a plus where files differed from it, and the version of Swift; nil where `make` did not
  /// build it.
  public var commit: String?, swift: String?

  static var current: BuildTools {
    func told(_ text: UnsafePointer<CChar>?) -> String? {
      text.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    return BuildTools(
      compiler: String(cString: probe_compiler()), blas: BLAS.version, commit: told(probe_commit()),
      swift: told(probe_swift()))
  }
}
