"""Maps beside other libraries': takes a Bench, returns rows."""

import json

import numpy as np
from safetensors.numpy import load_file

import places
from sides import median

# What stands beside each method of ours: a library, and how its forces are found where it has ways.
PEERS = {
    "tsne": [("openTSNE", "fft"), ("openTSNE", "bh"), ("sklearn", None)],
    "umap": [("umap", None)],
}
FACTORS = 50


def maps(bench):
    """Seconds, trustworthiness and divergence of maps of the items of an mf, k 50."""
    rows, threads = [], max(bench.threads)
    named = {"full size": bench.full, "anime-2016": bench.data and bench.data / "anime-2016"}
    for name, data in named.items():
        if data is None:
            continue
        model = bench.work / "map.safetensors"
        bench.fit("mf", data, threads, output=model.name, factors=FACTORS)
        vectors = load_file(model)["item_factors"]
        for method, peers in PEERS.items():
            runs = {}
            for _ in range(bench.rounds):
                for side in [("osusume", None), *peers]:
                    run = ours if side[0] == "osusume" else theirs
                    if found := run(bench, model, method, side, threads):
                        runs.setdefault(side, []).append(found)
            shared = {"data": name, "points": len(vectors), "width": FACTORS, "method": method}
            rows += [
                {**shared, "threads": threads, **row(found, vectors)} for found in runs.values()
            ]
        rows.append({**shared, "threads": threads, **perplexities(bench, model, threads)})
    return rows


def row(runs, vectors):
    """A side's row: the median of its seconds, and how good its last map is."""
    kept = runs[-1]["places"]
    return {
        "side": runs[-1]["peer"],
        "seconds": median(run["seconds"] for run in runs),
        "trustworthiness": float(places.trustworthiness(vectors, kept)),
        "kl": places.divergence(vectors, kept),
    }


def ours(bench, model, method, _, threads):
    """A whole `osusume map`, the model read and the places written."""
    output = bench.work / "map.json"
    words = ("--perplexity", 30) if method == "tsne" else ()
    report = bench.ours(
        *("map", "--model", model, "--method", method, *words, "--min-ratings", 0),
        *("--output", output, "--threads", threads),
    )
    found = json.loads(output.read_text())["maps"][0]
    placed = np.column_stack([found["x"], found["y"]])
    return {"peer": "osusume", "seconds": report["wall_seconds"], "places": placed}


def theirs(bench, model, method, side, threads):
    """A map of another library, or None where it is not installed."""
    peer, way = side
    output = bench.work / "places.npy"
    words = ("--peer", peer, *(("--way", way) if way else ()), "--model", model)
    report = bench.peer("map_peers", *words, "--output", output, threads=threads)
    if report is None:
        return None
    name = report["peer"] + ({"fft": ", interpolation", "bh": ", Barnes-Hut"}.get(way, ""))
    return {**report, "peer": name, "places": np.load(output)}


def perplexities(bench, model, threads):
    """Ours at the four usual perplexities in one call: seconds alone."""
    report = bench.ours(
        *("map", "--model", model, "--method", "tsne", "--perplexity", "5,30,50,100"),
        *("--output", bench.work / "map.csv", "--threads", threads),
    )
    side = {"method": "tsne", "side": "osusume, perplexities 5, 30, 50 and 100"}
    return {**side, "seconds": report["wall_seconds"], "trustworthiness": None, "kl": None}
