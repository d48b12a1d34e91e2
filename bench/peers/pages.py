"""What the pages show of the results: of every kind of machine the newest, and whether the pages say it.

    python3 bench/peers/pages.py --check     exit code 1 where README.md or bench/README.md differ from the results
    python3 bench/peers/pages.py --write     writes their tables

bench/results holds a file for each processor and instruction set: `peers-amd-epyc-avx2.json`. What is
measured replaces the file of its own machine alone.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import render
import summary

ROOT = Path(__file__).resolve().parent.parent.parent
# Files that are measured apart, by the marks of their tables.
NAMES = {"peers": "bench", "lists": "lists", "ials": "ials", "maps": "maps", "tuning": "tuning"}
SETS = {"avx512": "AVX-512", "avx2": "AVX2", "scalar": "the compiler's baseline"}


def kind(machine):
    """What tells a machine's files from those of others: its processor and instruction set."""
    words = re.sub(r"\((R|TM)\)|\bCPU\b|\bProcessor\b|@.*", " ", machine["cpu"])
    return "-".join([*re.findall(r"[a-z0-9]+", words.lower()), machine["isa"]])


def path(name, machine, folder):
    """The file of a machine's results."""
    return Path(folder) / f"{name}-{kind(machine)}.json"


def newest(name, folder):
    """The newest results of each instruction set, the widest set first."""
    found = [json.loads(file.read_text()) for file in sorted(Path(folder).glob(f"{name}-*.json"))]
    for results in found:
        results["picture"] = f"results/quality-{kind(results['machine'])}.svg"
    found.sort(key=lambda results: results["machine"]["measured"])
    by_set = {results["machine"]["isa"]: results for results in found}
    return {isa: by_set[isa] for isa in SETS if isa in by_set}


def tables(found):
    """All tables of the newest results, a heading for each instruction set."""
    return "\n\n".join(
        f"### On {SETS[isa]}: {results['machine']['cpu']}\n\n{render.markdown(results)}"
        for isa, results in found.items()
    )


def short(found, of_lists):
    """The README's tables; lists are of the same instruction set where there are some."""
    nearest = next(iter(of_lists.values()), {})
    parts = [
        f"On {SETS[isa]}:\n\n{summary.summary(results, of_lists.get(isa, nearest))}"
        for isa, results in found.items()
    ]
    return "\n\n".join(parts)


def texts(folder):
    """What is to stand in which page between which marks."""
    found = {name: newest(name, folder) for name in NAMES}
    long = {render.marks(NAMES[name]): tables(part) for name, part in found.items() if part}
    return {
        "bench/README.md": long,
        "README.md": {render.BENCH: short(found["peers"], found["lists"])}
        if found["peers"]
        else {},
    }


def stray(folder):
    """Files of results that are named otherwise than their machine is."""
    return [
        file.name
        for file in sorted(Path(folder).glob("*.json"))
        if file.name
        not in {path(name, json.loads(file.read_text())["machine"], folder).name for name in NAMES}
    ]


def differing(root):
    """What differs: parts of pages, and files with names that no page looks for."""
    folder = Path(root) / "bench" / "results"
    faults = [f"bench/results/{name}: named otherwise than its machine" for name in stray(folder)]
    for page, parts in texts(folder).items():
        there = (Path(root) / page).read_text()
        faults += [
            f"{page}: what stands after {marks[0]} is not what bench/results gives"
            for marks, text in parts.items()
            if f"{marks[0]}\n{text}\n{marks[1]}" not in there
        ]
    return faults


def write(root):
    """Brings the pages up to date."""
    for page, parts in texts(Path(root) / "bench" / "results").items():
        for marks, text in parts.items():
            render.splice(Path(root) / page, text, marks)


def main():
    """Checks or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--check", action="store_true")
    chosen.add_argument("--write", action="store_true")
    parser.add_argument("--root", default=ROOT, help="the tree, if it is not this one")
    given = parser.parse_args()
    if given.write:
        write(given.root)
        return 0
    faults = differing(given.root)
    print("\n".join([*faults, "run `make pages`\n"] if faults else []), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
