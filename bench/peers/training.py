"""What torch_flax.py and jax_flax.py share: options, input, evaluation, the report."""

import argparse
import json
import os
import resource
import statistics
import sys
import time

import numpy as np

import arrays


def options(description, styles):
    """The command line of a training peer."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", choices=["flax-dot", "flax-bias"], default="flax-bias")
    parser.add_argument("--split", help="directory with train.csv and test.csv")
    parser.add_argument("--init", help="model file with the initial parameters")
    parser.add_argument(
        "--random",
        metavar="U,I,N,K",
        help="random ratings of this size instead: users, items, rows, factors",
    )
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--steps", type=int, help="stop each epoch after this many batches")
    parser.add_argument("--batch-size", type=int, default=10_000)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--shuffle", choices=["none", "once"], default="once")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--optimizer-style", choices=styles, default=styles[0])
    parser.add_argument("--output", help="save the trained tables here (.npz)")
    chosen = parser.parse_args()
    if bool(chosen.random) == bool(chosen.split and chosen.init):
        parser.error("give --split and --init, or else --random")
    return chosen


def load(chosen):
    """Train rows in the order of batches, test rows, initial parameters."""
    if chosen.random:
        train, test, parameters = arrays.random_split(*map(int, chosen.random.split(",")))
    else:
        parameters, user_ids, item_ids = arrays.read_model(chosen.init)
        train, test = arrays.read_split(chosen.split, user_ids, item_ids)
    return arrays.batched(train, chosen.shuffle, chosen.seed), test, parameters


def batches(rows, size, limit=None):
    """First and last row of each batch; the last batch may be short."""
    starts = range(0, rows, size)[:limit]
    return [(start, min(start + size, rows)) for start in starts]


def run(chosen, library, train, test, step_epoch, read_parameters, warm_up):
    """Trains by `step_epoch()`, which returns the mean loss of its batches, and prints the report.

    `warm_up()` runs what the library does once (compiling, first allocations) and leaves the
    parameters as they were; its seconds are reported apart. An epoch's seconds do not include
    evaluation.
    """
    start = time.perf_counter()
    warm_up()
    warm_up_seconds = time.perf_counter() - start
    is_warm = arrays.warm(train, test)
    epochs = []
    for epoch in range(1, chosen.epochs + 1):
        start = time.perf_counter()
        loss = step_epoch()
        seconds = time.perf_counter() - start
        predicted = read_parameters().scores(test.users, test.items)
        epochs.append(
            {
                "epoch": epoch,
                "seconds": seconds,
                "train_loss": loss,
                "valid_rmse": arrays.rmse(predicted, test.ratings),
                "valid_rmse_warm": arrays.rmse(predicted[is_warm], test.ratings[is_warm]),
            }
        )
        print(f"epoch {epoch} {seconds:.3f} s, loss {loss:.4f}", file=sys.stderr)
    if chosen.output:
        np.savez(chosen.output, **read_parameters()._asdict())
    report = {
        "peer": library,
        "model": chosen.model,
        "optimizer_style": chosen.optimizer_style,
        "shuffle": chosen.shuffle,
        "threads": chosen.threads,
        "train": len(train.ratings),
        "test": len(test.ratings),
        "cold_rows": int(len(test.ratings) - is_warm.sum()),
        "batches": len(batches(len(train.ratings), chosen.batch_size, chosen.steps)),
        "warm_up_seconds": warm_up_seconds,
        "epoch_seconds": statistics.median(e["seconds"] for e in epochs) if epochs else None,
        "epochs": epochs,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))
