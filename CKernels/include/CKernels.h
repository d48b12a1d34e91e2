/// Umbrella header of the numerical core: one header per kernel family.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_adam.h"
#include "ck_als.h"
#include "ck_bias.h"
#include "ck_bootstrap.h"
#include "ck_columns.h"
#include "ck_csr.h"
#include "ck_dense.h"
#include "ck_drift.h"
#include "ck_error.h"
#include "ck_features.h"
#include "ck_gram.h"
#include "ck_head.h"
#include "ck_ingest.h"
#include "ck_init.h"
#include "ck_isa.h"
#include "ck_knn.h"
#include "ck_layer.h"
#include "ck_loss.h"
#include "ck_order.h"
#include "ck_pair.h"
#include "ck_random.h"
#include "ck_rows.h"
#include "ck_sgd.h"
#include "ck_sparse.h"
#include "ck_split.h"
#include "ck_synth.h"
#include "ck_text.h"
#include "ck_topn.h"

#endif
