"""How far equally good fits disagree when do-calculus says no, beside the sharp bounds: the bow, the instrument."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import linprog

from causalcourse import rng
from causalcourse.bridge import fit
from causalcourse.expression import P
from causalcourse.random_models import random_discrete
from studies.record import run

GRAPHS = {"bow": "X -> Y; X <-> Y", "instrument": "Z -> X -> Y; X <-> Y", "front door": "X -> M -> Y; X <-> Y"}
SEEDS = 5


def bounds(p: np.ndarray) -> tuple[float, float]:
    """The sharp bounds on the effect from p[z, x, y] = P(x, y | z); one z for the bow. Source: Balke & Pearl 1997.

    A unit is how its X answers to z, and how its Y answers to x; what is unknown is how common each kind is.
    """
    kinds = list(itertools.product(itertools.product((0, 1), repeat=len(p)), itertools.product((0, 1), repeat=2)))
    cells = list(itertools.product(range(len(p)), (0, 1), (0, 1)))
    shows = [[float(to_z[z] == x and to_x[x] == y) for to_z, to_x in kinds] for z, x, y in cells]
    effect = np.array([to_x[1] - to_x[0] for _, to_x in kinds], float)
    ends = [sign * linprog(sign * effect, A_eq=shows, b_eq=p.ravel()).fun for sign in (1, -1)]
    return ends[0], ends[1]


def spread(name: str, seed: int, latents: int) -> list[dict]:
    """The effects of 200 fits of one world's data, and what any program that fits could say."""
    model = random_discrete(GRAPHS[name], rng(f"spread {name} {seed}"))
    data = model.sample(20_000, rng(f"spread data {name} {seed}"))
    fitted = fit(GRAPHS[name], data, latents=latents, rng=rng(f"spread fit {seed}"))
    found = fitted.spread("Y | do(X)", rng(f"spread starts {seed} {latents}"))
    low, high = found.low, found.high
    if name != "front door":
        axes = ["Z", "X", "Y"] if name == "instrument" else ["X", "Y"]
        p = data.value_counts(normalize=True).sort_index().to_numpy().reshape([2] * len(axes))
        p = p if p.ndim == 3 else p[None]
        try:
            low, high = bounds(p / p.sum(axis=(1, 2), keepdims=True))
        except TypeError:  # by chance, records that no such model has exactly
            low, high = np.nan, np.nan
    truth = np.diff(P("Y | do(X)").evaluate(model, Y=1))[0]
    return [
        {
            "graph": name,
            "seed": seed,
            "latents": latents,
            "truth": truth,
            "bound low": low,
            "bound high": high,
            "lowest": found.low,
            "highest": found.high,
            "programs": len(found.effects),
            "nats apart": np.ptp(found.nats),
        }
    ]


if __name__ == "__main__":
    run("spread", spread, itertools.product(GRAPHS, range(SEEDS), (2, 8)))
