"""The results of a comparison as markdown, and their place in a page."""

import statistics


def marks(name):
    """What stands around a part of a page."""
    return f"<!-- {name}:start -->", f"<!-- {name}:end -->"


BENCH, LISTS = marks("bench"), marks("lists")


def table(titles, rows):
    """A markdown table; numbers flush right, missing cells a dash."""
    cells = [["–" if c is None else str(c) for c in row] for row in rows]
    rule = [":---"] + ["---:"] * (len(titles) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [titles, rule, *cells])


def seconds(value):
    """Seconds to three figures or so."""
    if value is None:
        return None
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def times(value, base):
    """How many times `base` a value is."""
    return f"{value / base:.1f}×" if value is not None and base else None


def error(value):
    """An RMSE."""
    return None if value is None else f"{value:.4f}"


def machine_lines(results):
    """What it ran on, first."""
    m = results["machine"]
    caches = ", ".join(f"{level} {size}" for level, size in m["caches"].items())
    versions = ", ".join(f"{name} {v}" for name, v in m["libraries"].items())
    lines = [
        f"{m['cpu']}, {m['cores']} cores, {m['isa']} ({caches}), "
        f"{m['memory_gib']} GiB, {m['system']}; measured {m['measured']}, commit {m['commit']}.",
        f"Python {m['python']}; {versions}.",
    ]
    if results.get("skipped"):
        lines.append(f"Not installed, so left out: {', '.join(results['skipped'])}.")
    return "\n".join(lines)


def training(rows):
    """Seconds an epoch, then what the course ends at, then from file to file."""
    sides = {(r["model"], r["threads"], r["side"]): r for r in rows}
    cases = sorted({(r["model"], r["threads"]) for r in rows}, reverse=True)
    cases.sort(key=lambda case: (case[0] != "flax-dot", case[1]))
    speed, whole = [], []
    for model, threads in cases:
        ours, torch, jax = (
            sides.get((model, threads, side), {}) for side in ("osusume", "torch", "jax")
        )
        mine, theirs = ours["epoch_seconds"], torch.get("epoch_seconds")
        speed.append(
            [model, threads, seconds(mine), seconds(theirs), times(theirs, mine)]
            + [seconds(jax.get("epoch_seconds")), times(jax.get("epoch_seconds"), mine)]
        )
        same = torch.get("epochs") == ours["epochs"]
        whole.append(
            [model, threads, ours["epochs"], error(ours["valid_rmse_warm"])]
            + [error(torch["valid_rmse_warm"]) if same else None]
            + [seconds(ours["seconds"]["train"]), seconds(ours["seconds"]["total"])]
            + [f"{ours['peak_rss_bytes'] / 1e6:.0f} MB"]
        )
    titles = ["model", "threads", "osusume", "torch fused Adam", "ratio", "JAX compiled", "ratio"]
    ends = ["model", "threads", "epochs", "RMSE osusume", "RMSE torch", "training s"]
    ends += ["file to file s", "peak memory"]
    return (
        "**Seconds an epoch**, full size (k 50, batch 10,000, dense Adam; same start, batches)\n\n"
        + table(titles, speed)
        + "\n\n**The whole `osusume train`**: reading, splitting, training, evaluating, saving\n\n"
        + table(ends, whole)
    )


def ingest(rows):
    """The reading job."""
    base = rows[0]["seconds"]
    body = [[r["side"], seconds(r["seconds"]), times(r["seconds"], base)] for r in rows]
    counts = f"{rows[0]['train']:,} / {rows[0]['test']:,}"
    title = f"**Read, drop −1, join, number, split** (every side gives {counts} rows)\n\n"
    return title + table(["", "seconds", "of ours"], body)


def topn(rows):
    """The ranking job."""
    base = rows[0]["seconds"]

    def share(row):
        value = row.get("equal_to_osusume")
        return None if value is None else f"{100 * value:.2f} %"

    body = [
        [r["side"] + ("" if r["filtered"] else " (nothing filtered)"), seconds(r["seconds"])]
        + [times(r["seconds"], base), share(r)]
        for r in rows
    ]
    lines = [table(["", "seconds", "of ours", "lists equal to ours"], body)]
    if rows[0]["wall_seconds"] == base:
        lines.append("Ours is the whole command: it reads the model and writes the CSV too.")
    else:
        whole = seconds(rows[0]["wall_seconds"])
        lines.append(f"The whole command `osusume recommend --users all`: {whole} s.")
    return "**Top 10 unseen of all items for all users**\n\n" + "\n\n".join(lines)


