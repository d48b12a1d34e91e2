"""Whose errors are compared, section by section: each takes a Bench and returns rows of figures."""

import arrays
import rating_peers
from sides import median


def ratings(bench):
    """RMSE on held-out ratings of the real sets: our models and other libraries'."""
    rows, threads = [], max(bench.threads)
    for name in ("anime-2016", "ml-latest-small"):
        data = bench.data / name
        split = bench.split(data, f"{name}-split")
        models = ("mean", "bias", "flax-dot", "flax-bias", "svd", "als", "mf", "svdpp", "bpmf")
        timed = ("time-mf",) if name == "ml-latest-small" else ()
        for model in models + timed:
            report = bench.fit(model, data, threads)
            rows.append(
                {
                    "data": name,
                    "side": "osusume",
                    "model": model,
                    "valid_rmse": report["final"]["valid_rmse"],
                    "seconds": report["seconds"]["train"],
                    "threads": threads,
                    "test": report["data"]["test"],
                }
            )
        for peer in ("bias", "surprise", "cmfrec", "cornac", "libmf"):
            words = ("--peer", peer, "--split", split, "--settings", name)
            report = bench.peer("rating_peers", *words, threads=threads)
            if report:
                kept = ("peer", "settings", "valid_rmse", "seconds", "threads", "test")
                row = {"data": name, "side": peer, **{key: report[key] for key in kept}}
                rows.append(row)
    return rows


def als_errors(bench):
    """RMSE of als and of other libraries' factors of the same width, on splits by five seeds."""
    rows, threads = [], max(bench.threads)
    for name in ("anime-2016", "ml-latest-small"):
        data, found = bench.data / name, {}
        for seed in range(1, 6):
            for model in ("als", "bias"):
                report = bench.fit(model, data, threads, seed=seed)
                error, seconds = report["final"]["valid_rmse"], report["seconds"]["train"]
                found.setdefault(f"osusume {model}", []).append((error, seconds))
            split = bench.split(data, f"{name}-{seed}", seed=seed)
            # myFM takes minutes on anime-2016 (200 draws): by hand, `rating_peers.py --peer myfm`
            peers = ("cmfrec", "lenskit", "myfm")[: 3 if name != "anime-2016" and seed < 3 else 2]
            for peer in peers:
                words = ("--peer", peer, "--split", split, "--settings", name, "--seed", seed)
                if report := bench.peer("rating_peers", *words, threads=threads):
                    error, seconds = report["valid_rmse"], report["seconds"]
                    found.setdefault(report["peer"], []).append((error, seconds))
        for side, fits in found.items():
            errors = [error for error, _ in fits]
            took = median(seconds for _, seconds in fits)
            rows.append({"data": name, "side": side, "rmse": errors, "seconds": took})
    return rows


# What the curves of error against time are of: our models, and other libraries with, at full size,
# their numbers of factors.
QUALITY = {
    "full": (
        ("mf", "als", "svdpp", "bpmf"),
        [("libmf", 16), ("libmf", 48), ("cornac", 50), ("cmfrec", 50)],
    ),
    "anime-2016": (("mf", "als", "svdpp", "bpmf"), rating_peers.SETTINGS["anime-2016"]),
    "ml-latest-small": (
        ("mf", "als", "svdpp", "bpmf", "time-mf"),
        rating_peers.SETTINGS["ml-latest-small"],
    ),
}


def quality(bench):
    """Error against time on three sets: our models, and other libraries' factor models."""
    threads, rows = max(bench.threads), []
    for name, (models, peers) in QUALITY.items():
        if not bench.data and name != "full":
            continue
        data = bench.full if name == "full" else bench.data / name
        split = bench.split(data, f"quality-{name}")
        for model in models:
            curve = our_curve(bench.fit(model, data, threads, output="quality.safetensors"))
            settings = bench.ours("inspect", bench.work / "quality.safetensors")["settings"]
            row = {"data": name, "side": f"osusume {model}", "factors": settings["factors"]}
            rows.append({**row, "threads": threads, "curve": curve})
        for peer in peers:
            peer, factors = peer if isinstance(peer, tuple) else (peer, None)
            words = ("--peer", peer, "--settings", name, "--split", split)
            words += ("--factors", factors) if factors else ()
            if report := bench.peer("quality_peers", *words, threads=threads):
                rows.append({"data": name, "side": report.pop("peer"), **report})
    return rows


def our_curve(report):
    """Seconds and errors after each epoch of a training of ours."""
    epochs = report["epochs"]
    # whatever is not an epoch (cutting tiles, a search, the errors below) counts from the start
    done = report["seconds"]["train"] - sum(epoch["seconds"] for epoch in epochs)
    curve = []
    for epoch in epochs:
        done += epoch["seconds"]
        curve.append({"epochs": epoch["epoch"], "seconds": done, "rmse": epoch["valid_rmse"]})
    return curve


def agreement(bench):
    """flax-bias at the original's number of steps (5,670) on the real part, ours and torch's."""
    data, threads = bench.data / "anime-2016", max(bench.threads)
    split, start = bench.split(data, "agreement-split"), "init-agreement.safetensors"
    bench.fit("flax-bias", data, threads, output=start, epochs=0)
    epochs = 126  # of 45 batches each
    saved = "agreement.safetensors"
    bench.fit("flax-bias", data, threads, output=saved, epochs=epochs)
    same = ("--model", "flax-bias", "--split", split, "--init", bench.work / start)
    theirs = bench.peer("torch_flax", *same, "--epochs", epochs, threads=threads)
    return {
        "epochs": epochs,
        "osusume": arrays.warm_rmse(bench.work / saved, split),
        "torch": theirs and theirs["epochs"][-1]["valid_rmse_warm"],
    }
