"""How well other libraries predict ratings, beside mean and bias.

Surprise, cmfrec, LensKit, myFM, Cornac and LIBMF, one a run.

Each is given the same train.csv and test.csv, and settings chosen on a tenth of train
(`--tune` repeats the choice; SETTINGS holds what it found). Prints one JSON object.
"""

import argparse
import itertools
import json
import os
import resource
import time

import numpy as np

import arrays
import machine

DAMPING = 5  # of the bias baseline, as Osusume's

# What --tune found on a tenth of train, for each set of ratings. LensKit's errors after 20 epochs
# are within 0.001 of those after 10; myFM has no penalty to choose, and is given the draws that its
# error needs to settle.
SETTINGS = {
    "anime-2016": {
        "surprise": {"n_factors": 64, "n_epochs": 60, "lr_all": 0.005, "reg_all": 0.1},
        "cmfrec": {"k": 64, "lambda_": 0.13, "scale_lam": True},
        "lenskit": {"features": 64, "epochs": 10, "regularization": 0.1},
        "myfm": {"rank": 64, "n_iter": 200},
        "cornac": {"k": 64, "max_iter": 40, "learning_rate": 0.005, "lambda_reg": 0.06},
        "libmf": {"k": 64, "nr_iters": 30, "lambda_p2": 0.08, "eta": 0.05},
    },
    "ml-latest-small": {
        "surprise": {"n_factors": 64, "n_epochs": 100, "lr_all": 0.01, "reg_all": 0.09},
        "cmfrec": {"k": 64, "lambda_": 0.13, "scale_lam": True},
        "lenskit": {"features": 64, "epochs": 10, "regularization": 0.15},
        "myfm": {"rank": 64, "n_iter": 100},
        "cornac": {"k": 64, "max_iter": 60, "learning_rate": 0.01, "lambda_reg": 0.06},
        "libmf": {"k": 64, "nr_iters": 30, "lambda_p2": 0.08, "eta": 0.05},
    },
}

GRIDS = {
    "surprise": {
        "n_factors": [64],
        "n_epochs": [60, 100],
        "lr_all": [0.005, 0.01],
        "reg_all": [0.08, 0.09, 0.1, 0.12],
    },
    "cmfrec": {"k": [40, 64], "lambda_": [0.1, 0.13, 0.17], "scale_lam": [True]},
    "lenskit": {
        "features": [64],
        "epochs": [10, 20],
        "regularization": [0.05, 0.1, 0.15, 0.2],
    },
    "cornac": {
        "k": [64],
        "max_iter": [40, 60, 90],
        "learning_rate": [0.005, 0.01],
        "lambda_reg": [0.04, 0.06, 0.08, 0.1],
    },
    "libmf": {
        "k": [32, 64],
        "nr_iters": [30, 80],
        "lambda_p2": [0.05, 0.08, 0.11],
        "eta": [0.05, 0.1],
    },
}


def fit_mean(train, users, items, **_):
    """μ."""
    mean = train.ratings.mean(dtype=np.float64)
    return lambda rows: np.full(len(rows.ratings), mean)


def fit_bias(train, users, items, **_):
    """μ + b_u + b_i, damped means of what the others leave, alternated to convergence."""
    mean = train.ratings.mean(dtype=np.float64)
    centred = train.ratings - mean
    user_counts = np.bincount(train.users, minlength=users) + DAMPING
    item_counts = np.bincount(train.items, minlength=items) + DAMPING
    user_bias, item_bias = np.zeros(users), np.zeros(items)
    for _ in range(100):
        before = user_bias
        left = centred - user_bias[train.users]
        item_bias = np.bincount(train.items, left, items) / item_counts
        left = centred - item_bias[train.items]
        user_bias = np.bincount(train.users, left, users) / user_counts
        if np.abs(user_bias - before).max() < 1e-6:
            break
    return lambda rows: mean + user_bias[rows.users] + item_bias[rows.items]


def known(answered, scores, rows, train, users, items):
    """The scores; the bias baseline's where a model has no answer."""
    if answered.all():
        return scores
    return np.where(answered, scores, fit_bias(train, users, items)(rows))


