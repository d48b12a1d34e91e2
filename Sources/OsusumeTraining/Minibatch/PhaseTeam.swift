// Runs many short parallel phases one after the other, without putting threads to sleep between them.
import CKernels
import Foundation
import OsusumeData
import Synchronization

/// Phases of chunks: all chunks of a phase are done before any of the next begins.
///
/// A batch lasts well under a millisecond and has several phases; waking threads for each would cost as
/// much as the work. So workers stay, take chunks of the running phase from one counter, and watch a
/// second one for the phase's end. No worker holds a chunk that cannot be run yet: one that loses its core
/// while it waits delays nobody, any number of workers, even one, gets to the end, and which worker
/// runs which chunk does not matter to the result.
package struct PhaseTeam {
  /// Number of phases.
  package var phases: Int
  /// Chunks of a phase; at least one.
  package var chunks: (_ phase: Int) -> Int
  /// The work of one chunk, by one worker of 0..<threads.
  package var body: (_ worker: Int, _ phase: Int, _ chunk: Int) -> Void

  /// Makes a team from its parts.
  package init(
    phases: Int, chunks: @escaping (_ phase: Int) -> Int,
    body: @escaping (_ worker: Int, _ phase: Int, _ chunk: Int) -> Void
  ) {
    (self.phases, self.chunks, self.body) = (phases, chunks, body)
  }

  /// Runs everything on at most `threads` threads.
  package func run(threads: Int) {
    guard threads > 1 else {
      for phase in 0..<phases {
        for chunk in 0..<chunks(phase) { body(0, phase, chunk) }
      }
      return
    }
    let counters = Counters()
    runWorkers(threads) { work($0, counters) }
  }

  private final class Counters: Sendable {
    let taken = Atomic<Int>(0)
    let done = Atomic<Int>(0)
  }

  private func work(_ worker: Int, _ counters: Counters) {
    var phase = 0
    var first = 0  // number of the phase's first chunk
    var end = phases > 0 ? chunks(0) : 0
    var spins = 0
    while phase < phases {
      if counters.done.load(ordering: .acquiring) >= end {
        phase += 1
        (first, end) = (end, end + (phase < phases ? chunks(phase) : 0))
        spins = 0
        continue
      }
      let chunk = counters.taken.load(ordering: .relaxed)
      let isMine =
        chunk < end
        && counters.taken.compareExchange(
          expected: chunk, desired: chunk + 1, ordering: .relaxed
        ).exchanged
      if isMine {
        body(worker, phase, chunk - first)
        counters.done.wrappingAdd(1, ordering: .acquiringAndReleasing)
        spins = 0
      } else {
        rest(after: &spins)
      }
    }
  }

  /// Passes some time until the phase's last chunks are done.
  private func rest(after spins: inout Int) {
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
