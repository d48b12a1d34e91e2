// Asks for huge pages: fresh memory of many megabytes otherwise costs a page fault every 4 KiB.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Asks the system to back untouched memory by huge pages where that is worth it; a hint, no promise.
///
/// Worth a third of the time of cleaning a file of eight million rows: 190 MB of new columns are 46,000
/// page faults. Where the system offers no such hint, nothing happens.
func preferHugePages(_ buffer: UnsafeMutableRawBufferPointer) {
  #if os(Linux)
    let hugePage = 2 << 20
    guard let base = buffer.baseAddress, buffer.count >= 2 * hugePage else { return }
    let start = (Int(bitPattern: base) + hugePage - 1) & -hugePage
    let end = (Int(bitPattern: base) + buffer.count) & -hugePage
    if end > start {
      madvise(.init(bitPattern: start), end - start, Int32(MADV_HUGEPAGE))
    }
  #endif
}
