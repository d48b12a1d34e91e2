"""Networks of the catalog in torch: the same arrays, starts and batches as Osusume's, one JSON object.

Plain torch as its manual would have it: `nn.functional.embedding` with dense gradients, `addmm`,
`Adam(fused=True)`. Only the masks of dropout are torch's own draws.
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
    # dropout after the concatenation and after hidden layers; sigmoid range; L2 on the tables
    "flax-dense": {"loss": "rmse", "dropout": (0, 0), "shuffle": "once"},
    "flax-deep": {"loss": "rmse", "dropout": (0, 0), "shuffle": "once"},
    "recommender-net": {
        "loss": "mse",
        "dropout": (0.05, 0.5),
        "shuffle": "each-epoch",
        "range": (0.5, 5.0),
        "l2": 1e-6,
        "epsilon": 1e-7,
    },
    "nn-simple": {
        "loss": "mse",
        "dropout": (0, 0),
        "shuffle": "each-epoch",
        "range": (0.0, 5.5),
    },
}


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument(
        "--split", type=Path, required=True, help="directory of train.csv, test.csv"
    )
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


def warm_rmse(path, split, model):
    """The error of a saved network on the warm test rows of a split, computed by NumPy."""
    tensors, layers = read_start(path)
    train, test = arrays.read_split(split, tensors["user_ids"], tensors["item_ids"])
    rows = test.take(arrays.warm(train, test))
    predicted = np.empty(len(rows.ratings))
    for start in range(0, len(predicted), 1 << 14):
        block = slice(start, start + (1 << 14))
        parts = (
            tensors["user_factors"][rows.users[block]],
            tensors["item_factors"][rows.items[block]],
        )
        h = np.concatenate(parts, axis=1)
        for weight, bias in layers[:-1]:
            h = np.maximum(h @ weight + bias, 0)
        predicted[block] = (h @ layers[-1][0] + layers[-1][1])[:, 0]
    if "range" in MODELS[model]:
        low, high = MODELS[model]["range"]
        predicted = low + (high - low) / (1 + np.exp(-predicted))
    return arrays.rmse(predicted, rows.ratings)


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
    is_warm = arrays.warm(train, test)
    in_order = train
    tables = [
        torch.from_numpy(tensors[name].copy()).requires_grad_()
        for name in ("user_factors", "item_factors")
    ]
    weights = [torch.from_numpy(x.copy()).requires_grad_() for pair in layers for x in pair]
    optimizer = torch.optim.Adam(
        tables + weights, lr=chosen.learning_rate, eps=shape.get("epsilon", 1e-8), fused=True
    )

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

    starts = range(0, len(train.ratings), chosen.batch_size)[: chosen.steps]
    epochs = []
    for epoch in range(chosen.epochs):
        if epoch == 0 or shape["shuffle"] == "each-epoch":
            train = arrays.batched(in_order, shape["shuffle"], 42, epoch)
            users, items, ratings = (torch.from_numpy(column) for column in train)
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
