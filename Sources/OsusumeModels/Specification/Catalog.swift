// The catalog: every model by name, with its original's settings as defaults.
import OsusumeData

extension ModelSpec {
  /// All models, in the order `osusume models` lists them.
  public static let catalog: [ModelSpec] =
    [lists, mf, svdpp, timeMF, als, bpmf, svd, flaxDot, flaxBias] + networks + [
      ease, ials, bpr, mean, bias, itemKNN, popularity,
    ]

  /// The model of a catalog name, or nil.
  public static func named(_ name: String) -> ModelSpec? {
    catalog.first { $0.name == name }
  }

  /// The score of matrix factorisation, μ + b_u + b_i + p·q.
  private static let biasedProduct: Formula = .globalMean + .bias(.user) + .bias(.item) + .dot

  /// Settings of models that are no networks and go by epochs: biases start at 0, and where a search for the number
  /// of epochs is asked for, it holds out a tenth of the ratings, and the model is fitted again to all.
  private static func ofOwnSolver(_ change: (inout Hyperparameters) -> Void) -> Hyperparameters {
    .init {
      $0.loss = .mse
      $0.biasInit = .zero
      $0.validation = 0.1
      $0.refit = true
      change(&$0)
    }
  }

  /// The model to start with: ratings by `mf`, and lists by `ease`, in one file.
  public static let lists = lists(ratings: mf)

  /// Ratings by a model of one's choice, and lists by `ease`, in one file.
  ///
  /// Settings are those of the model of ratings; lists are made with the defaults of theirs.
  public static func lists(ratings: ModelSpec) -> ModelSpec {
    var spec = ratings
    spec.name = "lists"
    spec.summary = "Ratings by \(ratings.name), lists by ease: the model to start with."
    spec.source = "\(ratings.source); lists: \(ease.source)"
    spec.defaults.takeRelations(from: ease.defaults)
    spec.lists = .ease
    return spec
  }

  /// Biased matrix factorisation, μ + b_u + b_i + p·q.
  ///
  /// After Koren, Bell, Volinsky (2009). Settings are for ratings of standard deviation 1, whatever the
  /// scale of the data. The step size falls to nothing over the epochs and the penalty grows with a
  /// row's ratings, so that the last epoch is the best or as good as that: a search for the number of
  /// epochs would cost more than the training and gain nothing; `earlyStopping` above 0 asks for one.
  public static let mf = ModelSpec(
    "mf", summary: "Biased, regularised matrix factorisation by tiled SGD: ratings in seconds.",
    score: biasedProduct, fit: .tiledSGD,
    defaults: ofOwnSolver {
      $0.factors = 64
      $0.epochs = 20
      $0.learningRate = 0.06
      $0.biasLearningRate = 0.01
      $0.rateSchedule = .linear
      $0.regularization = 0.03
      $0.rowRegularization = 4
      $0.biasRegularization = 0.005
      $0.optimizer = .sgd
      $0.shuffle = .eachEpoch
      $0.factorInit = .normal(0.01)
    },
    source: "Koren, Bell, Volinsky: Matrix Factorization Techniques, IEEE Computer 2009")

  /// The same score by alternating least squares over means and variances of rows.
  ///
  /// The prior of the vectors is learned, and each user's noise. With another `rowSolver` rows are points, and the
  /// penalties count, one of which grows with a row's ratings (Zhou, Wilkinson, Schreiber, Pan 2008): settings
  /// for ratings of standard deviation 1, whatever the scale of the data. `earlyStopping` above 0 asks for a
  /// search for the number of epochs, which costs as much again as the fit.
  public static let als = ModelSpec(
    "als", summary: "Biased matrix factorisation by alternating least squares.",
    score: biasedProduct, fit: .als,
    defaults: ofOwnSolver {
      $0.factors = 64
      $0.epochs = 10
      $0.rowSolver = .variational
      $0.regularization = 0.045
      $0.rowRegularization = 4
      $0.biasRegularization = 3
      $0.factorInit = .normalOverFactors
    },
    source: "Raiko, Ilin, Karhunen: PCA for Large Scale Problems with Lots of Missing Values, 2007")

