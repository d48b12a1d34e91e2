// Losses of a batch.
#include "ck_loss.h"

#include <math.h>

ck_loss_sums ck_loss_total(const ck_loss_sums *parts, size_t chunks) {
  ck_loss_sums total = {0, 0};
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    total.squared += parts[chunk].squared;
    total.absolute += parts[chunk].absolute;
  }
  return total;
}

double ck_loss_value(ck_loss loss, ck_loss_sums sums, size_t count) {
  switch (loss) {
  case CK_LOSS_RMSE:
    return sqrt(sums.squared / (double)count);
  case CK_LOSS_MSE:
    return sums.squared / (double)count;
  case CK_LOSS_MAE:
    break;
  }
  return sums.absolute / (double)count;
}

float ck_loss_scale(ck_loss loss, ck_loss_sums sums, size_t count) {
  switch (loss) {
  case CK_LOSS_RMSE: {
    double rmse = sqrt(sums.squared / (double)count);
    return rmse > 0 ? (float)(1 / ((double)count * rmse)) : 0;
  }
  case CK_LOSS_MSE:
    return (float)(2 / (double)count);
  case CK_LOSS_MAE:
    break;
  }
  return (float)(1 / (double)count);
}
