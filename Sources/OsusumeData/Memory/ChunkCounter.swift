// A shared counter from which threads claim chunk numbers.
import Synchronization

/// Hands out 0, 1, 2, … to any number of threads, each number once.
final class ChunkCounter: Sendable {
  private let next = Atomic<Int>(0)

  /// The next number, or nil when all below `count` are taken.
  func claim(below count: Int) -> Int? {
    let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return chunk < count ? chunk : nil
  }
}
