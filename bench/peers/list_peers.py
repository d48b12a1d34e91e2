"""Lists of other libraries' models: how well they rank, how long a fit takes, and in what memory.

implicit, LensKit, Cornac, SANSA and ten lines of NumPy, one model a run. Each is given who rated
what in train.csv. Its settings are chosen first, by NDCG@10 on a tenth of train among the 2,000
most rated items. Prints one JSON object; --output keeps the metrics of each user.
"""

import argparse
import itertools
import json
import os
import resource
import sys
import time

import numpy as np

import arrays
import machine
import ranking

PENALTIES = {"penalty": [30, 60, 120, 250, 500]}

# The settings tried, of which the best by NDCG@10 on a tenth of train is taken.
GRIDS = {
    "numpy ease": PENALTIES,
    "lenskit ease": PENALTIES,
    "cornac ease": PENALTIES,
    "implicit als": {
        "factors": [64, 128],
        "regularization": [10.0, 30.0, 100.0],
        "alpha": [3.0, 10.0],
        "iterations": [15],
    },
    "implicit bpr": {
        "factors": [64],
        "learning_rate": [0.05, 0.1],
        "regularization": [0.03, 0.1],
        "iterations": [100],
    },
    "implicit cosine": {"K": [5, 10, 20, 50]},
    "implicit bm25": {"K": [20, 50, 100], "K1": [0.5, 1.2], "B": [0.0, 0.3]},
    "lenskit knn": {"max_nbrs": [10, 20, 50]},
    "lenskit als": {
        "embedding_size": [64],
        "regularization": [1.0, 10.0],
        "weight": [0.5, 2.0, 10.0],
        "epochs": [10],
    },
    "cornac bpr": {
        "k": [64],
        "learning_rate": [0.05],
        "lambda_reg": [0.01, 0.03, 0.1],
        "max_iter": [100],
    },
    "cornac vaecf": {
        "k": [64],
        "autoencoder_structure": [[200]],
        "n_epochs": [25],
        "beta": [0.1, 0.5],
        "learning_rate": [0.002],
    },
    "sansa sansa": {"l2": [100.0, 250.0, 500.0], "density": [0.01, 0.05]},
}


def fit_numpy_ease(rated, penalty, **_):
    """EASE (Steck 2019): B = I − P/diag(P), P = (XᵀX + λI)⁻¹."""
    gram = (rated.T @ rated).toarray()
    gram[np.diag_indices_from(gram)] += penalty
    inverse = np.linalg.inv(gram)
    return products(rated, weights(inverse))


def weights(inverse):
    """The weights of EASE from the inverse of the penalized Gram matrix, in its place."""
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0)
    return inverse


def products(rated, relation):
    """Scores that are sums of an item-by-item matrix over what a user has rated."""

    def scores(users):
        found = rated[users] @ relation
        return found if isinstance(found, np.ndarray) else found.toarray()

    return scores


def dots(user_factors, item_factors, item_bias=None):
    """Scores that are inner products."""
    bias = 0 if item_bias is None else item_bias
    return lambda users: user_factors[users] @ item_factors.T + bias


def fit_implicit(model, rated):
    """implicit's factor models; BPR's vectors hold the bias in their last place."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # as implicit asks for: its threads are its own
        model.fit(rated, show_progress=False)
    return dots(np.asarray(model.user_factors), np.asarray(model.item_factors))


def fit_implicit_als(rated, seed, threads, **settings):
    """implicit's AlternatingLeastSquares."""
    from implicit.als import AlternatingLeastSquares as Model

    return fit_implicit(Model(random_state=seed, num_threads=threads, **settings), rated)


def fit_implicit_bpr(rated, seed, threads, **settings):
    """implicit's BayesianPersonalizedRanking."""
    from implicit.bpr import BayesianPersonalizedRanking as Model

    return fit_implicit(Model(random_state=seed, num_threads=threads, **settings), rated)


def fit_implicit_cosine(rated, seed, threads, **settings):
    """implicit's CosineRecommender: the K nearest items of each."""
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(num_threads=threads, **settings)
    model.fit(rated, show_progress=False)
    return products(rated, model.similarity)


def fit_implicit_bm25(rated, seed, threads, **settings):
    """implicit's BM25Recommender."""
    from implicit.nearest_neighbours import BM25Recommender

    model = BM25Recommender(num_threads=threads, **settings)
    model.fit(rated, show_progress=False)
    return products(rated, model.similarity)


