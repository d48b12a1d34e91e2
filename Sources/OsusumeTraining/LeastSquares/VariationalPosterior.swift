// What variational least squares has learned beside the means of the vectors.
import OsusumeData
import OsusumeModels

/// What a fit has learned beside the means of its vectors: a checkpoint keeps that too.
struct VariationalPosterior {
  /// Variances of the unknowns of users' and items' vectors, laid out as they are.
  let users: FloatMatrix
  let items: FloatMatrix
  /// The precision of each user's ratings over that of all, [1, users].
  let userPrecisions: FloatMatrix

  /// What side information says of vectors.
  var expectedUsers: FeatureRegression
  var expectedItems: FeatureRegression
  /// How biases drift; nil where they are constant.
  let biases: DriftingBiases?

  /// No variance, the same precision for all users, and weights of 0.
  init(
    _ problem: Problem, features: (users: [SideFeatures], items: [SideFeatures]) = ([], []),
    ridge: Double = 1, biases: DriftingBiases? = nil, threads: Int = 1
  ) {
    let (layout, userCount, itemCount) = (problem.layout, problem.users, problem.items)
    users = FloatMatrix(rows: userCount, columns: layout.lanes)
    items = FloatMatrix(rows: itemCount, columns: layout.lanes)
    userPrecisions = FloatMatrix(rows: 1, columns: userCount)
    for user in 0..<userCount { userPrecisions[0][user] = 1 }
    func expected(_ entity: Entity, _ features: [SideFeatures], _ rows: Int) -> FeatureRegression {
      FeatureRegression(
        entity, features: features, rows: rows, layout: layout, ridge: ridge, threads: threads)
    }
    expectedUsers = expected(.user, features.users, userCount)
    expectedItems = expected(.item, features.items, itemCount)
    // The more features there are to a vector, the more they could say of it by chance.
    expectedUsers.set(ridges: features.users.map { ridge * (1 + $0.countPerRow) })
    expectedItems.set(ridges: features.items.map { ridge * (1 + $0.countPerRow) })
    self.biases = biases
  }

  /// Adds what the model keeps of it to the result of a fit.
  func complete(_ result: inout FitResult, _ parameters: FactorParameters) {
    func weights(_ rows: FeatureRegression) -> FloatMatrix? {
      rows.regressions.first { $0.features.kind != .metadata }?.weights
    }
    let (history, audience) = (weights(expectedUsers), weights(expectedItems))
    if history != nil || audience != nil {
      result.learned.implicitFactors = ImplicitFactors(
        layout: parameters.layout, history: history, audience: audience)
    }
    guard let biases else { return }
    // A checkpoint may yet be written of the tables: the biases of the result are others.
    let parametersNow = parameters.copy()
    biases.result.setBiases(asOfNow: parametersNow)
    result.parameters = parametersNow
    result.learned.timeBiases = biases.result
    result.notes.append(biases.note)
  }

  /// All of it as tables.
  var tables: [FloatMatrix] {
    [users, items, userPrecisions]
      + (expectedUsers.regressions + expectedItems.regressions).map(\.weights)
      + (biases?.tables ?? [])
  }

  /// Takes over what was written to `tables`.
  mutating func restore(_ tables: [FloatMatrix]) {
    biases?.restore(tables.suffix(DriftingBiases.tableCount))
    expectedUsers.update()
    expectedItems.update()
  }
}
