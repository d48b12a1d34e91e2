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
  private let users: FactorSolver
  private let items: FactorSolver
  private let penalties: FactorPenalties

  package init(_ task: FitTask) {
    self.task = task
    factors = FactorParameters(atRandom: task, tables: [.item])
    users = FactorSolver(.user, of: task)
    items = FactorSolver(.item, of: task)
    penalties = FactorPenalties(task.settings, deviation: task.problem.deviation)
  }

  package var parameters: any Scorer { factors }

  package func runEpoch(_ number: Int) throws -> Double {
    _ = try task.parts.measure(.users, users.work) {
      try users.minimise(factors.users, given: factors.items, penalties)
    }
    let squared = try task.parts.measure(.items, items.work) {
      try items.minimise(factors.items, given: factors.users, penalties)
    }
    return squared / Double(task.train.count)
  }
}
