// The catalog's networks: the models of five published systems, with their settings.
import OsusumeData

extension ModelSpec {
  /// Every network of the catalog, system by system.
  static let networks: [ModelSpec] = [
    flaxDense, flaxDeep, kerasMF, kerasNN, kerasMFInteraction, kerasNNInteraction, kerasHybrid,
    regression, deepRegression, metadata, metadataClasses, recommenderV1, recommenderV2,
    recommenderNet, dotProductBias, genreDot, nnSimple, nnExtended,
  ]

  // MARK: A. Recommender Systems (Collaborative Filtering) using Flax (JAX)

  private static let flax = "Recommender Systems (Collaborative Filtering) using Flax (JAX)"

  /// A layer of 100 over both vectors.
  public static let flaxDense = ModelSpec(
    "flax-dense", summary: "A hidden layer of 100 over both vectors, Adam on the batch's RMSE.",
    score: bothVectors.dense(100, .relu).dense(1), fit: .minibatch,
    defaults: .init { $0.minUserRatings = 2 }, source: flax)

  /// Layers of 100 and 50 over both vectors.
  public static let flaxDeep = ModelSpec(
    "flax-deep",
    summary: "Hidden layers of 100 and 50 over both vectors, Adam on the batch's RMSE.",
    score: bothVectors.dense(100, .relu).dense(50, .relu).dense(1), fit: .minibatch,
    defaults: .init { $0.minUserRatings = 2 }, source: flax)

  private static let bothVectors = Formula.concat([.p, .q])

  // MARK: B. Anime-RecSys

  private static let animeRecSys = "Anime-RecSys (Keras), anime 2020"

  private static func animeRecSys(_ loss: Loss) -> Hyperparameters {
    keras {
      $0.factors = 64
      $0.batchSize = 1024
      $0.loss = loss
      $0.minUserRatings = 5
    }
  }

  private static let kerasProduct = Formula.sum([
    .inner((.p + .bias(.user)).dropout(0.5), (.q + .bias(.item)).dropout(0.5)), .intercept,
  ])
  private static let kerasTrunk = Formula.concat([.p.dropout(0.5), .q.dropout(0.5)])
    .dense(64, .relu)

  /// Vectors with their biases inside, as in Anime-RecSys.
  public static let kerasMF = ModelSpec(
    "keras-mf", summary: "(p + b_u)·(q + b_i) + b with dropout.", score: kerasProduct,
    fit: .minibatch, defaults: animeRecSys(.mse), source: animeRecSys)

  /// A layer of 64 over both vectors.
  public static let kerasNN = ModelSpec(
    "keras-nn", summary: "A hidden layer of 64 over both vectors with dropout.",
    score: kerasTrunk.dense(1), fit: .minibatch, defaults: animeRecSys(.mse), source: animeRecSys)

  /// Whether the user would like the item, by vectors with their biases inside.
  public static let kerasMFInteraction = ModelSpec(
    "keras-mf-interaction", summary: "keras-mf for the probability that the user likes the item.",
    score: .activation(kerasProduct, .sigmoid), fit: .minibatch,
    defaults: animeRecSys(.binaryCrossEntropy), source: animeRecSys, target: .interaction)

  /// Whether the user would like the item, by a layer of 64.
  public static let kerasNNInteraction = ModelSpec(
    "keras-nn-interaction", summary: "keras-nn for the probability that the user likes the item.",
    score: kerasTrunk.dense(1, .sigmoid), fit: .minibatch,
    defaults: animeRecSys(.binaryCrossEntropy), source: animeRecSys, target: .interaction)

  /// Rating and interaction from one trunk.
  public static let kerasHybrid = ModelSpec(
    "keras-hybrid",
    summary: "One trunk, two heads: the rating, and whether the user likes the item.",
    score: kerasTrunk.dense(1), fit: .minibatch, defaults: animeRecSys(.mse), source: animeRecSys,
    heads: [
      Head(
        kerasTrunk.dense(1, .sigmoid), target: .interaction, loss: .binaryCrossEntropy, weight: 5)
    ])

  // MARK: C. Explicit feedback neural recommender

  private static let explicit = "Explicit feedback neural recommender (Keras), anime 2016"

  private static func explicit(_ change: (inout Hyperparameters) -> Void = { _ in })
    -> Hyperparameters
  {
    keras {
      $0.factors = 64
      $0.loss = .mae
      $0.split = .random(testFraction: 0.2)
      $0.validation = 0.1
      change(&$0)
    }
  }

  private static let metadataTrunk = Formula.concat([
    .p.dropout(0.3), .q.dropout(0.3), .metadata,
  ]).dense(64, .relu).dropout(0.3).dense(64, .relu).dropout(0.3)

  /// p·q on the mean absolute error.
  public static let regression = ModelSpec(
    "regression", summary: "p·q on the mean absolute error.", score: .dot, fit: .minibatch,
    defaults: explicit(), source: explicit)

  /// A layer of 64 over both vectors, on the mean absolute error.
  public static let deepRegression = ModelSpec(
    "deep-regression", summary: "A hidden layer of 64 over both vectors, mean absolute error.",
    score: bothVectors.dropout(0.2).dense(64, .relu).dense(1), fit: .minibatch,
    defaults: explicit(), source: explicit)

