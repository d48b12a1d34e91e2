"""Counts the instructions of every kernel and compares them with bench/counts/baseline.json.

    python3 bench/counts/check.py .build/tests/release/kernel-counts            exit code 1 on 5 % more
    python3 bench/counts/check.py .build/tests/release/kernel-counts --renew    writes the baseline
    python3 bench/counts/check.py counts.json                                   counts that were written before

kernel-counts runs each kernel once, on one thread, with its bodies for AVX2, which valgrind knows. What
counts is code of ours in C alone: functions of its own file whose names are not Swift's. Neither other
processes nor clocks nor caches change it, so that two runs of a build count the same.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BASELINE = Path(__file__).parent / "baseline.json"
TOLERANCE = 0.05
# Swift's names for its own functions, and what the linker and the C library put into every file.
OTHERS = re.compile(r"\$s|_\$s|swift_|_swift|__|_start|_init|_fini|main$|probe_|0x")


def run(executable, work):
    """Runs the kernels under valgrind; returns what they printed, and a file of counts for each."""
    # Valgrind cannot read the debug information that Swift writes.
    counted = work / "kernel-counts"
    subprocess.run(["strip", "-g", "-o", counted, executable], check=True)
    environment = {**os.environ, "CK_ISA": "avx2", "TMPDIR": str(work)}
    environment |= {"SWIFT_DETERMINISTIC_HASHING": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={work}/counts"]
    command += [
        "--toggle-collect=probe_counted",
        "--dump-after=probe_counted",
        "--compress-strings=no",
    ]
    found = subprocess.run(
        [*command, counted], env=environment, capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SystemExit(f"kernel-counts failed under valgrind:\n{found.stderr}")
    printed = dict(line.split("\t") for line in found.stdout.splitlines())
    return printed, [work / f"counts.{n + 1}" for n in range(len(printed) - 2)]


def instructions(file, executable, kernel):
    """Instructions that functions of ours took themselves, in a file of callgrind's.

    Some kernels begin with tables at random, whose filling is a kernel of its own.
    """
    fills = () if kernel.startswith("init.") else ("ck_init_",)
    total, in_object, ours, is_callee = 0, False, False, False
    for line in file.read_text().splitlines():
        if line.startswith("ob="):
            in_object = Path(line[3:]).name == executable
        elif line.startswith("fn="):
            name = line[3:]
            ours = in_object and not OTHERS.match(name) and not name.startswith(fills)
        elif line.startswith("calls="):
            is_callee = True  # the next line is what was called, not what calls
        elif line and line[0] in "0123456789+-*":
            if ours and not is_callee:
                total += int(line.split()[1])
            is_callee = False
    return total


def count(executable):
    """The counts of a build, as the baseline has them."""
    with tempfile.TemporaryDirectory() as work:
        printed, files = run(executable, Path(work))
        compiler, isa = printed.pop("compiler"), printed.pop("isa")
        if isa != "avx2":
            raise SystemExit(
                f"kernels run {isa} here: counts are of AVX2, which this processor lacks"
            )
        counts = {
            name: instructions(file, "kernel-counts", name)
            for name, file in zip(printed, files, strict=True)
        }
    if nothing := [name for name, value in counts.items() if value == 0]:
        raise SystemExit(f"nothing was counted of {', '.join(nothing)}: are names stripped?")
    return {"compiler": compiler, "isa": isa, "instructions": counts}


def compare(now, before):
    """A line for each kernel, and those that take more than they may."""
    lines, faults = [], []
    for name in sorted({*now["instructions"], *before["instructions"]}):
        counts = [side["instructions"].get(name) for side in (before, now)]
        if None in counts:
            verdict = "not in the baseline" if counts[0] is None else "only in the baseline"
            faults.append(f"{name}: {verdict}")
            lines.append(f"{name:<18}{'':>28}  {verdict}")
            continue
        change = counts[1] / counts[0] - 1
        if change > TOLERANCE:
            faults.append(f"{name}: {change:+.1%}")
        lines.append(f"{name:<18}{counts[0]:>14,}{counts[1]:>14,}{change:>+9.1%}")
    return lines, faults


def main():
    """Counts, then compares or renews."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("counted", type=Path, help="the built kernel-counts, or counts as JSON")
    parser.add_argument("--renew", action="store_true", help="write the baseline")
    chosen = parser.parse_args()
    if not chosen.counted.exists():
        raise SystemExit(f"{chosen.counted} is not there: run `make test` first")
    is_saved = chosen.counted.suffix == ".json"
    now = json.loads(chosen.counted.read_text()) if is_saved else count(chosen.counted)
    if chosen.renew:
        BASELINE.write_text(json.dumps(now, indent=1) + "\n")
        print(f"{len(now['instructions'])} kernels counted: {BASELINE.name}")
        return 0
    before = json.loads(BASELINE.read_text())
    lines, faults = compare(now, before)
    print(f"{'instructions':<18}{'baseline':>14}{'now':>14}")
    print("\n".join(lines))
    if faults and now["compiler"] != before["compiler"]:
        print(
            f"the baseline is of another compiler: {before['compiler']}; this is {now['compiler']}"
        )
    if faults:
        print(
            f"more than {TOLERANCE:.0%} above the baseline, or not in both: {'; '.join(faults)}; "
            "where that is meant, renew it (docs/reading-benchmarks.md) and say why in the commit",
            file=sys.stderr,
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