def fit_surprise(train, users, items, seed, **settings):
    """Surprise's SVD, one thread (it has no other way)."""
    import pandas as pd
    import surprise

    frame = pd.DataFrame({"u": train.users, "i": train.items, "r": train.ratings})
    reader = surprise.Reader(rating_scale=(train.ratings.min(), train.ratings.max()))
    trainset = surprise.Dataset.load_from_df(frame, reader).build_full_trainset()
    model = surprise.SVD(random_state=seed, **settings).fit(trainset)
    parameters = arrays.Parameters(
        *(np.zeros((n, model.n_factors)) for n in (users, items)),
        *(np.zeros(n) for n in (users, items)),
        trainset.global_mean,
    )
    known_users = [trainset.to_raw_uid(n) for n in range(trainset.n_users)]
    known_items = [trainset.to_raw_iid(n) for n in range(trainset.n_items)]
    parameters.user_factors[known_users], parameters.user_bias[known_users] = model.pu, model.bu
    parameters.item_factors[known_items], parameters.item_bias[known_items] = model.qi, model.bi
    return lambda rows: parameters.scores(rows.users, rows.items)


def fit_cmfrec(train, users, items, seed, threads, **settings):
    """cmfrec's CMF: biased explicit matrix factorisation by alternating least squares."""
    import cmfrec
    import pandas as pd

    frame = pd.DataFrame({"UserId": train.users, "ItemId": train.items, "Rating": train.ratings})
    model = cmfrec.CMF(method="als", random_state=seed, nthreads=threads, **settings).fit(frame)

    def predict(rows):
        # its predict() answers nan where the user or the item is unknown
        scores = np.asarray(model.predict(rows.users, rows.items), np.float64)
        return known(np.isfinite(scores), scores, rows, train, users, items)

    return predict


def fit_lenskit(train, users, items, seed, **settings):
    """LensKit's BiasedMFScorer: biases fixed beforehand, then alternating least squares."""
    import pandas as pd
    from lenskit.als import BiasedMFScorer
    from lenskit.data import ItemList, from_interactions_df
    from lenskit.training import TrainingOptions

    frame = pd.DataFrame({"user_id": train.users, "item_id": train.items, "rating": train.ratings})
    scorer = BiasedMFScorer(**settings)
    scorer.train(from_interactions_df(frame), TrainingOptions(rng=seed))

    def predict(rows):
        scores = np.full(len(rows.ratings), np.nan)
        order = np.argsort(rows.users, kind="stable")
        bounds = np.flatnonzero(np.diff(rows.users[order])) + 1
        for places in np.split(order, bounds):
            found = scorer(query=int(rows.users[places[0]]), items=ItemList(rows.items[places]))
            scores[places] = found.scores()
        return known(np.isfinite(scores), scores, rows, train, users, items)

    return predict


def pair_features(rows, users, items):
    """A row of ones for the user and for the item of each rating."""
    from scipy import sparse

    n = len(rows.ratings)
    places = np.column_stack([rows.users, users + rows.items]).ravel()
    ones = (np.ones(2 * n), (np.repeat(np.arange(n), 2), places))
    return sparse.csr_matrix(ones, shape=(n, users + items))


def fit_myfm(train, users, items, seed, rank, n_iter, callback=None):
    """myFM's factorization machine of a user and an item: Gibbs sampling, one thread.

    What it predicts is the mean over the last three quarters of its draws; with a callback, which
    sees each draw, none is kept.
    """
    os.environ["TQDM_DISABLE"] = "1"  # it has no other way to be silent
    import myfm

    model = myfm.MyFMRegressor(rank=rank, random_seed=seed)
    model.fit(
        pair_features(train, users, items),
        train.ratings.astype(np.float64),
        n_iter=n_iter,
        n_kept_samples=3 * n_iter // 4 if callback is None else 1,
        group_shapes=[users, items],
        callback=callback,
    )
    return lambda rows: model.predict(pair_features(rows, users, items))


