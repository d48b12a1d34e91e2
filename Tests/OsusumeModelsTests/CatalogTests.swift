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
}
