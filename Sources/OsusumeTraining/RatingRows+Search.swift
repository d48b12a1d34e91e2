// The training rows that a search for the number of epochs learns from, and those it is judged by.
import OsusumeData

extension RatingRows {
  /// Holds out a random share of the rows; nil where that would leave no row on one side.
  func searchSplit(share: Double, seed: UInt64, threads: Int) throws -> Split? {
    let cut = try validationSplit(fraction: share, seed: seed, threads: threads)
    return cut.train.count > 0 && cut.test.count > 0 ? cut : nil
  }
}
