// The step sizes and penalties of bpr, lane by lane, as its kernel wants them.
import CKernels
import OsusumeData

/// How the rows of one table move: lanes of factors, and an item's bias, each with a step and a penalty.
package struct PairwiseSteps: Sendable {
  private let rates: FloatMatrix
  private let decays: FloatMatrix

  /// The steps of users' or items' rows, `scale` times as large as the settings say; other lanes stay.
  package init(
    _ entity: Entity, _ layout: FactorLayout, _ settings: Hyperparameters, scale: Double
  ) {
    rates = FloatMatrix(rows: 1, columns: layout.lanes)
    decays = FloatMatrix(rows: 1, columns: layout.lanes)
    for lane in 0..<layout.factors {
      rates[0][lane] = Float(settings.learningRate * scale)
      decays[0][lane] = Float(settings.regularization)
    }
    guard entity == .item, layout.biased else { return }
    rates[0][layout.itemBiasLane] = Float(settings.biasLearningRate * scale)
    decays[0][layout.itemBiasLane] = Float(settings.biasRegularization)
  }

  /// Steps that leave all rows as they are.
  package init(still layout: FactorLayout) {
    rates = FloatMatrix(rows: 1, columns: layout.lanes)
    decays = FloatMatrix(rows: 1, columns: layout.lanes)
  }

  /// The kernel's view of a table; valid while self and the table live.
  package func side(of table: FloatMatrix) -> ck_bpr_side {
    ck_bpr_side(rows: table.base, rate: rates.base, decay: decays.base)
  }
}

extension ck_bpr_tile {
  /// Walks the tile's runs in an order by `ck_bpr_walk`; returns the sum of the losses before each update.
  package func walk(
    users: ck_bpr_side, items: ck_bpr_side, stride: Int, negatives: Int,
    order: UnsafePointer<Int32>, key: UInt64
  ) -> Double {
    var (users, items, tile) = (users, items, self)
    return withUnsafeTemporaryAllocation(
      byteCount: ck_bpr_scratch_bytes(count, negatives, stride), alignment: 64
    ) {
      ck_bpr_walk(&users, &items, stride, negatives, &tile, order, key, $0.baseAddress)
    }
  }
}
