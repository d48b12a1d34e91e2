// Results of chunks of work, in order of chunk.

/// Maps chunk numbers 0..<count on at most `threads` threads; results are in order of chunk.
package func mapChunks<Result>(
  _ count: Int, threads: Int, _ body: (Int) -> Result
) -> [Result] {
  [Result](unsafeUninitializedCapacity: count) { buffer, filled in
    // Each chunk writes its own element; all are there when forEachChunk returns.
    nonisolated(unsafe) let base = buffer.baseAddress
    forEachChunk(count, threads: threads) { chunk in
      base.map { ($0 + chunk).initialize(to: body(chunk)) }
    }
    filled = count
  }
}
