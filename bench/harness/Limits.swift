// What this machine can do at most, measured: bytes that nothing is done to, arithmetic without bytes.
import CProbe
import Osusume

/// What a kernel's bytes come from, and so what its speed is compared with.
public enum Bandwidth: String, Sendable, Codable {
  /// Memory, read.
  case memoryRead = "memory_read"
  /// Memory, as much read as written.
  case memoryUpdate = "memory_update"
  /// The third-level cache, read.
  case l3Read = "l3_read"
  /// The second-level caches, read.
  case l2Read = "l2_read"
}

/// Measured limits at a number of threads.
public struct Limits: Sendable, Codable {
  /// Threads used.
  public var threads: Int
  /// 10⁹ bytes a second from memory, read in order.
  public var memoryRead: Double
  /// The same, one array halved into another: bytes read plus bytes written.
  public var memoryUpdate: Double
  /// 10⁹ bytes a second from the third-level cache.
  public var l3Read: Double
  /// 10⁹ bytes a second from the second-level caches.
  public var l2Read: Double
  /// 10⁹ float operations a second, a multiply-add being two.
  public var gigaflops: Double

  /// 10⁹ bytes a second of a kind.
  public subscript(bandwidth: Bandwidth) -> Double {
    switch bandwidth {
    case .memoryRead: memoryRead
    case .memoryUpdate: memoryUpdate
    case .l3Read: l3Read
    case .l2Read: l2Read
    }
  }

  private enum CodingKeys: String, CodingKey {
    case threads
    case memoryRead = "memory_read_gb_per_second"
    case memoryUpdate = "memory_update_gb_per_second"
    case l3Read = "l3_read_gb_per_second"
    case l2Read = "l2_read_gb_per_second"
    case gigaflops = "gflops"
  }
}

extension Limits {
  /// Measures; some tenths of a second, in arrays of up to half a gigabyte.
  public init(threads: Int, caches: Machine.Caches) {
    // Four times the last cache, so that next to nothing of a pass is left for the next; an eighth of a
    // gigabyte at least and a quarter at most. Multiples of 128 floats, as the probe wants them.
    let large = min(max(4 * caches.l3, 128 << 20), 256 << 20) / 4 / (128 * threads) * 128 * threads
    let from = FloatMatrix(rows: large / 16, columns: 16)
    let to = FloatMatrix(rows: large / 16, columns: 16)
    let part = large / threads
    self.threads = threads
    memoryRead = Self.rate(Double(4 * large), threads: threads) {
      _ = probe_read(from.base + $0 * part, part)
    }
    memoryUpdate = Self.rate(Double(8 * large), threads: threads) {
      probe_scale(from.base + $0 * part, part, to.base + $0 * part)
    }
    // Half a cache is safely in it; the third level is shared, the second is not.
    let l2 = max(caches.l2, 256 << 10) / 2 / 4 / 128 * 128
    let l3 = max(caches.l3 / 2 / threads, 2 * caches.l2, 1 << 20) / 4 / 128 * 128
    l3Read = Self.cached(min(l3, part), stride: part, passes: 16, from, threads)
    l2Read = Self.cached(min(l2, part), stride: part, passes: 512, from, threads)
    gigaflops = 0
    var operations = [Double](repeating: 0, count: threads)
    let took = operations.withUnsafeMutableBufferPointer { operations in
      nonisolated(unsafe) let operations = operations
      return Self.best(threads: threads) { worker in
        var result: Float = 0
        operations[worker] = probe_multiply_add(1_000_000, &result)
      }
    }
    gigaflops = operations.reduce(0, +) / took / 1e9
  }

  private static func cached(
    _ count: Int, stride: Int, passes: Int, _ array: FloatMatrix, _ threads: Int
  ) -> Double {
    rate(Double(4 * count * passes * threads), threads: threads) { worker in
      for _ in 0..<passes { _ = probe_read(array.base + worker * stride, count) }
    }
  }

  /// 10⁹ bytes a second, at best.
  private static func rate(_ bytes: Double, threads: Int, _ body: (Int) -> Void) -> Double {
    bytes / best(threads: threads, body) / 1e9
  }

  /// The least seconds of some runs, the first of which only warms up: a limit is what was once reached.
  private static func best(threads: Int, _ body: (Int) -> Void) -> Double {
    forEachWorker(threads, body)
    return Timing(repeats: 7) { forEachWorker(threads, body) }.minimum
  }
}

/// Runs `body` once for each of `threads` workers, side by side.
func forEachWorker(_ threads: Int, _ body: (Int) -> Void) {
  forEachChunk(threads, threads: threads, body)
}
