"""Draws error against time: one panel a set of ratings, one line a model or library."""

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot  # noqa: E402

OURS, THEIRS = "-", "--"


def quality(rows, output):
    """Writes the curves of the section `quality` as one SVG picture."""
    # the same picture from the same figures
    pyplot.rcParams.update({"svg.hashsalt": "osusume", "svg.fonttype": "none", "font.size": 9})
    sets = list(dict.fromkeys(row["data"] for row in rows))
    figure, panels = pyplot.subplots(1, len(sets), figsize=(5 * len(sets), 5), squeeze=False)
    for data, panel in zip(sets, panels[0], strict=True):
        part = [row for row in rows if row["data"] == data]
        for row in part:
            points = [(p["seconds"], p["rmse"]) for p in row["curve"]]
            ours = row["side"].startswith("osusume")
            style = {"linestyle": OURS if ours else THEIRS, "linewidth": 1.8 if ours else 1.1}
            if len(points) < 12:
                style["marker"] = "." if ours else "o"
                style["markersize"] = 4
            label = f"{row['side']}, k {row['factors']}"
            panel.plot(*zip(*points, strict=True), label=label, **style)
        lowest = min(p["rmse"] for row in part for p in row["curve"])
        panel.set(
            title="full size" if data == "full" else data,
            xscale="log",
            xlabel="seconds of training",
            ylabel="RMSE on held-out ratings",
            # what is far above the best is of no interest
            ylim=(lowest * 0.995, lowest * 1.09),
        )
        panel.grid(alpha=0.3)
        panel.legend(fontsize=7, ncol=2, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    figure.tight_layout()
    figure.savefig(output, format="svg", metadata={"Date": None})
