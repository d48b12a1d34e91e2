// Options that override a model's default settings: one for each setting of the library.
import ArgumentParser
import Osusume

/// The settings given on the command line.
///
/// ArgumentParser finds options by reflection, so the mirror shows it an option for each setting: a new
/// setting needs no line here.
struct TrainOptions: ParsableArguments, CustomReflectable {
  /// The values as text, by the names of their settings.
  let given: [String: String]

  /// All settings but those of `DataOptions`.
  static let settings = Setting.all.filter {
    ![Setting.minUserRatings.name, Setting.split.name].contains($0.name)
  }

  /// Those that help names at once; of the others `--help-all` tells.
  private static let first: Set<String> = [
    "factors", "epochs", "learning_rate", "regularization", "early_stopping",
  ]

  init() { given = [:] }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: JSONKey.self)
    var given: [String: String] = [:]
    for setting in Self.settings {
      let key = JSONKey(setting.name)
      if setting.isList {
        let words = try values.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !words.isEmpty { given[setting.name] = words.joined(separator: " ") }
      } else {
        given[setting.name] = try values.decode(Option<String?>.self, forKey: key).wrappedValue
      }
    }
    self.given = given
  }

  var customMirror: Mirror {
    Mirror(
      self,
      children: Self.settings.map {
        ($0.name, $0.option(visibility: Self.first.contains($0.name) ? .default : .hidden))
      })
  }

  func validate() throws {
    for setting in Self.settings {
      if let text = given[setting.name] { try setting.checkOption(text) }
    }
  }
}

extension Setting {
  /// The option's name, without its dashes in front.
  private var optionName: String { name.replacing("_", with: "-") }

  /// What `--help` says of the setting.
  func argumentHelp(
    default text: String? = nil, visibility: ArgumentVisibility = .default
  ) -> ArgumentHelp {
    ArgumentHelp(
      "\(help) (\(range)\(text.map { "; default: " + $0 } ?? "")).", valueName: unit ?? optionName,
      visibility: visibility)
  }

  /// Settings with the value of an option; fails, with the usage, where it is none of the setting's.
  @discardableResult
  func checkOption(_ text: String) throws -> Hyperparameters {
    var settings = Hyperparameters()
    do {
      try set(text, in: &settings)
      return settings
    } catch {
      throw ValidationError("\(error)".namingFlags)
    }
  }

  /// The setting's option, as the attribute `@Option` would declare it.
  fileprivate func option(visibility: ArgumentVisibility) -> Any {
    let name = NameSpecification.customLong(optionName)
    let help = argumentHelp(visibility: visibility)
    guard isList else { return Option<String?>(name: name, help: help) }
    return Option<[String]>(wrappedValue: [], name: name, parsing: .upToNextOption, help: help)
  }
}
