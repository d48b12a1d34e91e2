// Starts threads, in one place; where the system refuses one, the work is done by those there are.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs `body` on up to `count` workers at once and returns when all are done.
///
/// The caller is worker 0; each other one is a thread of its own. The system may refuse to start some,
/// for want of memory or by a limit on threads: `body` must claim what there is to do, so that any number of
/// workers, even one, does all of it. (Dispatch waits, for ever if need be, until a thread can be had.)
package func runWorkers(
  _ count: Int, starting start: (@escaping () -> Void) -> WorkerThread? = WorkerThread.init,
  _ body: (_ worker: Int) -> Void
) {
  withoutActuallyEscaping(body) { body in
    var threads: [WorkerThread] = []
    for worker in 1..<max(1, count) {
      guard let thread = start({ body(worker) }) else { break }
      threads.append(thread)
    }
    body(0)
    for thread in threads { thread.join() }
  }
}

/// A thread that runs a closure.
package struct WorkerThread {
  /// Kernels, OpenBLAS and parsing nest little; the system's default of 8 MiB each would soon use up a
  /// limited address space.
  private static let stackBytes = 2 << 20

  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  #if canImport(Glibc)
    private var thread = pthread_t()
  #else
    private var thread: pthread_t?
  #endif

  /// Starts a thread; nil where the system refuses.
  package init?(_ body: @escaping () -> Void) {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        let work: UnsafeMutableRawPointer? = argument
        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    if code != 0 {
      work.release()
      return nil
    }
  }

  /// Waits until the closure has returned.
  package func join() {
    #if canImport(Glibc)
      pthread_join(thread, nil)
    #else
      if let thread { pthread_join(thread, nil) }
    #endif
  }
}
