"""Networks of the catalog in torch: the same arrays, starts and batches as Osusume's, one JSON object.

Plain torch as its manual would have it: `nn.functional.embedding` with dense gradients, `addmm`,
`Adam(fused=True)`. Batches are Osusume's first epoch's (for models that shuffle anew the permutation
is drawn by torch: the time is the same).
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import arrays

MODELS = {
    # layers after the concatenation: widths; sigmoid range; dropout after concat and first layer
    "flax-dense": {"loss": "rmse", "dropout": (0, 0)},
    "flax-deep": {"loss": "rmse", "dropout": (0, 0)},
    "recommender-net": {"loss": "mse", "dropout": (0.05, 0.5), "range": (0.5, 5.0), "l2": 1e-6},
    "nn-simple": {"loss": "mse", "dropout": (0, 0), "range": (0.0, 5.5)},
}


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--split", type=Path, required=True, help="directory of train.csv, test.csv")
    parser.add_argument("--init", required=True, help="model file with the start (--epochs 0)")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--steps", type=int, help="stop each epoch after this many batches")
    parser.add_argument("--batch-size", type=int, default=10_000)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def read_start(path):
    """The starting tensors of a model file and its ids."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    layers = []
    while f"layers.{len(layers)}.weight" in tensors:
        name = f"layers.{len(layers)}"
        layers.append((tensors[name + ".weight"], tensors[name + ".bias"]))
    return tensors, layers


def main():
    """Trains and prints the report."""
    chosen = options()
    import torch
    from torch.nn.functional import dropout, embedding

    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    shape = MODELS[chosen.model]
    tensors, layers = read_start(chosen.init)
    train, test = arrays.read_split(chosen.split, tensors["user_ids"], tensors["item_ids"])
    train = arrays.batched(train, "once", 42)
    tables = [
        torch.from_numpy(tensors[name].copy()).requires_grad_()
        for name in ("user_factors", "item_factors")
    ]
    weights = [torch.from_numpy(x.copy()).requires_grad_() for pair in layers for x in pair]
    optimizer = torch.optim.Adam(tables + weights, lr=chosen.learning_rate, fused=True)

    def forward(u, i, training):
        h = torch.cat([embedding(u, tables[0]), embedding(i, tables[1])], 1)
        h = dropout(h, shape["dropout"][0], training)
        for number in range(0, len(weights), 2):
            h = torch.addmm(weights[number + 1], h, weights[number])
            if number + 2 < len(weights):
                h = dropout(h.relu(), shape["dropout"][1], training)
        h = h.squeeze(1)
        low, high = shape.get("range", (None, None))
        return h if low is None else low + (high - low) * h.sigmoid()

    users, items = torch.from_numpy(train.users), torch.from_numpy(train.items)
    ratings = torch.from_numpy(train.ratings)
    starts = range(0, len(ratings), chosen.batch_size)[: chosen.steps]
    epochs = []
    for epoch in range(chosen.epochs):
        begun = time.perf_counter()
        losses = []
        for start in starts:
            block = slice(start, start + chosen.batch_size)
            loss = (forward(users[block], items[block], True) - ratings[block]).square().mean()
            if shape["loss"] == "rmse":
                loss = loss.sqrt()
            losses.append(loss.detach())
            if "l2" in shape:
                loss = loss + shape["l2"] * sum(t.square().sum() for t in tables)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        seconds = time.perf_counter() - begun
        with torch.no_grad():
            predicted = forward(torch.from_numpy(test.users), torch.from_numpy(test.items), False)
        is_warm = arrays.warm(train, test)
        error = predicted.numpy() - test.ratings
        epochs.append(
            {
                "epoch": epoch + 1,
                "seconds": seconds,
                "train_loss": float(torch.stack(losses).double().mean()),
                "valid_rmse": float(np.sqrt(np.mean(error**2))),
                "valid_rmse_warm": float(np.sqrt(np.mean(error[is_warm] ** 2))),
            }
        )
        print(f"epoch {epoch + 1} {seconds:.3f} s", file=sys.stderr)
    report = {
        "peer": f"torch {torch.__version__}",
        "model": chosen.model,
        "threads": chosen.threads,
        "batches": len(starts),
        "epoch_seconds": statistics.median(e["seconds"] for e in epochs),
        "epochs": epochs,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
