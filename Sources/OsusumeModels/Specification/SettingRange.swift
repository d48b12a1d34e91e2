// Which values a setting takes, and how values are read from text.
import OsusumeData

/// The values a setting takes, as a condition and in words.
struct SettingRange<Value: SettingValue>: Sendable {
  /// Worded to follow "give".
  let words: String
  let contains: @Sendable (Value) -> Bool
}

extension SettingRange where Value == Int {
  /// Whole numbers, both ends included.
  static func whole(_ range: ClosedRange<Int>) -> Self {
    .init(words: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }
}

extension SettingRange where Value == Double {
  /// Numbers with both ends included.
  static func from(_ lowest: Double, to highest: Double) -> Self {
    .init(words: "a number from \(lowest.plain) to \(highest.plain)") {
      (lowest...highest).contains($0)
    }
  }

  /// Numbers above the first and up to the second.
  static func above(_ bound: Double, to highest: Double) -> Self {
    .init(words: "a number above \(bound.plain), at most \(highest.plain)") {
      $0 > bound && $0 <= highest
    }
  }

  /// Numbers from the first up to the second, the second excluded.
  static func from(_ lowest: Double, below bound: Double) -> Self {
    .init(words: "a number from \(lowest.plain) to below \(bound.plain)") {
      (lowest..<bound).contains($0)
    }
  }
}

extension SettingRange where Value: CaseIterable & RawRepresentable<String> {
  /// Each case by its name.
  static var anyCase: Self {
    .init(words: Value.allCases.map(\.rawValue).alternatives) { _ in true }
  }
}

extension SettingRange where Value == Bool {
  static var trueOrFalse: Self { .init(words: "true or false") { _ in true } }
}

extension SettingRange where Value == Initializer {
  static var anyInitializer: Self {
    let named = Initializer.named.map(\.description)
    return .init(words: (["normal:DEVIATION", "uniform:BOUND"] + named).alternatives) {
      $0.isPossible
    }
  }
}

extension SettingRange where Value == SplitRule {
  static var anyRule: Self {
    .init(
      words: "per-user:0.1, random:0.2, temporal:0.1, global-time:0.1, strong:0.1, leave-one-out, "
        + "file:TEST.csv or none"
    ) { $0.hasPossibleFraction }
  }
}

extension SettingRange where Value == [SideInformation.Kind] {
  static var anyKinds: Self {
    .init(words: SideInformation.Kind.allCases.map(\.rawValue).joined(separator: ", ") + " or none")
    { _ in true }
  }
}

/// Which values of a setting there are to choose between.
public enum SettingForm: Sendable {
  /// Whole numbers.
  case whole
  /// Numbers.
  case number
  /// True and false.
  case flag
  /// Words.
  case words
}

/// Values of a setting between which a search looks for good ones.
public struct SearchRange: Sendable, Equatable {
  /// The least and the greatest value.
  public let bounds: ClosedRange<Double>
  /// Whether a step multiplies the value; false: it adds to it.
  public let isLogarithmic: Bool

  /// A range in which values that differ by one factor are equally far apart.
  package static func log(_ low: Double, _ high: Double) -> Self {
    .init(bounds: low...high, isLogarithmic: true)
  }

  /// A range in which values that differ by one number are equally far apart.
  package static func linear(_ low: Double, _ high: Double) -> Self {
    .init(bounds: low...high, isLogarithmic: false)
  }
}

/// A type of value that settings have: text on the command line, JSON in files.
protocol SettingValue: Codable, Hashable, Sendable {
  /// Reads a value; nil where the text is none.
  init?(settingText: String)
  /// The value as `init(settingText:)` reads it.
  var settingText: String { get }
  /// Whether it is the number zero.
  var isZero: Bool { get }
  /// Whether the text may be several words.
  static var isList: Bool { get }
  /// Which values there are to choose between.
  static var form: SettingForm { get }
}

extension SettingValue {
  var isZero: Bool { false }
  static var isList: Bool { false }
  static var form: SettingForm { .words }
}

extension SettingValue where Self: LosslessStringConvertible {
  init?(settingText: String) { self.init(settingText) }
  var settingText: String { description }
}

extension SettingValue where Self: RawRepresentable<String> {
  init?(settingText: String) { self.init(rawValue: settingText) }
  var settingText: String { rawValue }
}

extension Int: SettingValue {
  static var form: SettingForm { .whole }
  var isZero: Bool { self == 0 }
}

extension Double: SettingValue {
  static var form: SettingForm { .number }
  var isZero: Bool { self == 0 }
  var settingText: String { plain }
}

extension Bool: SettingValue {
  static var form: SettingForm { .flag }
}
extension Loss: SettingValue {}
extension Optimizer: SettingValue {}
extension Shuffle: SettingValue {}
extension RateSchedule: SettingValue {}
extension RowSolver: SettingValue {}
extension Initializer: SettingValue {}
extension SplitRule: SettingValue {}

extension SplitRule {
  /// Whether the part of the ratings to test on, if the rule names one, is between 0 and 1.
  fileprivate var hasPossibleFraction: Bool {
    switch self {
    case .perUser(let fraction), .random(let fraction), .temporal(let fraction),
      .globalTime(let fraction), .strong(let fraction):
      fraction > 0 && fraction < 1
    case .leaveOneOut, .file, .none: true
    }
  }
}

extension [SideInformation.Kind]: SettingValue {
  static var isList: Bool { true }

  /// Kinds set apart by spaces, in any order; `none` alone for no kind.
  init?(settingText: String) {
    let names = settingText.split(separator: " ").map(String.init)
    let kinds = names.compactMap(SideInformation.Kind.init(rawValue:))
    guard names == ["none"] || !names.isEmpty && kinds.count == names.count else { return nil }
    self = SideInformation.Kind.allCases.filter(kinds.contains)
  }

  var settingText: String { isEmpty ? "none" : map(\.rawValue).joined(separator: " ") }
}

extension Double {
  /// Whole numbers without a fraction; others as Swift writes them.
  fileprivate var plain: String { Int(exactly: self).map(String.init) ?? description }
}

extension [String] {
  /// `a, b or c`.
  fileprivate var alternatives: String {
    count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " or " + self[count - 1]
  }
}
