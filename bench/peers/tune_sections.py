"""Searches for settings beside Optuna's over another library: takes a Bench, returns rows."""

import importlib.util

from list_sections import DATA, ratings_of
from sides import note, protocol

# A model of ours, and the library whose nearest model Optuna searches over.
PAIRS = {"mf": "surprise", "ials": "implicit"}


def tuning(bench):
    """What 60 trials of ours come to, and what Optuna finds in as many seconds, on the same split."""
    rows, threads = [], max(bench.threads)
    for name in DATA:
        data = bench.data / name
        split = bench.split(data, f"{name}-tune-split")
        for model, library in PAIRS.items():
            shared = {"data": name, "threads": threads, "pair": model}
            report = bench.ours("tune", *protocol(data), "--model", model, "--threads", threads)
            metric = "rmse" if "rmse" in report["test"] else "ndcg@10"
            rows.append(
                {
                    **shared,
                    "side": f"osusume {model}",
                    "metric": metric,
                    "trials": len(report["trials"]),
                    "seconds": report["wall_seconds"],
                    "test": report["test"][metric],
                    "default": report["test"]["default"][metric],
                    "verdict": report["test"]["verdict"],
                }
            )
            if importlib.util.find_spec(library) is None:
                note(f"skipped: {library} is not installed here")
                bench.skipped.add(library)
                continue
            words = ("--peer", "optuna", "--library", library, "--split", split)
            words += ("--ratings", ratings_of(data), "--seconds", report["wall_seconds"])
            if found := bench.peer("tune_peers", *words, threads=threads):
                rows.append({**shared, "metric": metric, "side": found["peer"], **found})
    return rows
