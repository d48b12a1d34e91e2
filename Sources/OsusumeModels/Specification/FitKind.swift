// The kinds of fit, by which the catalog and model files name how a model is fitted, and what each can do.

/// How a model's parameters are found.
public enum FitKind: String, Codable, Sendable, Hashable, CaseIterable {
  /// Minibatches and an optimizer with state (Adam and its kin).
  case minibatch
  /// One update a rating, tile by tile (stochastic gradient descent).
  case tiledSGD
  /// Users given items and items given users, each in closed form, in turn (alternating least squares).
  case als
  /// The same with expected vectors: a linear function of implicit feedback, fitted in turn with them.
  case svdPlusPlus = "implicitALS"
  /// The most similar items of each item.
  case neighbours
  /// Linear relations between items, by the inverse of their Gram matrix.
  case ease
  /// Vectors drawn in turn from their posterior, and the mean over the draws (Gibbs sampling).
  case gibbs
  /// Truncated singular value decomposition of the residuals of damped biases.
  case svd
  /// Least squares on who met what, every pair that did not counted, users and items in turn.
  case ials
  /// Gradient steps that raise an item met above others that are drawn, tile by tile.
  case bpr
  /// A closed form or a convergent alternation of closed forms.
  case closedForm
}

extension FitKind {
  /// Whether there is a solver of this kind for a score.
  func finds(_ score: Formula) -> Bool {
    let terms = Set(score.terms)
    guard terms.count == score.terms.count else { return false }
    let biases: Set<Formula> = [.bias(.user), .bias(.item)]
    return switch self {
    case .minibatch:
      terms.isDisjoint(
        with: [.itemCount, .relations, .neighbours, .drift(.user), .drift(.item)])
        && !terms.isSubset(of: [.globalMean])
    case .tiledSGD, .als:
      terms == [.globalMean, .dot] || terms == biases.union([.globalMean, .dot])
    case .neighbours: terms == biases.union([.globalMean, .neighbours])
    case .ease: terms == [.relations]
    case .ials: terms == [.dot]
    case .bpr: terms == [.dot, .bias(.item)]
    case .svd, .gibbs: terms == biases.union([.globalMean, .dot])
    case .svdPlusPlus:
      terms.subtracting([.drift(.user), .drift(.item)]) == biases.union([.globalMean, .dot])
        && terms.contains(.drift(.user)) == terms.contains(.drift(.item))
    case .closedForm:
      terms == [.globalMean] || terms == [.itemCount] || terms == biases.union([.globalMean])
    }
  }

  /// Whether it finds scores that rank a user's items, on no scale of ratings.
  var ranksOnly: Bool { self == .ials || self == .bpr }
}

extension Set<FitKind> {
  static var all: Self { Set(FitKind.allCases) }
  /// Those that start from random vectors and improve them epoch by epoch, so that they can search for the number of
  /// epochs.
  package static var ofEpochs: Self { [.als, .svdPlusPlus, .tiledSGD, .minibatch, .ials, .bpr] }
  /// Those that follow gradients.
  package static var ofSteps: Self { [.tiledSGD, .minibatch, .bpr] }
  /// Those that learn what items say of each other.
  static var ofRelations: Self { [.neighbours, .ease] }
  /// Those that learn vectors.
  static var ofVectors: Self { ofEpochs.union([.svd, .gibbs]) }
}
