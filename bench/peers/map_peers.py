"""Maps of a saved model's items: ours beside openTSNE, scikit-learn and umap-learn, on the same vectors.

Prints one JSON object: seconds of each, the search for neighbours included, and how trustworthy its map
is. Import and compilation are left out: umap-learn places a few points first.
"""

import argparse
import json
import subprocess
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file


def ours(osusume, model, method, threads):
    """Seconds of our maps without reading and writing files, and the places."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            osusume,
            "map",
            "--model",
            model,
            "--method",
            method,
            "--output",
            f"{folder}/map.json",
        ]
        command += ["--threads", str(threads), "--json", "--min-ratings", "0"]
        command += ["--perplexity", "30"] if method == "tsne" else []
        start = time.perf_counter()
        report = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        seconds = time.perf_counter() - start
        with open(f"{folder}/map.json") as file:
            found = json.load(file)["maps"][0]
    kl = json.loads(report)["maps"][0].get("kl_divergence")
    return seconds, np.column_stack([found["x"], found["y"]]), kl


def opentsne(vectors, threads, way):
    """openTSNE with its defaults and 1,000 steps."""
    import openTSNE

    tsne = openTSNE.TSNE(perplexity=30, n_iter=750, n_jobs=threads, negative_gradient_method=way)
    start = time.perf_counter()
    found = tsne.fit(vectors)
    return time.perf_counter() - start, np.asarray(found), found.kl_divergence


def sklearn(vectors, threads):
    """scikit-learn's Barnes-Hut t-SNE, 1,000 steps."""
    from sklearn.manifold import TSNE

    tsne = TSNE(perplexity=30, max_iter=1000, n_jobs=threads, random_state=42)
    start = time.perf_counter()
    found = tsne.fit_transform(vectors)
    return time.perf_counter() - start, found, float(tsne.kl_divergence_)


def umap_learn(vectors, threads):
    """umap-learn with its defaults, compiled beforehand."""
    import umap

    umap.UMAP(n_jobs=threads).fit_transform(vectors[:500])
    start = time.perf_counter()
    found = umap.UMAP(n_jobs=threads).fit_transform(vectors)
    return time.perf_counter() - start, found, None


def main():
    """Times all sides as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osusume", required=True)
    parser.add_argument("--model", required=True, help="a saved model with item factors")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    from sklearn.manifold import trustworthiness

    vectors = load_file(options.model)["item_factors"]
    sides = {
        "osusume t-SNE": lambda: ours(options.osusume, options.model, "tsne", options.threads),
        "openTSNE, Barnes-Hut": lambda: opentsne(vectors, options.threads, "bh"),
        "openTSNE, interpolation": lambda: opentsne(vectors, options.threads, "fft"),
        "scikit-learn t-SNE": lambda: sklearn(vectors, options.threads),
        "osusume UMAP": lambda: ours(options.osusume, options.model, "umap", options.threads),
        "umap-learn": lambda: umap_learn(vectors, options.threads),
    }
    results = {}
    for name, side in sides.items():
        seconds, places, kl = side()
        results[name] = {
            "seconds": seconds,
            "trustworthiness": trustworthiness(vectors, places, n_neighbors=12),
            "kl": kl,
        }
    print(json.dumps({"points": len(vectors), "threads": options.threads, "maps": results}))


if __name__ == "__main__":
    main()