  /// SVD++: what somebody watched says what they like, rated or not.
  ///
  /// Users' and items' rows are expected at |N|^-½ Σ y_j over what a user rated or saw, and over who rated
  /// or saw an item; ratings say how far they deviate. p and q are the sums of both, so that the score is
  /// that of mf. Their prior is learned, and each user's noise, as with als.
  public static let svdpp = ModelSpec(
    "svdpp", summary: "SVD++: who watched what says what to expect, rated or not (−1 rows too).",
    score: biasedProduct, fit: .svdPlusPlus,
    defaults: ofOwnSolver {
      // With biases and their partners, rows of three cache lines.
      $0.factors = 46
      $0.epochs = 15
      // Closer to what ratings do vary by than that of als: with expectations, the penalty is smaller.
      $0.noise = 0.42
      $0.sideInformation = [.history, .audience]
      $0.sideRegularization = 1
      $0.factorInit = .normalOverFactors
    },
    source: "Koren: Factorization Meets the Neighborhood, KDD 2008")

  /// SVD++ around biases that move with time, where ratings have timestamps.
  ///
  /// A user's bias is its long-term mean and a sum of three processes that forget, an item's its mean and one
  /// such process, instead of Koren's bins, days and powers of time: within a sitting, from one to the
  /// next and over years one law says how much a rating predicts those around it. Memories and variances
  /// are those under which the ratings are likeliest, so that there is nothing to tune.
  public static let timeMF = ModelSpec(
    "time-mf", summary: "SVD++ around biases that move with time; needs timestamps.",
    score: svdpp.score + .drift(.user) + .drift(.item), fit: .svdPlusPlus, defaults: svdpp.defaults,
    source: "Koren: Collaborative Filtering with Temporal Dynamics, KDD 2009")

  /// The same score with nothing to tune: the mean over draws from the posterior distribution.
  ///
  /// Users' and items' rows, biases included, are normal with means and precisions that have
  /// Normal–Wishart priors; the precision of a user's ratings has a Gamma prior. What rows are expected to
  /// be is drawn too, from what a user has seen, from who has seen an item and, where there is a file of
  /// items, from genres and type. Epochs are sweeps.
  public static let bpmf = ModelSpec(
    "bpmf", summary: "Bayesian matrix factorisation by Gibbs sampling: no penalties to tune.",
    score: biasedProduct, fit: .gibbs,
    defaults: .init {
      // With biases and their partners, rows of two cache lines.
      $0.factors = 30
      $0.epochs = 120
      $0.burnIn = 30
      $0.samples = 30
      $0.sideInformation = [.history, .audience, .metadata]
      $0.loss = .mse
      $0.biasInit = .zero
    },
    source: "Salakhutdinov, Mnih: Bayesian Probabilistic Matrix Factorization by MCMC, ICML 2008")

  /// The largest singular values of the residuals of damped biases, missing ones taken as 0.
  public static let svd = ModelSpec(
    "svd",
    summary: "Truncated SVD of ratings centred by damped biases: a spectrum, not a fit to error.",
    score: biasedProduct, fit: .svd,
    defaults: .init {
      $0.factors = 50
      $0.epochs = 4
      $0.biasRegularization = 5
      $0.loss = .mse
      $0.biasInit = .zero
    },
    source: "Halko, Martinsson, Tropp: Finding Structure with Randomness, SIAM Review 2011")

  /// p·q by dense Adam, as in the Flax tutorial.
  public static let flaxDot = ModelSpec(
    "flax-dot", summary: "p·q, dense Adam on the batch's RMSE.",
    score: .dot, fit: .minibatch, defaults: .init { $0.minUserRatings = 2 },
    source: "Recommender Systems (Collaborative Filtering) using Flax (JAX)")

  /// p·q + b_u + b_i by dense Adam, as in the Flax tutorial.
  public static let flaxBias = ModelSpec(
    "flax-bias", summary: "p·q + b_u + b_i, dense Adam on the batch's RMSE.",
    score: .dot + .bias(.user) + .bias(.item), fit: .minibatch,
    defaults: .init { $0.minUserRatings = 2 },
    source: "Recommender Systems (Collaborative Filtering) using Flax (JAX)")

