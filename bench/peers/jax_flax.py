"""flax-dot and flax-bias in JAX: one compiled step, dense Adam; same data and batches as Osusume's.

Style `step` calls the compiled step for each batch; `scan` compiles the whole epoch into one call.
"""

import os

import training

STYLES = ["step", "scan"]


def limit_threads(threads):
    """Restricts this process to so many processors: XLA's CPU client has no setting of its own."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def make_step(jax, learning_rate, biased):
    """(tables, first moments, second moments, step number), batch → the next state and the loss."""
    jnp = jax.numpy
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def loss_of(tables, u, i, r):
        score = jnp.sum(tables["p"][u] * tables["q"][i], axis=1)
        if biased:
            score = score + tables["bu"][u] + tables["bi"][i]
        return jnp.sqrt(jnp.mean(jnp.square(score - r)))

    def step(state, batch):
        tables, m, v, t = state
        loss, gradient = jax.value_and_grad(loss_of)(tables, *batch)
        t = t + 1
        m = jax.tree.map(lambda a, g: beta1 * a + (1 - beta1) * g, m, gradient)
        v = jax.tree.map(lambda a, g: beta2 * a + (1 - beta2) * g * g, v, gradient)
        rate = learning_rate / (1 - beta1**t)
        root = jnp.sqrt(1 - beta2**t)
        tables = jax.tree.map(
            lambda w, a, b: w - rate * a / (jnp.sqrt(b) / root + epsilon), tables, m, v
        )
        return (tables, m, v, t), loss

    return step


def main():
    """Trains as the command line says and prints one JSON object."""
    chosen = training.options(__doc__.splitlines()[0], STYLES)
    limit_threads(chosen.threads)
    import jax
    import numpy as np

    import arrays

    jnp = jax.numpy
    train, test, initial = training.load(chosen)
    biased = chosen.model == "flax-bias"
    tables = {"p": initial.user_factors, "q": initial.item_factors}
    if biased:
        tables |= {"bu": initial.user_bias, "bi": initial.item_bias}
    step = make_step(jax, chosen.learning_rate, biased)
    one = jax.jit(step, donate_argnums=0)
    cuts = training.batches(len(train.ratings), chosen.batch_size, chosen.steps)
    whole = sum(last - first == chosen.batch_size for first, last in cuts)
    columns = (train.users.astype(np.int32), train.items.astype(np.int32), train.ratings)
    singles = [tuple(jnp.asarray(c[first:last]) for c in columns) for first, last in cuts]
    stacked, many = None, None
    if chosen.optimizer_style == "scan":
        many = jax.jit(lambda s, b: jax.lax.scan(step, s, b), donate_argnums=0)
        shape = (whole, chosen.batch_size)
        stacked = tuple(jnp.asarray(c[: whole * chosen.batch_size].reshape(shape)) for c in columns)
        singles = singles[whole:]

    def fresh():
        start = {name: jnp.asarray(t) + 0 for name, t in tables.items()}
        zeros = [jax.tree.map(jnp.zeros_like, start) for _ in range(2)]
        return (start, *zeros, jnp.float32(0))

    def epoch(state):
        losses = []
        if many:
            state, scanned = many(state, stacked)
            losses.append(scanned)
        for batch in singles:
            state, loss = one(state, batch)
            losses.append(loss[None])
        return state, float(np.concatenate([np.asarray(x) for x in losses]).mean(dtype=np.float64))

    held = {"state": fresh()}

    def step_epoch():
        held["state"], loss = epoch(held["state"])
        return loss

    def warm_up():
        """Compiles both shapes of batch; `scan` needs a whole epoch for it."""
        if many:
            epoch(fresh())
        else:
            for batch in (singles[0], singles[-1]):
                jax.block_until_ready(one(fresh(), batch))

    def read_parameters():
        now = {name: np.asarray(t) for name, t in held["state"][0].items()}
        return arrays.Parameters(
            now["p"],
            now["q"],
            now.get("bu", np.zeros(len(now["p"]), np.float32)),
            now.get("bi", np.zeros(len(now["q"]), np.float32)),
        )

    training.run(
        chosen, f"jax {jax.__version__}", train, test, step_epoch, read_parameters, warm_up
    )


if __name__ == "__main__":
    main()
