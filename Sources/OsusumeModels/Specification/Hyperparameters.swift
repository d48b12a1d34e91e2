// The settings of a training run; every model of the catalog has its own defaults.
import OsusumeData

/// What a minibatch model minimises.
public enum Loss: String, Codable, Sendable, Hashable, CaseIterable {
  /// Square root of the batch's mean squared error (the Flax tutorial's loss).
  case rmse
  /// Mean squared error of the batch.
  case mse
  /// Mean absolute error of the batch.
  case mae
  /// Binary cross-entropy of labels 0 and 1.
  case binaryCrossEntropy = "bce"
  /// Cross-entropy of a distribution over ratings.
  case crossEntropy = "cross-entropy"
}

extension Loss {
  /// Whether it can be minimised by what is to be predicted.
  package func suits(_ target: Target) -> Bool {
    switch self {
    case .rmse, .mse, .mae: target == .rating
    case .binaryCrossEntropy: target == .interaction
    case .crossEntropy: target == .ratingClass
    }
  }
}

/// How a gradient becomes a step.
public enum Optimizer: String, Codable, Sendable, Hashable, CaseIterable {
  /// Adam (Kingma and Ba 2015), dense: every row of a table moves at every step.
  case adam
  /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
  case adamw
  /// Plain stochastic gradient descent.
  case sgd
  /// AdaGrad (Duchi, Hazan, Singer 2011).
  case adagrad

  /// Whether it moves rows without a gradient too.
  package var isAdam: Bool { self == .adam || self == .adamw }
}

/// When the order of the training ratings is drawn; in tiled SGD that of tiles and of users in them.
public enum Shuffle: String, Codable, Sendable, Hashable, CaseIterable {
  /// Ratings stay in the order of the split.
  case none
  /// One permutation, used by all epochs.
  case once
  /// A new permutation for each epoch.
  case eachEpoch = "each-epoch"
}

/// How the step size changes over the epochs.
public enum RateSchedule: String, Codable, Sendable, Hashable, CaseIterable {
  /// The same in every epoch.
  case constant
  /// Falls linearly, from the full rate to nothing after the last of `epochs`, also when training
  /// stops before it.
  case linear
}

extension RateSchedule {
  /// The fraction of the full rate that an epoch (0 the first) of `epochs` runs at.
  package func factor(_ epoch: Int, of epochs: Int) -> Double {
    switch self {
    case .constant: 1
    case .linear: max(0, 1 - (Double(epoch) + 0.5) / Double(epochs))
    }
  }
}

/// How alternating least squares solves for a user or an item.
public enum RowSolver: String, Codable, Sendable, Hashable, CaseIterable {
  /// For mean and variance, by the normal matrix; penalties are learned.
  case variational
  /// For a point, exactly, by the normal matrix.
  case cholesky
  /// For a point, by a few steps of conjugate gradients from the last one; no matrix is formed.
  case conjugateGradients = "cg"
}

/// How a parameter table starts.
public enum Initializer: Sendable, Hashable {
  /// Normal with mean 0 and this standard deviation.
  case normal(Double)
  /// Normal with mean 0 and variance 1/factors (Flax `Embed`).
  case normalOverFactors
  /// Uniform between this and its negative (Keras `Embedding`: 0.05).
  case uniform(Double)
  /// Uniform, ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010; Keras `Dense`).
  case glorotUniform
  /// Normal, cut at two standard deviations, of variance 1 / fan in (LeCun et al. 1998; Flax `Dense`).
  case lecunNormal
  /// Normal, cut at two standard deviations, of variance 2 / fan in (He et al. 2015); the fan in of a
  /// table is its number of rows, as Keras has it.
  case heNormal
  /// Uniform, ±1/√(fan in), and biases too (torch `Linear`).
  case uniformOverFanIn
  /// All zeros.
  case zero
}

