// What the parts of epochs take, for who wants to know where a fit's time goes: `osusume bench --models`.
import Dispatch
import OsusumeData

/// A part of an epoch.
package enum EpochPart: String, CaseIterable, Sendable {
  /// Of fits by minibatches: the ratings into batches, sorted by user and by item.
  case deal = "shuffle and deal"
  /// Adam's steps without a gradient, before an epoch begins.
  case settle = "rows brought up to date"
  case forward = "forward and users' gradients"
  /// Of networks.
  case itemForward = "items: forward"
  case pairForward = "pairs: forward and loss"
  case pairBackward = "pairs: backward"
  case itemUpdate = "items: gradients and update"
  case userUpdate = "users: update"
  case layerUpdate = "layers: gradients and update"
  case publish = "vectors copied"
  /// Of stochastic gradient descent.
  case cut = "tiles cut"
  case walk = "tiles walked"
  /// Of least squares and draws.
  case biases = "drifting biases"
  case warmUp = "sweeps before the first draw"
  case users = "users' vectors"
  case items = "items' vectors"
  case mean = "mean of the draws"
  case distributions = "distributions and features"
  /// Of relations of items.
  case products = "products of items"
  case penalty = "choice of the penalty"
  case inverse = "inverse and relation"
}

/// Bytes that must be moved and float operations that must be made, by the kernels' contracts.
package struct EpochWork: Sendable, Equatable {
  package var bytes = 0.0, flops = 0.0

  package init(bytes: Double = 0, flops: Double = 0) { (self.bytes, self.flops) = (bytes, flops) }

  static func + (a: EpochWork, b: EpochWork) -> EpochWork {
    EpochWork(bytes: a.bytes + b.bytes, flops: a.flops + b.flops)
  }

  /// The work of so many such.
  static func * (times: Int, work: EpochWork) -> EpochWork {
    EpochWork(bytes: Double(times) * work.bytes, flops: Double(times) * work.flops)
  }
}

/// The time and the work of the parts of a fit's epochs, added up while it runs.
///
/// Clocks are read between chunks of work of ten microseconds and more, never within a kernel; what is learned does
/// not depend on it. Of parts that run side by side, each worker's time counts.
package final class EpochParts: @unchecked Sendable {
  fileprivate let threads: Int
  /// A whole number of cache lines.
  private static let slots = (EpochPart.allCases.count + 31) / 16 * 16
  /// Nanoseconds by worker and part, those of a worker apart from the others' cache lines.
  private let nanoseconds: Column<UInt64>
  private var work: [EpochPart: EpochWork] = [:]

  /// Nothing yet, of a fit on so many threads.
  package init(threads: Int) {
    self.threads = threads
    nanoseconds = Column(repeating: 0, count: max(1, threads) * Self.slots)
  }

  /// Adds time of one worker.
  fileprivate func add(_ part: EpochPart, _ time: UInt64, worker: Int) {
    nanoseconds[worker * Self.slots + part.place] += time
  }

  /// Adds work that a part has done.
  fileprivate func add(_ part: EpochPart, _ done: EpochWork) {
    work[part] = (work[part] ?? EpochWork()) + done
  }

  /// Seconds on all threads side by side, and the work, of each part that took any; nothing of an epoch's time that
  /// workers waited for each other.
  package var totals: [(part: EpochPart, seconds: Double, work: EpochWork)] {
    EpochPart.allCases.compactMap { part in
      let sum = (0..<max(1, threads)).reduce(UInt64(0)) {
        $0 + nanoseconds[$1 * Self.slots + part.place]
      }
      guard sum > 0 else { return nil }
      return (part, Double(sum) / 1e9 / Double(max(1, threads)), work[part] ?? EpochWork())
    }
  }
}

extension EpochPart {
  fileprivate static let places = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
  fileprivate var place: Int { Self.places[self] ?? 0 }
}

/// A worker's time since the last part ended; nothing where nobody wants to know.
struct EpochLaps {
  private let parts: EpochParts?
  private let worker: Int
  private var start: UInt64 = 0

  init(_ parts: EpochParts?, worker: Int) {
    (self.parts, self.worker) = (parts, worker)
    if parts != nil { start = Self.now }
  }

  /// Ends a part, and begins the next.
  mutating func end(_ part: EpochPart) {
    guard let parts else { return }
    let now = Self.now
    parts.add(part, now - start, worker: worker)
    start = now
  }

  fileprivate static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}

extension EpochParts? {
  /// Does a part of an epoch that uses all threads by itself, or that runs while they wait.
  func measure<Result>(
    _ part: EpochPart, _ work: @autoclosure () -> EpochWork = EpochWork(),
    _ body: () throws -> Result
  ) rethrows -> Result {
    guard let parts = self else { return try body() }
    let start = EpochLaps.now
    let result = try body()
    parts.add(part, (EpochLaps.now - start) * UInt64(max(1, parts.threads)), worker: 0)
    parts.add(part, work())
    return result
  }

  /// Notes the work of parts whose time workers have told.
  func note(_ work: @autoclosure () -> [EpochPart: EpochWork]) {
    guard let parts = self else { return }
    for (part, work) in work() { parts.add(part, work) }
  }
}
