// Spaces of settings: what a search tries by default, draws and grids, and files of one's own.
import Foundation
import ModelFixtures
import OsusumeData
import Testing

@testable import OsusumeModels

struct SearchSpaceTests {
  private func space(_ spec: ModelSpec, fixed: [String] = []) throws -> SearchSpace {
    try SearchSpace(of: spec, searching: spec.fit, spec.defaults, fixed: fixed)
  }

  @Test(arguments: ModelSpec.catalog)
  func usualSpacesHoldValuesThatFitsRead(spec: ModelSpec) throws {
    if [.mean, .popularity].contains(spec) {
      #expect(throws: SearchSpaceError.nothingToSearch(model: spec.name)) { try self.space(spec) }
      return
    }
    let space = try self.space(spec)
    #expect(!space.settings.isEmpty)
    for searched in space.settings {
      let setting = try #require(Setting.named(searched.name))
      #expect(setting.isRead(by: spec, spec.defaults), "\(searched.name)")
      var settings = spec.defaults
      for place in [0, 0.3, 1] { try setting.set(searched.text(at: place), in: &settings) }
      try settings.check(for: spec)
    }
  }

  @Test func theDefaultsLieInsideWhatIsSearched() throws {
    for spec in [ModelSpec.mf, .als, .svdpp, .itemKNN, .ials, .bias, .flaxBias] {
      for searched in try space(spec).settings {
        let setting = try #require(Setting.named(searched.name))
        let place = try #require(searched.place(of: setting.text(in: spec.defaults)))
        #expect((0...1).contains(place), "\(spec.name) \(searched.name)")
      }
    }
  }

  @Test func placesAreEvenInTheScale() throws {
    let space = try self.space(.mf)
    let rate = try #require(space.settings.first { $0.name == "learning_rate" })
    #expect(rate.words == "0.02 to 0.2, log")
    // Halfway between 0.02 and 0.2 is their geometric mean, to four digits.
    #expect(rate.text(at: 0) == "0.02" && rate.text(at: 1) == "0.2")
    #expect(rate.text(at: 0.5) == "0.06325")
    #expect(abs(try #require(rate.place(of: "0.06325")) - 0.5) < 1e-4)
    let width = try #require(space.settings.first { $0.name == "factors" })
    #expect(width.text(at: 0.5) == "45" && width.evenTexts(3) == ["16", "45", "128"])
    let noise = try #require(try self.space(.als).settings.first { $0.name == "noise" })
    #expect(noise.words == "0.15 to 0.7" && noise.text(at: 0.5) == "0.425")
  }

