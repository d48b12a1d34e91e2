// The catalog of models.
import Foundation
import OsusumeModels
import Testing

struct CatalogTests {
  @Test(arguments: ModelSpec.catalog) func specificationsRoundTripThroughJSON(spec: ModelSpec)
    throws
  {
    let data = try JSONEncoder().encode(spec)
    #expect(try JSONDecoder().decode(ModelSpec.self, from: data) == spec)
    #expect(ModelSpec.named(spec.name) == spec)
  }

  /// docs/adding-a-model.md has a table of the kinds of fit.
  @Test(arguments: FitKind.allCases) func thePageOnModelsHasEveryKindOfFit(kind: FitKind) throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: package.appendingPathComponent("docs/adding-a-model.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `.") }
    #expect(rows.contains { $0.contains("`.\(kind)`") })
  }
}
