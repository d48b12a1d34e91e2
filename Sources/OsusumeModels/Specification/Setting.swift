// A setting of training runs as a value: everything that is said about a setting is said here, once.
import OsusumeData

/// A setting of a training run: its name, its values, its help and the fits that read it.
///
/// `Setting.all` is the one list: the options of the command line, the checks of specification files
/// and of fits, notes on settings that a fit does not read and the page on settings all come from it.
public struct Setting: Sendable {
  /// Its name in JSON, such as `batch_size`.
  public let name: String
  /// What it means, without a full stop.
  public let help: String
  /// What a value is called or counted in, such as `epochs`; nil where the name says it.
  public let unit: String?
  /// The values it takes, worded to follow "give": `a whole number from 1 to 2048`.
  public let range: String
  /// Whether it takes several values at once.
  public let isList: Bool
  /// Which values of it there are to choose between.
  public let form: SettingForm
  /// The fits that read it, some of them only beside certain other settings (`isRead`).
  public let fits: Set<FitKind>
  /// The values between which a search for good settings looks by default, for each fit that gains by one.
  public let searched: [FitKind: SearchRange]
  private let condition: @Sendable (ModelSpec, Hyperparameters) -> Bool
  private let property: any SettingProperty

  /// - Parameters:
  ///   - path: The property that holds it.
  ///   - fits: The fits that read it.
  ///   - searched: Where a search looks for good values, by fit.
  ///   - condition: What else a model and its other settings must be for the fit to read it.
  init<Value: SettingValue>(
    _ name: String, _ path: WritableKeyPath<Hyperparameters, Value> & Sendable,
    _ range: SettingRange<Value>, unit: String? = nil, _ help: String, readBy fits: Set<FitKind>,
    searched: [FitKind: SearchRange] = [:],
    where condition: @escaping @Sendable (ModelSpec, Hyperparameters) -> Bool = { _, _ in true }
  ) {
    self.name = name
    self.help = help
    self.unit = unit
    self.range = range.words
    isList = Value.isList
    form = Value.form
    self.fits = fits
    self.searched = searched
    self.condition = condition
    property = Property(path: path, range: range)
  }

  /// The setting of a name; nil where there is none.
  public static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

  /// Whether fitting a model with these settings reads this one; otherwise it changes nothing.
  public func isRead(by spec: ModelSpec, _ settings: Hyperparameters) -> Bool {
    fits.contains(spec.fit) && condition(spec, settings)
      || spec.lists.map { fits.contains($0) && fits.isDisjoint(with: [spec.fit]) } ?? false
  }

  /// The value as text, as the command line takes it.
  public func text(in settings: Hyperparameters) -> String { property.text(settings) }

  /// Sets the value to one given as text.
  ///
  /// Errors: `SettingError` where the text is no value or the value is out of range.
  public func set(_ text: String, in settings: inout Hyperparameters) throws {
    guard property.set(text, &settings) else { throw outOfRange(text) }
  }

  /// Sets the value to that in other settings.
  func copy(from other: Hyperparameters, to settings: inout Hyperparameters) {
    property.copy(other, &settings)
  }

  /// Whether the value is in range.
  func isInRange(in settings: Hyperparameters) -> Bool { property.isInRange(settings) }

  /// Whether the value is the number zero.
  func isZero(in settings: Hyperparameters) -> Bool { property.isZero(settings) }

  /// The error that a value is none of the setting's.
  func outOfRange(_ value: String) -> SettingError {
    .outOfRange(setting: name, value: value, range: range)
  }

  func encode(
    _ settings: Hyperparameters, to values: inout KeyedEncodingContainer<JSONKey>
  ) throws {
    try property.encode(settings, to: &values, as: JSONKey(name))
  }

  func decode(
    _ settings: inout Hyperparameters, from values: KeyedDecodingContainer<JSONKey>
  ) throws {
    try property.decode(&settings, from: values, as: JSONKey(name))
  }
}

/// Why a setting cannot be what it was set to.
public enum SettingError: OsusumeError, Equatable {
  /// The value is none that the setting can have.
  case outOfRange(setting: String, value: String, range: String)
  /// There is no setting of this name.
  case unknown(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .outOfRange(let name, let value, let range): "`\(name)` \(value): give \(range)"
    case .unknown(let name): "there is no setting '\(name)': `osusume models NAME` lists a model's"
    }
  }
}

extension SettingError {
  /// Fails where a number that is no setting of a fit, such as a number of threads, is out of range.
  ///
  /// Errors: `SettingError.outOfRange`.
  package static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard !range.contains(value) else { return }
    throw outOfRange(
      setting: name, value: String(value),
      range: SettingRange<Int>.whole(range).words)
  }

  /// The same of a number between two whole ones.
  package static func check(_ name: String, _ value: Double, in range: ClosedRange<Double>) throws {
    guard !range.contains(value) else { return }
    throw outOfRange(
      setting: name, value: "\(value)",
      range: "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
  }
}

/// The property of a setting, whatever the type of its value.
private protocol SettingProperty: Sendable {
  func text(_ settings: Hyperparameters) -> String
  func set(_ text: String, _ settings: inout Hyperparameters) -> Bool
  func copy(_ other: Hyperparameters, _ settings: inout Hyperparameters)
  func isInRange(_ settings: Hyperparameters) -> Bool
  func isZero(_ settings: Hyperparameters) -> Bool
  func encode(
    _ settings: Hyperparameters, to values: inout KeyedEncodingContainer<JSONKey>,
    as key: JSONKey
  ) throws
  func decode(
    _ settings: inout Hyperparameters, from values: KeyedDecodingContainer<JSONKey>,
    as key: JSONKey
  ) throws
}

private struct Property<Value: SettingValue>: SettingProperty {
  let path: WritableKeyPath<Hyperparameters, Value> & Sendable
  let range: SettingRange<Value>

  func text(_ settings: Hyperparameters) -> String { settings[keyPath: path].settingText }

  func set(_ text: String, _ settings: inout Hyperparameters) -> Bool {
    guard let value = Value(settingText: text), range.contains(value) else { return false }
    settings[keyPath: path] = value
    return true
  }

  func copy(_ other: Hyperparameters, _ settings: inout Hyperparameters) {
    settings[keyPath: path] = other[keyPath: path]
  }

  func isInRange(_ settings: Hyperparameters) -> Bool { range.contains(settings[keyPath: path]) }

  func isZero(_ settings: Hyperparameters) -> Bool { settings[keyPath: path].isZero }

  func encode(
    _ settings: Hyperparameters, to values: inout KeyedEncodingContainer<JSONKey>,
    as key: JSONKey
  ) throws {
    try values.encode(settings[keyPath: path], forKey: key)
  }

  func decode(
    _ settings: inout Hyperparameters, from values: KeyedDecodingContainer<JSONKey>,
    as key: JSONKey
  ) throws {
    // Files of earlier versions lack settings that no fit of theirs reads.
    guard values.contains(key) else { return }
    settings[keyPath: path] = try values.decode(Value.self, forKey: key)
  }
}
