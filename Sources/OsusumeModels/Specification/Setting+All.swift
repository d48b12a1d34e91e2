// Every setting of a training run: the one place where a setting is written down.
import OsusumeData

extension Setting {
  /// All settings, in the order in which help lists them.
  public static let all: [Setting] =
    passes + steps + penalties + leastSquares + lists + neighbourhoods + search + sampling + starts
    + [minUserRatings, split]

  /// Width of the user and item vectors.
  public static let factors = Setting(
    "factors", \.factors, .whole(1...2048), "Width of the user and item vectors",
    readBy: .ofVectors,
    searched: [
      .tiledSGD: .log(16, 128), .als: .log(16, 128), .svdPlusPlus: .log(16, 96),
      .gibbs: .log(10, 60), .svd: .log(5, 100), .minibatch: .log(8, 128), .ials: .log(64, 256),
      .bpr: .log(32, 256),
    ])

  /// How step sizes change over the epochs.
  package static let rateSchedule = Setting(
    "rate_schedule", \.rateSchedule, .anyCase, unit: "schedule",
    "How step sizes change over the epochs of tiled SGD and bpr", readBy: [.tiledSGD, .bpr])

  /// Users with fewer ratings are dropped.
  public static let minUserRatings = Setting(
    "min_user_ratings", \.minUserRatings, .whole(1...1_000_000_000), unit: "ratings",
    "Drop users with fewer ratings", readBy: .all)

  /// How ratings are split into training and test ratings.
  public static let split = Setting(
    "split", \.split, .anyRule, unit: "rule",
    "Which ratings are held out for the test; temporal cuts each user's ratings by time, so that training "
      + "holds ratings later than other users' test ratings, global-time all at one instant; strong hides "
      + "users whole and folds them in by four fifths of their ratings",
    readBy: .all)

  private static let passes = [
    Setting(
      "epochs", \.epochs, .whole(0...1_000_000),
      "Passes over the training ratings; after 0 the parameters are those of the start",
      readBy: .ofVectors,
      searched: [
        .tiledSGD: .log(10, 40), .als: .log(5, 20), .svdPlusPlus: .log(8, 30),
        .minibatch: .log(5, 50), .ials: .log(8, 32), .bpr: .log(10, 40),
      ]),
    Setting(
      "batch_size", \.batchSize, .whole(1...100_000_000), unit: "ratings",
      "Ratings in a minibatch", readBy: [.minibatch], searched: [.minibatch: .log(500, 20_000)]),
    factors,
    Setting(
      "shuffle", \.shuffle, .anyCase, unit: "when", "When the training ratings are shuffled",
      readBy: [.tiledSGD, .minibatch]),
  ]

  private static let steps = [
    Setting(
      "learning_rate", \.learningRate, .above(0, to: 1e30), unit: "rate", "Step size",
      readBy: .ofSteps,
      searched: [.tiledSGD: .log(0.02, 0.2), .minibatch: .log(1e-4, 0.1), .bpr: .log(0.03, 0.5)]),
    Setting(
      "bias_learning_rate", \.biasLearningRate, .from(0, to: 1e30), unit: "rate",
      "Step size of biases in tiled SGD and bpr", readBy: [.tiledSGD, .bpr],
      searched: [.tiledSGD: .log(0.003, 0.05), .bpr: .log(0.03, 0.5)]),
    rateSchedule,
    Setting(
      "loss", \.loss, .anyCase,
      "What a minibatch model minimises; bce and cross-entropy have models of their own",
      readBy: [.minibatch]),
    Setting(
      "optimizer", \.optimizer, .anyCase, "How a gradient becomes a step", readBy: [.minibatch]),
    Setting(
      "beta1", \.beta1, .from(0, to: 0.999_999), unit: "decay",
      "Decay of the mean gradient of adam and adamw", readBy: [.minibatch],
      where: { $1.optimizer.isAdam }),
    Setting(
      "beta2", \.beta2, .from(1e-6, to: 0.999_999_999), unit: "decay",
      "Decay of the mean squared gradient of adam and adamw", readBy: [.minibatch],
      where: { $1.optimizer.isAdam }),
    Setting(
      "epsilon", \.epsilon, .from(1e-15, to: 1), unit: "number",
      "What adam, adamw and adagrad add to the denominator of a step", readBy: [.minibatch],
      where: { $1.optimizer != .sgd }),
    Setting(
      "weight_decay", \.weightDecay, .from(0, to: 1e30), unit: "decay",
      "Decoupled weight decay of adamw", readBy: [.minibatch], where: { $1.optimizer == .adamw }),
  ]

