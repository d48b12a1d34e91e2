// The same models at several widths k.
import OsusumeData
import OsusumeModels
import OsusumeTraining

/// A model with factors at one width.
public struct WidthResult: Sendable {
  /// The model's name in the comparison.
  public let label: String
  /// Width of its vectors.
  public let factors: Int
  /// Errors and ranking on the test rows.
  public let evaluation: Evaluation
  /// Seconds of the fit; nil for a model that was trained before.
  public let trainSeconds: Double?
  /// How many directions of equal strength would be as many (`FactorGeometry.effectiveRank`).
  public let effectiveRank: Double
  /// Fraction of the narrower of two item spaces that lies in the other: this one's and the one at the
  /// model's width in the comparison.
  public let sharedSpace: Double

  /// Fits each model with factors at each further width; in order of model, then of width, the model as
  /// it took part in its place.
  static func all(
    _ widths: [Int], _ models: [ComparedModel], _ factors: FactorComparison,
    of data: ComparisonData, _ options: EvaluationOptions,
    progress: (String, EpochReport) -> Void
  ) throws -> [WidthResult] {
    try models.indices.flatMap { place -> [WidthResult] in
      guard let own = factors.geometry[place] else { return [] }
      let model = models[place]
      let itself = WidthResult(model, own, beside: own)
      let others = try Set(model.contender.saved == nil ? widths : []).subtracting([
        own.factors
      ]).map { width in
        var contender = model.contender
        contender.hyperparameters.factors = width
        let other = try ComparedModel(contender, of: data, options) {
          progress("\(model.label) k \(width)", $0)
        }
        let geometry = FactorGeometry(
          other.model.parameters, users: factors.ratedUsers, items: factors.ratedItems)
        return WidthResult(other, geometry ?? own, beside: own)
      }
      return ([itself] + others).sorted { $0.factors < $1.factors }
    }
  }

  private init(_ model: ComparedModel, _ geometry: FactorGeometry, beside own: FactorGeometry) {
    label = model.label
    factors = geometry.factors
    evaluation = model.evaluation
    trainSeconds = model.trainSeconds
    effectiveRank = geometry.effectiveRank
    let cosines = geometry.principalCosines(with: own)
    sharedSpace = cosines.reduce(0) { $0 + $1 * $1 } / Double(max(1, cosines.count))
  }
}
