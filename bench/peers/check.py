"""Checks the comparison's own parts on small arrays: python bench/peers/check.py."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import arrays
import ials_peers
import list_peers
import places
import ranking
import render
import summary
from ingest_peers import numpy_split
from rating_peers import fit_bias
from topn_peers import equal_share, random_task, with_numpy


def check_permutation():
    """The same order as ck_random_permute: values printed by the C header, key (42, 5)."""
    key = arrays.random_key(42, 5)
    assert key == 10805221916688519690
    for count, first in (
        (2, [1, 0]),
        (3, [1, 2, 0]),
        (17, [14, 15, 7, 3, 5, 0]),
        (1000, [675, 298, 138, 378, 428, 789]),
        (65536, [59275, 60051, 50199, 63076, 47893, 6824]),
    ):
        moved = arrays.random_permutation(key, count)
        assert moved[: len(first)].tolist() == first, count
        assert np.array_equal(np.sort(moved), np.arange(count)), count


def check_split():
    """Of n rows the first ⌊0.9·n + 1e-9⌋ train; of 1 row 0, so single raters must be gone."""
    sizes = np.array([2, 9, 10, 11, 19, 20, 137])
    users = np.random.default_rng(1).permutation(np.repeat(np.arange(len(sizes)), sizes))
    trains = numpy_split(users, len(sizes))
    assert np.bincount(users, trains).tolist() == [1, 8, 9, 9, 17, 18, 123]


def check_topn():
    """Blocks, filter and order against a full sort of every user's unseen items."""
    task = random_task("70,333,2000,5", 10, 1)
    scores = task.users @ task.items.T
    for user in range(len(scores)):
        scores[user, task.seen[task.offsets[user] : task.offsets[user + 1]]] = -np.inf
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    assert equal_share(expected, with_numpy(task)[1]()) == 1


def check_bias():
    """Biases that made the ratings are found again when there are many ratings."""
    random = np.random.default_rng(2)
    users, items = random.integers(0, 20, 20000), random.integers(0, 15, 20000)
    true_user, true_item = random.standard_normal(20), random.standard_normal(15)
    ratings = (5 + true_user[users] + true_item[items]).astype(np.float32)
    rows = arrays.Rows(users, items, ratings)
    assert arrays.rmse(fit_bias(rows, 20, 15)(rows), ratings) < 0.02  # damping leaves a little


def check_dense_adam():
    """torch_flax.py against ten lines of NumPy: loss, dense Adam, a short last batch."""
    train, test, start = arrays.random_split(30, 20, 250, 4)
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "tables.npz"
        script = Path(__file__).with_name("torch_flax.py")
        words = ["--random", "30,20,250,4", "--epochs", "3", "--batch-size", "100"]
        command = [sys.executable, script, *words, "--threads", "1", "--output", output]
        subprocess.run(command, check=True, capture_output=True)
        found = np.load(output)
        tables = [np.float64(t) for t in start[:4]]
        moments = [(np.zeros_like(t), np.zeros_like(t)) for t in tables]
        rows = arrays.batched(train, "once", 42)
        step = 0
        for _ in range(3):
            for first in range(0, 250, 100):
                step += 1
                adam_step(tables, moments, rows.take(slice(first, first + 100)), step)
        for name, table in zip(start._fields, tables, strict=False):
            assert np.abs(found[name] - table).max() < 1e-5, name  # 9 steps of 1e-3 in float32


