// Outputs between guard zones: a kernel that writes beside its output is found out.
import CKernels
import OsusumeData

/// Elements in memory aligned to no more than one of them, with marked bytes before and behind.
final class Guarded<Element: BitwiseCopyable> {
  private static var margin: Int { 33 }
  private static var mark: UInt8 { 0xA5 }

  let count: Int
  /// The first element.
  ///
  /// Read `values` or `isIntact` after the call that it is passed to.
  let base: UnsafeMutablePointer<Element>
  private let whole: UnsafeMutablePointer<Element>

  init(_ values: [Element]) {
    count = values.count
    let room = count + 2 * Self.margin
    whole = .allocate(capacity: room)
    base = whole + Self.margin
    UnsafeMutableRawPointer(whole).initializeMemory(
      as: UInt8.self, repeating: Self.mark, count: room * MemoryLayout<Element>.stride)
    for (place, value) in values.enumerated() { base[place] = value }
  }

  convenience init(repeating value: Element, count: Int) {
    self.init([Element](repeating: value, count: count))
  }

  deinit { whole.deallocate() }

  var values: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Whether the guard zones are as they were.
  var isIntact: Bool {
    isMarked(whole) && isMarked(base + count)
  }

  private func isMarked(_ zone: UnsafeMutablePointer<Element>) -> Bool {
    UnsafeRawBufferPointer(UnsafeBufferPointer(start: zone, count: Self.margin))
      .allSatisfy { $0 == Self.mark }
  }
}

/// One row of columns of ratings; -7 where nothing was written.
struct ColumnsRow: Equatable {
  var user: Int32 = -7
  var item: Int32 = -7
  var value: Float = -7
  var timestamp: Int64 = -7

  /// Rows of users and items below a bound, of ratings of which some are -1 and some repeat.
  static func draw(_ count: Int, below bound: Int, seed: UInt64) -> [ColumnsRow] {
    var random = Draws(key: ck_random_key(seed, 901))
    return (0..<count).map { row in
      ColumnsRow(
        user: Int32(random.below(bound)), item: Int32(random.below(bound)),
        value: random.below(4) == 0 ? -1 : Float(random.below(20)) / 4,
        // In order, but for some that are as late as others or earlier.
        timestamp: Int64(random.below(3) == 0 ? row / 2 : row) << 33)
    }
  }
}

extension [ColumnsRow] {
  /// Calls `body` with the rows as columns.
  func withKernel<Result>(_ body: (UnsafePointer<ck_ratings>) -> Result) -> Result {
    IndexedRatings(
      users: map(\.user), items: map(\.item), values: map(\.value),
      timestamps: map(\.timestamp)
    ).withKernel(body)
  }
}

/// Columns of ratings that a kernel writes to.
struct GuardedColumns {
  private let users: Guarded<Int32>
  private let items: Guarded<Int32>
  private let ratings: Guarded<Float>
  private let timestamps: Guarded<Int64>

  init(count: Int) {
    users = .init(repeating: -7, count: count)
    items = .init(repeating: -7, count: count)
    ratings = .init(repeating: -7, count: count)
    timestamps = .init(repeating: -7, count: count)
  }

  /// Where kernels write: the timestamps' address is NULL unless `timed`.
  func kernel(timed: Bool) -> ck_columns {
    ck_columns(
      users: users.base, items: items.base, values: ratings.base,
      timestamps: timed ? timestamps.base : nil)
  }

  var rows: [ColumnsRow] {
    let columns = (users.values, items.values, ratings.values, timestamps.values)
    return (0..<users.count).map {
      ColumnsRow(
        user: columns.0[$0], item: columns.1[$0], value: columns.2[$0], timestamp: columns.3[$0])
    }
  }

  var isIntact: Bool {
    users.isIntact && items.isIntact && ratings.isIntact && timestamps.isIntact
  }
}
