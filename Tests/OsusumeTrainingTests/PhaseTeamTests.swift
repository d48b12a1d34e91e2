// PhaseTeam: every chunk once, and no chunk of a phase before all of the one before it.
import Synchronization
import Testing

@testable import OsusumeTraining

struct PhaseTeamTests {
  /// What the chunks of a run saw.
  private final class Log: @unchecked Sendable {
    /// Plain memory: two runs of one chunk would be a race.
    let runs: UnsafeMutableBufferPointer<Int>
    let finished = Atomic<Int>(0)
    let early = Atomic<Int>(0)

    init(chunks: Int) {
      runs = .allocate(capacity: chunks)
      runs.initialize(repeating: 0)
    }

    deinit { runs.deallocate() }
  }

  @Test(arguments: [1, 2, 3, 8, 64])
  func phasesFollowOneAnother(threads: Int) {
    let sizes = (0..<500).map { 1 + ($0 * 7) % 13 }
    let first = sizes.indices.map { sizes[..<$0].reduce(0, +) }
    let total = sizes.reduce(0, +)
    let log = Log(chunks: total)
    PhaseTeam(
      phases: sizes.count, chunks: { sizes[$0] },
      body: { worker, phase, chunk in
        if worker < 0 || worker >= threads || log.finished.load(ordering: .acquiring) < first[phase]
        {
          log.early.add(1, ordering: .relaxed)
        }
        log.runs[first[phase] + chunk] += 1
        log.finished.add(1, ordering: .releasing)
      }
    ).run(threads: threads)
    #expect(log.early.load(ordering: .relaxed) == 0)
    #expect(log.finished.load(ordering: .relaxed) == total)
    #expect(log.runs.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [1, 4]) func nothingToDo(threads: Int) {
    PhaseTeam(phases: 0, chunks: { _ in 1 }, body: { _, _, _ in Issue.record("a phase") })
      .run(threads: threads)
  }

  /// Plain memory, written in one phase and read in the next: what a race detector looks at.
  @Test func earlierPhasesAreVisible() {
    let width = 64
    nonisolated(unsafe) let cells = UnsafeMutablePointer<Int>.allocate(capacity: width)
    cells.initialize(repeating: 0, count: width)
    defer { cells.deallocate() }
    PhaseTeam(
      phases: 200, chunks: { _ in width / 2 },
      body: { _, phase, chunk in
        // Even phases: pairs (2c, 2c+1); odd: pairs (2c+1, 2c+2), which others wrote.
        let low = 2 * chunk + phase % 2
        let high = (low + 1) % width
        let larger = max(cells[low], cells[high]) + 1
        (cells[low], cells[high]) = (larger, larger)
      }
    ).run(threads: 4)
    #expect((0..<width).allSatisfy { cells[$0] == 200 })
  }
}
