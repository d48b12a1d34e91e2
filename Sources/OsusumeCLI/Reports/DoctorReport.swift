// What `osusume doctor` prints: processor, memory, libraries, what is missing, and the self-test.
import CKernels
import Foundation
import Osusume
import OsusumeBench

struct DoctorReport: Report {
  struct Threads: Encodable {
    /// Logical processors that this process may use.
    let processors: Int
    /// Those that `--threads` asks for.
    let asked: Int
    /// Those that there is room for under a limit on memory; nil without one.
    let room: Int?
    /// Of a whole processor's time, as a control group allows; nil without a limit.
    let quota: Double?
  }

  struct Memory: Encodable {
    let physicalBytes: UInt64
    let availableBytes: Int?
    /// `ulimit -v` and `ulimit -d`.
    let addressSpaceLimit: Int?
    let dataLimit: Int?
    /// Of the control group.
    let groupLimit: Int?
  }

  struct Library: Encodable {
    let name: String
    let version: String
  }

  /// Something that is not there, what for, and how to get it.
  struct Missing: Encodable {
    let what: String
    let neededFor: String
    let remedy: String
  }

  let command = "doctor"
  var version = osusumeVersion
  var ok: Bool
  var machine: Machine
  /// The best instruction set of the processor, and the one that `CK_ISA` asks for.
  var bestIsa: String
  var askedIsa: String?
  var threads: Threads
  var memory: Memory
  var blas: String
  var libraries: [Library]
  var missing: [Missing]
  var selfTest: [SelfTest.Check]
  var seconds: Double

  /// Looks at the machine, beside what the self-test found.
  init(checks: [SelfTest.Check], seconds: Double, threads asked: Int) {
    selfTest = checks
    ok = !checks.isEmpty && checks.allSatisfy(\.right)
    self.seconds = seconds
    machine = .current
    bestIsa = String(cString: ck_isa_name(ck_isa_best()))
    askedIsa = ProcessInfo.processInfo.environment["CK_ISA"]
    let room = AddressSpace.threads
    threads = Threads(
      processors: machine.cores, asked: asked, room: room == .max ? nil : room,
      quota: ControlGroup.processors)
    let limits = AddressSpace.limits
    memory = Memory(
      physicalBytes: machine.memory,
      availableBytes: Machine.value(of: "MemAvailable", in: "/proc/meminfo")
        .flatMap { Int($0.split(separator: " ")[0]) }.map { $0 * 1024 },
      addressSpaceLimit: limits.all, dataLimit: limits.data, groupLimit: ControlGroup.bytes)
    blas = BLAS.version
    libraries = LibraryVersions.all.map { Library(name: $0.name, version: $0.version) }
    missing = Self.missing(vega: VegaLibrary.folder)
  }

  /// What pages lack, with Vega in a folder.
  static func missing(vega folder: String) -> [Missing] {
    let files = VegaLibrary.missing(in: folder)
    guard let first = files.first else { return [] }
    return [
      Missing(
        what: "\(folder)/\(first)" + (files.count > 1 ? " and \(files.count - 1) more" : ""),
        neededFor:
          "charts in pages (report, map, compare --report, train --report); without, they hold tables",
        remedy: "apt-get install \(VegaLibrary.package), or name another folder in OSUSUME_VEGA")
    ]
  }

  /// The checks whose answers were wrong, with their instruction sets.
  var wrong: [String] {
    selfTest.filter { !$0.right }.map { $0.name + ($0.isa.map { " (\($0))" } ?? "") }
  }

  var lines: [String] {
    var table = TextTable(alignments: [.left, .left])
    table.add("osusume", version)
    table.add("processor", "\(machine.processor), \(machine.cores) logical processors")
    table.add(
      "instructions",
      machine.isa + (machine.isa == bestIsa ? ", the best it has" : ", where it has \(bestIsa)")
        + (askedIsa.map { " (CK_ISA=\($0))" } ?? ""))
    table.add("threads", threadsText)
    table.add("memory", memoryText)
    table.add("caches", cachesText)
    table.add("BLAS", blas + ", one thread a caller")
    for library in libraries { table.add(library.name, library.version) }
    table.add("system", machine.system)
    table.add(
      "pages", missing.isEmpty ? "Vega is there: \(VegaLibrary.folder)" : "no charts, see below")
    let tested = Set(selfTest.compactMap(\.isa)).count
    let result =
      wrong.isEmpty
      ? "\(selfTest.count) answers right, kernels on \(tested) instruction set\(tested == 1 ? "" : "s")"
      : "WRONG: " + wrong.joined(separator: ", ")
    table.add("self-test", result + String(format: ", %.1f s", seconds))
    return table.lines
      + missing.flatMap {
        ["", "missing: \($0.what)", "  for \($0.neededFor)", "  \($0.remedy)"]
      }
  }

  private var threadsText: String {
    var text = "\(threads.asked) of \(threads.processors)"
    if let room = threads.room { text += "; room for \(room) under the limit on memory" }
    if let quota = threads.quota {
      text += String(format: "; the control group allows the time of %.1f", quota)
    }
    return text
  }

  private var memoryText: String {
    func size(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
    var text = size(Int(memory.physicalBytes))
    if let available = memory.availableBytes { text += ", \(size(available)) available" }
    let limits = [
      ("ulimit -v", memory.addressSpaceLimit), ("ulimit -d", memory.dataLimit),
      ("control group", memory.groupLimit),
    ].compactMap { name, bytes in bytes.map { "\(name) \(size($0))" } }
    return text + (limits.isEmpty ? ", no limits" : "; limits: " + limits.joined(separator: ", "))
  }

  private var cachesText: String {
    let caches = machine.caches
    return [("L1", caches.l1), ("L2", caches.l2), ("L3", caches.l3)].filter { $0.1 > 0 }
      .map { "\($0.0) \($0.1 >> 10) KiB" }.joined(separator: ", ")
  }
}

/// Limits of the control group of this process (Linux), version 2 or 1.
private enum ControlGroup {
  /// Bytes of memory; nil without a limit.
  static var bytes: Int? {
    let text =
      Machine.text("/sys/fs/cgroup/memory.max")
      ?? Machine.text("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    // Version 1 writes a number near 2⁶³ for none.
    return text.flatMap { Int($0) }.flatMap { $0 < 1 << 60 ? $0 : nil }
  }

  /// Processors whose time it may take; nil without a limit.
  static var processors: Double? {
    if let words = Machine.text("/sys/fs/cgroup/cpu.max")?.split(separator: " "), words.count == 2 {
      guard let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
        return nil
      }
      return quota / period
    }
    guard let quota = Machine.text("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").flatMap({ Double($0) }),
      let period = Machine.text("/sys/fs/cgroup/cpu/cpu.cfs_period_us").flatMap({ Double($0) }),
      quota > 0, period > 0
    else { return nil }
    return quota / period
  }
}
