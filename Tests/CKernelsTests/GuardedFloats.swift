// Memory that ends where nobody may read on: what a kernel reads beyond its contract ends the test.
import Foundation

/// Floats, zero at first, right behind which lies a page that can neither be read nor written.
final class GuardedFloats {
  /// Why there is no such memory.
  struct Refused: Error {
    let code: Int32
  }

  /// The first float; 64-byte aligned where `count` is a multiple of 16.
  let base: UnsafeMutablePointer<Float>
  /// How many there are.
  let count: Int
  private let memory: UnsafeMutableRawPointer
  private let bytes: Int

  init(count: Int) throws {
    let page = Int(getpagesize())
    let used = (count * MemoryLayout<Float>.stride + page - 1) / page * page
    let size = used + page
    guard
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { throw Refused(code: errno) }
    guard mprotect(memory + used, page, PROT_NONE) == 0 else { throw Refused(code: errno) }
    self.memory = memory
    self.count = count
    bytes = size
    base = (memory + used).assumingMemoryBound(to: Float.self) - count
  }

  deinit { munmap(memory, bytes) }
}