def adam_step(tables, moments, batch, step):
    """One dense step on the batch's RMSE, in place."""
    users, items, ratings = batch
    p, q, bu, bi = tables
    error = (p[users] * q[items]).sum(1) + bu[users] + bi[items] - ratings
    pull = error / (len(ratings) * np.sqrt(np.mean(error**2)))
    gradients = [np.zeros_like(t) for t in tables]
    parts = (pull[:, None] * q[items], pull[:, None] * p[users], pull, pull)
    for gradient, rows, part in zip(gradients, (users, items, users, items), parts, strict=True):
        np.add.at(gradient, rows, part)
    for table, (m, v), gradient in zip(tables, moments, gradients, strict=True):
        m += 0.1 * (gradient - m)
        v += 0.001 * (gradient**2 - v)
        table -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def check_render():
    """A table has a rule and a dash for what is missing; the splice keeps what is around."""
    lines = render.table(["a", "b"], [["x", None]]).splitlines()
    assert lines == ["| a | b |", "| :--- | ---: |", "| x | – |"]
    with tempfile.TemporaryDirectory() as directory:
        readme = Path(directory) / "README.md"
        start, end = render.BENCH
        others = "\n".join(render.LISTS)
        readme.write_text(f"before\n{start}\nold\n{end}\n{others}\n")
        render.splice(readme, "new")
        assert readme.read_text() == f"before\n{start}\nnew\n{end}\n{others}\n"


def check_lists_table():
    """The best side comes first, with what ours are above it; a busy machine is said."""
    metrics = dict.fromkeys(("recall@10", "recall@100", "mrr@10", "coverage@10"), 0.1)
    shared = {"data": "d", "load": 3.0, "users": 5, "threads": 2, "seconds": 1.5, **metrics}
    shared["peak_rss_bytes"] = 2e6
    ours = {"side": "osusume", "model": "lists", "ndcg@10": 0.2, "bases": {}}
    peer = {"side": "x", "peer": "x 1", "model": "als", "ndcg@10": 0.3, "settings": {"k": 4}}
    peer["bases"] = {"lists": [-0.1, -0.2, 0.05]}
    text = render.lists([{**shared, **ours}, {**shared, **peer}])
    assert text.index("| x 1 als | 0.3000 |") < text.index("| osusume lists | 0.2000 |")
    assert "| x 1 als | -0.1000 [-0.2000, +0.0500] |" in text and "| osusume lists | – |" in text
    assert "x 1 als k 4." in text and "busy (load 3.0)" in text
    rows = [{"model": m, "data": "d", "seeds": [1, 2], "recall@100": [0.5, 0.7]} for m in "ab"]
    for row, values in zip(rows, ([0.3, 0.5], [0.2, 0.3]), strict=True):
        row["ndcg@10"] = values
    text = render.seeds(rows)
    assert "| b | 0.2000 | 0.3000 | 0.2500 [" in text and "| +0.1500 [" in text, text


def check_summary():
    """Beside ours stands the fastest who does the same; what nobody else did has no line."""
    sides = [("osusume", 2.0), ("slow", 9.0), ("fast", 3.0), ("unfiltered", 1.0)]
    topn = [{"side": s, "seconds": t, "filtered": s != "unfiltered"} for s, t in sides]
    machine = {"cpu": "cpu", "cores": 2, "commit": "c"}
    lines = summary.summary({"machine": machine, "topn": topn}).splitlines()
    assert lines[2].endswith("| 2.00 s | fast | 3.00 s | 1.5× |"), lines[2]
    alone = summary.summary({"machine": machine, "topn": topn[:1], "ingest": topn[:1]}).splitlines()
    assert len(alone) == 4 and alone[2] == "", alone  # titles, rule, and what it ran on
    fits = [("osusume", "lists", 0.4, 2.0), ("a", "ease", 0.30001, 9.0), ("b", "ease", 0.3, 5.0)]
    rows = [
        {"data": "d", "side": s, "peer": s, "model": m, "ndcg@10": q, "seconds": t}
        for s, m, q, t in fits
    ]
    of_lists = {"machine": {**machine, "cpu": "other cpu"}, "lists": rows}
    lines = summary.summary({"machine": machine}, of_lists).splitlines()
    assert lines[2].endswith("| `lists` 0.4000 in 2.00 s | b ease | 0.3000 in 5.00 s | 2.5× |"), (
        lines
    )
    assert "lists by `make lists` (other cpu, 2 cores" in lines[4], lines