  @Test func whatIsGivenIsNotSearched() throws {
    let names = try self.space(.mf, fixed: ["factors", "epochs"]).settings.map(\.name)
    #expect(!names.contains("factors") && !names.contains("epochs") && names.count == 5)
    #expect(throws: SearchSpaceError.nothingToSearch(model: "bias")) {
      try space(.bias, fixed: ["bias_regularization"])
    }
  }

  @Test func aModelOfRatingsAndListsHasASpaceForEach() throws {
    let ratings = try SearchSpace(of: .lists, searching: .tiledSGD, ModelSpec.lists.defaults)
    #expect(ratings == (try space(.mf)))
    // The penalty of the lists is their own: `regularization` is of the ratings.
    let lists = try SearchSpace(of: .lists, searching: .ease, ModelSpec.lists.defaults)
    #expect(lists.settings.map(\.name) == ["neighbours"])
  }

  @Test func gridsHaveAsManyValuesAsThereIsRoomFor() throws {
    let space = try self.space(.itemKNN)
    #expect(space.settings.count == 3)
    for (most, points) in [(8, 8), (11, 8), (12, 12), (30, 27), (64, 64)] {
      let grid = try space.grid(most: most)
      #expect(grid.count == points && Set(grid).count == points, "\(most)")
      #expect(grid.allSatisfy { $0.count == 3 })
    }
    #expect(throws: SearchSpaceError.gridTooLarge(settings: 3, points: 8)) {
      try space.grid(most: 7)
    }
  }

  private func read(_ text: String, for spec: ModelSpec = .mf, fixed: [String] = []) throws
    -> SearchSpace
  {
    try withTemporaryDirectory { folder in
      try text.write(toFile: folder + "/space.json", atomically: true, encoding: .utf8)
      return try SearchSpace.read(folder + "/space.json", for: spec, fixed: fixed)
    }
  }

  @Test func filesNameSettingsAndValues() throws {
    let space = try read(
      #"""
      {"regularization": {"from": 0.01, "to": 1, "scale": "log"}, "epochs": {"from": 3, "to": 9},
       "shuffle": ["once", "each-epoch"], "factors": [8, 16, 32], "bias_learning_rate": [0.01, 1]}
      """#)
    // In the order of the list of settings, whatever that of the file.
    #expect(
      space.settings.map(\.name) == [
        "epochs", "factors", "shuffle", "bias_learning_rate", "regularization",
      ])
    #expect(space.settings[0].words == "3 to 9" && space.settings[0].text(at: 0.5) == "6")
    #expect(space.settings[1].values == .choices(["8", "16", "32"]))
    #expect(space.settings[2].values == .choices(["once", "each-epoch"]))
    #expect(space.settings[3].values == .choices(["0.01", "1"]))
    #expect(space.settings[4].text(at: 0.5) == "0.1")
    let drawn = space.draw { [0.999, 0.34, 0.5, 0.49, 0][$0] }
    #expect(
      drawn == [
        "epochs": "9", "factors": "16", "shuffle": "each-epoch", "bias_learning_rate": "0.01",
        "regularization": "0.01",
      ])
  }

  @Test(arguments: [
    ("{", "not a JSON object"), ("[1]", "not a JSON object"), ("{}", "names no setting"),
    (#"{"factor": [1]}"#, "no setting 'factor'"),
    (#"{"noise": [0.5]}"#, "mf does not read 'noise'"),
    (#"{"split": ["random:0.1"]}"#, "'split' decides what trials are judged by"),
    (#"{"early_stopping": [1, 2]}"#, "'early_stopping' decides"),
    (#"{"epochs": [1]}"#, "'epochs' was given a value as well"),
    (#"{"factors": 8}"#, "'factors' is neither a list of values nor an object"),
    (#"{"factors": {"from": 8}}"#, "'factors' is neither a list"),
    (#"{"factors": {"from": 8, "to": "16"}}"#, "'factors' is neither a list"),
    (#"{"factors": {"from": 8, "to": 16, "step": 2}}"#, "a member 'step'"),
    (#"{"factors": {"from": 16, "to": 8}}"#, "goes from 16 to 8"),
    (#"{"factors": {"from": 8, "to": 8}}"#, "goes from 8 to 8"),
    (#"{"factors": {"from": 0, "to": 8}}"#, "'factors' 0: give a whole number from 1 to 2048"),
    (#"{"factors": {"from": 1.5, "to": 8}}"#, "'factors' 1.5: give a whole number"),
    (#"{"factors": {"from": 1, "to": 8, "scale": "cubic"}}"#, "neither log nor linear"),
    (#"{"factors": {"from": 1, "to": 8, "scale": 1}}"#, "neither log nor linear"),
    (#"{"regularization": {"from": 0, "to": 1, "scale": "log"}}"#, "a log scale above 0"),
    (#"{"shuffle": {"from": 0, "to": 1}}"#, "list its values"),
    (#"{"shuffle": ["once", "never"]}"#, "'shuffle' never: give none, once or each-epoch"),
    (#"{"factors": []}"#, "lists no value"), (#"{"factors": [8, 8]}"#, "one twice"),
    (#"{"factors": [8, null]}"#, "lists something that is no value"),
    (#"{"factors": [[[[[[[[[8]]]]]]]]]}"#, "nested too deeply"),
  ])
  func whatIsNoSpaceIsSaid(text: String, words: String) throws {
    let error = #expect(throws: SearchSpaceError.self) { try read(text, fixed: ["epochs"]) }
    let said = "\(try #require(error))"
    #expect(said.contains(words), "\(said)")
  }

  @Test func filesThatAreNoneAreSaid() throws {
    #expect(throws: SearchSpaceError.unreadable(path: "/no/such.json", code: ENOENT)) {
      try SearchSpace.read("/no/such.json", for: .mf)
    }
    #expect(throws: SearchSpaceError.self) { try SearchSpace.read("/dev/zero", for: .mf) }
  }

  @Test(arguments: [ModelSpec.lists, .mf, .kerasHybrid, .ease, .timeMF])
  func aSpecificationIsReadAsItWasWritten(spec: ModelSpec) throws {
    try withTemporaryDirectory { folder in
      var changed = spec
      changed.defaults.learningRate = 0.0371
      try changed.write(to: folder + "/spec.json")
      #expect(try ModelSpec.read(folder + "/spec.json") == changed)
    }
  }
}
