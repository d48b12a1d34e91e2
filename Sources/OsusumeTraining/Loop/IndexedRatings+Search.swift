// The training ratings that a search for the number of epochs learns from, and those it is evaluated on.
import OsusumeData

extension IndexedRatings {
  /// Holds out a random fraction of the rows; nil where that would leave no row on one side.
  func searchSplit(fraction: Double, seed: UInt64, threads: Int) throws -> Split? {
    guard !labels.isEmpty else {
      let cut = try validationSplit(fraction: fraction, seed: seed, threads: threads)
      return cut.train.count > 0 && cut.test.count > 0 ? cut : nil
    }
    // Labels are found again by row number, which takes the place of the time.
    var numbered = self
    numbered.labels = []
    numbered.timestamps = (0..<Int64(count)).map { $0 }
    guard var cut = try numbered.searchSplit(fraction: fraction, seed: seed, threads: threads)
    else {
      return nil
    }
    for part in [\Split.train, \Split.test] {
      cut[keyPath: part].labels = cut[keyPath: part].timestamps.map { labels[Int($0)] }
      cut[keyPath: part].timestamps = []
    }
    return cut
  }
}
