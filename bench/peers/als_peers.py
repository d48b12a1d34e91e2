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
from rating_peers import PEERS

SWEEPS = (2, 6)
# LensKit fits its biases beforehand; both solve for rows by Cholesky.
SETTINGS = {
    "cmfrec": {"lambda_": 0.13, "scale_lam": True, "use_cg": False, "verbose": False},
    "lenskit": {"regularization": 0.1},
}
NAMES = {"cmfrec": ("k", "niter"), "lenskit": ("features", "epochs")}  # of factors and of sweeps


def fit(peer, train, users, items, factors, sweeps, threads):
    """Seconds of one fit, and its predictions."""
    settings = {**SETTINGS[peer], **dict(zip(NAMES[peer], (factors, sweeps), strict=True))}
    if peer == "cmfrec":
        settings |= {"threads": threads, "precompute_for_predictions": False}
    start = time.perf_counter()
    predict = PEERS[peer](train, users, items, seed=42, **settings)
    return time.perf_counter() - start, predict


def main():
    """Times one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=SETTINGS, required=True)
    parser.add_argument("--split", required=True, help="directory of train.csv and test.csv")
    parser.add_argument("--factors", type=int, default=50)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    train, test, users, items = arrays.number_split(chosen.split)
    # what a library does once (imports, threads) is done before the clock runs
    few = train.take(slice(1000))
    fit(chosen.peer, few, users, items, chosen.factors, 1, chosen.threads)
    seconds, predict = [], None
    for sweeps in SWEEPS:
        words = (chosen.peer, train, users, items, chosen.factors, sweeps, chosen.threads)
        spent, predict = fit(*words)
        seconds.append(spent)
    test = test.take(arrays.warm(train, test))
    test = test.take(np.random.default_rng(0).permutation(len(test.ratings))[:50_000])
    report = {
        "peer": f"{chosen.peer} {machine.version(chosen.peer)}",
        "factors": chosen.factors,
        "threads": chosen.threads,
        "sweeps": SWEEPS[1],
        "sweep_seconds": (seconds[1] - seconds[0]) / (SWEEPS[1] - SWEEPS[0]),
        "seconds": seconds[1],
        "valid_rmse_warm": arrays.rmse(predict(test), test.ratings),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
