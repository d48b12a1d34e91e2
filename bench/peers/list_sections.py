"""How well lists rank, beside other libraries' and over seeds: each takes a Bench, returns rows."""

import itertools
import os

import numpy as np

import arrays
import list_peers
import ranking

DATA = ("anime-2016", "ml-latest-small")
OURS = ("lists", "ease", "ials", "bpr", "popularity")
BASES = ("lists", "ease", "ials", "bpr")  # those that all others are set against
SEEDS = range(42, 47)


def lists(bench):
    """NDCG and others of full rankings of both real sets, seconds and memory of a fit."""
    threads, rows = max(bench.threads), []
    load = os.getloadavg()[0]
    for name in DATA:
        data = bench.data / name
        split = bench.split(data, f"{name}-lists-split")
        found = [ours(bench, model, data, split, threads) for model in OURS]
        for side in list_peers.FITS:
            if row := theirs(bench, side, name, split, threads):
                found.append(row)
        bases = {base: next(v for r, v in found if r["model"] == base) for base in BASES}
        for row, values in found:
            row["bases"] = {
                base: ranking.interval(of_base - values)
                for base, of_base in bases.items()
                if of_base is not values
            }
            rows.append({"data": name, "load": load, **row})
    return rows


def ours(bench, model, data, split, threads):
    """A model of ours: its row, and NDCG@10 of each user."""
    report = bench.fit(model, data, threads, output="lists.safetensors")
    output = bench.work / "lists.csv"
    lists_of_all(bench, bench.work / "lists.safetensors", output)
    judge, user_ids, item_ids = judge_of(split, ratings_of(data))
    table = np.loadtxt(output, delimiter=",", skiprows=1, usecols=(0, 2), dtype=np.int64)
    users, items = np.searchsorted(user_ids, table[:, 0]), np.searchsorted(item_ids, table[:, 1])
    bounds = np.searchsorted(users, np.arange(len(user_ids) + 1))
    found, coverage = judge.of_lists([items[a:b] for a, b in itertools.pairwise(bounds)])
    row = {
        "side": "osusume",
        "model": model,
        "threads": threads,
        "seconds": report["seconds"]["train"],
        "peak_rss_bytes": report["peak_rss_bytes"],
        "users": len(judge.users),
        "coverage@10": coverage,
        **{metric: float(values.mean()) for metric, values in found.items()},
    }
    return row, found["ndcg@10"]


def lists_of_all(bench, model, output):
    """The best items of every user, those of the test among the candidates."""
    words = ("--users", "all", "--top", ranking.DEEP, "--include-test", "--output", output)
    bench.ours("recommend", "--model", model, *words)


def theirs(bench, side, name, split, threads):
    """A model of another library: the same, or None where it is not installed."""
    library, model = side.split()
    kept = bench.work / "users.npz"
    words = ("--peer", library, "--model", model, "--split", split)
    words += ("--ratings", ratings_of(bench.data / name), "--output", kept)
    report = bench.peer("list_peers", *words, threads=threads)
    if not report:
        return None
    return {"side": library, **report}, np.load(kept)["ndcg@10"]


def ratings_of(data):
    """The ratings file of a set."""
    found = data / "rating.csv"
    return found if found.exists() else data / "ratings.csv"


def judge_of(split, ratings):
    """What judges lists of a split, and the ids that its rows number."""
    train, test, users, items = arrays.number_split(split)
    judge = ranking.Judge(train, test, users, items, list_peers.unrated_pairs(ratings, split))
    return judge, *arrays.ids_of_split(split)


def seeds(bench):
    """NDCG@10 and recall@100 of our models on splits of anime-2016 by five seeds."""
    threads, rows = max(bench.threads), []
    data = bench.data / "anime-2016"
    for model in OURS:
        found = {"ndcg@10": [], "recall@100": []}
        for seed in SEEDS:
            bench.fit(model, data, threads, output="seed.safetensors", seed=seed)
            words = ("--ratings", ratings_of(data), "--items", data / "anime.csv", "--join")
            words += ("inner", "--top", 10, 100, "--resamples", 0, "--no-baselines")
            report = bench.ours("evaluate", "--model", bench.work / "seed.safetensors", *words)
            for metric, values in found.items():
                values.append(report[metric])
        rows.append({"data": "anime-2016", "model": model, "seeds": list(SEEDS), **found})
    return rows
