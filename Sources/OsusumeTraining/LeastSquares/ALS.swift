// Fits factor models by alternating least squares: the vectors of one table in closed form, given the other's.
import OsusumeData
import OsusumeModels

/// Biased matrix factorisation by alternating least squares.
///
/// Minimises Σ (r − μ − b_u − b_i − p_u·q_i)² + Σ over vectors of (λ·n + λ₀)·|vector|² + λ_b·b², n the
/// number of ratings of the user or item: λ₀ = 0 is ALS-WR (Zhou, Wilkinson, Schreiber, Pan 2008), λ = 0 the
/// plain penalty. A bias is solved for with its vector, as the partner of a constant 1. An epoch is a sweep
/// over users and items. Deterministic: the same bytes for any number of threads.
package final class ALS: Fit {
  package let task: FitTask
  private let factors: FactorParameters
  private let solver: LeastSquaresSolver
  private let byUser: GroupedRatings
  private let byItem: GroupedRatings

  package init(_ task: FitTask) {
    self.task = task
    factors = FactorParameters(atRandom: task, tables: [.item])
    solver = LeastSquaresSolver(
      task.problem.layout, task.settings, deviation: task.problem.deviation)
    byUser = GroupedRatings(.user, of: task)
    byItem = GroupedRatings(.item, of: task)
  }

  package var parameters: any Scorer { factors }

  package func runEpoch(_ number: Int) throws -> Double {
    _ = try solver.solve(
      .user, factors.users, given: factors.items, from: byUser, threads: task.threads)
    let squared = try solver.solve(
      .item, factors.items, given: factors.users, from: byItem, threads: task.threads)
    return squared / Double(task.train.count)
  }
}
