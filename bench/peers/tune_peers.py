"""Optuna's search for settings of Surprise's SVD, or of implicit's ALS, in so many seconds.

Settings are chosen on a tenth of train, the library's defaults first; the winner and the defaults are
then fitted to all of train and judged once on test. Spaces are of the settings that ours searches, around
the library's defaults. The trial that is under way when time is up is finished and counts. Prints one JSON
object.
"""

import argparse
import json
import time

import numpy as np

import arrays
import list_peers
import machine
import ranking
import rating_peers


class Surprise:
    """Surprise's SVD: μ + b_u + b_i + p·q by SGD, judged by RMSE."""

    package, metric, direction = "scikit-surprise", "rmse", "minimize"
    defaults = {"n_factors": 100, "n_epochs": 20, "lr_all": 0.005, "reg_all": 0.02}

    @staticmethod
    def suggest(trial):
        """Width, passes, rate and penalty."""
        return {
            "n_factors": trial.suggest_int("n_factors", 16, 128, log=True),
            "n_epochs": trial.suggest_int("n_epochs", 10, 100, log=True),
            "lr_all": trial.suggest_float("lr_all", 0.002, 0.02, log=True),
            "reg_all": trial.suggest_float("reg_all", 0.02, 0.2, log=True),
        }

    @staticmethod
    def figure(train, test, sizes, unrated, common, settings):
        """RMSE on rows that were held out."""
        predict = rating_peers.fit_surprise(train, *sizes, seed=common["seed"], **settings)
        return arrays.rmse(predict(test), test.ratings)


class Implicit:
    """implicit's ALS on who rated what, judged by NDCG@10."""

    package, metric, direction = "implicit", "ndcg@10", "maximize"
    defaults = {"factors": 100, "iterations": 15, "regularization": 0.01, "alpha": 1.0}

    @staticmethod
    def suggest(trial):
        """Width, sweeps, penalty and weight of what was met."""
        return {
            "factors": trial.suggest_int("factors", 64, 256, log=True),
            "iterations": trial.suggest_int("iterations", 8, 32, log=True),
            "regularization": trial.suggest_float("regularization", 1e-2, 100, log=True),
            "alpha": trial.suggest_float("alpha", 0.5, 40, log=True),
        }

    @staticmethod
    def figure(train, test, sizes, unrated, common, settings):
        """NDCG@10 of rows that were held out, judged as all lists are."""
        judge = ranking.Judge(train, test, *sizes, unrated)
        scores = list_peers.fit_implicit_als(list_peers.matrix(train, *sizes), **common, **settings)
        return float(judge.of_scores(scores)[0]["ndcg@10"].mean())


LIBRARIES = {"surprise": Surprise, "implicit": Implicit}


def search(library, train, seconds, rest):
    """Optuna's study on a tenth of train, and the seconds it took."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    held = np.random.default_rng(0).random(len(train.ratings)) < 0.1
    parts = train.take(~held), train.take(held)
    study = optuna.create_study(
        direction=library.direction, sampler=optuna.samplers.TPESampler(seed=42)
    )
    study.enqueue_trial(library.defaults)
    start = time.perf_counter()
    study.optimize(
        lambda trial: library.figure(*parts, *rest, library.suggest(trial)), timeout=seconds
    )
    return study, time.perf_counter() - start


def main():
    """Searches as the command line says and prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=["optuna"], required=True)
    parser.add_argument("--library", choices=LIBRARIES, required=True)
    parser.add_argument("--split", required=True, help="directory with train.csv and test.csv")
    parser.add_argument("--ratings", required=True, help="the file it was cut from: its −1 rows")
    parser.add_argument("--seconds", type=float, required=True, help="for the trials")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, default=42)
    chosen = parser.parse_args()
    library = LIBRARIES[chosen.library]
    train, test, *sizes = arrays.number_split(chosen.split)
    unrated = list_peers.unrated_pairs(chosen.ratings, chosen.split)
    rest = sizes, unrated, {"seed": chosen.seed, "threads": chosen.threads}
    study, seconds = search(library, train, chosen.seconds, rest)
    best, defaults = study.best_params, library.defaults
    report = {
        "peer": f"Optuna {machine.version('optuna')}, {chosen.library} {machine.version(library.package)}",
        "trials": len(study.trials),
        "seconds": seconds,
        "test": library.figure(train, test, *rest, best),
        "default": library.figure(train, test, *rest, defaults),
        "settings": best,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
