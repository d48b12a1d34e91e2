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

  /// What the control groups of the process may take beyond what they have; nil without a limit.
  private static var groups: Int? {
    text("/proc/self/cgroup").flatMap { groups(in: "/sys/fs/cgroup", of: $0) }
  }

  /// The least that any of the groups in a folder leaves which a process is in, or which hold those.
  ///
  /// - Parameter membership: Lines of /proc/self/cgroup: `0::/a/b` (version 2) or `4:memory:/a/b` (version 1). In a
  ///   container the folder may show the process's own group where this names it from outside.
  package static func groups(in folder: String, of membership: String) -> Int? {
    membership.split(separator: "\n").flatMap { line -> [Int] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let isSecond = parts[0] == "0" && parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("memory") else { return [] }
      var path = parts[2].split(separator: "/").map(String.init)
      var rooms: [Int] = []
      while true {
        let group = ([folder] + (isSecond ? [] : ["memory"]) + path).joined(separator: "/")
        if let room = room(in: group, isSecond: isSecond) { rooms.append(room) }
        guard path.popLast() != nil else { return rooms }
      }
    }.min()
  }

  /// What one group leaves: its limit less what it has, but for pages of files that nobody has used lately.
  private static func room(in group: String, isSecond: Bool) -> Int? {
    func number(_ name: String) -> Int? {
      text("\(group)/\(name)").flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
    let names =
      isSecond
      ? ("memory.max", "memory.current", "inactive_file ")
      : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")
    // Version 1 says "none" by the largest number of pages.
    guard let most = number(names.0), most < 1 << 60 else { return nil }
    let idle = text("\(group)/memory.stat")?.split(separator: "\n")
      .first { $0.hasPrefix(names.2) }.flatMap { Int($0.dropFirst(names.2.count)) }
    return max(0, most - (number(names.1) ?? 0) + (idle ?? 0))
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
