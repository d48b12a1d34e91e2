// What a batch of a network needs while it is worked on, and how it is cut into chunks.
import CKernels
import OsusumeData
import OsusumeModels

/// Workspaces and gradients of one batch, reused by the next.
final class NetworkScratch: @unchecked Sendable {
  /// Rows a chunk: enough to fill a matrix product, few enough to stay in L2, and two at least a batch.
  let chunk: Int
  /// Workspace rows of the batch's distinct users and items, one a run, and their gradients.
  let values: [FloatMatrix]
  let gradients: [FloatMatrix]
  /// Gradients of the batch's pairs; their values are kept a chunk at a time, one chunk a worker.
  let pairGradients: FloatMatrix
  let pairValues: [FloatMatrix]
  /// The user's run and the item's run of each pair.
  let pairRuns: [Column<Int32>]
  /// Gradients of layers, a row a chunk, by domain.
  let layerParts: [FloatMatrix]
  /// Gradients of layers, summed.
  let layerGradients: FloatMatrix
  /// Sums of losses, by chunk and head.
  let sums: Column<ck_loss_sums>
  private let heads: Int

  init(_ plan: Plan, batchSize: Int, threads: Int) {
    let chunk = batchSize >= 1024 ? 512 : max(16, (batchSize + 31) / 32 * 16)
    self.chunk = chunk
    heads = plan.outputs.count
    let strides = plan.strides
    values = strides[..<2].map { FloatMatrix(rows: batchSize, columns: $0) }
    gradients = strides[..<2].map { FloatMatrix(rows: batchSize, columns: $0) }
    pairGradients = FloatMatrix(rows: batchSize, columns: strides[2])
    pairValues = (0..<max(1, threads)).map { _ in FloatMatrix(rows: chunk, columns: strides[2]) }
    pairRuns = (0..<2).map { _ in Column(repeating: 0, count: batchSize) }
    let chunks = (batchSize + chunk - 1) / chunk
    layerParts = Plan.Domain.allCases.map {
      plan.learned(in: $0).isEmpty
        ? FloatMatrix(rows: 0, columns: 16)
        : FloatMatrix(rows: chunks, columns: plan.layerCount)
    }
    layerGradients = FloatMatrix(rows: 1, columns: plan.layerCount + 64)
    sums = Column(repeating: ck_loss_sums(), count: chunks * heads)
  }

  /// Chunks of so many rows.
  func chunks(_ rows: Int) -> Int { (rows + chunk - 1) / chunk }

  /// The rows of a chunk.
  func rows(_ number: Int, of count: Int) -> Range<Int> {
    number * chunk..<min(count, (number + 1) * chunk)
  }

  /// Where a chunk of pairs leaves what its heads cost.
  func sums(chunk: Int, head: Int) -> UnsafeMutablePointer<ck_loss_sums> {
    sums.base + head * (sums.count / heads) + chunk
  }
}
