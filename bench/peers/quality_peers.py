"""Error against time of other libraries' factor models.

Most cannot be asked for their error on other rows after each epoch, nor go on from an earlier fit:
each point of their curve is a fit of its own, its seconds those of the library's call to fit alone.
myFM calls back after each draw: its curve is of one fit, and the seconds spent on measuring are left
out. Rows whose user or item is not in train get the bias baseline's answer. Prints one JSON object.
"""

import argparse
import json
import time

import numpy as np

import arrays
import machine
import rating_peers

# The name of the setting that counts epochs, and its value at each point.
EPOCHS = {
    "libmf": ("nr_iters", [5, 10, 20, 30, 40]),
    "cornac": ("max_iter", [10, 20, 40, 60]),
    "cmfrec": ("niter", [2, 5, 10]),
    "lenskit": ("epochs", [2, 5, 10]),
    "surprise": ("n_epochs", [10, 30, 60, 100]),
    "myfm": ("n_iter", [110]),
}
# At full size. LIBMF's settings are the best of a few tried there (lambda 0.05, 0.06, 0.08; eta
# 0.05, 0.07, 0.1; 20 or 40 epochs), the others' those chosen on anime-2016.
FULL = {
    "libmf": {
        16: {"k": 16, "lambda_p2": 0.05, "eta": 0.1},
        48: {"k": 48, "lambda_p2": 0.06, "eta": 0.05},
    },
    "cornac": {50: {"k": 50, "learning_rate": 0.005, "lambda_reg": 0.06}},
    "cmfrec": {50: {"k": 50, "lambda_": 0.13, "scale_lam": True}},
}


def settings_of(peer, data, factors):
    """The settings of a peer on a set of ratings, without the number of epochs."""
    if data == "full":
        return FULL[peer][factors]
    found = dict(rating_peers.SETTINGS[data][peer])
    found.pop(EPOCHS[peer][0], None)
    return found


class Judge:
    """The error of predictions of test rows; those that nobody can know are the bias baseline's."""

    def __init__(self, train, test, users, items):
        """Takes the split."""
        self.rows, self.warm = test, arrays.warm(train, test)
        self.base = rating_peers.fit_bias(train, users, items)(test)

    def rmse(self, predicted):
        """RMSE over all test rows."""
        return arrays.rmse(np.where(self.warm, predicted, self.base), self.rows.ratings)


def refits(peer, counts, train, users, items, judge, **settings):
    """One fit for each number of epochs, after one of a single epoch that loads the library."""
    name, curve = EPOCHS[peer][0], []
    rating_peers.PEERS[peer](train, users, items, **settings, **{name: 1})
    for count in counts:
        start = time.perf_counter()
        predict = rating_peers.PEERS[peer](train, users, items, **settings, **{name: count})
        seconds = time.perf_counter() - start
        error = judge.rmse(predict(judge.rows))
        curve.append({"epochs": count, "seconds": seconds, "rmse": error})
    return curve


class Draws:
    """Measures myFM after each draw: the mean over the last three quarters of the draws so far."""

    def __init__(self, judge, users, items):
        """Takes what judges its predictions."""
        self.judge, self.measuring, self.curve = judge, 0.0, []
        self.features = rating_peers.pair_features(judge.rows, users, items)
        self.sums = [np.zeros(len(judge.base))]
        self.start = time.perf_counter()

    def __call__(self, draw, machine, *_):
        """Notes one draw."""
        begun = time.perf_counter()
        self.sums.append(self.sums[-1] + machine.predict_score(self.features, []))
        done = draw + 1
        burnt = done // 4
        predicted = (self.sums[done] - self.sums[burnt]) / (done - burnt)
        error = self.judge.rmse(predicted)
        seconds = begun - self.start - self.measuring
        self.curve.append({"epochs": done, "seconds": seconds, "rmse": error})
        self.measuring += time.perf_counter() - begun
        return False, None


def main():
    """Fits one peer and prints its curve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=EPOCHS, required=True)
    parser.add_argument("--settings", choices=["full", *rating_peers.SETTINGS], required=True)
    parser.add_argument("--factors", type=int, help="which of its settings at full size")
    parser.add_argument("--split", required=True, help="directory with train.csv and test.csv")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=42)
    chosen = parser.parse_args()
    train, test, users, items = arrays.number_split(chosen.split)
    judge = Judge(train, test, users, items)
    settings = {"seed": chosen.seed, **settings_of(chosen.peer, chosen.settings, chosen.factors)}
    if chosen.peer in ("libmf", "cmfrec"):
        settings["threads"] = chosen.threads
    counts = EPOCHS[chosen.peer][1]
    if chosen.peer == "myfm":
        draws = Draws(judge, users, items)
        rating_peers.fit_myfm(train, users, items, **settings, n_iter=counts[-1], callback=draws)
        curve = draws.curve
    else:
        curve = refits(chosen.peer, counts, train, users, items, judge, **settings)
    package = rating_peers.PACKAGES.get(chosen.peer, chosen.peer)
    names = ("k", "features", "n_factors", "rank")
    factors = next(settings[name] for name in names if name in settings)
    report = {
        "peer": f"{chosen.peer} {machine.version(package)}",
        "factors": factors,
        "threads": chosen.threads if chosen.peer in ("libmf", "cmfrec", "lenskit") else 1,
        "curve": curve,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
