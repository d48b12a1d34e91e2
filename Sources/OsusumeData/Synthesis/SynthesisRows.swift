// The rows of a synthesized set: runs the kernels over fixed chunks of users.
import CKernels
import Foundation

/// Every row of a set: item, score and where asked for a time, grouped by user in ascending order, items
/// ascending.
final class SynthesisRows: @unchecked Sendable {
  private let world: SynthesisWorld
  private let items: Column<Int32>
  private let scores: Column<Float>
  /// Seconds since 1970.
  private let times: Column<Int64>?
  private let threads: Int

  /// Users a chunk: the grain of parallel work, whatever the number of threads.
  private static let chunkUsers = 512
  private var chunks: Int { (world.users.count + Self.chunkUsers - 1) / Self.chunkUsers }

  /// Draws all rows; with a drift, when they were written and what changed by then.
  init(_ world: SynthesisWorld, drift: SynthesisDrift? = nil, threads: Int) {
    self.world = world
    self.threads = threads
    items = Column(count: world.offsets[world.users.count])
    scores = Column(count: world.offsets[world.users.count])
    times = drift.map { _ in Column(count: world.offsets[world.users.count]) }
    forEachChunk(chunks, threads: threads) { chunk in
      draw(users: users(of: chunk))
      if let drift { move(users: users(of: chunk), by: drift) }
    }
  }

  private func users(of chunk: Int) -> Range<Int> {
    let first = chunk * Self.chunkUsers
    return first..<min(first + Self.chunkUsers, world.users.count)
  }

  private func draw(users: Range<Int>) {
    var kernelWorld = world.kernelWorld
    let words = (kernelWorld.items + 63) / 64
    let bitmaps = Column([UInt64](repeating: 0, count: 2 * words))
    for user in users {
      let row = world.offsets[user]
      ck_synth_draw(
        &kernelWorld, world.users.base + user, items.base + row, scores.base + row, bitmaps.base,
        bitmaps.base + words)
    }
  }

  private func move(users: Range<Int>, by drift: SynthesisDrift) {
    guard let times else { return }
    var clock = drift.kernelClock
    for user in users {
      let row = world.offsets[user]
      ck_synth_drift(
        &clock, UInt64(user), items.base + row, world.offsets[user + 1] - row, scores.base + row,
        times.base + row)
    }
  }

  /// The scores at which ratings 2 to 10 begin, such that ratings come in the given proportions.
  func cuts(proportions: [Double]) -> [Float] {
    let binCount = CK_SYNTH_BINS
    let bins = Column([UInt32](repeating: 0, count: binCount * chunks))
    forEachChunk(chunks, threads: threads) { chunk in
      let users = users(of: chunk)
      let first = world.offsets[users.lowerBound]
      ck_synth_count(
        scores.base + first, world.offsets[users.upperBound] - first, bins.base + chunk * binCount)
    }
    let totals = (0..<binCount).map { bin in
      (0..<chunks).reduce(0) { $0 + Int(bins.base[$1 * binCount + bin]) }
    }
    return Self.cuts(bins: totals, proportions: proportions)
  }

  private static func cuts(bins: [Int], proportions: [Double]) -> [Float] {
    let lowest = Double(CK_SYNTH_LOWEST)
    let width = (Double(CK_SYNTH_HIGHEST) - lowest) / Double(bins.count)
    let scale = Double(bins.reduce(0, +)) / proportions.reduce(0, +)
    var cuts: [Float] = []
    var wanted = 0.0
    var bin = 0
    var below = 0
    for proportion in proportions.dropLast() {
      wanted += proportion * scale
      while bin < bins.count - 1 && Double(below + bins[bin]) < wanted {
        below += bins[bin]
        bin += 1
      }
      let part = bins[bin] == 0 ? 0 : (wanted - Double(below)) / Double(bins[bin])
      cuts.append(Float(lowest + (Double(bin) + part) * width))
    }
    return cuts
  }

  /// The rows as text: the bytes of each chunk in order, for `body` to take while they are there.
  func withText(ids: [Int], cuts: [Float], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows
  {
    let itemText = Column(ids.map(Self.packed))
    let itemBytes = Column(ids.map { UInt8(String($0).utf8.count + 1) })
    let cuts = Column(cuts)
    let format = ck_synth_text(items: itemText.base, bytes: itemBytes.base, cuts: cuts.base)
    let texts = (0..<chunks).map { chunk in
      let users = users(of: chunk)
      let rows = world.offsets[users.upperBound] - world.offsets[users.lowerBound]
      return Column<CChar>(count: (times == nil ? 28 : 40) * rows + 16)
    }
    let bytes = Column([Int](repeating: 0, count: chunks))
    forEachChunk(chunks, threads: threads) { chunk in
      var format = format
      var end = texts[chunk].base
      for user in users(of: chunk) {
        let row = world.offsets[user]
        var userText = Array("\(user + 1),".utf8CString.dropLast())
        let userBytes = userText.count
        userText += [CChar](repeating: 0, count: 16 - userBytes)
        end += ck_synth_format(
          &format, userText, userBytes, items.base + row, scores.base + row,
          times.map { $0.base + row }, world.offsets[user + 1] - row, end)
      }
      bytes.base[chunk] = end - texts[chunk].base
    }
    for chunk in 0..<chunks {
      try body(UnsafeRawBufferPointer(start: texts[chunk].base, count: bytes.base[chunk]))
    }
  }

  /// An id and a comma as 8 bytes in memory order, zeros behind.
  private static func packed(id: Int) -> UInt64 {
    "\(id),".utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }.littleEndian
  }
}
