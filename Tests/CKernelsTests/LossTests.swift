// Losses of a batch, and that their scale is their derivative.
import CKernels
import Testing

struct LossTests {
  private let errors = [0.5, -1.25, 2, 0.125]

  private func sums(_ errors: [Double]) -> ck_loss_sums {
    ck_loss_sums(
      squared: errors.reduce(0) { $0 + $1 * $1 }, absolute: errors.reduce(0) { $0 + abs($1) })
  }

  @Test(arguments: [CK_LOSS_RMSE, CK_LOSS_MSE, CK_LOSS_MAE]) func scaleIsTheDerivative(
    loss: ck_loss
  ) {
    let step = 1e-6
    for index in errors.indices {
      var (up, down) = (errors, errors)
      up[index] += step
      down[index] -= step
      let central =
        (ck_loss_value(loss, sums(up), 4) - ck_loss_value(loss, sums(down), 4)) / (2 * step)
      let direction = loss == CK_LOSS_MAE ? (errors[index] > 0 ? 1.0 : -1.0) : errors[index]
      let scale = Double(ck_loss_scale(loss, sums(errors), 4))
      #expect(abs(central - scale * direction) < 1e-6)
    }
  }

  @Test func aPerfectBatchHasNoGradient() {
    #expect(ck_loss_scale(CK_LOSS_RMSE, sums([0, 0]), 2) == 0)
  }

  @Test func totalsAddInOrder() {
    let parts = [sums([1]), sums([2, -3])]
    let total = ck_loss_total(parts, 2)
    #expect(total.squared == 14 && total.absolute == 6)
  }
}
