"""The ingest job in pandas, polars, pyarrow and DuckDB, each held to the same counts.

The job: read rating.csv, drop sentinel rows (−1), keep items of anime.csv, drop users with one
rating, number users and items from 0, split each user's rows 90/10 at random. One peer a process;
prints one JSON object.
"""

import argparse
import json
import os
import resource
import time

import numpy as np

TRAIN_SHARE, TINY = 0.9, 1e-9  # of n rows the first ⌊0.9·n + 1e-9⌋ train


def numpy_split(users, count, seed=0):
    """Whether each row trains: rows ranked at random within their user, no loop over users."""
    order = np.random.default_rng(seed).permutation(len(users)).astype(np.int32)
    order = order[np.argsort(users[order], kind="stable")]
    sizes = np.bincount(users, minlength=count)
    rank = np.arange(len(users)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    trains = np.empty(len(users), bool)
    trains[order] = rank < np.repeat(np.floor(TRAIN_SHARE * sizes + TINY), sizes)
    return trains


def with_pandas(ratings, items):
    """pandas on its pyarrow reader: faster than its own."""
    import pandas as pd

    rows = pd.read_csv(ratings, engine="pyarrow")
    known = pd.read_csv(items, engine="pyarrow", usecols=["anime_id"])
    rows = rows[rows["rating"] != -1]
    rows = rows.merge(known, on="anime_id", how="inner")
    rows = rows[rows.groupby("user_id")["user_id"].transform("size") > 1]
    users, user_ids = pd.factorize(rows["user_id"])
    numbers, item_ids = pd.factorize(rows["anime_id"])
    trains = numpy_split(users, len(user_ids))
    values = rows["rating"].to_numpy(np.float32)
    train = users[trains], numbers[trains], values[trains]
    test = users[~trains], numbers[~trains], values[~trains]
    return len(user_ids), len(item_ids), len(train[0]), len(test[0])


def with_polars(ratings, items):
    """polars, lazily up to the split."""
    import polars as pl

    known = pl.scan_csv(items).select("anime_id")
    rows = (
        pl.scan_csv(ratings)
        .filter(pl.col("rating") != -1)
        .join(known, on="anime_id", how="inner")
        .filter(pl.len().over("user_id") > 1)
        .with_columns(
            user=pl.col("user_id").rank("dense") - 1,
            item=pl.col("anime_id").rank("dense") - 1,
            rating=pl.col("rating").cast(pl.Float32),
        )
        .select("user", "item", "rating")
        .collect()
        .sample(fraction=1, shuffle=True, seed=0)
        .with_columns(
            trains=pl.int_range(pl.len()).over("user")
            < (TRAIN_SHARE * pl.len().over("user") + TINY).floor()
        )
    )
    train, test = rows.filter(pl.col("trains")), rows.filter(~pl.col("trains"))
    return rows["user"].n_unique(), rows["item"].n_unique(), train.height, test.height


def with_pyarrow(ratings, items):
    """pyarrow's reader, join and dictionary encoding; the split in NumPy."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    rows = csv.read_csv(ratings)
    known = csv.read_csv(items, convert_options=csv.ConvertOptions(include_columns=["anime_id"]))
    rows = rows.filter(pc.not_equal(rows["rating"], -1))
    rows = rows.filter(pc.is_in(rows["anime_id"], value_set=known["anime_id"].combine_chunks()))
    users = rows["user_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    kept = np.bincount(users)[users] > 1
    rows = rows.filter(pa.array(kept))
    users = rows["user_id"].combine_chunks().dictionary_encode()
    numbers = rows["anime_id"].combine_chunks().dictionary_encode()
    user_count, item_count = len(users.dictionary), len(numbers.dictionary)
    users, numbers = users.indices.to_numpy(), numbers.indices.to_numpy()
    values = rows["rating"].to_numpy().astype(np.float32)
    trains = numpy_split(users, user_count)
    train = users[trains], numbers[trains], values[trains]
    test = users[~trains], numbers[~trains], values[~trains]
    return user_count, item_count, len(train[0]), len(test[0])


def with_duckdb(ratings, items, threads):
    """DuckDB: all in SQL."""
    import duckdb

    database = duckdb.connect(config={"threads": threads})
    database.execute("select setseed(0.5)")
    database.execute(
        """
        create temp table kept as
          with rated as (
            select user_id, anime_id, rating::float as rating,
                   count(*) over (partition by user_id) as n
            from read_csv(?)
            where rating <> -1 and anime_id in (select anime_id from read_csv(?)))
          select *, random() as draw from rated where n > 1
        """,
        [str(ratings), str(items)],
    )
    database.execute(
        """
        create temp table users as
          select user_id, row_number() over () - 1 as u from (select distinct user_id from kept);
        create temp table items as
          select anime_id, row_number() over () - 1 as i from (select distinct anime_id from kept);
        create temp table numbered as
          select u::int as u, i::int as i, rating,
                 row_number() over (partition by u order by draw) <= floor(0.9 * n + 1e-9)
                   as trains
          from kept join users using (user_id) join items using (anime_id);
        """
    )
    train, test = (
        database.execute(f"select u, i, rating from numbered where {which}").fetchnumpy()
        for which in ("trains", "not trains")
    )
    users, numbers = (
        database.execute(f"select count(*) from {table}").fetchone()[0]
        for table in ("users", "items")
    )
    return users, numbers, len(train["u"]), len(test["u"])


PEERS = {
    "pandas": with_pandas,
    "polars": with_polars,
    "pyarrow": with_pyarrow,
    "duckdb": with_duckdb,
}


def limit_threads(peer, threads):
    """Holds the peer to so many threads, each in its own way."""
    if peer == "polars":
        os.environ["POLARS_MAX_THREADS"] = str(threads)
    elif peer in ("pandas", "pyarrow"):
        import pyarrow

        pyarrow.set_cpu_count(threads)


def main():
    """Runs one peer as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--ratings", required=True)
    parser.add_argument("--items", required=True)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeat", type=int, default=1)
    chosen = parser.parse_args()
    limit_threads(chosen.peer, chosen.threads)
    library = __import__(chosen.peer)  # not timed
    extra = {"threads": chosen.threads} if chosen.peer == "duckdb" else {}
    seconds = []
    for _ in range(chosen.repeat):
        start = time.perf_counter()
        users, items, train, test = PEERS[chosen.peer](chosen.ratings, chosen.items, **extra)
        seconds.append(time.perf_counter() - start)
    report = {
        "peer": f"{chosen.peer} {library.__version__}",
        "threads": chosen.threads,
        "seconds": seconds,
        "users": users,
        "items": items,
        "train": train,
        "test": test,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
