"""How good rankings are: the metrics of `osusume evaluate`, by user, and intervals of differences.

Candidates are all items that a user has neither rated in training nor met without rating. Relevant
are test ratings from the median training rating up; users without one are left out. Items of one
score come in any order: each metric is its expectation over all orders.
"""

import numpy as np

DEPTH = 10  # of every metric but recall@100
DEEP = 100
METRICS = ("ndcg@10", "recall@10", "recall@100", "mrr@10")
RESAMPLES = 2000


class Judge:
    """The relevant items of each user, and what is no candidate of theirs."""

    def __init__(self, train, test, users, items, unrated=None):
        """Takes the split, and the pairs met without a rating as two arrays."""
        from scipy import sparse

        def matrix(rows, columns):
            return sparse.csr_matrix((np.ones(len(rows), bool), (rows, columns)), (users, items))

        met = matrix(train.users, train.items)
        if unrated is not None:
            met = met + matrix(*unrated)
        tested = matrix(test.users, test.items)
        self.left_out = (met - met.multiply(tested)).tocsr()
        self.left_out.eliminate_zeros()
        liked = test.ratings >= np.median(train.ratings)
        self.relevant = matrix(test.users[liked], test.items[liked])
        self.users = np.flatnonzero(np.diff(self.relevant.indptr))
        self.items = items

    def of_scores(self, scores, block=256):
        """Each metric of each user of `users`, and coverage@10; scores(users) gives [B, items]."""
        found = {name: np.zeros(len(self.users)) for name in METRICS}
        listed = np.zeros(self.items, bool)
        for start in range(0, len(self.users), block):
            part = self.users[start : start + block]
            table = np.asarray(scores(part), np.float32)
            for row, user in enumerate(part):
                values = np.nan_to_num(table[row], nan=-np.inf)
                out = columns(self.left_out, user)
                wanted = columns(self.relevant, user)
                runs = runs_of(values, out, wanted)
                values[out] = -np.inf
                top = np.argpartition(-values, min(DEPTH, self.items - 1))[:DEPTH]
                listed[top[values[top] > -np.inf]] = True
                note(found, start + row, runs, len(wanted))
        return found, float(listed.mean())

    def of_lists(self, lists):
        """The same of lists by user, best first, of DEEP items without ties."""
        found = {name: np.zeros(len(self.users)) for name in METRICS}
        listed = np.zeros(self.items, bool)
        for place, user in enumerate(self.users):
            wanted = columns(self.relevant, user)
            hits = np.flatnonzero(np.isin(lists[user], wanted))
            note(found, place, [(int(hit), 1, 1) for hit in hits], len(wanted))
            listed[lists[user][:DEPTH]] = True
        return found, float(listed.mean())


def columns(matrix, row):
    """The columns of a row of a compressed matrix."""
    return matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]


def runs_of(values, out, wanted):
    """The runs of equal scores that hold relevant items, best first.

    Each is (items ahead of it, its items, its relevant items); what is left out does not count.
    """
    mine, counts = np.unique(values[wanted], return_counts=True)
    beaten = values[out]
    runs = []
    for value, relevant in zip(mine[::-1], counts[::-1], strict=True):
        ahead = np.count_nonzero(values > value) - np.count_nonzero(beaten > value)
        size = np.count_nonzero(values == value) - np.count_nonzero(beaten == value)
        runs.append((int(ahead), int(size), int(relevant)))
    return runs


def note(found, place, runs, wanted):
    """Writes the metrics of one user's ranking to their place."""
    gain = 0.0
    for ahead, size, relevant in runs:
        ranks = np.arange(ahead + 1, min(ahead + size, DEPTH) + 1)
        gain += relevant / size * np.sum(1 / np.log2(ranks + 1))
        for name, depth in (("recall@10", DEPTH), ("recall@100", DEEP)):
            places = max(0, min(size, depth - ahead))
            found[name][place] += relevant * places / size / wanted
    ideal = np.sum(1 / np.log2(np.arange(2, min(wanted, DEPTH) + 2)))
    found["ndcg@10"][place] = gain / ideal
    found["mrr@10"][place] = first_hit(*runs[0]) if runs else 0.0


def first_hit(ahead, size, relevant):
    """The expectation of one over the rank of the first relevant item, 0 below DEPTH."""
    left, expected = 1.0, 0.0  # left: that none of the run's places so far is a hit
    for place in range(1, min(size, DEPTH - ahead) + 1):
        remaining = size - place + 1
        expected += left * relevant / remaining / (ahead + place)
        left *= max(0, remaining - relevant) / remaining
    return expected


def interval(differences, seed=42):
    """The mean of one difference a user, and its 95 % interval over resampled users."""
    random = np.random.default_rng(seed)
    size = len(differences)
    means = [differences[random.integers(0, size, size)].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return [float(np.mean(differences)), float(low), float(high)]
