// What formulas can give, and what is said where ratings lie beyond.
import OsusumeData
import Testing

@testable import OsusumeModels

struct ReachTests {
  @Test func whatFormulasReach() throws {
    func warning(_ formula: String, _ ratings: [Float]) throws -> String? {
      let rows = IndexedRatings(
        users: ratings.map { _ in 0 }, items: ratings.map { _ in 0 }, values: ratings)
      let spec = ModelSpec(
        "mine", summary: "", score: try Formula(formula: formula), fit: .minibatch,
        defaults: .init(),
        source: "")
      return spec.reachWarning(of: rows)
    }
    #expect(try warning("p·q → range 1 5", [1, 5, .nan]) == nil)
    #expect(try warning("p·q → range", [-7, 5]) == nil)
    #expect(try warning("concat(p, q) → dense 1", [-7, 500]) == nil)
    let relu = try #require(try warning("concat(p, q) → dense 1 relu", [-7, 5, -7]))
    #expect(relu.hasPrefix("mine predicts ratings of at least 0, and 2 of the 3 training ratings"))
    #expect(try warning("p·q → sigmoid", [0, 1.5])?.contains("(1.5)") == true)
    #expect(try warning("p·q → range -1 1 → dropout 0.5", [2]) != nil)
    #expect(try warning("b_u + b_i", [1e9]) == nil)
  }
}