def ratings(rows):
    """RMSE on held-out ratings, best first, and how far below the bias baseline."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        part = [r for r in part if r["side"] != "bias"]  # ours is the row; theirs only checks it
        base = next(r["valid_rmse"] for r in part if r.get("model") == "bias")
        body = []
        for r in sorted(part, key=lambda r: r["valid_rmse"]):
            ours = r["side"] == "osusume"
            name = f"osusume {r['model']}" if ours else r["peer"]
            below = base - r["valid_rmse"]
            fit = [seconds(r["seconds"]), r["threads"]]
            body.append([name, error(r["valid_rmse"]), f"{below:+.4f}", *fit])
        titles = ["", "RMSE", "below bias", "fit seconds", "threads"]
        parts.append(f"**Held-out ratings of {data}** (per-user 90/10)\n\n" + table(titles, body))
    return "\n\n".join(parts)


def als(rows):
    """Sweeps of alternating least squares."""
    base = {r["factors"]: r["sweep_seconds"] for r in reversed(rows) if "osusume" in r["side"]}
    body = [
        [r["factors"], r["side"], seconds(r["sweep_seconds"])]
        + [times(r["sweep_seconds"], base[r["factors"]]), error(r["valid_rmse_warm"])]
        for r in rows
    ]
    titles = ["factors", "", "seconds a sweep", "of ours", f"RMSE after {rows[0]['sweeps']}"]
    threads = rows[0]["threads"]
    return (
        f"**A sweep of alternating least squares**, full size, {threads} threads (each side with "
        "its own penalty; points: `--row-solver cholesky`, without variances, as the others)\n\n"
        + table(titles, body)
    )


def als_errors(rows):
    """Mean errors over seeds, and how far als is below each side on the same splits."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        ours = next(r["rmse"] for r in part if r["side"] == "osusume als")
        body = []
        for r in sorted(part, key=lambda r: statistics.mean(r["rmse"])):
            line = [r["side"], len(r["rmse"]), error(statistics.mean(r["rmse"]))]
            gaps = [theirs - mine for theirs, mine in zip(r["rmse"], ours, strict=False)]
            line += [interval(gaps) if r["side"] != "osusume als" else None, seconds(r["seconds"])]
            body.append(line)
        titles = ["", "seeds", "RMSE", "als below it, 95 %", "fit seconds"]
        parts.append(f"**als beside others at k 64**, {data}\n\n" + table(titles, body))
    return "\n\n".join(parts)


# Student's t at 97.5 % by degrees of freedom
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}


def interval(values):
    """The mean and its 95 % interval over independent values."""
    mean = statistics.mean(values)
    if len(values) < 2:
        return f"{mean:+.4f}"
    reach = STUDENT[len(values) - 1] * statistics.stdev(values) / len(values) ** 0.5
    return f"{mean:+.4f} [{mean - reach:+.4f}, {mean + reach:+.4f}]"


def networks(rows):
    """The networks beside torch, and whether both learn the same."""
    body = []
    for r in rows:
        ours, torch = r["osusume"], r["torch"] or {}
        mine, theirs = ours["epoch_seconds"], torch.get("epoch_seconds")
        line = [r["model"], r["data"], r["batch_size"], seconds(mine), seconds(theirs)]
        line += [times(theirs, mine), error(ours["valid_rmse_warm"])]
        body.append([*line, error(torch.get("valid_rmse_warm"))])
    titles = ["model", "data", "batch", "osusume", "torch fused Adam", "ratio"]
    titles += [f"{side} RMSE after {rows[0]['epochs']}" for side in ("osusume", "torch")]
    return (
        f"**Networks, seconds an epoch**, {rows[0]['threads']} threads (same start, same batches; "
        "recommender-net's dropout draws its own masks)\n\n" + table(titles, body)
    )


