"""Seconds a sweep of implicit's alternating least squares, and its objective after some of them.

    Σ_rated c(1 − p·q)² + Σ_others (p·q)² + λ(Σ|p|² + Σ|q|²)

is what implicit minimises. Ours has w in place of c − 1, α₀ before what all pairs cost, and
penalties that grow with the number of ratings; `same_problem` finds the c and λ of the same
problem, and `rescaled` brings our vectors to its scale. Prints one JSON object.
"""

import argparse
import json
import os
import time

import numpy as np

import arrays
import list_peers
import machine
from render import SWEEPS


def same_problem(rows, users, items, penalty, unobserved):
    """implicit's confidence of a rating, and its penalty, for our λ and α₀.

    Ours over α₀ has (1 + 1/α₀)(t − p·q)² for a rating, t = 1/(1 + α₀), and another constant. Scores
    over t make the target 1. Its penalties λ(n + α₀I)/α₀ and λ(n + α₀U)/α₀ are all but constant where
    α₀I and α₀U are far above n, and two constants do what the root of their product does for both.
    """
    target = 1 / (1 + unobserved)
    of_users = penalty * (len(rows.users) / users / unobserved + items)
    of_items = penalty * (len(rows.users) / items / unobserved + users)
    return 1 + 1 / unobserved, float(np.sqrt(of_users * of_items)) / target


def rescaled(user_factors, item_factors, rows, unobserved):
    """Our vectors with implicit's target, both tables equally long, those without a rating 0."""
    tables = []
    for factors, rated in ((user_factors, rows.users), (item_factors, rows.items)):
        kept = np.zeros_like(factors)
        kept[np.unique(rated)] = factors[np.unique(rated)]
        tables.append(kept)
    lengths = [np.linalg.norm(table) for table in tables]
    share = np.sqrt((1 + unobserved) * lengths[0] * lengths[1])
    return [
        table * np.float32(share / length) for table, length in zip(tables, lengths, strict=True)
    ]


def objective(user_factors, item_factors, rows, confidence, penalty):
    """What implicit minimises, in double precision but for scores."""
    parameters = arrays.Parameters(
        user_factors,
        item_factors,
        np.zeros(len(user_factors), np.float32),
        np.zeros(len(item_factors), np.float32),
    )
    scores = parameters.scores(rows.users, rows.items).astype(np.float64)
    grams = [np.asarray(f.T @ f, np.float64) for f in (user_factors, item_factors)]
    lengths = sum(float(np.trace(gram)) for gram in grams)
    rated = np.sum(confidence * (1 - scores) ** 2 - scores**2)
    return float(rated + np.sum(grams[0] * grams[1]) + penalty * lengths)


def main():
    """Times implicit as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=["implicit"], required=True)
    parser.add_argument("--split", required=True, help="directory of train.csv and test.csv")
    parser.add_argument("--factors", type=int, default=128)
    parser.add_argument("--penalty", type=float, required=True, help="our λ")
    parser.add_argument("--unobserved", type=float, required=True, help="our α₀")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    from implicit.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    rows, _, users, items = arrays.number_split(chosen.split)
    confidence, penalty = same_problem(rows, users, items, chosen.penalty, chosen.unobserved)
    model = AlternatingLeastSquares(
        factors=chosen.factors,
        regularization=penalty,
        alpha=confidence,
        iterations=max(SWEEPS),
        num_threads=chosen.threads,
        random_state=42,
    )
    seconds, objectives, start = [], [], time.perf_counter()

    def note(sweep, *_):
        """After a sweep: its seconds, and what it has reached; the clock stands meanwhile."""
        nonlocal start
        seconds.append(time.perf_counter() - start)
        if sweep + 1 in SWEEPS:
            tables = np.asarray(model.user_factors), np.asarray(model.item_factors)
            objectives.append(objective(*tables, rows, confidence, penalty))
        start = time.perf_counter()

    rated = list_peers.matrix(rows, users, items)
    with threadpool_limits(1, "blas"):  # as implicit asks for: its threads are its own
        start = time.perf_counter()
        model.fit(rated, show_progress=False, callback=note)
    report = {
        "peer": f"implicit {machine.version('implicit')}",
        "factors": chosen.factors,
        "threads": chosen.threads,
        "seconds": seconds,
        "objectives": objectives,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
