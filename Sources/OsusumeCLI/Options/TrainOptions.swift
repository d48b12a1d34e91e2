// Options that override a model's default settings.
import ArgumentParser
import Osusume

struct TrainOptions: ParsableArguments {
  @Option(help: "Passes over the training rows; 0 saves the starting parameters.")
  var epochs: Int?

  @Option(help: "Rows in a minibatch.")
  var batchSize: Int?

  @Option(help: "Width of the user and item vectors.")
  var factors: Int?

  @Option(help: "Step size.")
  var learningRate: Double?

  @Option(
    help:
      "What a minibatch model minimises: rmse, mse or mae (bce and cross-entropy have models of their own)."
  )
  var loss: Loss?

  @Option(help: "How a gradient becomes a step: adam, adamw, sgd or adagrad.")
  var optimizer: Optimizer?

  @Option(help: "When rows are shuffled: none, once or each-epoch.")
  var shuffle: Shuffle?

  @Option(help: "Decoupled weight decay of adamw.")
  var weightDecay: Double?

  @Option(help: "Penalty on factors, in the sense of the model's solver.")
  var regularization: Double?

  @Option(help: "Penalty on each user's and item's factors once, however many its ratings.")
  var rowRegularization: Double?

  @Option(help: "Penalty on biases, in the sense of the model's solver.")
  var biasRegularization: Double?

  @Option(
    help: """
      How als solves for a row: variational, for its mean and variance with learned penalties; for a point \
      with those given, cholesky (as when a penalty is given), or cg for conjugate gradients.
      """)
  var rowSolver: RowSolver?

  @Option(
    help: ArgumentHelp(
      "Variance of ratings around scores over their variance (svdpp, time-mf, and als --row-solver "
        + "variational).",
      valueName: "share"))
  var noise: Double?

  @Option(help: "Steps of conjugate gradients a row and sweep.")
  var solverSteps: Int?

  @Option(help: ArgumentHelp("Neighbours kept of each item (item-knn).", valueName: "n"))
  var neighbours: Int?

  @Option(
    help: ArgumentHelp(
      "Common raters that halve trust in a similarity: s·n/(n + shrinkage) (item-knn).",
      valueName: "raters"))
  var shrinkage: Double?

  @Option(
    help: ArgumentHelp(
      "Stop after this many epochs without a better error on held-out training rows; 0: never.",
      valueName: "epochs"))
  var earlyStopping: Int?

  @Option(help: ArgumentHelp("Share of the training rows held out.", valueName: "share"))
  var validation: Double?

  @Option(help: ArgumentHelp("Sweeps of bpmf before draws count.", valueName: "sweeps"))
  var burnIn: Int?

  @Option(
    help: ArgumentHelp(
      "Draws of bpmf that the model keeps; each costs as much room and time as a model of one.",
      valueName: "draws"))
  var samples: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What bpmf, svdpp and time-mf expect rows from besides ratings: history and audience (who rated or saw "
        + "what), metadata (genres and type, of --items), or none.",
      valueName: "kind"))
  var sideInformation: [SideInformationOption] = []

  @Option(help: "Penalty of svdpp and time-mf on what side information says, relative to rows.")
  var sideRegularization: Double?

  @Option(
    help: ArgumentHelp(
      "Interactions rated above this, or seen and not rated, are positive.", valueName: "rating"))
  var positiveAbove: Double?

  func validate() throws {
    if let positiveAbove, !positiveAbove.isFinite {
      throw ValidationError("--positive-above \(positiveAbove): give a rating")
    }
    try check(epochs, 0...1_000_000, "--epochs")
    try check(batchSize, 1...100_000_000, "--batch-size")
    try check(factors, 1...2048, "--factors")
    try check(earlyStopping, 0...1_000_000, "--early-stopping")
    try check(solverSteps, 1...1000, "--solver-steps")
    try check(neighbours, 1...100_000, "--neighbours")
    try check(burnIn, 0...1_000_000, "--burn-in")
    try check(samples, 1...2048, "--samples")
    try check(learningRate, "--learning-rate", above: 0)
    try check(weightDecay, "--weight-decay", from: 0)
    try check(regularization, "--regularization", from: 0)
    try check(rowRegularization, "--row-regularization", from: 0)
    try check(biasRegularization, "--bias-regularization", from: 0)
    try check(sideRegularization, "--side-regularization", above: 0)
    if sideInformation.contains(.none) && sideInformation.count > 1 {
      throw ValidationError("--side-information none: give nothing else with it")
    }
    try check(shrinkage, "--shrinkage", from: 0)
    if let noise, !(1e-6...1).contains(noise) {
      throw ValidationError("--noise \(noise): give a share from 0.000001 to 1")
    }
    try check(validation, "--validation", from: 0)
    if let validation, validation >= 1 {
      throw ValidationError("--validation \(validation): give a share below 1")
    }
  }

  private func check(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) throws {
    if let value, !range.contains(value) {
      throw ValidationError(
        "\(name) \(value): give a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private func check(
    _ value: Double?, _ name: String, above: Double? = nil, from: Double? = nil
  ) throws {
    guard let value else { return }
    guard value.isFinite, above.map({ value > $0 }) ?? true, from.map({ value >= $0 }) ?? true
    else {
      throw ValidationError(
        "\(name) \(value): give a number \(above == nil ? "of at least" : "above") 0")
    }
  }

  /// A model's defaults with what was asked for in their place.
  func applied(to defaults: Hyperparameters) -> Hyperparameters {
    var settings = defaults
    func set<Value>(_ path: WritableKeyPath<Hyperparameters, Value>, _ value: Value?) {
      if let value { settings[keyPath: path] = value }
    }
    set(\.epochs, epochs)
    set(\.batchSize, batchSize)
    if settings.factors > 0 { set(\.factors, factors) }
    set(\.learningRate, learningRate)
    set(\.loss, loss)
    set(\.optimizer, optimizer)
    set(\.shuffle, shuffle)
    set(\.weightDecay, weightDecay)
    set(\.regularization, regularization)
    set(\.rowRegularization, rowRegularization)
    set(\.biasRegularization, biasRegularization)
    // Penalties are those of points.
    let hasPenalty = regularization ?? rowRegularization ?? biasRegularization != nil
    if settings.rowSolver == .variational && hasPenalty { settings.rowSolver = .cholesky }
    set(\.rowSolver, rowSolver)
    set(\.noise, noise)
    set(\.solverSteps, solverSteps)
    set(\.neighbours, neighbours)
    set(\.shrinkage, shrinkage)
    set(\.earlyStopping, earlyStopping)
    set(\.validation, validation)
    set(\.positiveAbove, positiveAbove)
    set(\.burnIn, burnIn)
    set(\.samples, samples)
    set(\.sideRegularization, sideRegularization)
    if !sideInformation.isEmpty {
      settings.sideInformation = SideInformation.Kind.allCases.filter { kind in
        sideInformation.contains { $0.rawValue == kind.rawValue }
      }
    }
    return settings
  }
}

/// A kind of side information, or that none is to be used.
enum SideInformationOption: String, ExpressibleByArgument, CaseIterable {
  case history, audience, metadata, none
}

extension RowSolver: ExpressibleByArgument {}
extension Loss: ExpressibleByArgument {}
extension Optimizer: ExpressibleByArgument {}
extension Shuffle: ExpressibleByArgument {}