def lenskit_data(rated):
    """The pairs as LensKit's data set."""
    import pandas as pd
    from lenskit.data import from_interactions_df

    users, items = rated.nonzero()
    return from_interactions_df(pd.DataFrame({"user_id": users, "item_id": items}))


def train_lenskit(scorer, rated, seed):
    """Fits a component of LensKit; scores by its own calls, nan where it has none."""
    from lenskit.data import ItemList, RecQuery
    from lenskit.training import TrainingOptions

    scorer.train(lenskit_data(rated), TrainingOptions(rng=seed))
    everything = ItemList(np.arange(rated.shape[1]))

    def scores(users):
        found = np.empty((len(users), rated.shape[1]), np.float32)
        for row, user in enumerate(users):
            history = ItemList(ranking.columns(rated, user))
            query = RecQuery(user_id=int(user), history_items=history)
            found[row] = scorer(query, everything).scores()
        return found

    return scores


def fit_lenskit_knn(rated, seed, threads, **settings):
    """LensKit's ItemKNNScorer for implicit feedback."""
    from lenskit.knn import ItemKNNScorer

    return train_lenskit(ItemKNNScorer(feedback="implicit", **settings), rated, seed)


def fit_lenskit_als(rated, seed, threads, **settings):
    """LensKit's ImplicitMFScorer."""
    from lenskit.als import ImplicitMFScorer

    return train_lenskit(ImplicitMFScorer(**settings), rated, seed)


def fit_lenskit_ease(rated, seed, threads, penalty):
    """LensKit's EASEScorer."""
    from lenskit.knn.ease import EASEScorer

    scorer = EASEScorer(regularization=penalty)
    train_lenskit(scorer, rated, seed)
    place = scorer.items.ids().astype(int)  # of its items among ours
    known = products(rated[:, place], scorer.weights)  # its own calls multiply one user at a time

    def scores(users):
        found = np.full((len(users), rated.shape[1]), -np.inf, np.float32)
        found[:, place] = known(users)
        return found

    return scores


def train_cornac(model, rated, seed):
    """Fits a model of Cornac; its numbers of users and items are those of their first rating."""
    from cornac.data import Dataset

    users, items = rated.nonzero()
    triples = list(zip(users.tolist(), items.tolist(), np.ones(len(users)).tolist(), strict=True))
    data = Dataset.from_uir(triples, seed=seed)
    start = time.perf_counter()
    model.fit(data)
    seconds = time.perf_counter() - start
    place = np.fromiter(data.iid_map, int)  # of Cornac's items among ours

    def scores(chosen):
        found = np.full((len(chosen), rated.shape[1]), -np.inf, np.float32)
        for row, user in enumerate(chosen):
            if int(user) in data.uid_map:  # else all items are as good, or bad
                found[row, place] = np.asarray(model.score(data.uid_map[int(user)])).ravel()
        return found

    scores.seconds = seconds
    return scores


def fit_cornac_ease(rated, seed, threads, penalty):
    """Cornac's EASE, with negative weights as in the paper."""
    from cornac.models import EASE

    return train_cornac(EASE(lamb=penalty, posB=False, verbose=False), rated, seed)


def fit_cornac_bpr(rated, seed, threads, **settings):
    """Cornac's BPR."""
    from cornac.models import BPR

    model = BPR(seed=seed, num_threads=threads, verbose=False, **settings)
    return train_cornac(model, rated, seed)


def fit_cornac_vaecf(rated, seed, threads, **settings):
    """Cornac's VAECF (Liang et al. 2018), on torch."""
    from cornac.models import VAECF

    return train_cornac(VAECF(seed=seed, **settings), rated, seed)


def fit_sansa_sansa(rated, seed, threads, l2, density):
    """SANSA (Spišák et al. 2023): EASE with a sparse approximate inverse."""
    import logging

    from sansa import SANSA, SANSAConfig
    from sansa import CHOLMODGramianFactorizerConfig as Factorizer
    from sansa import UMRUnitLowerTriangleInverterConfig as Inverter

    logging.disable(logging.WARNING)
    inverter = Inverter(scans=1, finetune_steps=5)
    model = SANSA(SANSAConfig(l2, density, Factorizer(), inverter)).fit(rated)
    return lambda users: model.forward(rated[users]).toarray()


