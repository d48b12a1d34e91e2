// Runs a long row of short parallel phases without going to sleep between them.
import CKernels
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Phases of chunks: all chunks of a phase are done before any of the next begins.
///
/// A batch lasts well under a millisecond and has three phases; waking threads for each would cost as
/// much as the work. So workers stay, take tickets from one counter, and wait for earlier phases by
/// watching another. Nobody waits for a worker that has not taken a ticket: any number of workers, even
/// one, gets to the end, and which worker runs which chunk does not matter to the result.
struct PhaseTeam {
  /// Number of phases.
  var phases: Int
  /// Chunks of a phase; at least one.
  var chunks: (_ phase: Int) -> Int
  /// The work of one chunk, by one worker of 0..<threads.
  var body: (_ worker: Int, _ phase: Int, _ chunk: Int) -> Void

  /// Runs everything on at most `threads` threads.
  func run(threads: Int) {
    guard threads > 1 else {
      for phase in 0..<phases {
        for chunk in 0..<chunks(phase) { body(0, phase, chunk) }
      }
      return
    }
    let counters = Counters()
    nonisolated(unsafe) let team = self
    DispatchQueue.concurrentPerform(iterations: threads) { worker in
      team.work(worker, counters)
    }
  }

  private final class Counters: Sendable {
    let tickets = Atomic<Int>(0)
    let done = Atomic<Int>(0)
  }

  private func work(_ worker: Int, _ counters: Counters) {
    var phase = 0
    var first = 0  // ticket of the phase's first chunk
    var count = phases > 0 ? chunks(0) : 0
    while phase < phases {
      let ticket = counters.tickets.wrappingAdd(1, ordering: .relaxed).oldValue
      while phase < phases, ticket >= first + count {
        phase += 1
        first += count
        count = phase < phases ? chunks(phase) : 0
      }
      guard phase < phases else { return }
      wait(until: first, counters)
      body(worker, phase, ticket - first)
      counters.done.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Waits until `first` chunks are done: all those of earlier phases.
  private func wait(until first: Int, _ counters: Counters) {
    var spins = 0
    while counters.done.load(ordering: .acquiring) < first {
      spins += 1
      // A chunk takes some 10 µs; one that takes longer has lost its core: let others run, and where
      // yielding does not help it back to one, stop competing with it.
      if spins < 4000 {
        ck_pause()
      } else if spins < 4200 {
        sched_yield()
      } else {
        usleep(50)
      }
    }
  }
}
