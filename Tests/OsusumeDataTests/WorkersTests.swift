// Workers: all work is done by those that could be started, and each thread is one of its own.
import Foundation
import Synchronization
import Testing

@testable import OsusumeData

struct WorkersTests {
  /// Runs chunks on at most `count` workers where the system starts no threads.
  private func chunks(on count: Int) -> (chunks: [Int], workers: Set<Int>) {
    let counter = ChunkCounter()
    let seen = Mutex<(chunks: [Int], workers: Set<Int>)>(([], []))
    runWorkers(count, starting: { nil }) { worker in
      _ = seen.withLock { $0.workers.insert(worker) }
      while let chunk = counter.claim(below: 100) { seen.withLock { $0.chunks.append(chunk) } }
    }
    return seen.withLock { $0 }
  }

  /// More workers than there can be idle ones: the last of them must be started, and cannot.
  @Test(arguments: [1, 2, 1000]) func thoseThatThereAreDoTheWork(count: Int) {
    let (chunks, workers) = chunks(on: count)
    #expect(chunks.sorted() == Array(0..<100))
    #expect(workers.contains(0) && workers.isSubset(of: Set(0..<count)))
  }

  /// As on a machine with no core to spare: a closure that has not begun is not waited for.
  @Test func whatHasNotBegunIsTakenBack() throws {
    let worker = try #require(Worker())
    let ran = Atomic<Int>(0)
    for _ in 0..<2000 {
      worker.begin { ran.add(1, ordering: .relaxed) }
      worker.finish()
    }
    let before = ran.load(ordering: .relaxed)
    #expect(before <= 2000)
    // None of those taken back is left over for the next.
    worker.begin { ran.add(1, ordering: .relaxed) }
    while ran.load(ordering: .relaxed) == before { usleep(100) }
    worker.finish()
    let after = ran.load(ordering: .relaxed)
    #expect(after == before + 1)
  }

  @Test func refusedOnceIsEnough() {
    var asked = 0
    runWorkers(
      1000,
      starting: {
        asked += 1
        return nil
      }, { _ in })
    #expect(asked == 1)
  }

  @Test func oneWorkerIsTheCaller() {
    var ran: [Int] = []
    runWorkers(1, starting: { nil }) { ran.append($0) }
    #expect(ran == [0])
  }

  /// Each of several callers gets workers of its own, and so do the workers that call.
  @Test func callsNest() {
    let ran = Atomic<Int>(0)
    forEachChunk(4, threads: 3) { _ in
      forEachChunk(5, threads: 2) { _ in ran.add(1, ordering: .relaxed) }
    }
    let total = ran.load(ordering: .relaxed)
    #expect(total == 20)
  }

  @Test func workersRunAtOnce() {
    let here = Atomic<Int>(0)
    // Each waits for the others: run one after another, they would never end.
    runWorkers(3) { _ in
      here.add(1, ordering: .sequentiallyConsistent)
      let late = ContinuousClock.now + .seconds(20)
      while here.load(ordering: .sequentiallyConsistent) < 3, .now < late { usleep(100) }
      let all = here.load(ordering: .sequentiallyConsistent)
      #expect(all == 3)
    }
  }
}
