// Errors of pairs to predict.
import OsusumeData
import OsusumeModels

/// A pair that cannot be answered.
public enum PairError: OsusumeError, Equatable {
  /// Where the pair was given.
  public enum Place: Sendable, Equatable, CustomStringConvertible {
    /// A line of a file, 1 for the first.
    case line(String, Int)
    /// As options of the command, or arguments of a function.
    case options

    /// `pairs.csv:17: `, or nothing.
    public var description: String {
      switch self {
      case .line(let file, let line): "\(file):\(line): "
      case .options: ""
      }
    }
  }

  /// The model does not know the user or item.
  case unknown(Entity, String, Place)
  /// A time is no whole number.
  case notATime(String, Place)
  /// The model's score of a pair is not a finite number.
  case notFinite(user: String, item: String, Place)
  /// A line does not have as many columns as the first.
  case columns(Place)
  /// A quote is not closed, or text follows it.
  case quote(Place)
  /// A line cannot be read for another reason.
  case line(LineFault, file: String)
  /// The first line names columns, but not this one.
  case noColumn(Entity, file: String, columns: [String])
  /// There is nothing in the file, or a header and nothing else.
  case noPairs(file: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unknown(let entity, let id, let place):
      "\(place)the model does not know \(entity) '\(Self.clipped(id))'; leave the pair out, or answer with what is known: `cold mean`"
    case .notATime(let text, let place):
      "\(place)'\(Self.clipped(text))' is no time: give seconds since 1970"
    case .notFinite(let user, let item, let place):
      "\(place)the score of user '\(Self.clipped(user))' and item '\(Self.clipped(item))' is not a finite "
        + "number; train the model again, with a lower `learning_rate` where it has one"
    case .columns(let place):
      "\(place)a column is missing, or one too many; give a user and an item on each line"
    case .quote(let place):
      "\(place)a quote is not closed or text follows it; correct the line"
    case .line(let fault, let file): "\(file):\(fault); correct the line"
    case .noColumn(let entity, let file, let columns):
      "\(file):1: no \(entity) column among \(Self.clipped(columns.joined(separator: ", "))); "
        + "name one '\(entity)'"
    case .noPairs(let file):
      "\(file): there are no pairs in it; give a user and an item on each line"
    }
  }

  /// Text of a file as a message can hold it: of some length, without control characters.
  private static func clipped(_ text: String) -> String {
    let shown = String(
      text.unicodeScalars.prefix(60).map {
        $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0)
      })
    return text.unicodeScalars.dropFirst(60).isEmpty ? shown : shown + "…"
  }
}

extension PairError {
  /// A fault of a line in a file of pairs.
  init(_ fault: LineFault, file: String) {
    let place = Place.line(file, fault.line)
    switch fault.reason {
    case .columns, .cut: self = .columns(place)
    case .quote: self = .quote(place)
    case .notATime: self = .notATime(fault.text, place)
    default: self = .line(fault, file: file)
    }
  }
}
