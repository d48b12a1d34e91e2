"""Maps of a saved model's items by openTSNE, scikit-learn and umap-learn, one a run.

Each has its defaults, t-SNE at perplexity 30 and 1,000 steps. Seconds are of the call that places the
vectors, its search for neighbours included; importing, and compiling what is compiled at the first call
(umap-learn first places the same vectors in two epochs: up to 4,096 it searches in another way), are not
among them. Prints one JSON object; --output keeps the places.
"""

import argparse
import json
import time

import numpy as np
from safetensors.numpy import load_file

import machine

PERPLEXITY, STEPS = 30, 1000
PACKAGES = {"openTSNE": "openTSNE", "sklearn": "scikit-learn", "umap": "umap-learn"}


def place_opentsne(vectors, way, threads, seed):
    """openTSNE: 250 early steps, and the rest."""
    import openTSNE

    return openTSNE.TSNE(
        perplexity=PERPLEXITY,
        n_iter=STEPS - 250,
        negative_gradient_method=way or "auto",
        n_jobs=threads,
        random_state=seed,
    ).fit


def place_sklearn(vectors, way, threads, seed):
    """scikit-learn's Barnes-Hut t-SNE."""
    from sklearn.manifold import TSNE

    return TSNE(
        perplexity=PERPLEXITY, max_iter=STEPS, n_jobs=threads, random_state=seed
    ).fit_transform


def place_umap(vectors, way, threads, seed):
    """umap-learn; with a seed it would use one thread, so it has none."""
    import umap

    umap.UMAP(n_jobs=threads, n_epochs=2).fit_transform(vectors)
    return umap.UMAP(n_jobs=threads).fit_transform


PLACES = {"openTSNE": place_opentsne, "sklearn": place_sklearn, "umap": place_umap}


def main():
    """Places the items once, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PLACES, required=True)
    parser.add_argument("--way", choices=["bh", "fft"], help="of openTSNE, how forces are found")
    parser.add_argument("--model", required=True, help="a saved model with item factors")
    parser.add_argument("--output", required=True, help="an .npy file for the places")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=42)
    chosen = parser.parse_args()
    vectors = load_file(chosen.model)["item_factors"]
    place = PLACES[chosen.peer](vectors, chosen.way, chosen.threads, chosen.seed)
    start = time.perf_counter()
    places = place(vectors)
    seconds = time.perf_counter() - start
    np.save(chosen.output, np.asarray(places, np.float32))
    package = PACKAGES[chosen.peer]
    print(json.dumps({"peer": f"{package} {machine.version(package)}", "seconds": seconds}))


if __name__ == "__main__":
    main()
