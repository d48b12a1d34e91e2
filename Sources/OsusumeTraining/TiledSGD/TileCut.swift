// Ratings and the blocks of items that tiles are cut by, as the kernels read them.
import CKernels
import OsusumeData

/// Ratings by user, and the blocks of items that they are cut into.
struct TileCut {
  let ratings: IndexedRatings
  let byUser: Grouping
  /// Taken off each rating.
  let mean: Float
  /// Block of each item.
  private let block: [Int32]
  /// First item of each block.
  private let blockStart: [Int32]

  /// `itemBounds` has the first item of each block, and the number of items.
  init(ratings: IndexedRatings, byUser: Grouping, mean: Float, itemBounds: [Int]) {
    (self.ratings, self.byUser, self.mean) = (ratings, byUser, mean)
    blockStart = itemBounds.dropLast().map(Int32.init)
    block = blockStart.indices.flatMap {
      repeatElement(Int32($0), count: itemBounds[$0 + 1] - itemBounds[$0])
    }
  }

  /// Calls `body` with the cut, which it may read until it returns.
  func withKernel(_ body: (UnsafePointer<ck_sgd_cut>) -> Void) {
    byUser.withKernel { byUser in
      ratings.withKernel { ratings in
        block.withUnsafeBufferPointer { block in
          blockStart.withUnsafeBufferPointer { start in
            let cut = ck_sgd_cut(
              by_user: byUser.pointee, ratings: ratings.pointee, mean: mean, blocks: start.count,
              block: block.baseAddress, block_start: start.baseAddress)
            withUnsafePointer(to: cut) { body($0) }
          }
        }
      }
    }
  }
}
