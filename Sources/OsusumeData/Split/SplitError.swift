// Why ratings cannot be cut as asked.

/// Why a split is impossible.
public enum SplitError: OsusumeError, Equatable {
  /// A cut in time of ratings that carry no time.
  case needsTimestamps(SplitRule)
  /// `file:…` was asked for, but the ratings were prepared without that file.
  case testFileNotRead(String)
  /// The fraction of test rows is not between 0 and 1.
  case badFraction(Double)
  /// No row is left to learn from.
  case nothingToTrainOn(SplitRule)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .needsTimestamps(let rule):
      "split \(rule) needs timestamps, and the ratings have none; give their column with "
        + "`columns user,item,rating,timestamp`, or split by per-user:0.1"
    case .testFileNotRead(let path):
      "split file:\(path) needs that file read along with the ratings"
    case .badFraction(let fraction):
      "a split's fraction of test rows is \(fraction); give a number between 0 and 1"
    case .nothingToTrainOn(.file(let path)):
      "split file:\(path) leaves no row to train on: that file has every rating; give one with some of them"
    case .nothingToTrainOn(let rule):
      "split \(rule) leaves no row to train on; give more ratings or a smaller fraction of test rows"
    }
  }
}
