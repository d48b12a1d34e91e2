"""Error against time of other libraries' factor models: one fit for each number of epochs.

None of them can be asked for its error on other rows after each epoch, and none goes on from an
earlier fit, so that each point of the curve is a fit of its own. Its seconds are those of the
library's call to fit alone. Prints one JSON object.
"""

import argparse
import json
import time

import arrays
import machine
from rating_peers import PEERS

# The number of epochs of each point. LIBMF's settings are the best of a few tried on the full-size
# set (lambda 0.05, 0.06, 0.08; eta 0.05, 0.07, 0.1; 20 or 40 epochs), the others' those chosen on
# anime-2016.
CURVES = {
    "libmf": {"nr_iters": [5, 10, 20, 30, 40]},
    "cornac": {"max_iter": [10, 20, 40, 60]},
    "cmfrec": {"niter": [2, 5, 10]},
}
SETTINGS = {
    "libmf": {16: {"lambda_p2": 0.05, "eta": 0.1}, 48: {"lambda_p2": 0.06, "eta": 0.05}},
    "cornac": {50: {"learning_rate": 0.005, "lambda_reg": 0.06}},
    "cmfrec": {50: {"lambda_": 0.13, "scale_lam": True}},
}


def main():
    """Fits one peer for each number of epochs and prints the curve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=CURVES, required=True)
    parser.add_argument("--factors", type=int, required=True)
    parser.add_argument("--split", required=True, help="directory with train.csv and test.csv")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=42)
    chosen = parser.parse_args()
    train, test, users, items = arrays.number_split(chosen.split)
    rows = test.take(arrays.warm(train, test))
    common = {"seed": chosen.seed, "k": chosen.factors}
    if chosen.peer != "cornac":
        common["threads"] = chosen.threads
    settings = SETTINGS[chosen.peer][chosen.factors]
    ((name, counts),) = CURVES[chosen.peer].items()
    curve = []
    for count in counts:
        start = time.perf_counter()
        predict = PEERS[chosen.peer](train, users, items, **common, **settings, **{name: count})
        seconds = time.perf_counter() - start
        error = arrays.rmse(predict(rows), rows.ratings)
        curve.append({"epochs": count, "seconds": seconds, "rmse": error})
    report = {
        "peer": f"{chosen.peer} {machine.version(chosen.peer)}",
        "factors": chosen.factors,
        "settings": settings,
        "threads": common.get("threads", 1),
        "curve": curve,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
