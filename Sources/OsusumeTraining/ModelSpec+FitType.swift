// The list of fits: which type fits which kind of model.
import OsusumeModels

extension ModelSpec {
  /// The type that fits the model with these settings; a new fit is one line here.
  package func fitType(_ settings: Hyperparameters) -> any Fit.Type {
    let ratings = scoreFitType(settings)
    return lists == nil ? ratings : withLists(ratings)
  }

  private func withLists<Ratings: Fit>(_ ratings: Ratings.Type) -> any Fit.Type {
    FitWithLists<Ratings>.self
  }

  private func scoreFitType(_ settings: Hyperparameters) -> any Fit.Type {
    switch fit {
    case .closedForm: Baseline.self
    case .neighbours: ItemKNN.self
    case .ease: EASE.self
    case .ials: ImplicitALS.self
    case .bpr: BPR.self
    case .svd: SVD.self
    case .tiledSGD: TiledSGD.self
    case .als: settings.isVariational(self) ? VariationalALS.self : ALS.self
    case .svdPlusPlus: VariationalALS.self
    case .gibbs: BPMF.self
    // Packed rows know no penalty: where there is one, p·q is trained as a network too.
    case .minibatch:
      isFactorModel && !settings.hasPenalty ? FactorTrainer.self : NetworkTrainer.self
    }
  }
}
