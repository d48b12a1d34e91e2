"""What a comparison ran on: processor, caches, memory, versions, commit; no names, no paths."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

LIBRARIES = [
    "numpy",
    "torch",
    "jax",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "faiss-cpu",
    "implicit",
    "scikit-surprise",
    "cmfrec",
    "lenskit",
    "myfm",
    "cornac",
    "libmf",
    "sansa",
    "openTSNE",
    "scikit-learn",
    "umap-learn",
    "optuna",
]


def version(distribution):
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def cpu_model():
    """The processor's name as Linux or macOS tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def caches():
    """Sizes by level, such as {"L2": "512K"}, where Linux tells them."""
    found = {}
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (index / "type").read_text().strip() != "Instruction":
            found["L" + (index / "level").read_text().strip()] = (
                (index / "size").read_text().strip()
            )
    return dict(sorted(found.items()))


def isa():
    """The instruction set that ours runs here (CKernels/plain/isa.c): CK_ISA, or the best there is."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        flags = set(next(line for line in lines if line.startswith("flags")).split())
    except (OSError, StopIteration):
        flags = set()
    names = {"avx512": {"avx512f", "avx512vl", "avx512dq", "avx512bw"}, "avx2": set()}
    base = {"avx2", "fma", "bmi1", "bmi2", "abm"}
    best = [name for name, more in names.items() if base | more <= flags] + ["scalar"]
    wish = os.environ.get("CK_ISA")
    return wish if wish in best else best[0]


def commit():
    """The commit this tree is at, with a plus if it has changes besides the results."""

    def git(*words):
        here = Path(__file__).parent
        return subprocess.run(["git", *words], cwd=here, capture_output=True, text=True).stdout

    changed = git("status", "--porcelain", "--", ":/", ":(exclude,top)bench/results")
    return git("rev-parse", "--short=12", "HEAD").strip() + ("+" if changed.strip() else "")


def describe():
    """All of it, for the results."""
    versions = {name: version(name) for name in LIBRARIES}
    return {
        "cpu": cpu_model(),
        "isa": isa(),
        "cores": os.cpu_count(),
        "caches": caches(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: v for name, v in versions.items() if v},
        "commit": commit(),
        "measured": datetime.date.today().isoformat(),
    }