def quality(rows):
    """Each side's lowest error and its time to it, and the time in which ours gets there."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        ours = {r["side"]: r["curve"] for r in part if r["side"].startswith("osusume")}
        body = []
        for r in sorted(part, key=lambda r: min(p["rmse"] for p in r["curve"])):
            best = min(r["curve"], key=lambda p: p["rmse"])
            line = [r["side"], r["factors"], r["threads"], error(best["rmse"])]
            line.append(seconds(best["seconds"]))
            there = [(time_to(best["rmse"], curve), side) for side, curve in ours.items()]
            there = [found for found in there if found[0] is not None]
            if r["side"] in ours or not there:
                body.append([*line, None, None])
                continue
            soonest, side = min(there)
            first = f"{side.removeprefix('osusume ')} {seconds(soonest)}"
            body.append([*line, first, times(best["seconds"], soonest)])
        titles = ["", "k", "threads", "lowest RMSE", "after seconds", "ours there after", "ratio"]
        name = "full size" if data == "full" else data
        parts.append(f"**Time to quality**, {name} (per-user 90/10)\n\n" + table(titles, body))
    return "\n\n".join(parts)


def time_to(rmse, curve):
    """The seconds after which a curve is at or below an error, or None."""
    return next((p["seconds"] for p in curve if p["rmse"] <= rmse), None)


def agreement(row):
    """The long course on the real part."""
    return (
        f"flax-bias after {row['epochs']} epochs on anime-2016 (the original's number of steps): "
        f"RMSE {error(row['osusume'])}, torch {error(row['torch']) or 'not installed'}."
    )


def lists(rows):
    """Metrics of lists, best first, and how far our models are above each side, by users."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = sorted((r for r in rows if r["data"] == data), key=lambda r: -r["ndcg@10"])
        metrics = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "coverage@10")
        bases = max((list(r["bases"]) for r in part), key=len)  # a model is not set against itself
        quality, gaps = [], []
        for r in part:
            memory = f"{r['peak_rss_bytes'] / 1e6:.0f} MB"
            line = [list_side(r), *(f"{r[metric]:.4f}" for metric in metrics)]
            quality.append([*line, seconds(r["seconds"]), r["threads"], memory])
            found = [spread(*r["bases"][b]) if b in r["bases"] else None for b in bases]
            gaps.append([list_side(r), *found])
        titles = ["", "NDCG@10", "recall@10", "recall@100", "MRR@10", "coverage@10"]
        titles += ["fit seconds", "threads", "peak memory"]
        parts.append(
            f"**Lists of {data}** (per-user 90/10, {part[0]['users']:,} users with a relevant test "
            "rating)\n\n"
            + table(titles, quality)
            + "\n\nBy how much ours are above each in NDCG@10, 95 % over users:\n\n"
            + table(["", *(f"osusume {base}" for base in bases)], gaps)
            + "\n\nSettings of the others, of a few tried, by NDCG@10 on a tenth of train: "
            + "; ".join(f"{list_side(r)} {settings(r)}" for r in part if "settings" in r)
            + "."
        )
    if (load := max(r["load"] for r in rows)) > BUSY:
        parts.append(f"The machine was busy (load {load:.1f}): the seconds are too many by far.")
    return "\n\n".join(parts)


SWEEPS = (1, 2, 4, 8, 16)  # of implicit-feedback least squares, after which the objective is told

NEAR = 1.01  # of an objective: near enough to the lowest

BUSY = 0.5  # from this load average on seconds say little


def list_side(row):
    """Who made the lists."""
    return f"{row.get('peer', row['side'])} {row['model']}"


def settings(row):
    """Settings as words."""
    return ", ".join(f"{name} {value}" for name, value in row["settings"].items())


def spread(mean, low, high):
    """A mean and its 95 % interval."""
    return f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"


def seeds(rows):
    """NDCG@10 on splits by several seeds, and how far each model is below the first."""
    first, body = rows[0], []
    for r in rows:
        gaps = [top - mine for top, mine in zip(first["ndcg@10"], r["ndcg@10"], strict=True)]
        body.append(
            [r["model"], *(f"{value:.4f}" for value in r["ndcg@10"])]
            + [interval(r["ndcg@10"]).lstrip("+").replace("+", "")]
            + [None if r is first else interval(gaps)]
            + [f"{statistics.mean(r['recall@100']):.4f}"]
        )
    titles = ["", *(f"seed {seed}" for seed in first["seeds"]), "mean, 95 % over seeds"]
    titles += [f"{first['model']} above it, 95 %", "recall@100, mean"]
    return f"**NDCG@10 by seed of the split**, {first['data']}\n\n" + table(titles, body)


