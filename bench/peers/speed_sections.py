"""What is timed, section by section: each takes a Bench and returns rows of figures."""

import arrays
import ials_peers
import torch_networks
from sides import median


def training(bench):
    """Seconds an epoch of flax-dot and flax-bias, and what they end at, beside torch and JAX."""
    split, rows = bench.split(bench.full, "full-split"), []
    for model in ("flax-dot", "flax-bias"):
        start = f"init-{model}.safetensors"
        bench.fit(model, bench.full, max(bench.threads), output=start, epochs=0)
        same = ("--model", model, "--split", split, "--init", bench.work / start)
        for threads in bench.threads:
            last = threads == max(bench.threads)
            found = {"osusume": [], "torch": [], "jax": []}
            saved = f"{model}.safetensors"
            for turn in range(bench.rounds):
                ours = bench.fit(model, bench.full, threads, output=saved, epochs=bench.epochs)
                ours["epochs"][-1]["valid_rmse_warm"] = arrays.warm_rmse(bench.work / saved, split)
                found["osusume"].append(ours)
                # the whole course once; for seconds alone three epochs are enough
                epochs = bench.epochs if last and turn == 0 else 3
                words = (*same, "--epochs", epochs)
                found["torch"].append(bench.peer("torch_flax", *words, threads=threads))
                if turn == 0:
                    words = (*same, "--epochs", 3)
                    found["jax"].append(bench.peer("jax_flax", *words, threads=threads))
            for name, reports in found.items():
                rows += [training_row(name, model, threads, [r for r in reports if r])]
    return [row for row in rows if row]


def training_row(name, model, threads, reports):
    """One side's figures over its rounds."""
    if not reports:
        return None
    epochs = [epoch for report in reports for epoch in report["epochs"]]
    longest = max(reports, key=lambda report: len(report["epochs"]))["epochs"]
    row = {
        "side": name,
        "model": model,
        "threads": threads,
        "epoch_seconds": median(epoch["seconds"] for epoch in epochs),
        "epoch_seconds_least": min(epoch["seconds"] for epoch in epochs),
        "epochs": len(longest),
        "train_loss": longest[-1]["train_loss"],
        "valid_rmse_warm": longest[-1].get("valid_rmse_warm"),
        "peak_rss_bytes": median(report["peak_rss_bytes"] for report in reports),
    }
    if name == "osusume":
        row["isa"] = reports[0]["isa"]
        row["seconds"] = {
            part: median(report["seconds"][part] for report in reports)
            for part in reports[0]["seconds"]
        }
        row["wall_seconds"] = median(report["wall_seconds"] for report in reports)
    return row


def ingest(bench):
    """Reading, dropping, joining, numbering and splitting the full-size file."""
    threads = max(bench.threads)
    words = ("--ratings", bench.full / "rating.csv", "--items", bench.full / "anime.csv")
    found = {}
    for _ in range(bench.rounds):
        report = bench.fit("mean", bench.full, threads, output="mean.safetensors")
        seconds = report["seconds"]["ingest"] + report["seconds"]["prepare"]
        counts = {key: report["data"][key] for key in ("users", "items", "train", "test")}
        found.setdefault("osusume", []).append({**counts, "seconds": [seconds]})
        for peer in ("pandas", "polars", "pyarrow", "duckdb"):
            report = bench.peer("ingest_peers", "--peer", peer, *words, threads=threads)
            if report and any(report[key] != value for key, value in counts.items()):
                raise SystemExit(f"{peer} counts otherwise than osusume: {report} against {counts}")
            if report:
                found.setdefault(peer, []).append(report)
    return [
        {
            "side": side,
            "threads": threads,
            "seconds": median(r["seconds"][0] for r in reports),
            "train": reports[0]["train"],
            "test": reports[0]["test"],
        }
        for side, reports in found.items()
    ]


def topn(bench):
    """Top 10 unseen of all items for all users from one model file."""
    threads, found = max(bench.threads), {}
    model, lists = bench.work / "flax-bias.safetensors", bench.work / "lists.csv"
    if not model.exists():
        bench.fit("flax-bias", bench.full, threads, output=model.name)
    for _ in range(bench.rounds):
        asked = ("--users", "all", "--top", 10, "--output", lists, "--threads", threads)
        found.setdefault("osusume", []).append(bench.ours("recommend", "--model", model, *asked))
        for peer in ("torch", "faiss", "jax", "numpy", "implicit"):
            words = ("--peer", peer, "--model", model, "--compare", lists)
            report = bench.peer("topn_peers", *words, threads=threads)
            if report:
                found.setdefault(peer, []).append(report)
    rows = []
    for side, reports in found.items():
        first = reports[0]
        row = {"side": side, "threads": threads, "filtered": first.get("filtered", True)}
        if side == "osusume":
            row["wall_seconds"] = median(r["wall_seconds"] for r in reports)
            row["seconds"] = median(scoring_seconds(r) for r in reports)
        else:
            row["seconds"] = median(s for r in reports for s in r["seconds"])
            row["equal_to_reference"] = first["equal_to_reference"]
            row["equal_to_osusume"] = first.get("equal_to_osusume")
        rows.append(row)
    return rows