def fit_cornac(train, users, items, seed, **settings):
    """Cornac's MF by stochastic gradient descent, one thread so that its seed means something."""
    from cornac.data import Dataset
    from cornac.models import MF

    uids, iids = np.arange(users), np.arange(items)
    dataset = Dataset(
        users,
        items,
        dict(zip(uids, uids, strict=True)),
        dict(zip(iids, iids, strict=True)),
        (train.users, train.items, train.ratings),
    )
    model = MF(seed=seed, use_bias=True, **settings).fit(dataset)
    parameters = arrays.Parameters(
        model.u_factors, model.i_factors, model.u_biases, model.i_biases, model.global_mean
    )
    return lambda rows: parameters.scores(rows.users, rows.items)


def fit_libmf(train, users, items, threads, seed=None, **settings):
    """LIBMF: p·q without biases.

    Its tables are read directly, since predict() of the Python package gives other numbers (on
    its own training rows an RMSE of 2.2 where the engine reports 1.14).
    """
    from libmf.mf import MF

    settings["lambda_q2"] = settings["lambda_p2"]
    engine = MF(fun=0, nr_threads=threads, lambda_p1=0, lambda_q1=0, quiet=True, **settings)
    engine.fit(np.column_stack(train).astype(np.float64))
    model = engine.model
    p = np.ctypeslib.as_array(model.P, (model.m, model.k))
    q = np.ctypeslib.as_array(model.Q, (model.n, model.k))

    def predict(rows):
        # its tables end at the last id of train, and hold nan for what train does not have
        dots = np.einsum(
            "nk,nk->n", p[np.minimum(rows.users, len(p) - 1)], q[np.minimum(rows.items, len(q) - 1)]
        )
        inside = (rows.users < len(p)) & (rows.items < len(q)) & np.isfinite(dots)
        return known(inside, dots, rows, train, users, items)

    return predict


PEERS = {
    "mean": fit_mean,
    "bias": fit_bias,
    "surprise": fit_surprise,
    "cmfrec": fit_cmfrec,
    "lenskit": fit_lenskit,
    "myfm": fit_myfm,
    "cornac": fit_cornac,
    "libmf": fit_libmf,
}
PACKAGES = {"mean": "numpy", "bias": "numpy", "surprise": "scikit-surprise"}  # else the same name


def tune(fit, grid, train, users, items, **common):
    """The settings with the least RMSE on a tenth of train, and every trial."""
    held = np.random.default_rng(0).random(len(train.ratings)) < 0.1
    rest, validation = train.take(~held), train.take(held)
    trials = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        start = time.perf_counter()
        predict = fit(rest, users, items, **common, **settings)
        error = arrays.rmse(predict(validation), validation.ratings)
        trials.append((error, round(time.perf_counter() - start, 2), settings))
        print(*trials[-1], flush=True)
    return min(trials, key=lambda t: t[0])


def main():
    """Fits one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--split", required=True, help="directory with train.csv and test.csv")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--settings", choices=SETTINGS, default="anime-2016")
    parser.add_argument("--tune", action="store_true", help="search the grid and stop")
    chosen = parser.parse_args()
    train, test, users, items = arrays.number_split(chosen.split)
    common = {"seed": chosen.seed, "threads": chosen.threads}
    if chosen.peer in ("surprise", "cornac", "lenskit", "myfm"):
        del common["threads"]
    fit = PEERS[chosen.peer]
    if chosen.tune:
        print("best:", *tune(fit, GRIDS[chosen.peer], train, users, items, **common))
        return
    settings = SETTINGS[chosen.settings].get(chosen.peer, {})
    start = time.perf_counter()
    predict = fit(train, users, items, **common, **settings)
    seconds = time.perf_counter() - start
    predicted = predict(test)
    is_warm = arrays.warm(train, test)
    report = {
        "peer": f"{chosen.peer} {machine.version(PACKAGES.get(chosen.peer, chosen.peer))}",
        "settings": settings,
        "threads": chosen.threads if "threads" in common else 1,
        "seconds": seconds,
        "train": len(train.ratings),
        "test": len(test.ratings),
        "cold_rows": int(len(test.ratings) - is_warm.sum()),
        "valid_rmse": arrays.rmse(predicted, test.ratings),
        "valid_rmse_warm": arrays.rmse(predicted[is_warm], test.ratings[is_warm]),
        "valid_mae": float(np.abs(predicted - test.ratings).mean()),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
