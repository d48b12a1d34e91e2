// Memory and movement of the clock that lazy Adam's kernels read (ck_adam.h).
import CKernels
import OsusumeData
import OsusumeModels

/// Adam's shared tables for the step about to be made and, prepared meanwhile, for the one after it.
final class AdamClock: @unchecked Sendable {
  private let settings: ck_adam_settings
  private let weights = Column<Double>(count: 4 * Int(CK_ADAM_GAPS))
  private let gaps = Column<ck_adam_gap>(count: Int(CK_ADAM_GAPS) + 1)
  private let limits: Column<ck_adam_gap>
  private let powers: [Column<Float>]
  private let early: [Column<Float>]
  /// Two clocks over the same tables, by parity of the step.
  private let clocks = Column<ck_adam_clock>(count: 2)

  /// A clock whose rows are flushed at least every `span` steps.
  init(_ hyperparameters: Hyperparameters, span: Int) {
    settings = ck_adam_settings(
      beta1: hyperparameters.beta1, beta2: hyperparameters.beta2,
      epsilon: hyperparameters.epsilon, rate: hyperparameters.learningRate,
      decay: hyperparameters.optimizer == .adamw ? hyperparameters.weightDecay : 0)
    limits = Column(count: span + 1)
    powers = (0..<3).map { _ in Column(count: span + 2) }
    early = (0..<2).map { _ in Column(count: Int(CK_ADAM_EARLY) + 1) }
    var clock = ck_adam_clock()
    clock.span = span
    clock.weights = weights.base
    clock.gaps = gaps.base
    clock.limits = limits.base
    clock.m_powers = powers[0].base
    clock.r_powers = powers[1].base
    clock.p_powers = powers[2].base
    clock.early_rates = early[0].base
    clock.early_scales = early[1].base
    clocks.base.initialize(repeating: clock, count: 2)
  }

  /// The clock as it stands before a step.
  func at(_ step: Int) -> UnsafePointer<ck_adam_clock> { UnsafePointer(clocks.base + step % 2) }

  /// Starts over with every row at step `flushed`.
  func start(flushed: Int) {
    ck_adam_clock_start(clocks.base + (flushed + 1) % 2, settings, UInt64(flushed))
  }

  /// Prepares the step after `step`; `at(step)` keeps its rates, so updates of `step` may still run.
  func prepare(after step: Int) {
    clocks[(step + 1) % 2] = clocks[step % 2]
    ck_adam_clock_advance(clocks.base + (step + 1) % 2)
  }
}
