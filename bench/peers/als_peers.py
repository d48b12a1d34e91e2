"""Seconds a sweep of other libraries' alternating least squares, at given factors and threads.

Fits twice, with few sweeps and with more, and divides the difference: what comes before and after
the sweeps falls out. Prints one JSON object, with the error on warm test rows after the longer fit.
"""

import argparse
import json
import os
import time

import numpy as np

import arrays
import machine

SWEEPS = (2, 6)


def cmfrec_fit(train, sweeps, factors, threads):
    """Biased explicit ALS by Cholesky, λ weighted by the number of ratings."""
    import cmfrec
    import pandas as pd

    frame = pd.DataFrame({"UserId": train.users, "ItemId": train.items, "Rating": train.ratings})
    model = cmfrec.CMF(
        method="als",
        k=factors,
        lambda_=0.13,
        scale_lam=True,
        use_cg=False,
        niter=sweeps,
        nthreads=threads,
        precompute_for_predictions=False,
        verbose=False,
    )
    start = time.perf_counter()
    model.fit(frame)
    seconds = time.perf_counter() - start
    return seconds, lambda rows: np.asarray(model.predict(rows.users, rows.items), np.float64)


def lenskit_fit(train, sweeps, factors, threads):
    """LensKit's BiasedMFScorer: biases fixed beforehand, then ALS by Cholesky."""
    import pandas as pd
    from lenskit.als import BiasedMFScorer
    from lenskit.data import ItemList, from_interactions_df
    from lenskit.training import TrainingOptions

    frame = pd.DataFrame({"user_id": train.users, "item_id": train.items, "rating": train.ratings})
    data = from_interactions_df(frame)
    scorer = BiasedMFScorer(features=factors, epochs=sweeps, regularization=0.1)
    start = time.perf_counter()
    scorer.train(data, TrainingOptions(rng=42))
    seconds = time.perf_counter() - start

    def predict(rows):
        scores = np.full(len(rows.ratings), np.nan)
        order = np.argsort(rows.users, kind="stable")
        bounds = np.flatnonzero(np.diff(rows.users[order])) + 1
        for places in np.split(order, bounds):
            found = scorer(query=int(rows.users[places[0]]), items=ItemList(rows.items[places]))
            scores[places] = found.scores()
        return scores

    return seconds, predict


PEERS = {"cmfrec": cmfrec_fit, "lenskit": lenskit_fit}


def main():
    """Times one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--split", required=True, help="directory of train.csv and test.csv")
    parser.add_argument("--factors", type=int, default=50)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    train, test, _, _ = arrays.number_split(chosen.split)
    fit = PEERS[chosen.peer]
    seconds, predict = [], None
    for sweeps in SWEEPS:
        spent, predict = fit(train, sweeps, chosen.factors, chosen.threads)
        seconds.append(spent)
    test = test.take(arrays.warm(train, test))
    test = test.take(np.random.default_rng(0).permutation(len(test.ratings))[:50_000])
    predicted = predict(test)
    known = np.isfinite(predicted)
    report = {
        "peer": f"{chosen.peer} {machine.version(chosen.peer)}",
        "factors": chosen.factors,
        "threads": chosen.threads,
        "sweeps": SWEEPS[1],
        "sweep_seconds": (seconds[1] - seconds[0]) / (SWEEPS[1] - SWEEPS[0]),
        "seconds": seconds[1],
        "valid_rmse_warm": arrays.rmse(predicted[known], test.ratings[known]),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
