// Root mean squared and mean absolute error of a factor model on ratings, raw (unclipped).
import CKernels
import OsusumeData
import OsusumeModels

extension FactorParameters {
  /// Raw RMSE and MAE on rows; nil when there are none.
  func errors(on rows: RatingRows, threads: Int) -> (rmse: Double, mae: Double)? {
    guard rows.count > 0 else { return nil }
    let chunk = 16_384  // fixed, so that the sums do not depend on threads
    let chunks = (rows.count + chunk - 1) / chunk
    var sums = [Double](repeating: 0, count: 2 * chunks)
    sums.withUnsafeMutableBufferPointer { sums in
      rows.users.withUnsafeBufferPointer { user in
        rows.items.withUnsafeBufferPointer { item in
          rows.values.withUnsafeBufferPointer { value in
            nonisolated(unsafe) let (sums, user, item, value) = (sums, user, item, value)
            forEachChunk(chunks, threads: threads) { index in
              let first = index * chunk
              let count = min(chunk, rows.count - first)
              guard let sum = sums.baseAddress, let user = user.baseAddress,
                let item = item.baseAddress, let value = value.baseAddress
              else { return }
              ck_sgd_error(
                users.base, items.base, layout.lanes, users.stride, user + first, item + first,
                value + first, count, mean, sum + 2 * index, sum + 2 * index + 1)
            }
          }
        }
      }
    }
    let squared = stride(from: 0, to: sums.count, by: 2).reduce(0) { $0 + sums[$1] }
    let absolute = stride(from: 1, to: sums.count, by: 2).reduce(0) { $0 + sums[$1] }
    return ((squared / Double(rows.count)).squareRoot(), absolute / Double(rows.count))
  }
}
