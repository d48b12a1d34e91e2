// The grid on which the forces between all pairs of points of a map are computed.
import CKernels
import OsusumeData

/// Memory and tables of a `ck_tsne_grid`, made anew as the map grows.
package final class ForceGrid {
  /// What the kernels read.
  package let kernel = UnsafeMutablePointer<ck_tsne_grid>.allocate(capacity: 1)
  /// By worker: scratch of the kernels.
  package private(set) var scratch: [FloatMatrix] = []
  private let workers: Int
  private var twiddles: [FloatMatrix] = []
  private var places: [Column<Int32>] = []
  private var tables: [FloatMatrix] = []

  /// Nodes this far apart give forces to about a hundredth: the potential changes over a distance of 1.
  private static let spacing: Float = 0.5
  /// Beyond so many nodes a side, some 100 MB, nodes move apart instead.
  package static let mostNodes = 2048
  /// Nodes beyond the outermost points that their splines need.
  private static let margin = 6

  package init(workers: Int) {
    self.workers = workers
    kernel.initialize(to: ck_tsne_grid())
  }

  deinit { kernel.deallocate() }

  /// Blocks of rows, and one more of terms of a transform.
  package var blocks: Int { kernel.pointee.side / Int(CK_TSNE_BLOCK) }

  /// Makes the grid fit a map of some extent.
  package func fit(_ extent: Float) {
    var spacing = Self.spacing
    while extent / spacing + Float(Self.margin) > Float(Self.mostNodes) { spacing *= 2 }
    let nodes = Int(extent / spacing) + Self.margin
    let side = ck_fft_length(2 * nodes) / 2
    // A map that shrinks a little will grow again.
    let now = kernel.pointee
    let fits = side <= now.side && now.side < 2 * side
    if now.spacing != spacing || !fits { make(side: side, spacing: spacing) }
  }

  private func make(side: Int, spacing: Float) {
    let block = 2 * side * Int(CK_TSNE_BLOCK)
    kernel.pointee.side = side
    kernel.pointee.spacing = spacing
    twiddles = [side, 2 * side].map { FloatMatrix(rows: 1, columns: 2 * $0) }
    places = [side, 2 * side].map { Column(count: $0) }
    ck_fft_prepare(side, twiddles[0].base, places[0].base, &kernel.pointee.along)
    ck_fft_prepare(2 * side, twiddles[1].base, places[1].base, &kernel.pointee.across)
    tables = [
      FloatMatrix(rows: blocks + 1, columns: block),
      FloatMatrix(rows: blocks + 1, columns: 2 * block), FloatMatrix(rows: side, columns: side),
    ]
    kernel.pointee.kernel = UnsafePointer(tables[0].base)
    kernel.pointee.spectrum = tables[1].base
    kernel.pointee.potential = tables[2].base
    scratch = (0..<workers).map { _ in FloatMatrix(rows: 1, columns: ck_tsne_scratch(side)) }
    ck_tsne_kernel_rows(kernel, 0, 2 * blocks, scratch[0].base)
    ck_tsne_kernel(kernel, 0, blocks + 1, tables[0].base)
  }
}
