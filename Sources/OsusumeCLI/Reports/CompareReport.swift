// What `osusume compare --json` prints.
import Foundation
import Osusume

struct CompareReport: Report {
  let command = "compare"
  let version = osusumeVersion
  let seed: UInt64
  let threads: Int
  let isa: String
  let data: TrainReport.DataCounts
  let split: SplitRule
  let relevantAt: Float
  let best: String?
  let models: [ModelEntry]
  let labelBaselines: [LabelBaselineEntry]?
  let verdicts: [VerdictEntry]
  let timeToError: [TimeEntry]
  let segments: [SegmentEntry]
  let agreement: [AgreementEntry]
  let agreementInWords: [String]
  let neighbourItems: NeighbourItems
  let directions: [DirectionEntry]
  let neighbours: [ByModel]
  let userLists: [ByModel]
  let widths: [WidthEntry]
  let warnings: [String]
  let seconds: TrainReport.Seconds
  @NotEncoded var comparison: Comparison
  /// Rows without a rating.
  @NotEncoded var unratedTrain: Int
  @NotEncoded var unratedTest: Int
  let report: String?

  init(
    _ comparison: Comparison, loaded: DataOptions.Loaded, split: Split, rule: SplitRule,
    options: GlobalOptions, seconds: Double, report: String?
  ) {
    self.comparison = comparison
    self.report = report
    unratedTrain = split.train.values.count(where: \.isNaN)
    unratedTest = split.test.values.count(where: \.isNaN)
    seed = options.seed
    threads = options.threads
    isa = InstructionSet.active
    data = .init(loaded.ratings, split: split)
    self.split = rule
    relevantAt = comparison.relevantAt
    best = comparison.best?.label
    models = comparison.models.indices.map { ModelEntry(comparison, $0) }
    labelBaselines =
      comparison.labelBaselines.isEmpty ? nil : comparison.labelBaselines.map { .init($0) }
    verdicts = comparison.verdicts.map { VerdictEntry($0) }
    timeToError = comparison.models.flatMap { model in
      comparison.models.compactMap { TimeEntry(model, toReach: $0) }
    }
    segments = comparison.segments.map { SegmentEntry($0) }
    agreement = comparison.agreements.map { AgreementEntry($0, comparison.models) }
    neighbourItems = NeighbourItems(
      count: comparison.neighbourItems, minRatings: Int(comparison.fewestNeighbourRatings))
    agreementInWords = comparison.agreementWords
    directions = comparison.meaning.directions.map { DirectionEntry($0, comparison) }
    neighbours = comparison.meaning.neighbours.map { ByModel($0, comparison) }
    userLists = comparison.meaning.lists.map { ByModel($0, comparison) }
    widths = comparison.widths.map { WidthEntry($0) }
    warnings = comparison.warnings.map(\.namingFlags)
    self.seconds = .init(
      ingest: loaded.ingestSeconds, prepare: loaded.prepareSeconds,
      train: comparison.models.reduce(0) { $0 + ($1.trainSeconds ?? 0) },
      evaluate: comparison.models.reduce(0) { $0 + $1.evaluateSeconds }, total: seconds)
  }

  /// What tells labels apart without a model: its name and its metrics with their intervals.
  struct LabelBaselineEntry: Encodable {
    let baseline: LabelBaseline

    init(_ baseline: LabelBaseline) { self.baseline = baseline }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: JSONKey.self)
      try container.encode(baseline.name, forKey: "name")
      for name in Evaluation.labelMetrics {
        try container.encode(baseline.evaluation[name], named: name)
      }
    }
  }

  struct VerdictEntry: Encodable {
    let metric: String
    let first: String
    let second: String
    let difference: Double
    let ci95: [Double]
    let verdict: PairedComparison.Outcome
    let caveat: String?
    let sentence: String

    init(_ verdict: Verdict) {
      let comparison = verdict.comparison
      metric = comparison.metric
      first = verdict.first
      second = verdict.second
      difference = comparison.difference
      ci95 = [comparison.interval.lowerBound, comparison.interval.upperBound]
      self.verdict = comparison.verdict
      caveat = verdict.caveat
      sentence = verdict.sentence
    }
  }

  /// Seconds of one model to the final error of another; absent where it never got there.
  struct TimeEntry: Encodable {
    let model: String
    let target: String
    let rmse: Double
    let seconds: Double?

    init?(_ model: ComparedModel, toReach target: ComparedModel) {
      guard model.label != target.label, model.rmse != nil, let bound = target.rmse else {
        return nil
      }
      self.model = model.label
      self.target = target.label
      rmse = bound
      seconds = model.seconds(toReach: bound)
    }
  }

  struct SegmentEntry: Encodable {
    let of: String
    let name: String
    let ratings: [Int]
    let rows: Int

    init(_ segment: Segment) {
      of = segment.entity.rawValue + "s"
      name = segment.name
      ratings = [segment.counts.lowerBound, segment.counts.upperBound]
      rows = segment.rowCount
    }
  }

  struct AgreementEntry: Encodable {
    let first: String
    let second: String
    let principalCosines: [Double]?
    let sharedSpace: Double?
    let cka: Double?
    let ckaOfScores: Double?
    let sharedNeighbours: Double?
    let rankBiasedOverlap: Double

    enum CodingKeys: String, CodingKey {
      case first, second, cka, principalCosines, sharedSpace, ckaOfScores
      case sharedNeighbours = "shared_neighbours@10"
      case rankBiasedOverlap = "rank_biased_overlap@10"
    }

    init(_ agreement: Agreement, _ models: [ComparedModel]) {
      first = models[agreement.models.0].label
      second = models[agreement.models.1].label
      principalCosines = agreement.principalCosines
      sharedSpace = agreement.sharedSpace
      cka = agreement.alignment
      ckaOfScores = agreement.profileAlignment
      sharedNeighbours = agreement.sharedNeighbours
      rankBiasedOverlap = agreement.rankBiasedOverlap
    }
  }

  struct NeighbourItems: Encodable {
    let count: Int
    let minRatings: Int
  }

  struct WidthEntry: Encodable {
    let model: String
    let factors: Int
    let rmse: Double?
    let rmseInterval: [Double]?
    let ndcg: Double?
    let seconds: Double?
    let effectiveRank: Double
    let sharedSpace: Double

    enum CodingKeys: String, CodingKey {
      case model, factors, rmse, seconds, effectiveRank, sharedSpace
      case rmseInterval = "rmse_ci95"
      case ndcg = "ndcg@10"
    }

    init(_ width: WidthResult) {
      model = width.label
      factors = width.factors
      rmse = width.evaluation["rmse"]?.value
      rmseInterval = width.evaluation["rmse"]?.interval.map { [$0.lowerBound, $0.upperBound] }
      ndcg = width.evaluation.ndcg(at: 10)
      seconds = width.trainSeconds
      effectiveRank = width.effectiveRank
      sharedSpace = width.sharedSpace
    }
  }
}