  private static let penalties = [
    Setting(
      "regularization", \.regularization, .penalty, unit: "penalty",
      "L2 penalty on factors, as the model's solver weighs it; on the relations of ease, where 0 takes the "
        + "best one on held-out users",
      readBy: [.als, .tiledSGD, .minibatch, .ease, .ials, .bpr],
      searched: [
        .tiledSGD: .log(0.01, 0.1), .ease: .log(10, 3000), .ials: .log(0.0005, 0.02),
        .bpr: .log(0.005, 0.1),
      ],
      where: { !$1.isVariational($0) }),
    Setting(
      "row_regularization", \.rowRegularization, .penalty, unit: "penalty",
      "L2 penalty on each user's and item's factors once, however many ratings there are",
      readBy: [.als, .tiledSGD], searched: [.tiledSGD: .log(1, 16)],
      where: { !$1.isVariational($0) }),
    Setting(
      "bias_regularization", \.biasRegularization, .penalty, unit: "penalty",
      "L2 penalty on biases, as the model's solver weighs it",
      readBy: [.closedForm, .neighbours, .svd, .als, .tiledSGD, .minibatch, .bpr],
      searched: [
        .closedForm: .log(1, 30), .neighbours: .log(1, 30), .svd: .log(1, 30),
        .tiledSGD: .log(0.001, 0.03), .bpr: .log(0.001, 0.1),
      ],
      where: { spec, settings in
        spec.fit == .closedForm
          ? spec.score.terms.contains(.bias(.user)) : !settings.isVariational(spec)
      }),
    Setting(
      "side_regularization", \.sideRegularization, .above(0, to: 1e9), unit: "penalty",
      "L2 penalty of svdpp and time-mf on the regression on side information, over that on factors",
      readBy: [.svdPlusPlus], searched: [.svdPlusPlus: .log(0.2, 5)]),
  ]

  private static let leastSquares = [
    Setting(
      "row_solver", \.rowSolver, .anyCase, unit: "solver",
      """
      How als solves for a user or an item: variational finds means and variances and learns the penalties; \
      cholesky (the default when a penalty is given) and cg, conjugate gradients, find points
      """,
      readBy: [.als]),
    Setting(
      "noise", \.noise, .from(1e-6, to: 1), unit: "fraction",
      "Variance of ratings around their scores, as a fraction of the variance of ratings, in svdpp, "
        + "time-mf and variational als",
      readBy: [.als, .svdPlusPlus],
      searched: [.als: .linear(0.15, 0.7), .svdPlusPlus: .linear(0.2, 0.8)],
      where: { $1.isVariational($0) }),
    Setting(
      "solver_steps", \.solverSteps, .whole(1...1000), unit: "steps",
      "Steps of conjugate gradients for each user and item in an epoch", readBy: [.als, .ials],
      where: { $0.fit == .ials || $1.rowSolver == .conjugateGradients }),
  ]