  /// Vectors, episodes and popularity through two layers of 64.
  public static let metadata = ModelSpec(
    "metadata", summary: "Both vectors, episodes and popularity through two layers of 64.",
    score: metadataTrunk.dense(1), fit: .minibatch, defaults: explicit(), source: explicit)

  /// A distribution over the ratings 1 to 10.
  public static let metadataClasses = ModelSpec(
    "metadata-classes", summary: "metadata for a distribution over ratings; predicts its mean.",
    score: metadataTrunk.dense(10), fit: .minibatch,
    defaults: explicit { $0.loss = .crossEntropy }, source: explicit, target: .ratingClass)

  // MARK: D. Collaborative filtering with Keras

  private static let kerasAfterFastAI = "Collaborative filtering with Keras (after fast.ai)"

  private static let decayed = keras {
    $0.epochs = 5
    $0.factorInit = .heNormal
    $0.biasInit = .heNormal
    $0.layerInit = .heNormal
    $0.regularization = 1e-6
    $0.biasRegularization = 1e-6
    $0.split = .random(testFraction: 0.1)
  }

  /// p·q, all vectors penalised at every step.
  public static let recommenderV1 = ModelSpec(
    "recommender-v1", summary: "p·q with L2 on all vectors.", score: .dot, fit: .minibatch,
    defaults: decayed, source: kerasAfterFastAI)

  /// Biases, and a sigmoid over the scale of the ratings.
  public static let recommenderV2 = ModelSpec(
    "recommender-v2", summary: "p·q + b_u + b_i through a sigmoid over the scale of the ratings.",
    score: .range(.dot + .bias(.user) + .bias(.item), nil), fit: .minibatch, defaults: decayed,
    source: kerasAfterFastAI)

  /// A layer of 10 over both vectors.
  public static let recommenderNet = ModelSpec(
    "recommender-net", summary: "A hidden layer of 10 over both vectors, sigmoid over the scale.",
    score: .range(bothVectors.dropout(0.05).dense(10, .relu).dropout(0.5).dense(1), nil),
    fit: .minibatch, defaults: decayed, source: kerasAfterFastAI)

  // MARK: E. "Classy" collaborative filtering

  private static let classy = "\"Classy\" collaborative filtering (PyTorch)"

  private static func classy(_ change: (inout Hyperparameters) -> Void) -> Hyperparameters {
    .init {
      $0.batchSize = 64
      $0.loss = .mse
      $0.shuffle = .eachEpoch
      $0.split = .random(testFraction: 0.25)
      change(&$0)
    }
  }

  private static let classyDot = classy {
    $0.learningRate = 5e-3
    $0.factorInit = .normal(0.01)
    $0.biasInit = .normal(0.01)
  }

  private static let classyNet = classy {
    $0.factorInit = .normal(1)
    $0.layerInit = .uniformOverFanIn
  }

  private static let halfStars = 0.0...5.5

  /// p·q + b_u + b_i through a sigmoid over 0 to 5.5.
  public static let dotProductBias = ModelSpec(
    "dot-product-bias", summary: "p·q + b_u + b_i through a sigmoid over 0 to 5.5.",
    score: .range(.dot + .bias(.user) + .bias(.item), halfStars), fit: .minibatch,
    defaults: classyDot, source: classy)

  /// Items' vectors scaled by those of their genres.
  public static let genreDot = ModelSpec(
    "genre-dot", summary: "Items' vectors scaled by those of their genres; genres have biases too.",
    score: .range(
      .inner(.p, .q + .product(.q, .genres(.factors))) + .bias(.user) + .bias(.item)
        + .genres(.fixed(1)), halfStars),
    fit: .minibatch, defaults: classyDot, source: classy)

  private static let wideVectors = [
    Formula.embedding(.user, .byRows), .embedding(.item, .byRows),
  ]

  /// A layer of 128 over vectors as wide as a rule of thumb has them.
  public static let nnSimple = ModelSpec(
    "nn-simple", summary: "A hidden layer of 128 over vectors of widths by rule of thumb.",
    score: .range(Formula.concat(wideVectors).dense(128, .relu).dense(1), halfStars),
    fit: .minibatch, defaults: classyNet, source: classy)

  /// The same with the sum of the genres' vectors.
  public static let nnExtended = ModelSpec(
    "nn-extended", summary: "nn-simple with the sum of the vectors of the item's genres.",
    score: .range(
      Formula.concat(wideVectors + [.genres(.byRows)]).dense(128, .relu).dense(1), halfStars),
    fit: .minibatch, defaults: classyNet, source: classy)

  /// What Keras' layers and its optimizer start from, in batches of 64.
  private static func keras(_ change: (inout Hyperparameters) -> Void) -> Hyperparameters {
    .init {
      $0.batchSize = 64
      $0.epsilon = 1e-7
      $0.loss = .mse
      $0.shuffle = .eachEpoch
      $0.factorInit = .uniform(0.05)
      $0.biasInit = .uniform(0.05)
      $0.layerInit = .glorotUniform
      change(&$0)
    }
  }
}
