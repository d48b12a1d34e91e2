"""Runs Osusume and its peers in alternation, once, on one machine, and prints the tables.

    python bench/peers/run.py --osusume .build/release/osusume --full DIR --data DIR
    python bench/peers/run.py --render              the tables of the saved results
    python bench/peers/run.py --update-readme       the same into bench/README.md, one into README.md
    python bench/peers/run.py --osusume … --data DIR --only lists seeds --update-readme     lists alone
    python bench/peers/run.py --osusume … --full DIR --data DIR --only maps --update-readme   maps alone

DIR of --full: `osusume data synthesize --like anime --output DIR`. DIR of --data: holds anime-2016
and ml-latest-small. Every peer is a process of its own; times are medians over A B A B …, so that
a slow moment of the machine hits both sides. A peer that is not installed is named and left out.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import machine
import pages
import render
from sections import APART, NEEDS_FULL, SECTIONS
from sides import Bench, note


def path_of(section, chosen, here):
    """The file of a section's results on this machine."""
    return pages.path(APART.get(section, "peers"), here, chosen.results)


def earlier(path):
    """The results of a file, or none."""
    return json.loads(path.read_text()) if path.exists() else {}


def wait_for_quiet(limit=300):
    """Waits until what ran before has left the load average, or for some minutes at most."""
    start = time.monotonic()
    while (load := os.getloadavg()[0]) > render.BUSY:
        if time.monotonic() - start > limit:
            note(f"the machine is busy (load {load:.1f}): threaded peers suffer most")
            return
        time.sleep(5)


def measure(chosen):
    """Runs the chosen sections and saves their results, in this machine's files, after each."""
    here = machine.describe()
    names = chosen.only or list(SECTIONS)
    found = {path_of(name, chosen, here): {"machine": here} for name in names}
    for path in found:
        before = earlier(path)
        is_same = {**before.get("machine", {}), "measured": here["measured"]} == here
        if is_same:  # else: a table of two runs
            found[path] = {**before, "machine": here}
    wait_for_quiet()
    with tempfile.TemporaryDirectory(dir=chosen.work) as work:
        bench = Bench(chosen, work)
        for name in names:
            if not (bench.full if name in NEEDS_FULL else bench.data):
                note(f"skipped: {name} needs {'--full' if name in NEEDS_FULL else '--data'}")
                continue
            path = path_of(name, chosen, here)
            bench.skipped.clear()
            results = found[path]
            results[name] = SECTIONS[name](bench)
            results["skipped"] = sorted(bench.skipped | set(results.get("skipped", ())))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(results, indent=1) + "\n")


def draw(results, path):
    """Draws the curves; without matplotlib the last picture stays."""
    try:
        import plot
    except ImportError:
        note(f"matplotlib is not installed: {path.name} stays as it is")
        return
    plot.quality(results["quality"], path)


def main():
    """Measures or only renders, as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--osusume", help="the built command")
    parser.add_argument("--full", help="directory of the full-size set")
    parser.add_argument("--data", help="directory of anime-2016 and ml-latest-small")
    parser.add_argument("--only", nargs="+", choices=SECTIONS)
    parser.add_argument("--rounds", type=int, default=3, help="times each side runs (default 3)")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--work", help="where temporary files go (default: the system's place)")
    parser.add_argument("--results", default=pages.ROOT / "bench" / "results", help="their folder")
    parser.add_argument("--render", action="store_true", help="print saved results, run nothing")
    parser.add_argument("--update-readme", action="store_true", help="tables into both READMEs")
    chosen = parser.parse_args()
    if chosen.osusume:
        measure(chosen)
    elif not (chosen.render or chosen.update_readme):
        parser.error("give --osusume to measure, or --render, or --update-readme")
    for results in pages.newest("peers", chosen.results).values():
        if results.get("quality"):
            draw(results, Path(chosen.results) / Path(results["picture"]).name)
    if chosen.update_readme:
        pages.write(pages.ROOT)
    found = [pages.tables(pages.newest(name, chosen.results)) for name in pages.NAMES]
    print("\n\n".join(text for text in found if text))


if __name__ == "__main__":
    main()
