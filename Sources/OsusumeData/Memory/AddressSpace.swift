// How much more address space the process may take: under a limit, threads must leave room for the work.
import Foundation

/// The address space of the process, under the limits of getrlimit(2) (`ulimit -v`, `ulimit -d`).
package enum AddressSpace {
  /// What a thread may come to take: 2 MiB of stack, and the 128 MiB that OpenBLAS takes for each thread that
  /// calls it.
  private static let bytesOfThread = 160 << 20

  /// For how many threads there is room, the one that asks and its own work among them; at least 1.
  package static var threads: Int {
    free.map { max(1, $0 / bytesOfThread) } ?? .max
  }

  /// The limits in bytes on all address space and on data, where there are any.
  package static var limits: (all: Int?, data: Int?) {
    #if canImport(Glibc)
      return (limit(RLIMIT_AS), limit(RLIMIT_DATA))
    #else
      return (nil, nil)
    #endif
  }

  /// Bytes that may still be taken; nil where there is no limit, or no telling.
  package static var free: Int? {
    #if canImport(Glibc)
      let limits = [
        (place: 0, bytes: limit(RLIMIT_AS)), (place: 5, bytes: limit(RLIMIT_DATA)),
      ].filter { $0.bytes != nil }
      guard !limits.isEmpty, let pages = pagesInUse() else { return nil }
      let pageBytes = sysconf(Int32(_SC_PAGESIZE))
      return limits.compactMap { limit in
        limit.bytes.map { max(0, $0 - pages[limit.place] * pageBytes) }
      }.min()
    #else
      return nil
    #endif
  }

  #if canImport(Glibc)
    private static func limit(_ resource: __rlimit_resource) -> Int? {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
      return Int(exactly: limit.rlim_cur)
    }

    /// The numbers of /proc/self/statm: all pages first, those of data and stacks sixth.
    private static func pagesInUse() -> [Int]? {
      let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = read(descriptor, &bytes, bytes.count)
      let numbers = bytes.prefix(max(0, count)).split { $0 == 32 || $0 == 10 }
        .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      return numbers.count > 5 ? numbers : nil
    }
  #endif
}
