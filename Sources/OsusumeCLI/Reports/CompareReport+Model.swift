// One model in the JSON of `osusume compare`: train's figures, evaluate's metrics, its factors.
import Osusume

extension CompareReport {
  struct ModelEntry: Encodable {
    let comparison: Comparison
    let place: Int

    init(_ comparison: Comparison, _ place: Int) {
      self.comparison = comparison
      self.place = place
    }

    private struct Seconds: Encodable {
      let train: Double?
      let evaluate: Double
      let total: Double
    }

    private struct Point: Encodable {
      let seconds: Double
      let rmse: Double
    }

    private struct LabelPoint: Encodable {
      let seconds: Double
      let logLoss: Double
    }

    private struct SegmentError: Encodable {
      let name: String
      let rmse: Double
      let ci95: [Double]?
    }

    private struct ConvergenceEntry: Encodable {
      let finding: Convergence.Finding
      let metric: String
      let change: Double
      let lastEpochs: Int
      let bestEpoch: Int
      let best: Double
      let last: Double

      init(_ convergence: Convergence) {
        finding = convergence.finding
        metric = convergence.metric
        change = convergence.change
        lastEpochs = convergence.window
        bestEpoch = convergence.bestEpoch
        best = convergence.best
        last = convergence.last
      }
    }

    private struct Popularity: Encodable {
      let spearman: Double
      let pearsonLog: Double
    }

    func encode(to encoder: any Encoder) throws {
      let model = comparison.models[place]
      var container = encoder.container(keyedBy: JSONKey.self)
      try container.encode(model.label, forKey: "label")
      try container.encode(model.contender.spec.name, forKey: "model")
      try container.encode(model.contender.seed, forKey: "seed")
      try container.encode(model.contender.isBaseline, forKey: "baseline")
      try container.encode(model.contender.saved != nil, forKey: "saved")
      try container.encode(model.contender.spec.score.formula, forKey: "formula")
      try container.encode(model.contender.hyperparameters, forKey: "settings")
      try container.encode(model.fit.epochs, forKey: "epochs")
      if !model.fit.search.isEmpty { try container.encode(model.fit.search, forKey: "search") }
      if !model.fit.notes.isEmpty { try container.encode(model.fit.notes, forKey: "notes") }
      try container.encode(model.hasConverged, forKey: "converged")
      try container.encode(model.convergence.map(ConvergenceEntry.init), forKey: "convergence")
      if let before = model.epochsBefore {
        try container.encode(
          model.contender.hyperparameters.epochs, forKey: "epochs_until_converged")
        try container.encode(before, forKey: "epochs_before")
      }
      let metrics = model.model.metrics
      try container.encode(
        TrainReport.Final(
          validRMSE: metrics["valid_rmse"], validRMSEClipped: metrics["valid_rmse_clipped"],
          validMAE: metrics["valid_mae"], others: metrics), forKey: "final")
      let (train, evaluate) = (model.trainSeconds, model.evaluateSeconds)
      try container.encode(
        Seconds(train: train, evaluate: evaluate, total: (train ?? 0) + evaluate), forKey: "seconds"
      )
      let ofLabels = model.labels == nil ? [] : Evaluation.labelMetrics
      for name in Evaluation.names(cutoffs: [10]) + ofLabels {
        try container.encode(model[name], named: name)
      }
      try encodeSeeds(into: &container)
      try container.encode(
        model.curve.map { Point(seconds: $0.seconds, rmse: $0.error) }, forKey: "curve")
      if !model.labelCurve.isEmpty {
        try container.encode(
          model.labelCurve.map { LabelPoint(seconds: $0.seconds, logLoss: $0.error) },
          forKey: "label_curve")
      }
      let errors = zip(comparison.segments, model.segmentErrors).compactMap { segment, metric in
        metric.map { SegmentError(name: segment.name, rmse: $0.value, ci95: $0.bounds) }
      }
      try container.encode(errors, forKey: "segments")
      try encodeFactors(into: &container)
    }

    private func encodeSeeds(into container: inout KeyedEncodingContainer<JSONKey>) throws {
      let model = comparison.models[place]
      try container.encode(model.repeats.count + 1, forKey: "fits")
      let deviations = Comparison.metrics.compactMap { name in
        model.seedDeviation(name).map { (name, $0.value) }
      }
      guard !deviations.isEmpty else { return }
      try container.encode(
        Dictionary(uniqueKeysWithValues: deviations), forKey: "sd_between_seeds")
    }

    private func encodeFactors(into container: inout KeyedEncodingContainer<JSONKey>) throws {
      guard let geometry = comparison.geometry[place],
        let correlation = comparison.popularityCorrelation(place)
      else { return }
      try container.encode(geometry.factors, forKey: "factors")
      try container.encode(geometry.spectrum, forKey: "spectrum")
      try container.encode(geometry.effectiveRank, forKey: "effective_rank")
      try container.encode(
        Popularity(spearman: correlation.ranked, pearsonLog: correlation.logarithmic),
        forKey: "norm_popularity")
    }
  }
}

extension KeyedEncodingContainer<JSONKey> {
  /// Writes a metric and its interval; null where there is none or it is not a number.
  mutating func encode(_ metric: Metric?, named name: String) throws {
    try encode(metric.flatMap { $0.value.isFinite ? $0.value : nil }, forKey: JSONKey(name))
    try encode(metric?.bounds, forKey: JSONKey(name + "_ci95"))
  }
}

extension Metric {
  /// Both ends of the interval, where they are numbers.
  var bounds: [Double]? {
    interval.map { [$0.lowerBound, $0.upperBound] }
      .flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
  }
}
