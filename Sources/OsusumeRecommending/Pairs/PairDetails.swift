// What a scored pair gets beside a rating of it: the score rounded, the error, the title.
import CKernels
import OsusumeData
import OsusumeModels

/// Steps of the scale and titles, ready for many pairs.
struct PairDetails: Sendable {
  /// The ratings there are; nil for models that predict none, or keep none.
  private let steps: SeenRatings?
  /// Whether scores are ratings, so that they have errors.
  private let areRatings: Bool
  /// The lowest rating: −1 below it is no rating.
  private let lowest: Float
  /// By item: its title, in UTF-8; empty where it has none.
  private let titles: [[UInt8]]

  init(_ model: Model) {
    areRatings = model.spec.predictsRatings
    steps = areRatings ? model.seenRatings : nil
    lowest = model.scale.lowerBound
    titles = (0..<model.itemIDs.count).map {
      Array((model.catalog[model.itemIDs[$0]]?.title ?? "").utf8)
    }
  }

  /// The names of its columns.
  static let columns = "rating,rounded,error,title"

  /// The title of an item; empty where it has none.
  func title(_ item: Int32) -> [UInt8] {
    titles.indices.contains(Int(item)) ? titles[Int(item)] : []
  }

  /// A score rounded to the steps of the scale.
  func rounded(_ score: Float) -> Float? { steps?.nearest(to: score) }

  /// A field of a column of ratings, by the rules of ratings files.
  enum Rating {
    /// Nothing is written, or −1 where that says that there is none.
    case none
    /// A rating.
    case number(Float)
    /// Text that is no rating, and why.
    case unreadable(LineFault.Reason)

    /// The rating; nil without one.
    var value: Float? { if case .number(let rating) = self { rating } else { nil } }
  }

  /// A rating as it was written between such delimiters.
  func rating(_ text: ArraySlice<UInt8>?, _ delimiter: Delimiter) -> Rating {
    guard let text, !text.isEmpty else { return .none }
    let read = delimiter.rating(String(decoding: text, as: UTF8.self))
    guard read.status == CK_INGEST_OK else {
      return .unreadable(.init(rawValue: read.status.rawValue) ?? .notANumber)
    }
    return read.value == -1 && lowest > -1 ? .none : .number(read.value)
  }

  /// Score minus rating; nil where either is none.
  func error(_ score: Float, _ rating: Float?) -> Float? {
    areRatings ? rating.map { score - $0 } : nil
  }
}
