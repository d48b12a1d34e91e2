// Which specifications a fit can work with: the same rules for those from files and those made in Swift.

extension ModelSpec {
  /// Fails where its fit cannot find its score, or its heads and lists do not go with it.
  ///
  /// Errors: `SpecificationError.unfit`. Settings are checked by `Hyperparameters.check(for:)`, the widths of layers
  /// when a network is built (`PlanError`).
  public func check() throws {
    if let fault { throw SpecificationError.unfit(model: name, reason: fault) }
  }

  /// What is wrong with it, as a clause; nil where nothing is.
  var fault: String? {
    if let fault = ([score] + heads.map(\.score)).compactMap(\.fault).first { return fault }
    guard fit.finds(score) else {
      return "the fit \(fit.rawValue) cannot find \(score.formula)"
    }
    guard lists == nil || lists == .ease && target == .rating else {
      return "'lists' is not ease, or the model predicts something else than ratings"
    }
    guard heads.isEmpty || fit == .minibatch && heads.count <= 16 else {
      return "'heads' are more than 16, or the fit is not minibatch"
    }
    for head in heads where !head.loss.suits(head.target) || !(0...1e6).contains(head.weight) {
      return "one of 'heads' lacks a 'loss' that fits its 'target', or a 'weight' from 0 to 1e6"
    }
    return nil
  }
}

extension Formula {
  /// A width, rate or range that there cannot be, as a clause; nil where there is none.
  fileprivate var fault: String? {
    switch self {
    case .globalMean, .bias, .drift, .dot, .itemCount, .neighbours, .relations, .intercept,
      .metadata:
      nil
    case .embedding(_, let width), .genres(let width):
      if case .fixed(let width) = width { Self.fault(ofWidth: width, "a vector") } else { nil }
    case .sum(let parts), .concat(let parts): parts.compactMap(\.fault).first
    case .product(let one, let other), .inner(let one, let other): one.fault ?? other.fault
    case .dense(let x, let units, _): Self.fault(ofWidth: units, "a dense layer") ?? x.fault
    case .dropout(let x, let rate):
      rate >= 0 && rate < 1 ? x.fault : "dropout \(rate): give a rate from 0 to below 1"
    case .activation(let x, _): x.fault
    case .range(let x, let range):
      range.map { $0.lowerBound.isFinite && $0.upperBound.isFinite } == false
        ? "a range of which a bound is no finite number" : x.fault
    }
  }

  private static func fault(ofWidth width: Int, _ what: String) -> String? {
    (1...FormulaReader.widest).contains(width)
      ? nil
      : "the width of \(what) is \(width): give a whole number from 1 to \(FormulaReader.widest)"
  }
}
