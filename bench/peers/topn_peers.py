"""Top 10 unseen of all items for all users: torch, NumPy, faiss, implicit, JAX on a saved model.

Only the arithmetic is timed: tables in memory, seen lists as compressed rows, out come ids [U, 10].
Before its time counts, a peer's lists are compared with torch's (faiss, which cannot leave out what
a user has seen, with an unfiltered NumPy ranking). Prints one JSON object.
"""

import argparse
import json
import os
import time

import numpy as np

import arrays

BLOCK = 1024  # users scored at a time: 1,024 × 9,926 floats = 41 MB
CHECKED = 2048  # users whose unfiltered lists are compared


class Task:
    """What every peer is given: rows whose inner product is the score, and seen lists."""

    def __init__(self, parameters, offsets, seen, top, threads):
        """Takes the bias of items as one more factor; that of users changes no order."""
        ones = np.ones((len(parameters.user_factors), 1), np.float32)
        self.users = np.hstack([parameters.user_factors, ones])
        self.items = np.hstack([parameters.item_factors, parameters.item_bias[:, None]])
        self.offsets, self.seen = offsets.astype(np.int64), seen.astype(np.int64)
        self.top, self.threads = top, threads

    def blocks(self):
        """First and last user of each block."""
        count = len(self.users)
        return [(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]

    def seen_pairs(self, first, last):
        """(row in the block, item) of everything the block's users have seen."""
        counts = np.diff(self.offsets[first : last + 1])
        rows = np.repeat(np.arange(last - first), counts)
        return rows, self.seen[self.offsets[first] : self.offsets[last]]


def with_torch(task):
    """torch: blocks of scores, seen items to −∞, topk."""
    import torch

    torch.set_num_threads(task.threads)
    users, items = torch.from_numpy(task.users), torch.from_numpy(task.items.T.copy())
    flat = [
        torch.from_numpy(rows * items.shape[1] + seen)
        for rows, seen in (task.seen_pairs(*block) for block in task.blocks())
    ]

    def run():
        found = []
        for (first, last), seen in zip(task.blocks(), flat, strict=True):
            scores = users[first:last] @ items
            scores.view(-1)[seen] = -torch.inf
            found.append(scores.topk(task.top, dim=1).indices)
        return torch.cat(found).numpy()

    return torch.__version__, run


def with_numpy(task, filtered=True):
    """NumPy: blocks of scores by BLAS, argpartition, then a sort of the ten."""
    items = task.items.T.copy()
    seen = [task.seen_pairs(*block) for block in task.blocks()] if filtered else None

    def run(limit=None):
        found = []
        for block, (first, last) in enumerate(task.blocks()):
            if limit is not None and first >= limit:
                break
            scores = task.users[first:last] @ items
            if filtered:
                scores[seen[block]] = -np.inf
            best = np.argpartition(-scores, task.top, axis=1)[:, : task.top]
            order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
            found.append(np.take_along_axis(best, order, 1))
        return np.concatenate(found)

    return np.__version__, run


def with_faiss(task):
    """faiss: exact inner-product search, nothing left out."""
    import faiss

    faiss.omp_set_num_threads(task.threads)
    index = faiss.IndexFlatIP(task.items.shape[1])
    index.add(task.items)
    return faiss.__version__, lambda: index.search(task.users, task.top)[1]


def with_implicit(task):
    """implicit's top-k kernel with its filter of seen items."""
    import implicit
    from implicit.cpu.topk import topk
    from scipy.sparse import csr_matrix

    shape = len(task.users), len(task.items)
    ones = np.ones(len(task.seen), np.float32)
    seen = csr_matrix((ones, task.seen.astype(np.int32), task.offsets.astype(np.int32)), shape)

    def run():
        return topk(
            task.items,
            task.users,
            task.top,
            filter_query_items=seen,
            num_threads=task.threads,
        )[0]

    return implicit.__version__, run


def with_jax(task):
    """JAX: one compiled block function; seen lists padded to the longest of any block."""
    import jax

    jnp = jax.numpy
    items = jnp.asarray(task.items.T)
    count = items.shape[1]
    pairs = [task.seen_pairs(*block) for block in task.blocks()]
    longest = max(len(rows) for rows, _ in pairs)

    def padded(rows, seen):
        pad = (0, longest - len(rows))  # padding points outside and is dropped
        return (
            jnp.asarray(np.pad(rows, pad, constant_values=BLOCK), jnp.int32),
            jnp.asarray(np.pad(seen, pad, constant_values=count), jnp.int32),
        )

    filters = [padded(*pair) for pair in pairs]
    short = -len(task.users) % BLOCK
    users = jnp.asarray(np.pad(task.users, ((0, short), (0, 0))))

    @jax.jit
    def best(block, rows, seen):
        scores = (block @ items).at[rows, seen].set(-jnp.inf, mode="drop")
        return jax.lax.top_k(scores, task.top)[1]

    def run():
        found = [
            best(users[first : first + BLOCK], *seen)
            for (first, _), seen in zip(task.blocks(), filters, strict=True)
        ]
        return np.concatenate([np.asarray(f) for f in found])[: len(task.users)]

    return jax.__version__, run


PEERS = {
    "torch": with_torch,
    "numpy": with_numpy,
    "faiss": with_faiss,
    "implicit": with_implicit,
    "jax": with_jax,
}


def equal_share(mine, theirs):
    """The share of users whose two lists hold the same items in the same order."""
    return float(np.mean((mine == theirs[: len(mine)]).all(axis=1)))


def lists_of_csv(path, user_ids, item_ids, top):
    """`osusume recommend --users all --output`: columns user, rank, item, score → ids [U, top]."""
    from pyarrow import csv

    table = csv.read_csv(path)
    users = arrays.row_of_id(user_ids, table["user"].to_numpy())
    items = arrays.row_of_id(item_ids, table["item"].to_numpy())
    lists = np.full((len(user_ids), top), -1, np.int64)
    lists[users, table["rank"].to_numpy() - 1] = items
    return lists


def random_task(text, top, threads):
    """Random tables and seen lists of a given size: users, items, seen rows, factors."""
    users, items, rows, factors = map(int, text.split(","))
    train, _, parameters = arrays.random_split(users, items, rows, factors)
    pairs = np.unique(train.users * items + train.items)
    offsets = np.searchsorted(pairs, np.arange(users + 1) * items)
    return Task(parameters, offsets, pairs % items, top, threads)


def main():
    """Runs one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--model", help="model file of osusume train")
    parser.add_argument("--random", metavar="U,I,N,K", help="random tables of this size instead")
    parser.add_argument("--compare", metavar="CSV", help="lists of osusume recommend to compare")
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        if os.environ.get(variable) != str(chosen.threads):
            parser.error(f"set {variable}={chosen.threads} before NumPy starts")
    if chosen.random:
        task, ids = random_task(chosen.random, chosen.top, chosen.threads), None
    else:
        parameters, *ids = arrays.read_model(chosen.model)
        seen = arrays.load_file(chosen.model)
        task = Task(
            parameters, seen["seen_offsets"], seen["seen_items"], chosen.top, chosen.threads
        )
    version, run = PEERS[chosen.peer](task)
    lists = run()
    if chosen.peer == "faiss":
        reference = with_numpy(task, filtered=False)[1](CHECKED)
    else:
        reference = (with_numpy if chosen.peer == "torch" else with_torch)(task)[1]()
    report = {
        "peer": f"{chosen.peer} {version}",
        "filtered": chosen.peer != "faiss",
        "threads": chosen.threads,
        "users": len(task.users),
        "items": len(task.items),
        "top": chosen.top,
        "equal_to_reference": equal_share(reference, lists),
    }
    if chosen.compare and chosen.peer != "faiss":
        report["equal_to_osusume"] = equal_share(
            lists_of_csv(chosen.compare, *ids, chosen.top), lists
        )
    report["seconds"] = []
    for _ in range(chosen.repeat):
        start = time.perf_counter()
        run()
        report["seconds"].append(time.perf_counter() - start)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
