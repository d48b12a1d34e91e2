// A space of settings read from a JSON file.
import Foundation
import OsusumeData

extension SearchSpace {
  /// Reads a space: an object of settings by name, each an object of `from`, `to` and, where wanted,
  /// `scale` (`log` or `linear`), or a list of values.
  ///
  /// Values are those that the setting takes, by the names and in the ranges of `Setting.all`.
  ///
  /// - Parameters:
  ///   - spec: The model whose settings these are.
  ///   - fixed: Names of settings that were given a value, and cannot be searched over as well.
  /// - Throws: `SearchSpaceError`.
  public static func read(
    _ path: String, for spec: ModelSpec, fixed: some Sequence<String> = [String]()
  ) throws -> SearchSpace {
    do {
      return try SearchSpace(json: Data(smallJSON: path), spec, fixed: Set(fixed))
    } catch SmallJSONFault.unreadable(let code) {
      throw SearchSpaceError.unreadable(path: path, code: code)
    } catch SmallJSONFault.invalid(let reason) {
      throw SearchSpaceError.invalid(path: path, reason: reason)
    }
  }

  private init(json text: Data, _ spec: ModelSpec, fixed: Set<String>) throws {
    let entries: [String: Entry]
    do {
      entries = try JSONDecoder().decode([String: Entry].self, from: text)
    } catch let fault as SmallJSONFault {
      throw fault
    } catch {
      throw SmallJSONFault.invalid("it is not a JSON object")
    }
    guard !entries.isEmpty else { throw SmallJSONFault.invalid("it names no setting") }
    let names = Set(Setting.all.map(\.name))
    if let unknown = entries.keys.sorted().first(where: { !names.contains($0) }) {
      throw SmallJSONFault.invalid("there is no setting '\(String(unknown.prefix(60)))'")
    }
    settings = try Setting.all.compactMap { setting in
      guard let entry = entries[setting.name] else { return nil }
      try Self.check(setting, spec, fixed: fixed)
      return SearchedSetting(setting, try entry.values(of: setting))
    }
  }

  /// Fails where a setting cannot be searched over.
  private static func check(_ setting: Setting, _ spec: ModelSpec, fixed: Set<String>) throws {
    if fixed.contains(setting.name) {
      throw SmallJSONFault.invalid(
        "'\(setting.name)' was given a value as well: take it out of one of the two")
    }
    guard !unsearchable.contains(setting.name) else {
      throw SmallJSONFault.invalid(
        "'\(setting.name)' decides what trials are judged by, so that they could not be compared")
    }
    guard setting.fits.contains(spec.fit) || spec.lists.map(setting.fits.contains) ?? false else {
      throw SmallJSONFault.invalid("\(spec.name) does not read '\(setting.name)'")
    }
  }

  /// Settings that change the data, or which part of them a trial is judged on.
  private static let unsearchable: Set = [
    "split", "min_user_ratings", "positive_above", "early_stopping", "validation", "refit",
  ]
}

/// One member of the object.
private enum Entry: Decodable {
  case range(from: Double, to: Double, scale: String?)
  case choices([String])

  /// A value of a setting, as text.
  private struct Value: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        text = flag.description
      } else if let whole = try? value.decode(Int.self) {
        text = whole.description
      } else if let number = try? value.decode(Double.self) {
        text = number.settingText
      } else if let words = try? value.decode([String].self) {
        text = words.isEmpty ? "none" : words.joined(separator: " ")
      } else {
        text = try value.decode(String.self)
      }
    }
  }

  private enum Key: String, CodingKey, CaseIterable { case from, to, scale }

  init(from decoder: any Decoder) throws {
    let name = decoder.codingPath.last?.stringValue ?? ""
    if var list = try? decoder.unkeyedContainer() {
      var texts: [String] = []
      while !list.isAtEnd {
        guard let value = try? list.decode(Value.self) else {
          throw SmallJSONFault.invalid("'\(name)' lists something that is no value")
        }
        texts.append(value.text)
      }
      self = .choices(texts)
      return
    }
    guard let members = try? decoder.container(keyedBy: Key.self),
      let from = try? members.decode(Double.self, forKey: .from),
      let to = try? members.decode(Double.self, forKey: .to)
    else {
      throw SmallJSONFault.invalid(
        "'\(name)' is neither a list of values nor an object of numbers 'from' and 'to'")
    }
    let known = Set(Key.allCases.map(\.rawValue))
    let others = (try? decoder.container(keyedBy: JSONKey.self).allKeys.map(\.stringValue)) ?? []
    if let other = others.sorted().first(where: { !known.contains($0) }) {
      throw SmallJSONFault.invalid(
        "'\(name)' has a member '\(String(other.prefix(60)))', and takes from, to and scale")
    }
    var scale: String?
    if members.contains(.scale) {
      guard let text = try? members.decode(String.self, forKey: .scale) else {
        throw SmallJSONFault.invalid("the 'scale' of '\(name)' is neither log nor linear")
      }
      scale = text
    }
    self = .range(from: from, to: to, scale: scale)
  }

  /// The values, each of them one that the setting takes.
  func values(of setting: Setting) throws -> SearchedSetting.Values {
    switch self {
    case .choices(let texts):
      guard (1...1000).contains(texts.count), Set(texts).count == texts.count else {
        throw SmallJSONFault.invalid(
          "'\(setting.name)' lists no value, one twice, or more than a thousand")
      }
      for text in texts { try check(text, of: setting) }
      return .choices(texts)
    case .range(let from, let to, let scale):
      guard setting.form == .whole || setting.form == .number else {
        throw SmallJSONFault.invalid(
          "'\(setting.name)' has no numbers to lie between two: list its values")
      }
      guard ["log", "linear", nil].contains(scale) else {
        throw SmallJSONFault.invalid("the 'scale' of '\(setting.name)' is neither log nor linear")
      }
      for bound in [from, to] { try check(bound.settingText, of: setting) }
      guard from < to else {
        throw SmallJSONFault.invalid(
          "'\(setting.name)' goes from \(from.settingText) to \(to.settingText): 'from' "
            + "has to be less")
      }
      guard scale != "log" || from > 0 else {
        throw SmallJSONFault.invalid(
          "'\(setting.name)' begins at \(from.settingText), and a log scale above 0")
      }
      return .range(scale == "log" ? .log(from, to) : .linear(from, to))
    }
  }

  private func check(_ text: String, of setting: Setting) throws {
    var settings = Hyperparameters()
    guard (try? setting.set(text, in: &settings)) != nil else {
      throw SmallJSONFault.invalid(
        "'\(setting.name)' \(String(text.prefix(60))): give \(setting.range)")
    }
  }
}
