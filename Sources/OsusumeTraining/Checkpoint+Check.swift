// What holds of every checkpoint: checked before one is written and after one is read.
import OsusumeData
import OsusumeModels

/// What is wrong with the numbers of a checkpoint, as a clause.
struct CheckpointFault: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension FitState {
  /// Checks that every number is such as a fit of these settings comes to.
  ///
  /// Fits rely on it: where they stand decides what is drawn, how often they pass and when they stop.
  /// Errors: `CheckpointFault`.
  func check(_ settings: Hyperparameters) throws {
    switch self {
    case .minibatch(let state): try state.check(settings)
    case .sampled(let state): try state.check(settings)
    case .phased(let state): try state.check(settings)
    }
  }
}

extension MinibatchState {
  fileprivate func check(_ settings: Hyperparameters) throws {
    try epochs.check(atMost: settings.epochs, "epochs")
    guard heldOut.isEmpty || heldOut.count == epochs.count, heldOut.allSatisfy({ $0 >= 0 }) else {
      throw CheckpointFault("its held-out errors are not one of each epoch")
    }
    try records.check("records")
    try (best ?? []).check("best tables")
  }
}

extension SampledState {
  fileprivate func check(_ settings: Hyperparameters) throws {
    try epochs.check(atMost: settings.epochs, "epochs")
    try tables.check("tables")
    guard numbers.joined().allSatisfy(\.isFinite) else {
      throw CheckpointFault("its numbers are not all finite")
    }
  }
}

extension PhasedState {
  fileprivate func check(_ settings: Hyperparameters) throws {
    try epochs.check(atMost: settings.epochs, "epochs")
    try search.check(atMost: settings.epochs, "epochs of the search")
    let done = phase == .search ? search.count : epochs.count
    guard phase == .fit || epochs.isEmpty, epoch == done else {
      throw CheckpointFault("its 'epoch' is \(epoch) and \(done) epochs are written down")
    }
    guard (0...search.count).contains(bestEpoch) else {
      throw CheckpointFault("its 'bestEpoch' is \(bestEpoch) of \(search.count)")
    }
    // A fit after a search runs for as many epochs as the search found best.
    let expected = phase == .search || search.isEmpty ? settings.epochs : bestEpoch
    guard planned == expected, epoch <= planned else {
      throw CheckpointFault("its 'planned' is \(planned) where \(expected) epochs are to be run")
    }
    guard bestEpoch == 0 ? bestRMSE == .infinity : bestRMSE.isFinite && bestRMSE >= 0 else {
      throw CheckpointFault("its 'bestRMSE' is \(bestRMSE)")
    }
    guard rateScale > 1e-3, rateScale <= 1 else {
      throw CheckpointFault("its 'rateScale' is \(rateScale), not above 0.001 and at most 1")
    }
    guard parameters.mean.magnitude <= RatingTable.largestRating else {
      throw CheckpointFault("its 'mean' is \(parameters.mean)")
    }
    try [parameters.users, parameters.items].check("tables")
    try (best.map { [$0.users, $0.items] } ?? []).check("best tables")
    try (beliefs?.tables ?? kept).check("beliefs")
  }
}

extension [EpochReport] {
  /// Checks that reports are of the epochs 1, 2, 3 …, with figures that a pass can have.
  fileprivate func check(atMost most: Int, _ name: String) throws {
    guard count <= most else {
      throw CheckpointFault("its \(name) are \(count), and \(most) are to be run")
    }
    for (place, report) in enumerated() {
      let figures = [report.seconds, report.trainLoss, report.validRMSE ?? 0, report.validMAE ?? 0]
      guard report.epoch == place + 1, figures.allSatisfy({ $0 >= 0 }), report.seconds < 1e12,
        report.trainLoss.isFinite
      else { throw CheckpointFault("number \(place + 1) of its \(name) is none") }
    }
  }
}

extension [FloatMatrix] {
  fileprivate func check(_ name: String) throws {
    guard allSatisfy(\.isFinite) else {
      throw CheckpointFault("a number of its \(name) is not finite")
    }
  }
}