def scoring_seconds(report):
    """The seconds of scoring and ranking alone where the command tells them, else of all of it."""
    seconds = report.get("seconds")
    return seconds["recommend"] if isinstance(seconds, dict) else report["wall_seconds"]


# Rows by estimates alone, as the other libraries have them, instead of by mean and variance.
POINTS = {"row-solver": "cholesky"}


def als(bench):
    """Seconds a sweep of alternating least squares at full size, beside cmfrec and LensKit."""
    split, rows, threads = bench.split(bench.full, "als-split"), [], max(bench.threads)
    for factors in (50, 64):
        saved, found = "als.safetensors", {}
        for _ in range(bench.rounds):
            for side, more in (("osusume als", {}), ("osusume als, points", POINTS)):
                settings = {"factors": factors, "epochs": 6, "early-stopping": 0, **more}
                report = bench.fit("als", bench.full, threads, output=saved, **settings)
                sweeps = [epoch["seconds"] for epoch in report["epochs"]]
                error = arrays.warm_rmse(bench.work / saved, split)
                found.setdefault(side, []).append(
                    {"peer": side, "sweep_seconds": median(sweeps), "valid_rmse_warm": error}
                )
            for peer in ("cmfrec", "lenskit"):
                words = ("--peer", peer, "--split", split, "--factors", factors)
                if report := bench.peer("als_peers", *words, threads=threads):
                    found.setdefault(peer, []).append(report)
        for reports in found.values():
            rows.append(
                {
                    "side": reports[0]["peer"],
                    "factors": factors,
                    "threads": threads,
                    "sweeps": 6,
                    "sweep_seconds": median(r["sweep_seconds"] for r in reports),
                    "valid_rmse_warm": reports[0]["valid_rmse_warm"],
                }
            )
    return rows


IALS = {"factors": 128, "regularization": 0.003, "unobserved-weight": 0.3, "dislike-weight": 1}


def ials(bench):
    """Seconds a sweep of ials and of implicit's ALS at full size, and one objective after each."""
    split, threads = bench.split(bench.full, "ials-split"), max(bench.threads)
    rows, _, users, items = arrays.number_split(split)
    user_ids, item_ids = arrays.ids_of_split(split)
    penalty, unobserved = IALS["regularization"], IALS["unobserved-weight"]
    problem = ials_peers.same_problem(rows, users, items, penalty, unobserved)
    ours = {"side": "osusume", "factors": IALS["factors"], "threads": threads, "objectives": []}
    for sweeps in ials_peers.SWEEPS:
        saved = {"output": "ials.safetensors", "epochs": sweeps, "early-stopping": 0}
        report = bench.fit("ials", bench.full, threads, **saved, **IALS)
        found, own_users, own_items = arrays.read_model(bench.work / saved["output"])
        tables = ials_peers.rescaled(
            found.user_factors[arrays.row_of_id(own_users, user_ids)],
            found.item_factors[arrays.row_of_id(own_items, item_ids)],
            rows,
            unobserved,
        )
        ours["objectives"].append(ials_peers.objective(*tables, rows, *problem))
        ours["seconds"] = [epoch["seconds"] for epoch in report["epochs"]]
    words = ("--peer", "implicit", "--split", split, "--factors", IALS["factors"])
    words += ("--penalty", penalty, "--unobserved", unobserved)
    theirs = bench.peer("ials_peers", *words, threads=threads)
    return [ours] + ([{"side": "implicit", **theirs}] if theirs else [])


def networks(bench):
    """Seconds an epoch of four networks, and the error after two epochs, beside torch."""
    threads, rows, epochs, cases = max(bench.threads), [], 2, []
    if bench.full:
        cases += [("flax-dense", bench.full, 10_000), ("flax-deep", bench.full, 10_000)]
    if bench.data:
        small = bench.data / "ml-latest-small"
        cases += [("nn-simple", small, 64), ("recommender-net", small, 64)]
    for model, data, batch in cases:
        split = bench.split(data, f"networks-{data.name}")
        start, saved = f"init-{model}.safetensors", f"{model}.safetensors"
        bench.fit(model, data, threads, output=start, epochs=0)
        same = ("--model", model, "--split", split, "--init", bench.work / start)
        mine, theirs = [], []
        for turn in range(bench.rounds):
            mine.append(bench.fit(model, data, threads, output=saved, epochs=epochs))
            # the whole course once; for seconds alone one epoch is enough
            words = (*same, "--batch-size", batch, "--epochs", epochs if turn == 0 else 1)
            if report := bench.peer("torch_networks", *words, threads=threads):
                theirs.append(report)
        rows.append(
            {
                "model": model,
                "data": "full size" if data == bench.full else data.name,
                "batch_size": batch,
                "threads": threads,
                "epochs": epochs,
                "osusume": {
                    "epoch_seconds": median(e["seconds"] for r in mine for e in r["epochs"]),
                    "valid_rmse_warm": torch_networks.warm_rmse(bench.work / saved, split, model),
                },
                "torch": theirs
                and {
                    "epoch_seconds": median(e["seconds"] for r in theirs for e in r["epochs"]),
                    "valid_rmse_warm": theirs[0]["epochs"][-1]["valid_rmse_warm"],
                },
            }
        )
    return rows
