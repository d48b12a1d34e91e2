// Threads that work for a caller, started in one place; where the system refuses one, fewer do it all.
import Dispatch
import Foundation
import Synchronization

/// Workers that have been started and have nothing to do.
private let idle = Mutex<[Worker]>([])

/// Runs `body` on up to `count` workers at once and returns when all are done.
///
/// The caller is worker 0; each other one is a thread of its own. The system may refuse to start some, for want of
/// memory or by a limit on threads, and under a limit on memory no more are asked for than leave room for the work:
/// `body` must claim what there is to do, so that any number of workers, even one, does all of it; not every worker
/// need run. (Dispatch waits, for ever if need be, until a thread can be had.) Threads stay for the next call: one
/// that ends gives back memory that the next asks for again.
package func runWorkers(
  _ count: Int, starting start: () -> Worker? = Worker.init, _ body: (_ worker: Int) -> Void
) {
  let wanted = max(0, count - 1)
  var others = idle.withLock { idle in
    let taken = Array(idle.suffix(wanted))
    idle.removeLast(taken.count)
    return taken
  }
  while others.count < wanted, AddressSpace.threads > others.count + 1,
    let another = start()
  {
    others.append(another)
  }
  withoutActuallyEscaping(body) { body in
    for (number, other) in others.enumerated() { other.begin { body(number + 1) } }
    body(0)
    for other in others { other.finish() }
  }
  idle.withLock { $0 += others }
}

/// A thread that runs one closure after another.
package final class Worker: @unchecked Sendable {
  /// Kernels, OpenBLAS and parsing nest little; the system's default of 8 MiB each would soon use up a
  /// limited address space.
  private static let stackBytes = 2 << 20

  private enum State { static let (free, offered, running) = (0, 1, 2) }

  /// Whoever moves it on from `offered`, caller or thread, has `work` to itself.
  private let state = Atomic<Int>(State.free)
  private var work: (() -> Void)?
  private let begun = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Starts a thread, which stays until the process ends; nil where the system refuses.
  package init?() {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let worker = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        let worker: UnsafeMutableRawPointer? = argument
        if let worker { Unmanaged<Worker>.fromOpaque(worker).takeRetainedValue().serve() }
        return nil
      }, worker.toOpaque())
    if code != 0 {
      worker.release()
      return nil
    }
  }

  /// Offers the thread a closure; `finish` must be called before the next.
  package func begin(_ work: @escaping () -> Void) {
    self.work = work
    state.store(State.offered, ordering: .releasing)
    begun.signal()
  }

  /// Waits until the closure has returned; one that has not begun is taken back.
  ///
  /// On a busy machine a thread may get a core only after the others have done all there was to do.
  package func finish() {
    if move(from: State.offered, to: State.free) {
      work = nil
    } else {
      ended.wait()
    }
  }

  private func move(from old: Int, to new: Int) -> Bool {
    state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
  }

  private func serve() {
    while true {
      begun.wait()
      // Where the closure was taken back there is nothing to do.
      guard move(from: State.offered, to: State.running) else { continue }
      work?()
      work = nil
      state.store(State.free, ordering: .releasing)
      ended.signal()
    }
  }
}
