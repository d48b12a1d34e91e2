"""How each side of the comparison is started: Osusume, and a peer's script."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 42


class Bench:
    """One comparison: where things are, and how each side is started."""

    def __init__(self, chosen, work):
        """Takes the command line's choices and a directory for temporary files."""
        self.osusume, self.work = Path(chosen.osusume).resolve(), Path(work)
        self.full = Path(chosen.full) if chosen.full else None
        self.data = Path(chosen.data) if chosen.data else None
        self.rounds, self.epochs = chosen.rounds, chosen.epochs
        self.threads = sorted({1, os.cpu_count()})
        self.skipped = set()

    def ours(self, *words, seed=SEED):
        """Runs osusume with --json; its answer, with the wall seconds of the whole command."""
        command = [self.osusume, *words, "--json", "--quiet", "--seed", seed]
        answer, seconds = finish([str(word) for word in command], os.environ)
        return {**answer, "wall_seconds": seconds}

    def peer(self, script, *words, threads):
        """Runs a peer's script in this interpreter's environment; None where it is missing."""
        name = words[words.index("--peer") + 1] if "--peer" in words else script.split("_")[0]
        if importlib.util.find_spec("numpy" if name == "bias" else name) is None:
            if name not in self.skipped:
                note(f"skipped: {name} is not installed here")
            self.skipped.add(name)
            return None
        limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(limits, str(threads))}
        command = [sys.executable, "-W", "ignore", HERE / f"{script}.py", *words]
        answer, _ = finish([str(w) for w in [*command, "--threads", threads]], environment)
        return answer

    def fit(self, model, data, threads, output="model.safetensors", seed=SEED, **settings):
        """`osusume train` of one model with the protocol that all comparisons share."""
        words = ["--model", model, *protocol(data), "--threads", threads]
        for name, value in settings.items():
            words += [f"--{name}", value]
        return self.ours("train", *words, "--output", self.work / output, seed=seed)

    def split(self, data, name, seed=SEED):
        """`osusume data split`: the train.csv and test.csv that the peers read."""
        directory = self.work / name
        self.ours("data", "split", *protocol(data), "--output", directory, seed=seed)
        return directory


def note(line):
    """Progress, on stderr."""
    print(line, file=sys.stderr, flush=True)


def finish(command, environment):
    """Runs a command to its end; the JSON object on its last line, and seconds."""
    note("$ " + " ".join(Path(w).name if os.sep in w else w for w in command))
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1]), seconds


def protocol(data):
    """Input and split: join with the items, no single raters, per-user 90/10."""
    anime = (data / "rating.csv").exists()
    ratings, items = ("rating.csv", "anime.csv") if anime else ("ratings.csv", "movies.csv")
    return [
        *("--ratings", data / ratings, "--items", data / items, "--join", "inner"),
        *("--min-user-ratings", 2, "--split", "per-user:0.1"),
    ]


def median(values):
    """The median, or None of nothing."""
    values = list(values)
    return statistics.median(values) if values else None
