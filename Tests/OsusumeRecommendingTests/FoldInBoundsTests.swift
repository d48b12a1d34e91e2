// Ratings and vectors beyond any bound are not folded into a model.
import ModelFixtures
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

struct FoldInBoundsTests {
  @Test func ratingsThatAreNoneAreNotFoldedIn() throws {
    let model = tinyModel()
    for rating in [Float.nan, .infinity, 2e38] {
      #expect {
        try model.foldIn([RatingByID("20", rating)])
      } throws: {
        if case FoldInError.notARating("20", _) = $0 { true } else { false }
      }
    }
  }

  /// Without penalties a tiny vector is multiplied with a huge one, and with other items' vectors that is no
  /// score any more.
  @Test func newcomersWithoutBoundsAreRefused() throws {
    var model = tinyModel(factors: 1, biased: false)
    model.spec = .als
    model.hyperparameters = .init {
      ($0.factors, $0.regularization, $0.rowRegularization) = (1, 0, 0)
      $0.rowSolver = .cholesky
    }
    model.parameters.factors?.setFactors(users: [1, 1, 1], items: [1e-15, 1, 1, 1])
    #expect(throws: FoldInError.notFinite) { try model.foldIn([RatingByID("-3", 8)]) }
    #expect(try model.foldIn([RatingByID("20", 8)]).score(1).isFinite)
  }
}
