"""flax-dot and flax-bias in torch: the same arrays, parameters and batches as Osusume's.

Plain torch as its manual would have it: dense embedding gradients and `Adam(fused=True)`. Other
styles: `foreach` (torch's default on a CPU before fused Adam) and `sparse` (SparseAdam, which is
other mathematics: a row without a rating in the batch stays where it is).
"""

import training

STYLES = ["fused", "foreach", "sparse"]


def main():
    """Trains as the command line says and prints one JSON object."""
    chosen = training.options(__doc__.splitlines()[0], STYLES)
    import torch
    from torch.nn.functional import embedding

    import arrays

    torch.set_num_threads(chosen.threads)
    train, test, initial = training.load(chosen)
    users, items = torch.from_numpy(train.users), torch.from_numpy(train.items)
    ratings = torch.from_numpy(train.ratings)
    biased = chosen.model == "flax-bias"
    sparse = chosen.optimizer_style == "sparse"
    starts = [initial.user_factors, initial.item_factors]
    if biased:
        starts += [initial.user_bias[:, None], initial.item_bias[:, None]]
    tables = [torch.from_numpy(t.copy()).requires_grad_() for t in starts]

    def optimizer_for(parameters):
        if sparse:
            return torch.optim.SparseAdam(parameters, lr=chosen.learning_rate)
        style = {chosen.optimizer_style: True}
        return torch.optim.Adam(parameters, lr=chosen.learning_rate, **style)

    def step(parameters, optimizer, first, last):
        u, i = users[first:last], items[first:last]
        p, q, *biases = (
            embedding(rows, table, sparse=sparse)
            for rows, table in zip((u, i, u, i), parameters, strict=False)
        )
        score = (p * q).sum(1)
        if biases:
            score = score + (biases[0] + biases[1]).squeeze(1)
        loss = (score - ratings[first:last]).square().mean().sqrt()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    cuts = training.batches(len(ratings), chosen.batch_size, chosen.steps)
    optimizer = optimizer_for(tables)

    def step_epoch():
        losses = [step(tables, optimizer, first, last) for first, last in cuts]
        return float(torch.stack(losses).double().mean())

    def warm_up():
        copies = [t.detach().clone().requires_grad_() for t in tables]
        practice = optimizer_for(copies)
        for first, last in cuts[:3]:
            step(copies, practice, first, last)

    def read_parameters():
        p, q, *biases = (t.detach().numpy() for t in tables)
        user_bias, item_bias = (b[:, 0] for b in biases) if biases else (0 * p[:, 0], 0 * q[:, 0])
        return arrays.Parameters(p, q, user_bias, item_bias)

    training.run(
        chosen, f"torch {torch.__version__}", train, test, step_epoch, read_parameters, warm_up
    )


if __name__ == "__main__":
    main()
