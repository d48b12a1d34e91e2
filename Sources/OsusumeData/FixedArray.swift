// Memory at a fixed address for kernels that keep pointers between elements.

/// Elements at an address that stays; shared by reference, zeroed or copied from an array.
///
/// Who writes to it while others read is the owner's business.
final class FixedArray<Element: BitwiseCopyable>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  /// Copies an array.
  init(_ elements: [Element]) {
    count = elements.count
    base = .allocate(capacity: max(1, elements.count))
    base.initialize(from: elements, count: elements.count)
  }

  /// Leaves the elements to be written: reading before is an error.
  init(unwritten count: Int) {
    self.count = count
    base = .allocate(capacity: max(1, count))
  }

  deinit { base.deallocate() }
}