FITS = {
    "numpy ease": fit_numpy_ease,
    "implicit als": fit_implicit_als,
    "implicit bpr": fit_implicit_bpr,
    "implicit cosine": fit_implicit_cosine,
    "implicit bm25": fit_implicit_bm25,
    "lenskit knn": fit_lenskit_knn,
    "lenskit als": fit_lenskit_als,
    "lenskit ease": fit_lenskit_ease,
    "cornac ease": fit_cornac_ease,
    "cornac bpr": fit_cornac_bpr,
    "cornac vaecf": fit_cornac_vaecf,
    "sansa sansa": fit_sansa_sansa,
}
SEARCHED = 2000  # items, when settings are chosen
ONE_THREAD = ("lenskit knn", "sansa sansa")  # the part that takes their time


def matrix(rows, users, items):
    """Who rated what, as a matrix of ones."""
    from scipy import sparse

    ones = np.ones(len(rows.users), np.float32)
    return sparse.csr_matrix((ones, (rows.users, rows.items)), (users, items))


def unrated_pairs(path, split):
    """The pairs of a ratings file whose rating is −1, numbered like the split; others drop out."""
    wanted, wanted_items, ratings = arrays.read_csv(path)
    user_ids, item_ids = arrays.ids_of_split(split)
    met = (ratings == -1) & np.isin(wanted, user_ids) & np.isin(wanted_items, item_ids)
    return np.searchsorted(user_ids, wanted[met]), np.searchsorted(item_ids, wanted_items[met])


def most_rated(train, unrated, items, count):
    """Training rows and unrated pairs of the most rated items, numbered anew in the same order."""
    kept = np.argsort(-np.bincount(train.items, minlength=items), kind="stable")[:count]
    place = np.full(items, -1)
    place[np.sort(kept)] = np.arange(len(kept))
    rows = train.take(place[train.items] >= 0)
    inside = place[unrated[1]] >= 0
    met = unrated[0][inside], place[unrated[1][inside]]
    return rows._replace(items=place[rows.items]), met


def tuned(fit, grid, train, users, items, unrated, **common):
    """The settings of a grid with the best NDCG@10 on a tenth of train, and every trial."""
    train, unrated = most_rated(train, unrated, items, SEARCHED)
    items = min(items, SEARCHED)
    held = np.random.default_rng(0).random(len(train.ratings)) < 0.1
    rest, validation = train.take(~held), train.take(held)
    judge = ranking.Judge(rest, validation, users, items, unrated)
    rated, trials = matrix(rest, users, items), []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        found, _ = judge.of_scores(fit(rated, **common, **settings))
        trials.append({**settings, "ndcg@10": float(found["ndcg@10"].mean())})
        print(trials[-1], file=sys.stderr, flush=True)
    best = max(trials, key=lambda trial: trial["ndcg@10"])
    return {name: best[name] for name in grid}, trials


def main():
    """Fits one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    libraries = dict.fromkeys(name.split()[0] for name in FITS)
    parser.add_argument("--peer", choices=libraries, required=True)
    parser.add_argument("--model", choices=dict.fromkeys(n.split()[1] for n in FITS), required=True)
    parser.add_argument("--split", required=True, help="directory with train.csv and test.csv")
    parser.add_argument("--ratings", required=True, help="the file it was cut from: its −1 rows")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--output", help="an .npz file for the metrics of each user")
    chosen = parser.parse_args()
    name = f"{chosen.peer} {chosen.model}"
    train, test, users, items = arrays.number_split(chosen.split)
    unrated = unrated_pairs(chosen.ratings, chosen.split)
    common = {"seed": chosen.seed, "threads": chosen.threads}
    settings, trials = tuned(FITS[name], GRIDS[name], train, users, items, unrated, **common)
    judge = ranking.Judge(train, test, users, items, unrated)
    rated = matrix(train, users, items)
    start = time.perf_counter()
    scores = FITS[name](rated, **common, **settings)
    seconds = getattr(scores, "seconds", time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found, coverage = judge.of_scores(scores)
    if chosen.output:
        np.savez(chosen.output, **found)
    report = {
        "peer": f"{chosen.peer} {machine.version(chosen.peer)}",
        "model": chosen.model,
        "settings": settings,
        "trials": trials,
        "threads": 1 if name in ONE_THREAD else chosen.threads,
        "seconds": seconds,
        "peak_rss_bytes": peak,
        "users": len(judge.users),
        "coverage@10": coverage,
        **{metric: float(values.mean()) for metric, values in found.items()},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
