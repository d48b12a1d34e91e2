// The list of settings: complete, consistent with the properties, and enforced wherever values come from.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct SettingTests {
  /// A value that a setting cannot have, as text and as JSON.
  static func impossible(_ setting: Setting) -> (text: String, json: String) {
    if setting.range.hasPrefix("a whole number") { return ("-1", "-1") }
    if setting.range.hasPrefix("a number") { return ("-1e+31", "-1e+31") }
    return ("nonsense", setting.isList ? #"["nonsense"]"# : #""nonsense""#)
  }

  private func specification(_ defaults: String) throws -> ModelSpec {
    let text =
      #"{"name":"a","formula":"μ + b_u + b_i + p·q","fit":"tiledSGD","defaults":{\#(defaults)}}"#
    return try withTemporaryDirectory { folder in
      try text.write(toFile: folder + "/spec.json", atomically: true, encoding: .utf8)
      return try ModelSpec.read(folder + "/spec.json")
    }
  }

  @Test func everyPropertyIsASetting() {
    let properties = Mirror(reflecting: Hyperparameters()).children.compactMap(\.label).map {
      $0.replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
    }
    #expect(properties.sorted() == Setting.all.map(\.name).sorted())
    for setting in Setting.all { #expect(!setting.help.isEmpty && !setting.fits.isEmpty) }
  }

  @Test(arguments: ModelSpec.catalog)
  func defaultsAreInRangeAndSurviveTextAndJSON(spec: ModelSpec) throws {
    try spec.defaults.check(for: spec)
    let json = try JSONEncoder().encode(spec.defaults)
    #expect(try JSONDecoder().decode(Hyperparameters.self, from: json) == spec.defaults)
    let read = spec.settingNames(spec.defaults)
    var settings = Hyperparameters()
    for setting in Setting.all where read.contains(setting.name) {
      try setting.set(setting.text(in: spec.defaults), in: &settings)
      #expect(setting.text(in: settings) == setting.text(in: spec.defaults), "\(setting.name)")
    }
  }

  @Test(arguments: Setting.all.indices)
  func textAndFilesAreRefusedInTheSameWords(number: Int) throws {
    let setting = Setting.all[number]
    let bad = Self.impossible(setting)
    var settings = Hyperparameters()
    #expect(
      throws: SettingError.outOfRange(
        setting: setting.name, value: bad.text, range: setting.range)
    ) { try setting.set(bad.text, in: &settings) }
    #expect(settings == Hyperparameters())
    let error = #expect(throws: SpecificationError.self) {
      try specification(#""\#(setting.name)":\#(bad.json)"#)
    }
    #expect("\(try #require(error))".contains("'\(setting.name)' "), "\(setting.name)")
    #expect("\(try #require(error))".contains(": give \(setting.range)"), "\(setting.name)")
  }

  @Test func numbersThatAreNoneAreRefused() {
    var settings = Hyperparameters()
    for setting in Setting.all where setting.range.contains("number") {
      for text in ["nan", "inf", "", "1x", " 1"] {
        #expect(throws: SettingError.self, "\(setting.name) \(text)") {
          try setting.set(text, in: &settings)
        }
      }
    }
  }

  /// Zero says that a model has no such thing; where the fit reads the setting it is a value like others.
  @Test func zeroIsRefusedOnlyWhereItIsRead() throws {
    #expect(throws: SpecificationError.self) { try specification(#""factors":0"#) }
    _ = try specification(#""samples":0,"side_regularization":0"#)
    var settings = ModelSpec.mf.defaults
    settings.factors = 0
    #expect(throws: SettingError.self) { try settings.check(for: .mf) }
    try settings.check(for: .mean)
    settings.factorInit = .normal(-1)
    #expect(throws: SettingError.self) { try settings.check(for: .mean) }
  }

  @Test func aPenaltyMakesALSSolveForPoints() throws {
    #expect(try ModelSpec.als.settings(overriding: ["epochs": "3"]).rowSolver == .variational)
    for name in ["regularization", "row_regularization", "bias_regularization"] {
      let settings = try ModelSpec.als.settings(overriding: [name: "0.5"])
      #expect(settings.rowSolver == .cholesky, "\(name)")
      let chosen = try ModelSpec.als.settings(overriding: [
        name: "0.5", "row_solver": "variational",
      ])
      #expect(chosen.rowSolver == .variational, "\(name)")
    }
    #expect(throws: SettingError.unknown("epoch")) {
      try ModelSpec.als.settings(overriding: ["epoch": "1"])
    }
  }

  @Test func aModelWithoutVectorsStaysWithout() throws {
    #expect(try ModelSpec.bias.settings(overriding: ["factors": "8"]).factors == 0)
    #expect(try ModelSpec.mf.settings(overriding: ["factors": "8"]).factors == 8)
  }

  @Test func sideInformationIsAList() throws {
    var settings = Hyperparameters()
    let setting = try #require(Setting.named("side_information"))
    try setting.set("audience history", in: &settings)
    #expect(settings.sideInformation == [.history, .audience])
    try setting.set("none", in: &settings)
    #expect(settings.sideInformation == [])
    for text in ["", "none history", "history audiences"] {
      #expect(throws: SettingError.self) { try setting.set(text, in: &settings) }
    }
  }

  /// `OSUSUME_WRITE_PAGES=1 swift test --filter SettingTests` writes the page anew.
  @Test func thePageOnSettingsIsTheList() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(path: "Sources/Osusume/Osusume.docc/Settings.md")
    if ProcessInfo.processInfo.environment["OSUSUME_WRITE_PAGES"] != nil {
      try Self.page.write(to: page, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: page, encoding: .utf8) == Self.page)
  }

  private static var page: String {
    let rows = Setting.all.map { setting in
      let fits = FitKind.allCases.filter(setting.fits.contains).map(\.rawValue)
      let readers = fits.count == FitKind.allCases.count ? "all" : fits.joined(separator: ", ")
      let text = setting.text(in: Hyperparameters())
      return "| `\(setting.name)` | \(setting.help) | \(setting.range) | \(text) | \(readers) |"
    }
    let searched = Setting.all.filter { !$0.searched.isEmpty }.map { setting in
      let ranges = FitKind.allCases.compactMap { kind in
        setting.searched[kind].map { "\(kind.rawValue) \($0.words)" }
      }
      return "| `\(setting.name)` | \(ranges.joined(separator: "; ")) |"
    }
    return """
      # Settings

      What every setting of a training run means, which values it takes and which fits read it.

      ## Overview

      Written from `Setting.all`. The default is that of `Hyperparameters()`; a model of the catalog has its
      own, which `osusume models NAME` shows.

      | Name | Meaning | Values | Default | Fits that read it |
      | :--- | :--- | :--- | :--- | :--- |

      """ + rows.joined(separator: "\n") + """


        ## What a search tries

        Where `osusume tune` looks for good values unless told otherwise, by fit; in a range marked log, values that differ by
        one factor are equally far apart.

        | Name | Values by fit |
        | :--- | :--- |

        """ + searched.joined(separator: "\n") + "\n"
  }
}
