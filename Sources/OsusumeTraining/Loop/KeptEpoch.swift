// Which epoch early stopping went by, and its error on the ratings that were held out for that.

/// The best epoch of a search for the number of epochs.
public struct KeptEpoch: Sendable, Equatable, Codable {
  /// 1 for the first.
  public var epoch: Int
  /// How many epochs the search ran.
  public var searched: Int
  /// What was measured on the held-out training ratings: `RMSE`, `log loss`, `NDCG@10`.
  public var figure: String
  /// Its value after that epoch.
  public var value: Double
  /// Whether the model was fitted anew to all training rows for as many epochs; else it is what the search
  /// had learned by then.
  public var refitted: Bool

  /// The epoch with the lowest error of a search, the first of several; nil where nothing was searched for, or no
  /// epoch has an error.
  public init?(search: [EpochReport], epochs: [EpochReport]) {
    let known = search.compactMap { report in report.error.map { (report: report, error: $0) } }
    guard
      let (report, error) = known.filter({ $0.error.isFinite }).min(by: { $0.error < $1.error })
    else { return nil }
    epoch = report.epoch
    searched = search.count
    figure = report.validRMSE != nil ? "RMSE" : report.labels != nil ? "log loss" : "NDCG@10"
    value = figure == "NDCG@10" ? 1 - error : error
    refitted = !epochs.isEmpty
  }
}
