// The step count and the powers that Adam's kernels read (ck_adam.h).
import CKernels
import OsusumeData
import OsusumeModels

/// What all of Adam's kernels read about the current step.
final class AdamClock: @unchecked Sendable {
  private let settings: ck_adam_settings
  private let tables: [Column<Float>]
  private let clock = Column<ck_adam_clock>(count: 1)

  /// A clock whose rows are synchronised at least every `span` steps.
  init(_ hyperparameters: Hyperparameters, span: Int) {
    settings = ck_adam_settings(
      beta1: hyperparameters.beta1, beta2: hyperparameters.beta2,
      epsilon: hyperparameters.epsilon, rate: hyperparameters.learningRate,
      decay: hyperparameters.optimizer == .adamw ? hyperparameters.weightDecay : 0)
    tables = (0..<4).map { _ in Column(count: span + 1) }
    var start = ck_adam_clock()
    start.span = span
    start.m_powers = tables[0].base
    start.r_powers = tables[1].base
    start.slopes = tables[2].base
    start.offsets = tables[3].base
    clock.base.initialize(to: start)
  }

  /// The clock as the kernels read it.
  var now: UnsafePointer<ck_adam_clock> { UnsafePointer(clock.base) }

  /// Sets the clock to a step at which all rows are synchronised.
  func start(step: Int) { ck_adam_clock_start(clock.base, settings, UInt64(step)) }

  /// Moves to the next step; no kernel may be reading.
  func advance() { ck_adam_clock_advance(clock.base) }
}