/// The settings of a training run; `Setting.all` says of each which values it takes and who reads it.
public struct Hyperparameters: Sendable, Hashable {
  /// Width of the user and item vectors.
  public var factors = 50
  /// Passes over the training ratings.
  public var epochs = 10
  /// Ratings in a minibatch.
  public var batchSize = 10_000
  /// Step size.
  public var learningRate = 1e-3
  /// What is minimised.
  public var loss = Loss.rmse
  /// How a gradient becomes a step.
  public var optimizer = Optimizer.adam
  /// Adam's decay of the mean gradient.
  public var beta1 = 0.9
  /// Adam's decay of the mean squared gradient.
  public var beta2 = 0.999
  /// Adam's and AdaGrad's guard in the denominator.
  public var epsilon = 1e-8
  /// Decoupled weight decay (adamw).
  public var weightDecay = 0.0
  /// L2 penalty on factors (λ), in the sense of the model's solver; by minibatches, λ·Σw² over whole
  /// tables at every step.
  public var regularization = 0.0
  /// L2 penalty on biases (λ_b), in the sense of the model's solver.
  public var biasRegularization = 0.0
  /// L2 penalty on each user's and item's vector once, on top of λ for each of its ratings (λ₀, tiled
  /// SGD): λ·n + λ₀ for a vector with n ratings, so that those with few shrink more.
  public var rowRegularization = 0.0
  /// Step size of biases (tiled SGD, bpr).
  public var biasLearningRate = 0.0
  /// How step sizes change over the epochs (tiled SGD, bpr).
  public var rateSchedule = RateSchedule.constant
  /// How to solve for a user or an item (alternating least squares).
  public var rowSolver = RowSolver.cholesky
  /// Variance of ratings around their scores, as a fraction of their variance (variational least squares).
  public var noise = 0.33
  /// Steps of conjugate gradients for each user and item in an epoch.
  public var solverSteps = 3
  /// Weight of each pair of a user and an item without a rating, beside 1 of a rating (α₀, ials).
  public var unobservedWeight = 0.3
  /// Weight of a rating below the median, beside 1 of others; 0: as if there were none (ials, bpr).
  public var dislikeWeight = 0.25
  /// Items drawn beside each rating, above which its own is to score (bpr).
  public var negatives = 32
  /// Probability that what a user has met is dropped from the input, though it is to be foreseen (p, ease).
  public var dropout = 0.0
  /// By which power of popularity weights rise with the item that speaks and fall with the one spoken of (ease).
  public var popularityExponent = 0.0
  /// By which power of what they have met users count less (β, ease).
  public var userExponent = 0.0
  /// The largest weight of an item on itself (ξ, ease).
  public var selfWeight = 0.0
  /// What each item of a genre or type counts in a row of the Gram matrix's that has all of them (w, ease).
  public var genreWeight = 0.0
  /// Neighbours kept of each item (item-knn).
  public var neighbours = 100
  /// Common raters at which a similarity is halved: s·n/(n + shrinkage) (item-knn).
  public var shrinkage = 100.0
  /// When the training ratings are shuffled.
  public var shuffle = Shuffle.once
  /// Start of the user and item vectors.
  public var factorInit = Initializer.normalOverFactors
  /// Start of the biases.
  public var biasInit = Initializer.normal(1)
  /// Start of the weights of dense layers.
  public var layerInit = Initializer.lecunNormal
  /// Epochs without a better validation error before training stops; 0: never.
  public var earlyStopping = 0
  /// Fraction of the training ratings held out for early stopping; 0: a tenth where training stops early.
  public var validation = 0.0
  /// Whether, after early stopping, the model is fitted again on all training ratings for the best number
  /// of epochs.
  public var refit = false
  /// Sweeps before draws count (Gibbs sampling); a third of all sweeps where it is not fewer than those.
  public var burnIn = 0
  /// Draws kept, evenly spaced over the sweeps after that (Gibbs sampling); the score is their mean.
  public var samples = 0
  /// What factors are expected from besides ratings (bpmf, svdpp).
  public var sideInformation: [SideInformation.Kind] = []
  /// Penalty on the regression of factors on side information, over that on the factors themselves and
  /// times one more than the features of a user or an item (svdpp).
  public var sideRegularization = 0.0
  /// Users with fewer ratings are dropped.
  public var minUserRatings = 1
  /// Rated above this, or seen and not rated, an interaction has the label 1.
  public var positiveAbove = 5.0
  /// Which ratings are held out for the test.
  public var split = SplitRule.perUser(testFraction: 0.1)

  /// The common starting point.
  public init() {}

  /// The common starting point with some settings changed.
  public init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }
}

extension Hyperparameters: Codable {
  /// Reads every setting by its name.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: JSONKey.self)
    for setting in Setting.all { try setting.decode(&self, from: values) }
  }

  /// Writes every setting by its name.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: JSONKey.self)
    for setting in Setting.all { try setting.encode(self, to: &values) }
  }
}
