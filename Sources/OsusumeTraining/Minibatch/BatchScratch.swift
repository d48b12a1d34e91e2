// The buffers of a batch of a factor model, and how it is cut into chunks.
import CKernels
import OsusumeData

/// Buffers of one batch, reused by the next.
final class BatchScratch: @unchecked Sendable {
  /// Ratings a chunk.
  private static let chunk = 512

  /// The users' rows at which gradients are taken, one a run.
  let userRows: FloatMatrix
  /// The users' gradients, one a run, unscaled.
  let userGradients: FloatMatrix
  /// The items' gradients of each worker's chunk.
  let itemGradients: [FloatMatrix]
  /// The factor of each rating's gradients: its error, or the sign of it.
  let weights: Column<Float>
  /// Sums of errors, one a chunk.
  let sums: Column<ck_loss_sums>

  init(_ plan: BatchPlan, stride: Int, threads: Int) {
    userRows = FloatMatrix(rows: plan.batchSize, columns: stride)
    userGradients = FloatMatrix(rows: plan.batchSize, columns: stride)
    itemGradients = (0..<max(1, threads)).map { _ in
      FloatMatrix(rows: min(plan.batchSize, Self.chunk), columns: stride)
    }
    weights = Column(count: plan.batchSize)
    sums = Column(count: (plan.batchSize + Self.chunk - 1) / Self.chunk)
  }

  /// Where the forward pass writes.
  var gradients: ck_pair_gradients {
    ck_pair_gradients(
      weight: weights.base, G: userGradients.base, C: userRows.base, width: userRows.stride)
  }

  /// Chunks of a batch of `count` ratings.
  func chunks(_ count: Int) -> Int { (count + Self.chunk - 1) / Self.chunk }

  /// The runs that begin within a chunk's ratings.
  func runs(_ start: UnsafePointer<Int32>, _ runs: Int, _ chunk: Int) -> Range<Int> {
    start.runs(runs, beginningIn: Self.chunk * chunk..<Self.chunk * (chunk + 1))
  }
}

extension UnsafePointer<Int32> {
  /// Of so many runs, whose starts these are, those that begin within some rows.
  func runs(_ count: Int, beginningIn rows: Range<Int>) -> Range<Int> {
    let bounds = [rows.lowerBound, rows.upperBound].map { row in
      (0..<count).firstPlace { Int(self[$0]) >= row }
    }
    return bounds[0]..<bounds[1]
  }
}
