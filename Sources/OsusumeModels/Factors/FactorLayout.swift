// Where factors, biases and constants lie in the rows of a factor model's tables.

/// The lanes of a packed row.
///
/// With biases, a user's row is [p, b_u, 1, 0…] and an item's [q, 1, b_i, 0…],
/// so that one inner product of two rows is p·q + b_u + b_i.
public struct FactorLayout: Sendable, Equatable {
  /// Lanes 0..<factors hold the vector.
  public let factors: Int
  /// Whether two further lanes hold a bias and a constant 1.
  public let biased: Bool

  /// Makes a layout.
  package init(factors: Int, biased: Bool) {
    self.factors = factors
    self.biased = biased
  }

  /// Lanes in use.
  public var lanes: Int { factors + (biased ? 2 : 0) }
  /// Lane of a user's bias in a user's row; an item's row holds 1 there.
  public var userBiasLane: Int { factors }
  /// Lane of an item's bias in an item's row; a user's row holds 1 there.
  public var itemBiasLane: Int { factors + 1 }
}

extension ModelSpec {
  /// The layout of the model's rows under some settings.
  public func layout(_ hyperparameters: Hyperparameters) -> FactorLayout {
    let terms = score.terms
    return FactorLayout(
      factors: terms.contains(.dot) ? hyperparameters.factors : 0,
      biased: terms.contains(.bias(.user)) || terms.contains(.bias(.item)))
  }
}
