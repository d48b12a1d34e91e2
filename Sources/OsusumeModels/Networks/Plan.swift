// A specification bound to sizes: a flat list of kernel calls, and where every tensor lies.
import OsusumeData

/// The numbers that a specification leaves open.
public struct PlanSizes: Sendable, Equatable {
  /// Rows of the tables.
  public var users: Int, items: Int
  /// Distinct genres of the items.
  public var genres: Int
  /// Width of p and q.
  public var factors: Int
  /// Lowest and highest training rating.
  public var scale: ClosedRange<Float>

  /// Makes sizes.
  package init(
    users: Int, items: Int, genres: Int = 0, factors: Int, scale: ClosedRange<Float> = 0...1
  ) {
    self.users = users
    self.items = items
    self.genres = genres
    self.factors = factors
    self.scale = scale
  }
}

/// What to compute, in which order, and where.
///
/// Every value lives on users, items or pairs: what depends on the user alone is computed once a user.
/// A dense layer over a concatenation is the sum of layers over its parts, so the user's part of it is
/// computed once a user too (exact algebra). Values lie side by side in one workspace row a user, item
/// or pair; a user's begins with the row of the user table.
public struct Plan: Sendable {
  /// What a value belongs to.
  public enum Domain: Int, Sendable, CaseIterable {
    case user, item, pair
  }

  /// A vector in the workspace rows of a domain.
  public struct Value: Sendable, Hashable {
    /// Whose rows it is in.
    public let domain: Domain
    /// Its first lane.
    public let lane: Int
    /// How many numbers it has.
    public let width: Int
    /// Whether it depends on nothing learned, so that it needs no gradient.
    public var isConstant = false
  }

  /// A value that a step reads, and where its gradient goes.
  public struct Input: Sendable {
    /// What is read.
    public let value: Value
    /// Where the step leaves the gradient: a lane of the gradients of the step's own domain.
    public let lane: Int
    /// Whether that is added to what is there.
    public let adds: Bool
  }

  /// What a step does.
  public enum Action: Sendable {
    /// Sums the rows of the genre table at this place of the layers.
    case genres(table: Int)
    /// Reads the items' metadata.
    case metadata
    /// x·W, W at this place of the layers; `adds` to what is there.
    case linear(weights: Int, adds: Bool)
    /// activation(Σ inputs + bias (+ what is there)).
    case join(bias: Int?, adds: Bool, Activation, low: Float, high: Float)
    /// a∘b.
    case product
    /// a·b.
    case inner
    /// Dropout; `salt` tells the draws of one from those of another.
    case dropout(rate: Float, salt: Int)
  }

  /// One call of a kernel.
  public struct Step: Sendable {
    /// What it does.
    public let action: Action
    /// What it reads.
    public let inputs: [Input]
    /// What it writes.
    public let output: Value
  }

  /// A value of users or items that pairs read: its gradient is the sum of theirs.
  public struct Boundary: Sendable {
    /// The value.
    public let value: Value
    /// Where the pairs' gradients lie.
    public let lane: Int
    /// Whether that is added to what is there.
    public let adds: Bool
  }

  /// A head and where its score lies.
  public struct Output: Sendable {
    /// A rating, a logit, or logits of classes.
    public let value: Value
    /// What it is to predict.
    public let target: Target
    /// What is minimised; nil: the loss of the settings.
    public let loss: Loss?
    /// How much of it counts.
    public let weight: Float
  }

  /// Sizes it was made for.
  public let sizes: PlanSizes
  /// Steps by domain, in order.
  public internal(set) var steps: [[Step]] = [[], [], []]
  /// Where gradients cross from pairs to users and items, in order.
  public internal(set) var boundaries: [Boundary] = []
  /// Floats in a workspace row, by domain.
  public internal(set) var strides: [Int] = [0, 0, 0]
  /// Learned tensors of the user table and the item table, side by side in its rows.
  public internal(set) var slots: [[PlanTensor]] = [[], []]
  /// Learned tensors of layers and genres, end to end.
  public internal(set) var layers: [PlanTensor] = []
  /// The heads, the score first.
  public internal(set) var outputs: [Output] = []

  /// Floats of the layers.
  public var layerCount: Int { layers.last.map { $0.place + $0.count } ?? 0 }

  /// Lanes of a table's rows in use.
  package func lanes(_ entity: Entity) -> Int {
    slots[entity == .user ? 0 : 1].last.map { $0.place + $0.columns } ?? 0
  }

  init(sizes: PlanSizes) { self.sizes = sizes }

  /// The places among the layers whose gradients a domain's steps find.
  package func learned(in domain: Domain) -> [Range<Int>] {
    steps[domain.rawValue].flatMap { step -> [Range<Int>] in
      switch step.action {
      case .linear(let weights, _):
        [weights..<weights + step.inputs[0].value.width * step.output.width]
      case .join(let bias?, _, _, _, _): [bias..<bias + step.output.width]
      case .genres(let table): [table..<table + sizes.genres * step.output.width]
      default: []
      }
    }
  }
}

/// A learned tensor: its name in files, its shape, where it lies and how it starts.
public struct PlanTensor: Sendable, Equatable {
  /// What kind of start it gets.
  public enum Kind: Sendable, Equatable {
    /// Vectors of users, items or genres.
    case factors
    /// Biases of users, items or genres, and the model's own.
    case bias
    /// Weights of a dense layer.
    case weights
    /// What is added to a dense layer's sums.
    case layerBias
  }

  /// Its name in a model file.
  public let name: String
  /// What it is.
  public let kind: Kind
  /// Its extents.
  public let rows: Int, columns: Int
  /// Its first lane in the rows of a table, or its first float among the layers.
  public let place: Int
  /// Numbers that flow into one of its outputs: what initialisers call fan in.
  public let fanIn: Int

  /// Number of elements.
  public var count: Int { rows * columns }
}

/// Why a specification cannot be built for the data at hand.
public enum PlanError: OsusumeError, Equatable {
  /// Two values that should be equally wide are not.
  case widths(formula: String, widths: [Int])
  /// The score is a vector.
  case scoreWidth(formula: String, width: Int)
  /// Classes are not one rating each.
  case tooManyNumbers(formula: String, count: Int)
  /// A network has a term that only closed forms can fit.
  case unsupported(formula: String)
  /// The model needs what the items file would give.
  case noGenres

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .widths(let formula, let widths):
      "'\(formula)' joins vectors of width \(widths.map(String.init).joined(separator: " and ")); "
        + "make them equally wide"
    case .scoreWidth(let formula, let width):
      "the score '\(formula)' is \(width) numbers wide; end it with 'dense 1' or an inner product"
    case .tooManyNumbers(let formula, let count):
      "'\(formula)' has \(count) parameters and \(PlanBuilder.mostParameters) are allowed; make it narrower"
    case .unsupported(let formula):
      "'\(formula)' cannot be trained by gradients; leave it out of the formula"
    case .noGenres:
      "the model needs genres, and no item has any; give `items FILE` with a column of genres"
    }
  }
}
