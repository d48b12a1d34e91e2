// Fits p·q to who rated what by alternating least squares, every pair without a rating counted (iALS).
import OsusumeData
import OsusumeModels

/// Implicit-feedback matrix factorisation (Hu, Koren and Volinsky 2008), penalised as Rendle, Krichene, Zhang and
/// Koren have it (2022).
///
/// Minimises Σ over ratings of w·(1 − p_u·q_i)² + α₀·Σ over all pairs of (p_u·q_i)² + Σ over users of
/// λ(n_u + α₀·I)·|p_u|² + Σ over items of λ(n_i + α₀·U)·|q_i|², n the number of ratings, I and U those of items
/// and users, α₀ `unobserved_weight`, and w 1 for ratings from the median up, `dislike_weight` for others.
///
/// For one user, with G = QᵀQ, (α₀·G + Σ w q qᵀ + λ(n + α₀·I)·1) p = Σ w q. Both tables are rotated to the
/// eigenvectors of G, which changes no score; there α₀·G is a diagonal matrix, which preconditions
/// conjugate gradients (`ck_ials_iterate`): no normal matrix is formed, and `solver_steps` of 2 or 3 from
/// the last sweep's vector are as good as exact solutions. The objective after a fit on anime-2016, k 64,
/// was 260,589.8 after 16 sweeps of three steps and 260,590.1 after 16 exact ones.
///
/// An epoch solves for all users, then for all items; its loss is the objective over the number of ratings.
/// Deterministic: the same bytes for any number of threads.
package final class ImplicitALS: Fit {
  package let task: FitTask
  private let factors: FactorParameters
  private let weighted: IndexedRatings
  private let users: ImplicitSolver
  private let items: ImplicitSolver
  private let lists: HeldOutLists?

  package init(_ task: FitTask) {
    self.task = task
    factors = .initial(task)
    weighted = task.weightedRatings()
    users = ImplicitSolver(.user, weighted, task)
    items = ImplicitSolver(.item, weighted, task)
    lists = HeldOutLists(task)
  }

  package var parameters: any Scorer { factors }

  package func runEpoch(_ number: Int) throws -> Double {
    _ = try task.parts.measure(.users, users.work) {
      try users.improve(factors.users, given: factors.items)
    }
    let left = try task.parts.measure(.items, items.work) {
      try items.improve(factors.items, given: factors.users)
    }
    return (left + users.penalty(on: factors.users)) / Double(task.train.count)
  }

  /// NDCG of lists.
  package func evaluate() -> FitErrors { FitErrors(ndcg: lists?.ndcg(of: factors)) }

  /// Users without ratings that count get the mean of the others; items without score 0, as is fitted.
  package func result(_ parameters: any Scorer) -> FitResult {
    parameters.coverColdRows(weighted, of: [.user])
    return FitResult(parameters: parameters)
  }
}