def check_ranking():
    """Metrics with ties are the mean over all orders of the tied; what is left out does not count."""
    train = arrays.Rows(np.array([0, 0, 1]), np.array([0, 1, 0]), np.float32([3, 3, 3]))
    test = arrays.Rows(np.array([0, 0, 0, 1]), np.array([2, 4, 5, 1]), np.float32([3, 4, 1, 2]))
    unrated = np.array([0, 0]), np.array([3, 4])  # item 4 is in the test too: it stays
    judge = ranking.Judge(train, test, 2, 7, unrated)
    assert judge.users.tolist() == [0]  # the other has no relevant item
    scores = np.float32([[9, 9, 1, 9, 2, 2, 2]])  # items 4, 5 and 6 tied, then item 2
    found, _ = judge.of_scores(lambda users: scores)
    gain = (1 + 1 / np.log2(3) + 1 / 2) / 3 + 1 / np.log2(5)
    assert np.isclose(found["ndcg@10"][0], gain / (1 + 1 / np.log2(3)))
    assert np.isclose(found["mrr@10"][0], (1 + 1 / 2 + 1 / 3) / 3)
    assert found["recall@10"][0] == 1
    lists, _ = judge.of_lists([[6, 4, 5, 2], []])
    assert np.isclose(lists["ndcg@10"][0], (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3)))
    assert lists["mrr@10"][0] == 1 / 2


def check_deep_ties():
    """Eleven tied items, one of them relevant: each rank is as likely, and the last is too deep."""
    train = arrays.Rows(np.array([0]), np.array([11]), np.float32([1]))
    judge = ranking.Judge(train, arrays.Rows(np.array([0]), np.array([0]), np.float32([1])), 1, 12)
    found, coverage = judge.of_scores(lambda users: np.zeros((1, 12)))
    ranks = np.arange(1, 11)
    assert np.isclose(found["ndcg@10"][0], np.sum(1 / np.log2(ranks + 1)) / 11)
    assert np.isclose(found["mrr@10"][0], np.sum(1 / ranks) / 11)
    assert np.isclose(found["recall@10"][0], 10 / 11) and found["recall@100"][0] == 1
    assert np.isclose(coverage, 10 / 12)


def check_interval():
    """The interval of a mean over users is 1.96 standard errors wide on each side."""
    mean, low, high = ranking.interval(np.random.default_rng(5).standard_normal(400) + 1)
    assert abs(mean - 1) < 0.15 and abs((high - low) / (2 * 1.96 / 20) - 1) < 0.15


def check_ease():
    """The weights of each item solve its ridge regression on the others."""
    from scipy import sparse

    rated = np.float64(np.random.default_rng(3).random((60, 8)) < 0.4)
    scores = list_peers.fit_numpy_ease(sparse.csr_matrix(rated), penalty=3.0)
    for item in range(8):
        others = np.delete(np.arange(8), item)
        part = rated[:, others]
        solved = np.linalg.solve(part.T @ part + 3 * np.eye(7), part.T @ rated[:, item])
        assert np.allclose(scores(np.arange(60))[:, item], part @ solved)


def check_ials():
    """Our objective is implicit's, rescaled, where all have as many ratings: but for a constant."""
    random, penalty, unobserved = np.random.default_rng(4), 0.1, 0.3
    users, items = (
        np.repeat(np.arange(6), 3),
        (np.repeat(np.arange(6), 3) + np.tile([0, 1, 2], 6)) % 6,
    )
    rows = arrays.Rows(users, items, np.ones(18, np.float32))
    p, q = (np.float32(random.standard_normal((6, 2))) for _ in range(2))
    q *= np.linalg.norm(p) / np.linalg.norm(q)
    scores = np.float64(p @ q.T)
    ours = np.sum((1 - scores[users, items]) ** 2) + unobserved * np.sum(scores**2)
    ours += penalty * (3 + unobserved * 6) * (np.sum(p**2) + np.sum(q**2))
    problem = ials_peers.same_problem(rows, 6, 6, penalty, unobserved)
    theirs = ials_peers.objective(*ials_peers.rescaled(p, q, rows, unobserved), rows, *problem)
    target = 1 / (1 + unobserved)
    assert np.isclose(ours / unobserved, target**2 * theirs + 18 * target)


