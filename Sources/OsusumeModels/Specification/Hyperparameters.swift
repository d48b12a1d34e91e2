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
  /// Adam (Kingma and Ba 2015), dense: every row moves at every step.
  case adam
  /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
  case adamw
  /// Plain stochastic gradient descent.
  case sgd
  /// AdaGrad (Duchi, Hazan, Singer 2011).
  case adagrad
}

/// When the order of training rows is drawn; in tiled SGD that of tiles and of users in them.
public enum Shuffle: String, Codable, Sendable, Hashable, CaseIterable {
  /// Rows stay as the split leaves them.
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

/// How alternating least squares solves for a row.
public enum RowSolver: String, Codable, Sendable, Hashable, CaseIterable {
  /// For its mean and variance, by the row's normal matrix; penalties are learned.
  case variational
  /// Exactly, by the row's normal matrix.
  case cholesky
  /// By a few steps of conjugate gradients from where the row is; no matrix is formed.
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

/// The settings of a training run.
public struct Hyperparameters: Codable, Sendable, Hashable {
  /// Width of the user and item vectors.
  public var factors = 50
  /// Passes over the training rows.
  public var epochs = 10
  /// Rows in a minibatch.
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
  /// SGD): λ·n + λ₀ for a row with n ratings, so that rows with few are held back more.
  public var rowRegularization = 0.0
  /// Step size of biases (tiled SGD).
  public var biasLearningRate = 0.0
  /// How step sizes change over the epochs (tiled SGD).
  public var rateSchedule = RateSchedule.constant
  /// How rows are solved for (alternating least squares).
  public var rowSolver = RowSolver.cholesky
  /// Variance of ratings around their scores, as a share of their variance (variational least squares).
  public var noise = 0.33
  /// Steps of conjugate gradients a row and sweep.
  public var solverSteps = 3
  /// Neighbours kept of each item (item-knn).
  public var neighbours = 100
  /// Common raters that halve trust in a similarity: s·n/(n + shrinkage) (item-knn).
  public var shrinkage = 100.0
  /// When rows are shuffled.
  public var shuffle = Shuffle.once
  /// Start of the user and item vectors.
  public var factorInit = Initializer.normalOverFactors
  /// Start of the biases.
  public var biasInit = Initializer.normal(1)
  /// Start of the weights of dense layers.
  public var layerInit = Initializer.lecunNormal
  /// Epochs without a better validation error before training stops; 0: never.
  public var earlyStopping = 0
  /// Fraction of the training rows held out for early stopping; 0: a tenth where training stops early.
  public var validation = 0.0
  /// Whether, after early stopping, the model is fitted anew on all training rows for the best number
  /// of epochs.
  public var refit = false
  /// Sweeps before draws count (Gibbs sampling); a third of all where it is as many as those or more.
  public var burnIn = 0
  /// Draws kept, spread evenly over the sweeps after (Gibbs sampling): the model's score is their mean.
  public var samples = 0
  /// What is known besides ratings that rows are expected from (bpmf, svdpp).
  public var sideInformation: [SideInformation.Kind] = []
  /// Penalty on what side information says of rows, over that on the rows themselves and times one more
  /// than there are features to a row (svdpp).
  public var sideRegularization = 0.0
  /// Users with fewer ratings are dropped.
  public var minUserRatings = 1
  /// Rated above this, or seen and not rated, an interaction has the label 1.
  public var positiveAbove = 5.0
  /// How ratings are cut when the command line does not say.
  public var split = SplitRule.perUser(testFraction: 0.1)

  /// The common starting point.
  public init() {}

  /// The common starting point with some settings changed.
  public init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }

  private enum CodingKeys: String, CodingKey {
    case factors, epochs, loss, optimizer, beta1, beta2, epsilon, regularization, shuffle
    case neighbours, noise, shrinkage
    case validation, refit, split, samples
    case burnIn = "burn_in"
    case sideInformation = "side_information"
    case sideRegularization = "side_regularization"
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case biasRegularization = "bias_regularization"
    case factorInit = "factor_init"
    case biasInit = "bias_init"
    case layerInit = "layer_init"
    case positiveAbove = "positive_above"
    case earlyStopping = "early_stopping"
    case minUserRatings = "min_user_ratings"
    case rowRegularization = "row_regularization"
    case biasLearningRate = "bias_learning_rate"
    case rateSchedule = "rate_schedule"
    case rowSolver = "row_solver"
    case solverSteps = "solver_steps"
  }
}
