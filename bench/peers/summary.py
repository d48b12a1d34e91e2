"""The results of a comparison as one table for the README: ours, and the nearest of the others."""

from render import error, seconds, table, time_to, times


def speed_line(task, ours, others, key="seconds"):
    """A line of the summary: our seconds, those of the fastest other side, and their ratio."""
    best = min(others, key=lambda r: r[key])
    ratio = times(best[key], ours[key])
    return [task, f"{seconds(ours[key])} s", named(best), f"{seconds(best[key])} s", ratio]


def named(row):
    """The name of another side, and that it works on one thread, where it does."""
    return row.get("peer", row["side"]) + (", 1 thread" if row.get("threads") == 1 else "")


def is_ours(row):
    """Whether a row of results is of Osusume."""
    return row["side"].startswith("osusume")


def summary_ingest(rows):
    """Reading at full size."""
    others = [r for r in rows if not is_ours(r)]
    task = "full size: read, clean, join, number, split"
    return [speed_line(task, rows[0], others)] if others else []


def summary_topn(rows):
    """Lists at full size, beside those who leave out what a user has rated as we do."""
    others = [r for r in rows if not is_ours(r) and r["filtered"]]
    task = "full size: the best 10 unseen items of every user"
    return [speed_line(task, rows[0], others)] if others else []


def summary_training(rows):
    """An epoch on as many threads as there were."""
    threads = max(r["threads"] for r in rows)
    part = [r for r in rows if r["threads"] == threads and r["model"] == "flax-dot"]
    ours = next(r for r in part if is_ours(r))
    others = [r for r in part if not is_ours(r)]
    task = "full size: an epoch of `flax-dot`, the same batches"
    return [speed_line(task, ours, others, "epoch_seconds")] if others else []


def summary_networks(rows):
    """An epoch of the deepest network at full size."""
    row = next((r for r in rows if r["model"] == "flax-deep" and r["torch"]), None)
    if not row:
        return []
    sides = [{"side": side, **row[side]} for side in ("osusume", "torch")]
    task = "full size: an epoch of `flax-deep`, the same batches"
    return [speed_line(task, sides[0], sides[1:], "epoch_seconds")]


def summary_als(rows):
    """A sweep at the largest width, and where six of them lead."""
    factors = max(r["factors"] for r in rows)
    part = [r for r in rows if r["factors"] == factors]
    others = [r for r in part if not is_ours(r)]
    if not others:
        return []
    best = min(others, key=lambda r: r["sweep_seconds"])
    task = f"full size: a sweep of ALS, k {factors}, and RMSE after {best['sweeps']}"
    line = speed_line(task, part[0], others, "sweep_seconds")
    line[1] += f", {error(part[0]['valid_rmse_warm'])}"
    line[3] += f", {error(best['valid_rmse_warm'])}"
    return [line]


def summary_ratings(rows):
    """The lowest error of others beside `mf`, and ours that is lowest."""
    lines = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        ours = {r["model"]: r for r in part if is_ours(r)}
        others = [r for r in part if not is_ours(r) and r["side"] != "bias"]
        if not others or "mf" not in ours:
            continue
        other = min(others, key=lambda r: r["valid_rmse"])
        best = min(ours.values(), key=lambda r: r["valid_rmse"])

        def figures(row):
            return f"{error(row['valid_rmse'])} in {seconds(row['seconds'])} s"

        mine = f"`mf` {figures(ours['mf'])}, `{best['model']}` {figures(best)}"
        ratio = times(other["seconds"], ours["mf"]["seconds"])
        lines.append([f"{data}: RMSE, fitted", mine, named(other), figures(other), ratio])
    return lines


def summary_quality(rows):
    """At full size, the time to the lowest error of the others."""
    part = [r for r in rows if r["data"] == "full"]
    others = [r for r in part if not is_ours(r)]
    if not others:
        return []
    other = min(others, key=lambda r: min(p["rmse"] for p in r["curve"]))
    point = min(other["curve"], key=lambda p: p["rmse"])
    found = [(time_to(point["rmse"], r["curve"]), r["side"]) for r in part if is_ours(r)]
    found = [there for there in found if there[0] is not None]
    if not found:
        return []
    soonest, side = min(found)
    return [
        [f"full size: to RMSE {error(point['rmse'])}"]
        + [f"`{side.removeprefix('osusume ')}` {seconds(soonest)} s", named(other)]
        + [f"{seconds(point['seconds'])} s", times(point["seconds"], soonest)]
    ]


def summary_lists(rows):
    """Lists: NDCG@10 of our default and of the best of the others, and the seconds of each fit."""
    lines = []
    for data in dict.fromkeys(r["data"] for r in rows):
        part = [r for r in rows if r["data"] == data]
        ours = next(r for r in part if is_ours(r) and r["model"] == "lists")
        others = [r for r in part if not is_ours(r)]
        if not others:
            continue
        best = max(others, key=lambda r: (round(r["ndcg@10"], 4), -r["seconds"]))

        def figures(row):
            return f"{row['ndcg@10']:.4f} in {seconds(row['seconds'])} s"

        name = f"{best['peer']} {best['model']}"
        ratio = times(best["seconds"], ours["seconds"])
        task = f"{data}: NDCG@10 of lists, fitted"
        lines.append([task, f"`lists` {figures(ours)}", name, figures(best), ratio])
    return lines


SUMMARY = {
    "ingest": summary_ingest,
    "training": summary_training,
    "networks": summary_networks,
    "als": summary_als,
    "quality": summary_quality,
    "ratings": summary_ratings,
    "topn": summary_topn,
    "lists": summary_lists,
}


def summary(results, of_lists=None):
    """One table: what ours takes, and the nearest of the others."""
    found = {**results, "lists": (of_lists or {}).get("lists")}
    lines = [
        line for name, part in SUMMARY.items() if found.get(name) for line in part(found[name])
    ]
    made = f"{on(results['machine'])}; printed by `make peers`"
    if found["lists"]:
        made += f", lists by `make lists` ({on(of_lists['machine'])})"
    return (
        table(["task", "osusume", "nearest of the others", "", "its time over ours"], lines)
        + f"\n\n{made}, which train all sides on the same splits in one run. All tables and "
        "versions: [bench/README.md](bench/README.md)."
    )


def on(machine):
    """The processor and the commit that figures are of."""
    return f"{machine['cpu']}, {machine['cores']} cores, commit {machine['commit']}"