  private static let lists = [
    Setting(
      "unobserved_weight", \.unobservedWeight, .above(0, to: 1e6), unit: "weight",
      "Weight in ials of a pair of a user and an item without a rating, beside 1 of a rating",
      readBy: [.ials], searched: [.ials: .log(0.05, 1)]),
    Setting(
      "dropout", \.dropout, .from(0, below: 1), unit: "probability",
      "Probability that ease drops a meeting from the input and is to foresee it all the same (EDLAE); p/(1 − p) of the "
        + "Gram matrix's diagonal beside the penalty",
      readBy: [.ease]),
    Setting(
      "popularity_exponent", \.popularityExponent, .from(-1, to: 1), unit: "power",
      "Weights of ease from i to j are times (popularity of i / popularity of j) to this power (DAN); above 0 "
        + "away from popular items",
      readBy: [.ease]),
    Setting(
      "user_exponent", \.userExponent, .from(0, to: 1), unit: "power",
      "Users count in the Gram matrix of ease by how much they have met to minus this power (DAN)",
      readBy: [.ease]),
    Setting(
      "self_weight", \.selfWeight, .from(0, below: 1), unit: "weight",
      "Largest weight of an item on itself in ease, 0 of plain EASE (ξ of RDLAE); above 0, items that few have met come "
        + "earlier in lists",
      readBy: [.ease]),
    Setting(
      "genre_weight", \.genreWeight, .from(0, to: 1e4), unit: "weight",
      "Weight in ease of each genre and type of the items, as of a user who has met all items of it; 0: they say "
        + "nothing",
      readBy: [.ease]),
    Setting(
      "dislike_weight", \.dislikeWeight, .from(0, to: 1e6), unit: "weight",
      "Weight in ials and bpr of a rating below the median, beside 1 of others; 0: as if there were none",
      readBy: [.ials, .bpr], searched: [.ials: .linear(0, 1), .bpr: .linear(0, 1)]),
    Setting(
      "negatives", \.negatives, .whole(1...255), unit: "items",
      "Items that bpr draws beside each rating, whose own is to score above them",
      readBy: [.bpr], searched: [.bpr: .log(8, 64)]),
  ]

  private static let neighbourhoods = [
    Setting(
      "neighbours", \.neighbours, .whole(1...100_000), unit: "n",
      "Neighbours kept of each item: in item-knn of every one, in ease on average",
      readBy: [.neighbours, .ease],
      searched: [.neighbours: .log(20, 400), .ease: .log(32, 512)]),
    Setting(
      "shrinkage", \.shrinkage, .from(0, to: 1e9), unit: "raters",
      "Common raters at which item-knn halves a similarity: s·n/(n + shrinkage)",
      readBy: [.neighbours], searched: [.neighbours: .log(10, 1000)]),
  ]

  private static let search = [
    Setting(
      "early_stopping", \.earlyStopping, .whole(0...1_000_000), unit: "epochs",
      "Stop after this many epochs without a better error on held-out training ratings; 0: never",
      readBy: .ofEpochs),
    Setting(
      "validation", \.validation, .from(0, below: 1), unit: "fraction",
      "Fraction of the training ratings held out for early stopping; 0: a tenth", readBy: .ofEpochs),
    Setting(
      "refit", \.refit, .trueOrFalse, unit: "bool",
      "Whether a fit that stopped early is repeated on all training ratings for its best epochs",
      readBy: .ofEpochs.subtracting([.minibatch])),
  ]

  private static let sampling = [
    Setting(
      "burn_in", \.burnIn, .whole(0...1_000_000), unit: "sweeps",
      "Sweeps of bpmf before its draws count", readBy: [.gibbs]),
    Setting(
      "samples", \.samples, .whole(1...2048), unit: "draws",
      "Draws that bpmf keeps; each takes as much memory and time as a model of one",
      readBy: [.gibbs]),
    Setting(
      "side_information", \.sideInformation, .anyKinds, unit: "kind",
      """
      What bpmf, svdpp and time-mf expect factors from besides ratings: history and audience (who rated or \
      saw what), metadata (genres and type of the items)
      """,
      readBy: [.gibbs, .svdPlusPlus]),
    Setting(
      "positive_above", \.positiveAbove, .from(-1e30, to: 1e30), unit: "rating",
      "Interactions rated above this, or seen and not rated, are positive", readBy: [.minibatch],
      where: { spec, _ in spec.needsLabels }),
  ]

  private static let starts = [
    Setting(
      "factor_init", \.factorInit, .anyInitializer, unit: "start",
      "Distribution that the user and item vectors start from", readBy: .ofEpochs),
    Setting(
      "bias_init", \.biasInit, .anyInitializer, unit: "start",
      "Distribution that the biases of a minibatch model start from", readBy: [.minibatch]),
    Setting(
      "layer_init", \.layerInit, .anyInitializer, unit: "start",
      "Distribution that the weights of dense layers start from", readBy: [.minibatch],
      where: { spec, _ in !spec.isFactorModel }),
  ]
}

extension SettingRange where Value == Double {
  fileprivate static var penalty: Self { .from(0, to: 1e9) }
}