def check_ials_table():
    """Objectives stand over the lowest of both; seconds are those of the sweeps that come near it."""
    rows = [
        {"side": "osusume", "factors": 4, "threads": 2, "seconds": [1.0] * 16},
        {"side": "implicit", "peer": "implicit 1", "seconds": [3.0] * 16},
    ]
    rows[0]["objectives"], rows[1]["objectives"] = (
        [300, 250, 200, 150, 100],
        [400, 300, 200, 101, 100.1],
    )
    text = render.ials(rows)
    assert "| osusume ials | 1.00 | 1.0× | 3.0000 |" in text and "| 1.0000 | 16 | 16.0 |" in text
    assert "| implicit 1 | 3.00 | 3.0× | 4.0000 |" in text and "| 1.0010 | 16 | 48.0 |" in text


def check_places():
    """Trustworthiness and divergence against dense sums over all pairs of few points."""
    random = np.random.default_rng(4)
    vectors = random.standard_normal((60, 5))
    shown = vectors[:, :2] + 0.1 * random.standard_normal((60, 2))
    far = ((vectors[:, None] - vectors[None]) ** 2).sum(2)
    near = ((shown[:, None] - shown[None]) ** 2).sum(2)
    for table in (far, near):
        np.fill_diagonal(table, np.inf)
    ranks = np.argsort(np.argsort(far, axis=1), axis=1) + 1
    wrong = sum(
        max(0, ranks[i, j] - 5) for i in range(60) for j in np.argsort(near[i])[:5].tolist()
    )
    expected = 1 - 2 * wrong / (60 * 5 * (2 * 60 - 3 * 5 - 1))
    assert np.isclose(places.trustworthiness(vectors, shown, 5), expected)
    assert places.trustworthiness(vectors, vectors, 5) == 1
    p = np.zeros((60, 60))
    for i in range(60):
        columns = np.argsort(far[i])[:30]
        p[i, columns] = places.bells(far[i, columns][None], 10)[0]
    assert np.allclose(np.exp(-(p * np.log(np.where(p > 0, p, 1))).sum(1)), 10)
    p = (p + p.T) / 120
    q = 1 / (1 + near)
    q /= q.sum()
    some = p > 0
    expected = (p[some] * np.log(p[some] / q[some])).sum()
    assert np.isclose(places.divergence(vectors, shown, 10), expected)
    vectors[:20] *= 1e-3  # so near one another that the p of others of their neighbours is 0
    assert np.isfinite(places.divergence(vectors, shown, 10))


def check_maps_and_tuning():
    """A map's seconds stand against ours by the same method; a search has what its defaults come to."""
    shared = {"data": "d", "points": 9, "width": 5, "threads": 2, "method": "tsne", "kl": 1.5}
    rows = [
        {**shared, "side": side, "seconds": seconds, "trustworthiness": 0.9}
        for side, seconds in (("osusume", 2.0), ("x 1", 5.0))
    ]
    assert "| t-SNE | x 1 | 5.00 | 2.5× | 0.9000 | 1.5000 |" in render.maps(rows)
    row = {"data": "d", "side": "x 1", "metric": "rmse", "trials": 3, "seconds": 9.0}
    found = {**row, "default": 1.2, "test": 1.1}
    text = render.tuning([found, {**found, "side": "osusume y", "verdict": "no evidence"}])
    assert "| x 1 | RMSE | 3 | 9.00 | 1.2000 | 1.1000 |" in text, text
    assert text.endswith("\n- osusume y: no evidence.")


if __name__ == "__main__":
    checks = [check for name, check in list(globals().items()) if name.startswith("check_")]
    for check in checks:
        check()
    print(f"{len(checks)} passed, 0 failed")
