// Memory for plain numbers that kernels fill: uninitialised, owned by reference.

/// A fixed number of plain values, uninitialised until somebody writes them.
///
/// Who writes where while others read is the owner's business.
public final class Column<Element: BitwiseCopyable>: @unchecked Sendable {
  /// Number of values.
  public let count: Int
  /// The first value.
  public let base: UnsafeMutablePointer<Element>

  /// Makes room for `count` values.
  package init(count: Int) {
    self.count = count
    base = .allocate(capacity: max(1, count))
  }

  /// Makes `count` copies of a value.
  package convenience init(repeating value: Element, count: Int) {
    self.init(count: count)
    base.initialize(repeating: value, count: count)
  }

  /// Copies an array.
  convenience init(_ values: [Element]) {
    self.init(count: values.count)
    base.initialize(from: values, count: values.count)
  }

  deinit { base.deallocate() }

  /// One value.
  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count)
      base[index] = newValue
    }
  }

  /// The values as an array.
  public func array() -> [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
