// Arrays that threads fill chunk by chunk.
import OsusumeData

extension Array where Element: BitwiseCopyable {
  /// `width` elements for each of `count` places, filled in chunks of places on several threads.
  ///
  /// `fill` is handed a chunk's places and the address of their elements, all of which it must write.
  init(
    count: Int, width: Int = 1, chunk: Int, threads: Int,
    fill: (_ places: Range<Int>, _ elements: UnsafeMutablePointer<Element>) -> Void
  ) {
    self.init(unsafeUninitializedCapacity: count * width) { buffer, filled in
      filled = count * width
      guard let base = buffer.baseAddress else { return }
      forEachChunk((count + chunk - 1) / chunk, threads: threads) { part in
        let places = part * chunk..<Swift.min((part + 1) * chunk, count)
        fill(places, base + places.lowerBound * width)
      }
    }
  }
}
