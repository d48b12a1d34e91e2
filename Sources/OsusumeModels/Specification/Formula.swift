// A score formula: a small expression tree over a (user, item) pair.

/// Whose bias, embedding or factor a term belongs to.
public enum Entity: String, Codable, Sendable, Hashable {
  /// The one who rates.
  case user
  /// The thing rated.
  case item
}

/// How wide an embedding is.
public enum Width: Sendable, Hashable {
  /// As the setting `factors` says.
  case factors
  /// So many numbers.
  case fixed(Int)
  /// min(600, round(1.6·n^0.56)) for a table of n rows (fast.ai's rule).
  case byRows
}

/// What a layer does to its sums.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  /// Nothing.
  case linear
  /// max(z, 0).
  case relu
  /// 1 / (1 + exp(−z)).
  case sigmoid
}

/// A score formula: a small expression tree over a (user, item) pair.
///
/// Each expression is a vector; scores are vectors one number wide. Equal expressions are one: what
/// occurs twice in a formula, or in several heads, is computed once and has one set of parameters.
public indirect enum Formula: Sendable, Hashable {
  /// μ, the mean of the training ratings (not learned).
  case globalMean
  /// A learned scalar for each user or item.
  case bias(Entity)
  /// How far the bias of a user or an item is from its long-term mean when the rating is given.
  case drift(Entity)
  /// p·q: the inner product of a learned vector of the user and one of the item; its width is the
  /// setting `factors`.
  case dot
  /// The number of training ratings of the item.
  case itemCount
  /// What the user's ratings of the item's neighbours say beyond the biases: a weighted mean.
  case neighbours
  /// The sum, over the items that the user has rated or liked, of what each says of the item (EASE).
  case relations
  /// The sum of its terms, which are equally wide or 1 wide (added to each number).
  case sum([Formula])
  /// A learned scalar.
  case intercept
  /// A learned vector for each user or item.
  case embedding(Entity, Width)
  /// The sum of learned vectors over the item's genres.
  case genres(Width)
  /// Episodes and popularity of the item, each as its quantile among the items, in 0...1.
  case metadata
  /// Its parts end to end.
  case concat([Formula])
  /// The product number by number.
  case product(Formula, Formula)
  /// The inner product.
  case inner(Formula, Formula)
  /// activation(x·W + c) with as many numbers as `units`.
  case dense(Formula, units: Int, Activation)
  /// In training, each number is dropped with this probability and the others are scaled up.
  case dropout(Formula, rate: Double)
  /// An activation by itself.
  case activation(Formula, Activation)
  /// A sigmoid from the first to the second number; nil: over the scale of the training ratings.
  case range(Formula, ClosedRange<Double>?)

  /// Sum of two expressions, flattened.
  public static func + (left: Self, right: Self) -> Self {
    .sum(left.terms + right.terms)
  }

  /// The terms of a sum; the expression itself otherwise.
  public var terms: [Self] {
    if case .sum(let terms) = self { terms } else { [self] }
  }

  /// The user's vector, `factors` wide.
  public static let p = Formula.embedding(.user, .factors)
  /// The item's vector, `factors` wide.
  public static let q = Formula.embedding(.item, .factors)

  /// A dense layer on top.
  public func dense(_ units: Int, _ activation: Activation = .linear) -> Formula {
    .dense(self, units: units, activation)
  }

  /// Dropout on top.
  public func dropout(_ rate: Double) -> Formula { .dropout(self, rate: rate) }

  /// Its immediate subexpressions.
  var parts: [Formula] {
    switch self {
    case .globalMean, .bias, .drift, .dot, .itemCount, .neighbours, .relations, .intercept,
      .embedding,
      .genres, .metadata:
      []
    case .sum(let parts), .concat(let parts): parts
    case .product(let a, let b), .inner(let a, let b): [a, b]
    case .dense(let x, _, _), .dropout(let x, _), .activation(let x, _), .range(let x, _): [x]
    }
  }

  /// Whether an expression that satisfies `isWanted` is part of it.
  func contains(where isWanted: (Formula) -> Bool) -> Bool {
    isWanted(self) || parts.contains { $0.contains(where: isWanted) }
  }
}

extension ModelSpec {
  /// What all heads compute, the score first.
  public var scores: [Formula] { [score] + heads.map(\.score) }

  /// Whether the model reads genres or metadata of items.
  public var needsItems: Bool {
    scores.contains { score in
      score.contains {
        switch $0 {
        case .genres, .metadata: true
        default: false
        }
      }
    }
  }

  /// Whether users, or items, have biases of their own.
  public func hasBiases(of entity: Entity) -> Bool {
    scores.contains { $0.contains { $0 == .bias(entity) } }
  }

  /// Whether the model learns from when ratings were given.
  public var needsTimestamps: Bool { score.terms.contains(.drift(.user)) }

  /// Whether the model learns from labels of interactions.
  public var needsLabels: Bool {
    target == .interaction || heads.contains { $0.target == .interaction }
  }
}
