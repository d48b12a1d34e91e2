"""Trains every gradient model of the catalog on its data, three seeds each, and prints one table.

Models of the originals A and C train on anime-2016, B there with derived labels, D and E on
ml-latest-small, each with its original's settings and split. Results are kept as data beside this file.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ANIME = ("anime-2016/rating.csv", "anime-2016/anime.csv", "--join", "inner")
SUBSET = (*ANIME, "--only-type", "TV", "--min-item-ratings", "390", "--max-user-id", "9999")
MOVIES = ("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv")

MODELS = {
    **dict.fromkeys(("flax-dot", "flax-bias", "flax-dense", "flax-deep"), ANIME),
    **dict.fromkeys(
        ("keras-mf", "keras-nn", "keras-mf-interaction", "keras-nn-interaction", "keras-hybrid"),
        ANIME,
    ),
    **dict.fromkeys(("regression", "deep-regression", "metadata", "metadata-classes"), SUBSET),
    **dict.fromkeys(("recommender-v1", "recommender-v2", "recommender-net"), MOVIES),
    **dict.fromkeys(("dot-product-bias", "genre-dot", "nn-simple", "nn-extended"), MOVIES),
}

NOTES = {
    "flax-dot": "no biases, no regularisation, 450 steps on a twelfth of the data",
    "flax-bias": "biases start N(0,1) and take 5,670 steps to settle: here are 450",
    "flax-dense": "no regularisation; the original's 10 epochs are 450 steps here: "
    "after 52 it is at 1.188, below bias, and overfits later",
    "flax-deep": "no regularisation; the original's 10 epochs are 450 steps here: "
    "after 30 it is level with bias, and overfits later",
    "regression": "no biases: p·q must spend a factor on the mean",
    "deep-regression": "minimises MAE, so its RMSE is not what it is best at",
    "metadata": "minimises MAE, so its RMSE is not what it is best at",
    "keras-nn": "half of each vector dropped; 10 epochs",
    "keras-mf": "biases inside the vectors, halved by dropout",
    "dot-product-bias": "overfits by design: 10 epochs without regularisation (train MSE 0.16)",
    "genre-dot": "overfits by design: 10 epochs without regularisation (train MSE 0.12)",
    "nn-simple": "overfits by design: widths of 58 and 274 without regularisation",
    "nn-extended": "overfits by design: widths of 58 and 274 without regularisation",
    "recommender-v1": "no biases and no mean: p·q starts at 0",
    "recommender-net": "10 hidden units, half of them dropped",
}


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osusume", default=".build/release/osusume")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the published data sets"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, help="write the figures here as JSON")
    return parser.parse_args()


def train(chosen, model, seed, folder):
    """The report of one training run."""
    ratings, items, *more = MODELS[model]
    words = [chosen.osusume, "train", "--model", model, "--seed", str(seed), "--json", "--quiet"]
    words += ["--ratings", chosen.data / ratings, "--items", chosen.data / items, *more]
    words += ["--threads", str(chosen.threads), "--output", Path(folder) / "model.safetensors"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    inspected = subprocess.run(
        [chosen.osusume, "inspect", words[-1], "--json"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    described = subprocess.run(
        [chosen.osusume, "models", model, "--json"], check=True, capture_output=True, text=True
    )
    description = json.loads(described.stdout)["models"][0]
    description["parameters"] = sum(
        math.prod(t["shape"])
        for t in json.loads(inspected.stdout)["tensors"]
        if t["dtype"] == "F32" and t["name"] != "mean"
    )
    return report, description


def summary(model, runs):
    """The figures of a model over its seeds."""
    reports = [report for report, _ in runs]
    finals = [report["final"] for report in reports]
    metrics = {name: [final[name] for final in finals] for name in finals[0]}
    epochs = [epoch["seconds"] for report in reports for epoch in report["epochs"]]
    description = runs[0][1]
    return {
        "model": model,
        "metrics": {name: statistics.mean(values) for name, values in metrics.items()},
        "spread": {
            name: statistics.stdev(values) if len(values) > 1 else 0.0
            for name, values in metrics.items()
        },
        "train_loss_first": statistics.mean(r["epochs"][0]["train_loss"] for r in reports),
        "train_loss_last": statistics.mean(r["epochs"][-1]["train_loss"] for r in reports),
        "seconds_an_epoch": statistics.median(epochs),
        "parameters": description["parameters"],
        "bias_rmse": statistics.mean(r["baselines"]["bias"]["valid_rmse"] for r in reports),
        "published": (description.get("published") or {}).get("result", ""),
        "note": NOTES.get(model, ""),
        "seeds": [report["seed"] for report in reports],
        "isa": reports[0]["isa"],
        "version": reports[0]["version"],
    }


def row(figures):
    """One line of the table."""
    metrics, spread = figures["metrics"], figures["spread"]
    if "valid_rmse" in metrics:
        own = f"RMSE {metrics['valid_rmse']:.4f} ± {spread['valid_rmse']:.4f}"
        beaten = metrics["valid_rmse"] < figures["bias_rmse"]
    else:
        own, beaten = "", True
    if "valid_auc" in metrics:
        own += ("; " if own else "") + " ".join(
            f"{short} {metrics['valid_' + name]:.4f}"
            for short, name in (
                ("acc", "accuracy"), ("P", "precision"), ("R", "recall"), ("AUC", "auc"),
            )
        )  # fmt: skip
    if "valid_calibration_error" in metrics:
        own += f"; acc {metrics['valid_accuracy']:.4f}, calibration error {metrics['valid_calibration_error']:.4f}"
    note = "" if beaten else figures["note"]
    count = f"{figures['parameters']:,}" if figures["parameters"] else "–"
    return (
        f"| `{figures['model']}` | {own} | {figures['bias_rmse']:.4f} | "
        f"{figures['train_loss_first']:.3f} → {figures['train_loss_last']:.3f} | "
        f"{figures['seconds_an_epoch']:.2f} | {count} | {figures['published']} | {note} |"
    )


def main():
    """Runs everything, printing each line of the table as it comes."""
    chosen = options()
    print(
        "| model | validation | `bias` | train loss, first → last epoch | s/epoch | parameters | published | why not below `bias` |"
    )
    print("|---|---|---:|---:|---:|---:|---|---|", flush=True)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for model in chosen.models:
            runs = [train(chosen, model, seed, folder) for seed in chosen.seeds]
            results.append(summary(model, runs))
            print(row(results[-1]), flush=True)
            if chosen.output:
                chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
