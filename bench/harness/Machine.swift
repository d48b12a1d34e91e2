// What a bench runs on.
import CKernels
import Foundation
import Osusume

/// The machine, as its system describes it.
public struct Machine: Sendable, Codable {
  /// The processor's name.
  public var processor: String
  /// Logical processors in use.
  public var cores: Int
  /// How many of them share one core's arithmetic; nil where the system does not say.
  public var threadsPerCore: Int?
  /// Bytes of a first-level data cache, a second-level and a third-level cache; 0: unknown.
  public var caches: Caches
  /// Bytes of memory.
  public var memory: UInt64
  /// Instruction set the kernels run.
  public var isa: String
  /// System and version.
  public var system: String

  /// Sizes of caches in bytes; 0 where the system does not say.
  public struct Caches: Sendable, Codable {
    /// First level, data, of one core.
    public var l1 = 0
    /// Second level, of one core.
    public var l2 = 0
    /// Third level, as shared by some cores.
    public var l3 = 0
  }

  /// This machine.
  public static var current: Machine {
    let processor = ProcessInfo.processInfo
    return .init(
      processor: value(of: "model name", in: "/proc/cpuinfo") ?? "unknown processor",
      cores: processor.activeProcessorCount,
      threadsPerCore: text("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list")
        .map(listCount),
      caches: caches(), memory: processor.physicalMemory,
      isa: String(cString: ck_isa_name(ck_isa_active())),
      system: processor.operatingSystemVersionString)
  }

  private enum CodingKeys: String, CodingKey {
    case processor, cores, caches, isa, system
    case threadsPerCore = "threads_per_core"
    case memory = "memory_bytes"
  }
}

extension Machine {
  /// The caches of the first processor.
  private static func caches() -> Caches {
    var caches = Caches()
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard let level = text(folder + "level"), let size = text(folder + "size").flatMap(bytes),
        text(folder + "type") != "Instruction"
      else { continue }
      switch level {
      case "1": caches.l1 = size
      case "2": caches.l2 = size
      case "3": caches.l3 = size
      default: break
      }
    }
    return caches
  }

  /// How many processors a list such as `0,2-5` names.
  static func listCount(_ list: String) -> Int {
    list.split(separator: ",").reduce(0) { count, part in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last else { return count }
      return count + max(0, last - first) + 1
    }
  }

  /// A size such as `512K` in bytes.
  static func bytes(_ size: String) -> Int? {
    let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    guard let unit = units[String(size.suffix(1))] else { return Int(size) }
    return Int(size.dropLast()).map { $0 * unit }
  }

  /// What a file of `key: value` lines says of a key; nil where it does not.
  public static func value(of key: String, in file: String) -> String? {
    text(file)?.split(separator: "\n").first { $0.hasPrefix(key) }?
      .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }

  /// A file's text without white space at its ends; nil where it cannot be read.
  public static func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
