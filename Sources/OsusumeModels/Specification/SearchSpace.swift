// The settings that a search varies, and the values it tries of each.
import Foundation
import OsusumeData

/// One setting of a search, and its values.
public struct SearchedSetting: Sendable, Equatable {
  /// What a search may choose between.
  public enum Values: Sendable, Equatable {
    /// Numbers between two; whole ones where the setting's are.
    case range(SearchRange)
    /// These, as `Setting.set` reads them.
    case choices([String])
  }

  /// The setting's name.
  public let name: String
  /// What may be chosen.
  public let values: Values
  /// Whether numbers are whole.
  let isWhole: Bool

  init(_ setting: Setting, _ values: Values) {
    name = setting.name
    self.values = values
    isWhole = setting.form == .whole
  }

  /// The value at a place from 0, the first, to 1, the last.
  ///
  /// Numbers have four significant digits: more make a command line longer and no model better.
  package func text(at place: Double) -> String {
    switch values {
    case .choices(let texts): return texts[min(texts.count - 1, Int(place * Double(texts.count)))]
    case .range(let range):
      let (low, high) = (range.bounds.lowerBound, range.bounds.upperBound)
      let value =
        range.isLogarithmic ? low * pow(high / low, place) : low + place * (high - low)
      let short = isWhole ? value.rounded() : Double(String(format: "%.4g", value)) ?? value
      return min(max(short, low), high).settingText
    }
  }

  /// Where a value lies, from 0 to 1; nil where it is no number, or none of the choices.
  package func place(of text: String) -> Double? {
    switch values {
    case .choices(let texts):
      return texts.firstIndex(of: text).map {
        texts.count > 1 ? Double($0) / Double(texts.count - 1) : 0.5
      }
    case .range(let range):
      let (low, high) = (range.bounds.lowerBound, range.bounds.upperBound)
      guard let value = Double(text) else { return nil }
      return range.isLogarithmic
        ? (value > 0 ? log(value / low) / log(high / low) : nil) : (value - low) / (high - low)
    }
  }

  /// Evenly spaced values, at most `count` of a range and all of the choices, each once.
  package func evenTexts(_ count: Int) -> [String] {
    if case .choices(let texts) = values { return texts }
    let texts = (0..<count).map { text(at: count > 1 ? Double($0) / Double(count - 1) : 0.5) }
    var known: Set<String> = []
    return texts.filter { known.insert($0).inserted }
  }

  /// The values in words: `16 to 128, log`, `constant or linear`.
  public var words: String {
    switch values {
    case .choices(let texts): texts.joined(separator: " or ")
    case .range(let range): range.words
    }
  }
}

extension SearchRange {
  /// Both bounds, and how values are spaced where a step multiplies them: `16 to 128, log`.
  public var words: String {
    "\(bounds.lowerBound.settingText) to \(bounds.upperBound.settingText)"
      + (isLogarithmic ? ", log" : "")
  }
}

/// The settings that a search varies; all others stay as they are.
public struct SearchSpace: Sendable, Equatable {
  /// In the order of `Setting.all`.
  public let settings: [SearchedSetting]

  init(_ settings: [SearchedSetting]) { self.settings = settings }

  /// The usual space of a model: what the list of settings says of its kind of fit.
  ///
  /// - Parameters:
  ///   - spec: The model.
  ///   - kind: The fit whose settings are searched: the model's, or of its lists.
  ///   - settings: The model's settings.
  ///   - fixed: Names of settings that are not to be varied.
  /// - Throws: `SearchSpaceError.nothingToSearch`.
  public init(
    of spec: ModelSpec, searching kind: FitKind, _ settings: Hyperparameters,
    fixed: some Sequence<String> = [String]()
  ) throws {
    self.settings = Setting.all.compactMap { setting in
      guard let range = setting.searched[kind], setting.isRead(by: spec, settings),
        kind == spec.fit || !setting.fits.contains(spec.fit), !fixed.contains(setting.name)
      else { return nil }
      return SearchedSetting(setting, .range(range))
    }
    if self.settings.isEmpty { throw SearchSpaceError.nothingToSearch(model: spec.name) }
  }

  /// The values of every setting for one draw of a random search, by its number.
  package func draw(_ uniform: (Int) -> Double) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: settings.enumerated().map { ($1.name, $1.text(at: uniform($0))) })
  }

  /// Every combination of evenly spaced values, as many of each range as make at most `most` of them.
  ///
  /// Errors: `SearchSpaceError.gridTooLarge` where not even two of each range do.
  public func grid(most: Int) throws -> [[String: String]] {
    func size(_ counts: [Int]) -> Int {
      zip(settings, counts).reduce(1) { product, next in
        let (value, overflow) = product.multipliedReportingOverflow(
          by: next.0.evenTexts(next.1).count)
        return overflow ? .max : value
      }
    }
    var counts = settings.map { _ in 2 }
    guard size(counts) <= most else {
      throw SearchSpaceError.gridTooLarge(settings: settings.count, points: size(counts))
    }
    // One more value of a setting at a time, as long as there is room; no setting has use for a thousand.
    var grew = true
    while grew {
      grew = false
      for place in counts.indices where counts[place] < 1000 {
        var larger = counts
        larger[place] += 1
        guard size(larger) > size(counts), size(larger) <= most else { continue }
        (counts, grew) = (larger, true)
      }
    }
    return zip(settings, counts).reduce([[:]]) { points, next in
      points.flatMap { point in
        next.0.evenTexts(next.1).map { point.merging([next.0.name: $0]) { $1 } }
      }
    }
  }
}

/// Why there is nothing to search over.
public enum SearchSpaceError: OsusumeError, Equatable {
  /// The file could not be read.
  case unreadable(path: String, code: Int32)
  /// The file is not the JSON it should be.
  case invalid(path: String, reason: String)
  /// The fit of the model has no settings to vary, or all are fixed.
  case nothingToSearch(model: String)
  /// Two values of each setting are more points than there are trials.
  case gridTooLarge(settings: Int, points: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let code):
      "cannot read the space \(path): \(String(cString: strerror(code))); check the path"
    case .invalid(let path, let reason):
      "\(path) is no space of settings: \(reason); it looks like "
        + #"{"factors": {"from": 16, "to": 128, "scale": "log"}, "shuffle": ["once", "each-epoch"]}"#
    case .nothingToSearch(let model):
      "\(model) has no settings left to search over: leave out some of those that are given, name others by "
        + "`space FILE.json`, or take another model"
    case .gridTooLarge(let settings, let points):
      "a grid of \(settings) settings has \(points == .max ? "too many" : String(points)) points with two "
        + "values of each, and the default is one trial more: give more `trials`, a `space` of fewer settings, "
        + "or `search halving`"
    }
  }
}