  /// Biases, and what a user's ratings of similar items say beyond them.
  public static let itemKNN = ModelSpec(
    "item-knn", summary: "Neighbourhoods of items over damped biases: what k nearest items say.",
    score: .globalMean + .bias(.user) + .bias(.item) + .neighbours, fit: .neighbours,
    defaults: .init {
      $0.factors = 0
      $0.biasRegularization = 5
      $0.biasInit = .zero
    },
    source: "Koren: Factor in the Neighbors, TKDD 2010, section 2.2")

  /// What each item that a user has met says of all others, the more the better they like it.
  ///
  /// Ratings count as `RatingStrength` has it, items seen without a rating a half. A penalty of 0 asks for the one
  /// under which hidden ratings rank highest.
  public static let ease = ModelSpec(
    "ease",
    summary: "EASE: lists by a linear item-item model of who rated what and how, in closed form.",
    score: .relations, fit: .ease,
    defaults: .init {
      $0.factors = 0
      $0.regularization = 0
      $0.neighbours = 128
      $0.biasInit = .zero
    },
    source: "Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019")

  /// Least squares on who rated what: 1 for a rating, 0 with a small weight for every other pair.
  ///
  /// Ratings below the median weigh less than others; what a row is penalised by grows with its ratings. A
  /// sweep solves for all users, then for all items.
  public static let ials = ModelSpec(
    "ials",
    summary: "iALS: lists by p·q, fitted by least squares to who rated what and who did not.",
    score: .dot, fit: .ials,
    defaults: ofOwnSolver {
      $0.factors = 256
      $0.epochs = 16
      $0.regularization = 0.003
      $0.unobservedWeight = 0.3
      $0.dislikeWeight = 0.25
      $0.solverSteps = 2
      $0.factorInit = .normal(0.01)
    },
    source: "Rendle, Krichene, Zhang, Koren: Revisiting the Performance of iALS, RecSys 2022")

  /// The gradient-trained counterpart: each item rated is to score above others that are drawn.
  ///
  /// With one item drawn a rating this is Rendle's BPR; with several, their softmax, which ranks better.
  public static let bpr = ModelSpec(
    "bpr",
    summary: "Lists by b_i + p·q in gradient steps that raise an item rated above others drawn.",
    score: .bias(.item) + .dot, fit: .bpr,
    defaults: ofOwnSolver {
      $0.factors = 128
      $0.epochs = 20
      $0.learningRate = 0.15
      $0.biasLearningRate = 0.15
      $0.rateSchedule = .linear
      $0.regularization = 0.03
      $0.biasRegularization = 0.01
      $0.dislikeWeight = 0.25
      $0.negatives = 32
      $0.optimizer = .sgd
      $0.factorInit = .normal(0.1)
    },
    source: "Rendle, Freudenthaler, Gantner, Schmidt-Thieme: BPR, UAI 2009")

  /// The mean rating, for everyone and everything.
  public static let mean = ModelSpec(
    "mean", summary: "The mean of the training ratings: the error any model must beat.",
    score: .globalMean, fit: .closedForm, defaults: .init { $0.factors = 0 },
    source: "baseline")

  /// μ + b_u + b_i, each bias a damped mean of the residuals of the others, alternated to convergence.
  public static let bias = ModelSpec(
    "bias", summary: "μ + b_u + b_i, damped, alternated to convergence: an honest baseline.",
    score: .globalMean + .bias(.user) + .bias(.item), fit: .closedForm,
    defaults: .init {
      $0.factors = 0
      $0.biasRegularization = 5
      $0.biasInit = .zero
    },
    source: "Koren: Factor in the Neighbors, TKDD 2010, section 2.1")

  /// How many people rated the item: a ranking without personal taste.
  public static let popularity = ModelSpec(
    "popularity", summary: "Items by number of ratings: a ranking baseline, not a rating.",
    score: .itemCount, fit: .closedForm, defaults: .init { $0.factors = 0 },
    source: "baseline")
}
