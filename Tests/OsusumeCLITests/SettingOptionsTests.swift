// Every setting of the library is an option, refused in the library's words, and shown where it is read.
import ArgumentParser
import Foundation
import Osusume
import Testing

@testable import OsusumeCLI

struct SettingOptionsTests {
  private func flag(_ name: String) -> String { "--" + name.replacing("_", with: "-") }

  private static let ofData = [Setting.minUserRatings.name, Setting.split.name]

  /// What `train` says of an option's value; nil where it takes it.
  private func refusal(_ name: String, _ value: String) -> String? {
    let base = Self.ofData.contains(name) ? ["--ratings", "r.csv"] : []
    let words = base + ["\(flag(name))=\(value)"]
    do {
      if Self.ofData.contains(name) {
        _ = try DataOptions.parse(words)
      } else {
        _ = try TrainOptions.parse(words)
      }
      return nil
    } catch {
      return Self.ofData.contains(name)
        ? DataOptions.message(for: error) : TrainOptions.message(for: error)
    }
  }

  @Test(arguments: Setting.all.indices)
  func isAnOptionWithTheLibrarysRangeAndHelp(number: Int) throws {
    let setting = Setting.all[number]
    let bad = setting.range.contains("number") ? "-1" : "nonsense"
    let takesMinusOne = ["positive_above", "popularity_exponent"].contains(setting.name)
    let worse = takesMinusOne ? "-1e+31" : bad
    let said = try #require(refusal(setting.name, worse), "\(setting.name) \(worse)")
    #expect(said.contains("\(flag(setting.name)) \(worse): give \(setting.range)"), "\(said)")
    let reader = ModelSpec.catalog.first { setting.isRead(by: $0, $0.defaults) } ?? .flaxBias
    #expect(refusal(setting.name, setting.text(in: reader.defaults)) == nil, "\(setting.name)")
    let help = TrainCommand.helpMessage(includeHidden: true, columns: 100_000)
    #expect(help.contains(setting.help), "\(setting.name)")
    #expect(help.contains("\(flag(setting.name)) <"), "\(setting.name)")
  }

  @Test func givenOptionsOverrideDefaults() throws {
    let options = try TrainOptions.parse([
      "--epochs", "3", "--side-information", "history", "metadata", "--loss", "mae",
      "--factor-init", "normal:0.5", "--refit", "false", "--beta1", "0.5",
    ])
    let settings = try ModelSpec.svdpp.settings(overriding: options.given)
    #expect(settings.epochs == 3 && settings.sideInformation == [.history, .metadata])
    #expect(settings.loss == .mae && settings.factorInit == .normal(0.5))
    #expect(!settings.refit && settings.beta1 == 0.5)
    #expect(try TrainOptions.parse([]).given.isEmpty)
  }

  @Test(arguments: ModelSpec.catalog)
  func modelsShowsWhatTheFitReadsAndTrainNotesTheRest(spec: ModelSpec) throws {
    let lines = ModelDescription(spec, factors: nil, users: nil, items: nil).lines
    let start = try #require(lines.firstIndex(of: "Defaults"))
    let shown = lines[(start + 1)...].compactMap { $0.split(separator: " ").first.map(String.init) }
    let names = Set(Setting.all.map(\.name))
    let read = Set(Setting.all.filter { $0.isRead(by: spec, spec.defaults) }.map(\.name))
    #expect(Set(shown) == read && read.isStrictSubset(of: names))
    let note = try #require(spec.unreadNote(given: names, spec.defaults)).namingFlags
    let flags = names.subtracting(read).sorted().map(flag).joined(separator: ", ")
    #expect(note == "\(spec.name) does not read \(flags): nothing changed by it")
    #expect(spec.unreadNote(given: read, spec.defaults) == nil)
  }

  @Test func theLibrarysNamesBecomeFlags() {
    #expect("lower `learning_rate`".namingFlags == "lower --learning-rate")
    #expect("give `items FILE` or `join inner`".namingFlags == "give --items FILE or --join inner")
    #expect("`osusume models` lists them".namingFlags == "`osusume models` lists them")
    #expect(
      "\(SettingError.outOfRange(setting: "batch_size", value: "0", range: "more"))".namingFlags
        == "--batch-size 0: give more")
  }

  /// Flags are the command line's: no text of the library holds one.
  @Test func noLibraryTextNamesAFlag() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    for module in ["OsusumeData", "OsusumeModels", "OsusumeTraining", "OsusumeAnalysis"] {
      let folder = root.appending(path: module)
      let files = try #require(FileManager.default.enumerator(atPath: folder.path))
      let sources = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
      #expect(!sources.isEmpty)
      for file in sources {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        for line in text.split(separator: "\n") where !line.contains("//") {
          let isFlag = line.contains(/--[a-z]+/) && !line.contains("`osusume ")
          #expect(!isFlag, "\(file): \(line)")
        }
      }
    }
  }

  @Test func jsonLeavesOutWhatIsNotEncoded() throws {
    struct Answer: Encodable {
      let modelVersion = "1"
      @NotEncoded var lines: [String]
    }
    let text = try Output.text(of: Answer(lines: ["a"]))
    #expect(text == #"{"model_version":"1"}"#)
  }
}
