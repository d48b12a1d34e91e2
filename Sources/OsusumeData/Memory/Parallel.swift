// Runs chunks of work on several threads; the cut is the caller's, so results do not depend on threads.
import Foundation

/// The number of processors: how many threads a call uses that is not told otherwise.
public let allCores = ProcessInfo.processInfo.activeProcessorCount

/// Runs `body` for each chunk number in 0..<count on at most `threads` threads at once.
///
/// Chunks are claimed in order; which thread runs which is not fixed. `body` must therefore write only
/// to places that belong to its chunk.
package func forEachChunk(_ count: Int, threads: Int, _ body: (Int) -> Void) {
  let workers = min(threads, count)
  guard workers > 1 else {
    for chunk in 0..<count { body(chunk) }
    return
  }
  let next = ChunkCounter()
  runWorkers(workers) { _ in
    while let chunk = next.claim(below: count) { body(chunk) }
  }
}

/// Cuts 0..<count into `parts` ranges of nearly equal length and returns the one numbered `part`.
package func evenRange(_ part: Int, of parts: Int, count: Int) -> Range<Int> {
  let low = count / parts * part + min(part, count % parts)
  return low..<(low + count / parts + (part < count % parts ? 1 : 0))
}
