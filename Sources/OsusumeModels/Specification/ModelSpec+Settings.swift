// Which settings a model's fit reads: the ones worth showing, and worth changing.

extension ModelSpec {
  /// The settings that fitting the model reads, by their names in JSON; all others change nothing.
  ///
  /// - Parameter settings: Those of the fit, since some are read only beside others (`beta1` with Adam).
  public func settingNames(_ settings: Hyperparameters) -> Set<String> {
    let data: Set = ["split", "min_user_ratings"]
    let search: Set = ["early_stopping", "validation"]
    switch fit {
    case .closedForm:
      return score.terms.contains(.bias(.user)) ? data.union(["bias_regularization"]) : data
    case .neighbours:
      return data.union(["bias_regularization", "neighbours", "shrinkage"])
    case .ease:
      return data.union(["regularization", "neighbours"])
    case .svd:
      return data.union(["factors", "epochs", "bias_regularization"])
    case .gibbs:
      return data.union(["factors", "epochs", "burn_in", "samples", "side_information"])
    case .als:
      return data.union(search).union(["factors", "epochs", "factor_init", "row_solver", "refit"])
        .union(
          settings.isVariational(self)
            ? ["noise"] : ["regularization", "row_regularization", "bias_regularization"]
        ).union(settings.rowSolver == .conjugateGradients ? ["solver_steps"] : [])
    case .svdPlusPlus:
      return data.union([
        "factors", "epochs", "noise", "factor_init", "side_information", "side_regularization",
        "refit",
      ]).union(search)
    case .tiledSGD:
      return data.union(search).union([
        "factors", "epochs", "regularization", "row_regularization", "bias_regularization",
        "factor_init", "learning_rate", "bias_learning_rate", "rate_schedule", "refit", "shuffle",
      ])
    case .minibatch:
      return data.union(search).union(settings.optimizer.settingNames).union([
        "factors", "epochs", "regularization", "bias_regularization", "factor_init", "bias_init",
        "learning_rate", "batch_size", "loss", "optimizer", "shuffle",
      ])
      .union(isFactorModel ? [] : ["layer_init"])
      .union(needsLabels ? ["positive_above"] : [])
    }
  }
}

extension Hyperparameters {
  /// Whether a model's rows have variances: models without biases have points for rows.
  package func isVariational(_ spec: ModelSpec) -> Bool {
    spec.fit == .svdPlusPlus
      || spec.fit == .als && rowSolver == .variational && spec.score.terms.contains(.bias(.user))
  }
}

extension Optimizer {
  /// What a step depends on beside its size.
  fileprivate var settingNames: Set<String> {
    switch self {
    case .adam: ["beta1", "beta2", "epsilon"]
    case .adamw: ["beta1", "beta2", "epsilon", "weight_decay"]
    case .adagrad: ["epsilon"]
    case .sgd: []
    }
  }
}
