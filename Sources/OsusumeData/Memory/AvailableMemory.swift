// How much memory there is for large matrices: asked before they are made, for nobody asks afterwards.
import Foundation

/// The memory that the process may still take.
package enum AvailableMemory {
  /// Bytes that the system, the control group and the limits of the process leave; all of the machine's memory
  /// where none of them tells.
  package static var bytes: Int {
    let told = [systems, groups, AddressSpace.free].compactMap { $0 }
    return told.min() ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
  }

  /// What /proc/meminfo calls available: free, or given back when asked for.
  private static var systems: Int? {
    text("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
      .flatMap { line in line.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
      .map { $0 << 10 }
  }

  /// What the control group of the process may take beyond what it has; nil without a limit.
  private static var groups: Int? {
    let folder = "/sys/fs/cgroup/"
    func number(_ name: String) -> Int? {
      text(folder + name).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    guard let most = number("memory.max") else { return nil }
    return max(0, most - (number("memory.current") ?? 0))
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
