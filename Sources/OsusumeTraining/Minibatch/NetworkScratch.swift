// The buffers of a batch of a network, and how it is cut into chunks.
import CKernels
import OsusumeData
import OsusumeModels

/// Workspaces and gradients of one batch, reused by the next.
final class NetworkScratch: @unchecked Sendable {
  /// What one worker needs for the users and pairs of a chunk.
  struct Work {
    /// Workspace rows of the chunk's distinct users, and their gradients.
    let userValues: FloatMatrix, userGradients: FloatMatrix
    /// Workspace rows of its pairs; a chunk has more than `chunk` where a user has many.
    let pairValues: FloatMatrix
    /// The row of each pair's user.
    let userRow: Column<Int32>
  }

  /// Pairs or rows a chunk: enough to fill a matrix product, few enough to stay in the second-level
  /// cache, and two chunks at least a batch.
  let chunk: Int
  /// One a worker.
  let work: [Work]
  /// Gradients of the batch's pairs.
  let pairGradients: FloatMatrix
  /// Gradients of the rows of the batch's distinct users, one a run.
  let userGradients: FloatMatrix
  /// Workspace rows of the batch's distinct items, one a run, and their gradients.
  let itemValues: FloatMatrix, itemGradients: FloatMatrix
  /// The item's run of each pair.
  let itemRuns: Column<Int32>
  /// Gradients of layers, a row a chunk, by domain.
  let layerParts: [FloatMatrix]
  /// Gradients of layers, summed.
  let layerGradients: FloatMatrix
  /// Sums of losses, by chunk and head.
  let sums: Column<ck_loss_sums>
  private let heads: Int

  init(_ plan: Plan, batchSize: Int, threads: Int) {
    let chunk = batchSize >= 1024 ? 256 : max(16, (batchSize + 31) / 32 * 16)
    self.chunk = chunk
    heads = plan.outputs.count
    let strides = plan.strides
    work = (0..<max(1, threads)).map { _ in
      Work(
        userValues: FloatMatrix(rows: chunk, columns: strides[0]),
        userGradients: FloatMatrix(rows: chunk, columns: strides[0]),
        pairValues: FloatMatrix(rows: batchSize, columns: strides[2]),
        userRow: Column(count: batchSize))
    }
    pairGradients = FloatMatrix(rows: batchSize, columns: strides[2])
    userGradients = FloatMatrix(rows: batchSize, columns: plan.lanes(.user))
    itemValues = FloatMatrix(rows: batchSize, columns: strides[1])
    itemGradients = FloatMatrix(rows: batchSize, columns: strides[1])
    itemRuns = Column(repeating: 0, count: batchSize)
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

  /// Keeps what a worker found for the rows of some users until they are updated.
  func keepUserGradients(_ gradients: FloatMatrix, _ rows: Range<Int>) {
    for row in rows {
      (userGradients.base + row * userGradients.stride).update(
        from: gradients.base + (row - rows.lowerBound) * gradients.stride,
        count: userGradients.stride)
    }
  }

  /// The sum of the losses of a head over a chunk of pairs.
  func sums(chunk: Int, head: Int) -> UnsafeMutablePointer<ck_loss_sums> {
    sums.base + head * (sums.count / heads) + chunk
  }
}