def ials(rows):
    """Sweeps of ials and of implicit's ALS, and when each is near the lowest objective of both."""
    lowest = min(value for r in rows for value in r["objectives"])
    base, body = statistics.median(rows[0]["seconds"]), []
    for r in rows:
        sweep = statistics.median(r["seconds"])
        near = next(
            (n for n, v in zip(SWEEPS, r["objectives"], strict=True) if v < NEAR * lowest), None
        )
        there = sum(r["seconds"][:near]) if near else None
        objectives = [f"{value / lowest:.4f}" for value in r["objectives"]]
        side = r.get("peer", r["side"] + " ials")
        body.append([side, seconds(sweep), times(sweep, base), *objectives, near, seconds(there)])
    titles = ["", "seconds a sweep", "of ours", *(f"after {n}" for n in SWEEPS)]
    titles += [f"sweeps to {NEAR}", "seconds to it"]
    return (
        f"**ials beside implicit's ALS**, full size, k {rows[0]['factors']}, {rows[0]['threads']} threads: "
        "implicit's objective over the lowest of both, after so many sweeps; ours minimises the same with "
        "penalties that grow with the number of ratings\n\n" + table(titles, body)
    )


METHODS = {"tsne": "t-SNE", "umap": "UMAP"}


def maps(rows):
    """Maps by each method, ours first: seconds, and how good they are."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        base = {r["method"]: r["seconds"] for r in reversed(part) if r["side"] == "osusume"}
        body = [
            [METHODS[r["method"]], r["side"], seconds(r["seconds"])]
            + [times(r["seconds"], base[r["method"]]), error(r["trustworthiness"])]
            + [error(r["kl"]) if r["method"] == "tsne" else None]
            for r in part
        ]
        titles = ["", "", "seconds", "of ours", "trustworthiness", "KL"]
        parts.append(
            f"**Maps of {part[0]['points']:,} × {part[0]['width']}**, item vectors of `mf`, {data} "
            f"({part[0]['threads']} threads; t-SNE at perplexity 30, 1,000 steps)\n\n"
            + table(titles, body)
        )
    return "\n\n".join(parts)


def tuning(rows):
    """Searches for settings: what each found in as many seconds."""
    parts = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        body = [
            [r["side"], r["metric"].upper(), r["trials"], seconds(r["seconds"])]
            + [error(r["default"]), error(r["test"])]
            for r in part
        ]
        titles = ["", "metric", "trials", "seconds", "test, defaults", "test, found"]
        parts.append(f"**Search for settings**, {data} (per-user 90/10)\n\n" + table(titles, body))
        said = [f"{r['side']}: {r['verdict']}." for r in part if "verdict" in r]
        parts.append(
            "\n".join(
                ["What ours say, with 95 % intervals over users:", "", *(f"- {s}" for s in said)]
            )
        )
    return "\n\n".join(parts)


PARTS = {
    "training": training,
    "ingest": ingest,
    "topn": topn,
    "ratings": ratings,
    "als": als,
    "ials": ials,
    "als_errors": als_errors,
    "networks": networks,
    "quality": quality,
    "agreement": agreement,
    "lists": lists,
    "seeds": seeds,
    "maps": maps,
    "tuning": tuning,
}


def markdown(results):
    """All tables, the machine first."""
    parts = {name: part(results[name]) for name, part in PARTS.items() if results.get(name)}
    if "quality" in parts:
        parts["quality"] = f"![Error against time]({results['picture']})\n\n{parts['quality']}"
    return "\n\n".join([machine_lines(results), *parts.values()])


def splice(page, text, marks=BENCH):
    """Puts the text between two marks of a page."""
    start, end = marks
    before, found, rest = page.read_text().partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise SystemExit(f"{page.name} has no {start} … {end} to put the tables between")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}")
