/// Losses of a batch: its value, and the factor that turns accumulated errors into gradients.
#ifndef CK_LOSS_H
#define CK_LOSS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a batch of B errors e costs. Numbers are stable.
typedef enum ck_loss {
  CK_LOSS_RMSE = 0, ///< √(Σe²/B)
  CK_LOSS_MSE = 1,  ///< Σe²/B
  CK_LOSS_MAE = 2,  ///< Σ|e|/B
} ck_loss;

/// Sums over some errors, in double.
typedef struct ck_loss_sums {
  double squared;  ///< Σe²
  double absolute; ///< Σ|e|
} ck_loss_sums;

/// Adds `chunks` partial sums in order, so that the result does not depend on threads.
ck_loss_sums ck_loss_total(const ck_loss_sums *parts, size_t chunks);

/// The loss of a batch of `count` > 0 errors with these sums.
double ck_loss_value(ck_loss loss, ck_loss_sums sums, size_t count);

/// d(loss)/de_b = scale · g(e_b), with g(e) = e (RMSE, MSE) or sign(e) (MAE):
/// 1/(B·rmse) for RMSE (0 where rmse is 0), 2/B for MSE, 1/B for MAE.
float ck_loss_scale(ck_loss loss, ck_loss_sums sums, size_t count);

#ifdef __cplusplus
}
#endif
#endif
