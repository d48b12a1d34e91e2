"""Ratings, initial parameters and batches as NumPy arrays, the same ones Osusume trains on."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load_file

SHUFFLE_STREAM = (
    5  # Osusume's stream number for the order of batches (CKernels/include/ck_random.h)
)


class Rows(NamedTuple):
    """Ratings as three arrays of one length; users and items are rows of the factor tables."""

    users: np.ndarray  # int64
    items: np.ndarray  # int64
    ratings: np.ndarray  # float32

    def take(self, order):
        """The rows in another order."""
        return Rows(self.users[order], self.items[order], self.ratings[order])


class Parameters(NamedTuple):
    """The float32 tables of a factor model: [U, k], [I, k], [U], [I]; no biases: zeros."""

    user_factors: np.ndarray
    item_factors: np.ndarray
    user_bias: np.ndarray
    item_bias: np.ndarray
    mean: float = 0.0

    def scores(self, users, items):
        """The raw score of each pair, a block at a time so that memory stays small."""
        scores = self.mean + self.user_bias[users] + self.item_bias[items]
        for start in range(0, len(users), 1 << 16):
            block = slice(start, start + (1 << 16))
            p, q = self.user_factors[users[block]], self.item_factors[items[block]]
            scores[block] += np.einsum("nk,nk->n", p, q)
        return scores


def read_csv(path):
    """The first three columns of a ratings file with a header: user id, item id, rating."""
    from pyarrow import csv

    table = csv.read_csv(path)
    users, items, ratings = (table.column(c).to_numpy() for c in range(3))
    return users.astype(np.int64), items.astype(np.int64), ratings.astype(np.float32)


def read_model(path):
    """Parameters, user ids and item ids of a model file that Osusume wrote."""
    tensors = load_file(path)
    users, items = tensors["user_factors"], tensors["item_factors"]
    parameters = Parameters(
        users,
        items,
        tensors.get("user_bias", np.zeros(len(users), np.float32)),
        tensors.get("item_bias", np.zeros(len(items), np.float32)),
        float(np.ravel(tensors["mean"])[0]) if "mean" in tensors else 0.0,
    )
    return parameters, tensors["user_ids"], tensors["item_ids"]


def row_of_id(ids, wanted):
    """The row of each wanted id in `ids`, which need not be sorted; all must be there."""
    order = np.argsort(ids, kind="stable")
    rows = order[np.clip(np.searchsorted(ids, wanted, sorter=order), 0, len(ids) - 1)]
    if not np.array_equal(ids[rows], wanted):
        raise SystemExit("the split holds ids that the model file does not: are they of one run?")
    return rows


def read_split(directory, user_ids, item_ids):
    """train.csv and test.csv of `osusume data split`, numbered like the model file."""
    parts = []
    for name in ("train.csv", "test.csv"):
        users, items, ratings = read_csv(Path(directory) / name)
        parts.append(Rows(row_of_id(user_ids, users), row_of_id(item_ids, items), ratings))
    return parts


def ids_of_split(directory):
    """The ids of users and of items of a split, ascending."""
    parts = [read_csv(Path(directory) / name) for name in ("train.csv", "test.csv")]
    return tuple(np.unique(np.concatenate([part[k] for part in parts])) for k in (0, 1))


def number_split(directory):
    """The same, numbered here by ascending id; also the numbers of users and of items."""
    train, test = (read_csv(Path(directory) / name) for name in ("train.csv", "test.csv"))
    user_ids, item_ids = ids_of_split(directory)
    numbered = (
        Rows(np.searchsorted(user_ids, u), np.searchsorted(item_ids, i), r)
        for u, i, r in (train, test)
    )
    return *numbered, len(user_ids), len(item_ids)


def random_split(users, items, rows, factors, seed=0):
    """Random ratings and parameters of a given size: enough for timing, nothing to learn."""
    random = np.random.default_rng(seed)

    def some(n):
        ratings = random.integers(1, 11, n).astype(np.float32)
        return Rows(random.integers(0, users, n), random.integers(0, items, n), ratings)

    def normal(*shape, scale=1.0):
        return (random.standard_normal(shape) * scale).astype(np.float32)

    parameters = Parameters(
        normal(users, factors, scale=factors**-0.5),
        normal(items, factors, scale=factors**-0.5),
        normal(users),
        normal(items),
    )
    return some(rows), some(rows // 9), parameters


def warm(train, test):
    """Which test rows have both their user and their item in train."""
    return np.isin(test.users, train.users) & np.isin(test.items, train.items)


def rmse(predicted, actual):
    """Root of the mean squared error, summed in double precision."""
    error = np.asarray(predicted, np.float64) - actual
    return float(np.sqrt(np.mean(error * error)))


def warm_rmse(model, split):
    """The error of a saved model on the warm test rows of a split."""
    parameters, user_ids, item_ids = read_model(model)
    train, test = read_split(split, user_ids, item_ids)
    rows = test.take(warm(train, test))
    return rmse(parameters.scores(rows.users, rows.items), rows.ratings)


def mix(z):
    """ck_random_mix on an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def random_key(seed, stream):
    """ck_random_key."""
    ones = 2**64 - 1
    start = np.array([(seed + 0x9E3779B97F4A7C15) & ones], np.uint64)
    other = np.uint64((stream * 0xD1342543DE82EF95 + 0x632BE59BD9B4E019) & ones)
    return mix(mix(start) ^ other)[0]


def random_permutation(key, count, chunk=1 << 15):
    """ck_random_permute of 0, 1, … count − 1: where each position goes."""
    if count < 2:
        return np.zeros(count, np.int64)
    half = np.uint64(((count - 1).bit_length() + 1) // 2)
    x = np.arange(count, dtype=np.uint64)
    for start in range(0, count, chunk):  # chunks stay in the cache
        part = x[start : start + chunk]
        part[:] = feistel(key, part, half)
        while len(outside := np.flatnonzero(part >= count)):
            part[outside] = feistel(key, part[outside], half)
    return x.astype(np.int64)


def feistel(key, x, half):
    """Four rounds of the network of ck_random_permute over 2·half bits."""
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = x >> half, x & mask
    for turn in range(4):
        step = (right + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(turn)
        left, right = right, left ^ (mix(key + step) & mask)
    return (left << half) | right


def batched(rows, shuffle, seed, epoch=0):
    """The rows in the order of Osusume's batches: batch b is the slice [b·size, (b + 1)·size)."""
    if shuffle == "none":
        return rows
    stream = SHUFFLE_STREAM + (epoch << 32 if shuffle == "each-epoch" else 0)
    position = random_permutation(random_key(seed, stream), len(rows.ratings))
    order = np.empty_like(position)
    order[position] = np.arange(len(position))
    return rows.take(order)
