// Tables to draw items from in constant time.
import CKernels

/// An alias table (Walker 1977, Vose 1991) over some items, with memory that kernels may point to.
final class SynthesisTable: Sendable {
  private let items: Column<Int32>
  private let aliases: Column<Int32>
  private let cuts: Column<UInt32>

  /// Makes a table that draws `items` by their positive `weights`.
  init(items: [Int], weights: [Double]) {
    let scale = Double(items.count) / weights.reduce(0, +)
    var shares = weights.map { $0 * scale }
    var aliases = Array(0..<items.count)
    var poor = shares.indices.filter { shares[$0] < 1 }
    var rich = shares.indices.filter { shares[$0] >= 1 }
    while let low = poor.popLast(), let high = rich.last {
      aliases[low] = high
      shares[high] -= 1 - shares[low]
      if shares[high] < 1 { poor.append(rich.removeLast()) }
    }
    self.items = Column(items.map(Int32.init))
    self.aliases = Column(aliases.map(Int32.init))
    // A slot whose alias is itself may have any cut.
    cuts = Column(shares.map { UInt32(min(0x1p32 - 1, max(0, $0) * 0x1p32)) })
  }

  /// The table as the kernel sees it, valid as long as this object lives.
  var kernelTable: ck_synth_table {
    ck_synth_table(count: items.count, item: items.base, alias: aliases.base, cut: cuts.base)
  }
}
