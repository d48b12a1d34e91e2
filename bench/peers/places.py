"""How good a map is, the same for whoever made it: trustworthiness, and the divergence t-SNE lowers."""

import numpy as np

NEIGHBOURS = 12  # of trustworthiness
BLOCK = 500  # rows whose distances are held at once


def blocks(vectors):
    """Squared distances of some rows from all, the rows' own infinite."""
    vectors = np.asarray(vectors, np.float64)
    lengths = (vectors**2).sum(1)
    for start in range(0, len(vectors), BLOCK):
        part = slice(start, min(start + BLOCK, len(vectors)))
        squares = lengths[part, None] + lengths - 2 * vectors[part] @ vectors.T
        np.maximum(squares, 0, out=squares)
        squares[np.arange(part.stop - start), np.arange(start, part.stop)] = np.inf
        yield part, squares


def nearest(squares, count):
    """The columns of the `count` least of each row, least first."""
    found = np.argpartition(squares, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(squares, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)


def trustworthiness(vectors, places, count=NEIGHBOURS):
    """Venna and Kaski (2001): 1 where the nearest on the map are the nearest vectors, 0 at worst."""
    n, penalty = len(vectors), 0
    for (_, there), (_, here) in zip(blocks(vectors), blocks(places), strict=True):
        shown = np.take_along_axis(there, nearest(here, count), 1)
        for row, own in zip(there, shown, strict=True):
            ranks = np.searchsorted(np.sort(row), own) + 1
            penalty += np.maximum(ranks - count, 0).sum()
    return 1 - 2 * penalty / (n * count * (2 * n - 3 * count - 1))


def affinities(vectors, perplexity):
    """Symmetric affinities over the 3·perplexity nearest of each vector, as (rows, columns, p)."""
    count = min(len(vectors) - 1, int(3 * perplexity))
    found, p = [], []
    for _, squares in blocks(vectors):
        columns = nearest(squares, count)
        found.append(columns)
        p.append(bells(np.take_along_axis(squares, columns, 1), min(perplexity, count)))
    rows, columns = np.repeat(np.arange(len(vectors)), count), np.concatenate(found).ravel()
    half = np.concatenate(p).ravel() / (2 * len(vectors))
    return np.concatenate([rows, columns]), np.concatenate([columns, rows]), np.tile(half, 2)


def bells(squares, perplexity):
    """exp(−β·d²), of each row in sum 1, with entropies of ln(perplexity): β by halving."""
    low, high = np.full((len(squares), 1), -60.0), np.full((len(squares), 1), 60.0)
    away = squares - squares.min(1, keepdims=True)
    for _ in range(64):
        middle = (low + high) / 2
        p = np.exp(-np.exp(middle) * away)
        p /= p.sum(1, keepdims=True)
        wide = -(p * np.log(np.maximum(p, 1e-300))).sum(1, keepdims=True) > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return p


def divergence(vectors, places, perplexity=30):
    """KL(p‖q) in nats, q over all pairs and nothing left out."""
    from scipy import sparse

    rows, columns, p = affinities(vectors, perplexity)
    n = len(vectors)
    table = sparse.coo_matrix((p, (rows, columns)), (n, n)).tocsr()  # both ways of a pair added up
    table.sum_duplicates()
    table.eliminate_zeros()  # p of what is too far for a double: it adds nothing
    total = sum((1 / (1 + squares)).sum() for _, squares in blocks(places))
    places = np.asarray(places, np.float64)
    found = table.tocoo()
    apart = ((places[found.row] - places[found.col]) ** 2).sum(1)
    return float((found.data * np.log(found.data * total * (1 + apart))).sum())
