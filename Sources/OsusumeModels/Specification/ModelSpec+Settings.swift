// A model's settings: which its fit reads, which were overridden, whether a fit can work with them.

extension ModelSpec {
  /// The settings that fitting the model reads, by their names in JSON; all others change nothing.
  ///
  /// - Parameter settings: Those of the fit, since some are read only beside others (`beta1` with Adam).
  public func settingNames(_ settings: Hyperparameters) -> Set<String> {
    Set(Setting.all.filter { $0.isRead(by: self, settings) }.map(\.name))
  }

  /// The model's defaults with some settings overridden, given as text by their names in JSON.
  ///
  /// A penalty makes `als` solve for points, since its variational rows learn their penalties; a
  /// `row_solver` that is given too decides. A model without vectors stays without.
  ///
  /// Errors: `SettingError`.
  public func settings(overriding given: [String: String]) throws -> Hyperparameters {
    var settings = defaults
    for (name, text) in given.sorted(by: { $0.key < $1.key }) {
      guard let setting = Setting.named(name) else { throw SettingError.unknown(name) }
      try setting.set(text, in: &settings)
    }
    let penalties: Set = ["regularization", "row_regularization", "bias_regularization"]
    if settings.rowSolver == .variational, given["row_solver"] == nil,
      !penalties.isDisjoint(with: given.keys)
    {
      settings.rowSolver = .cholesky
    }
    if defaults.factors == 0 { settings.factors = 0 }
    return settings
  }

  /// A sentence on the settings that were given and that the fit does not read; nil where it reads all.
  ///
  /// - Parameters:
  ///   - given: Names of the settings that were given.
  ///   - settings: Those of the fit.
  public func unreadNote(given: some Sequence<String>, _ settings: Hyperparameters) -> String? {
    let unread = Set(given).subtracting(settingNames(settings)).sorted()
    guard !unread.isEmpty else { return nil }
    return "\(name) does not read \(unread.map { "`\($0)`" }.joined(separator: ", ")): "
      + "nothing changed by it"
  }
}

extension Hyperparameters {
  /// Fails where a fit of the model cannot work with a setting.
  ///
  /// Zero is fine for a setting that the fit does not read: it says that the model has no such thing.
  ///
  /// Errors: `SettingError`.
  public func check(for spec: ModelSpec) throws {
    let isUnusable = { (setting: Setting) in
      !setting.isInRange(in: self)
        && (!setting.isZero(in: self) || setting.isRead(by: spec, self))
    }
    guard let setting = Setting.all.first(where: isUnusable) else { return }
    throw setting.outOfRange(setting.text(in: self))
  }

  /// Takes from others the settings that `ease` reads and no fit but those of relations does, so that a model of
  /// ratings can hold them beside its own.
  mutating func takeRelations(from other: Hyperparameters) {
    for setting in Setting.all
    where setting.fits.contains(.ease) && setting.fits.isSubset(of: .ofRelations) {
      setting.copy(from: other, to: &self)
    }
  }

  /// The first setting that is neither in range nor zero; nil where there is none.
  var outOfRange: Setting? {
    Setting.all.first { !$0.isInRange(in: self) && !$0.isZero(in: self) }
  }

  /// Whether the model's users and items have variances; models without biases are fitted by points.
  package func isVariational(_ spec: ModelSpec) -> Bool {
    spec.fit == .svdPlusPlus
      || spec.fit == .als && rowSolver == .variational && spec.score.terms.contains(.bias(.user))
  }
}
