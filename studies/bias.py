"""How much of the error does not average out over data sets, and how often do the intervals hold the truth?

The identifiable graphs of `studies.consistency`, latents with four values, two hundred data sets of each size: one row
for each graph and size, with the mean error, its standard error, and the share of 95 % intervals that held the truth.
"""

from __future__ import annotations

import itertools

import numpy as np

from causalcourse import rng
from causalcourse.bridge import fit
from studies.consistency import GRAPHS, effect, telling, world
from studies.record import run

SIZES = (100, 300, 1_000, 3_000, 10_000)
SETS = 200


def bias(name: str, n: int, k: int, sets: int = SETS) -> list[dict]:
    """The k-th model of a graph, `sets` data sets of `n` rows. Errors are in parts of one, as effects are."""
    model = world(name, k)
    truth = effect(model, "Y | do(X)")
    errors, held = [], 0
    for seed in itertools.count():
        if len(errors) == sets:
            break
        data = model.sample(n, rng(f"bias {name} {n} {seed}"))
        if data["X"].nunique() < 2:  # without both actions there is no effect to estimate: a hundred rows may lack one
            continue
        fitted = fit(GRAPHS[name], data, rng=rng(f"bias fit {seed}"))
        low, value, high = fitted.effect("Y | do(X)").table[["low", "value", "high"]].to_numpy()[0]
        errors.append(value - truth)
        held += low <= truth <= high
    sd = np.std(errors, ddof=1)
    return [{"graph": name, "n": n, "bias": np.mean(errors), "error of it": sd / sets**0.5, "held": held / sets}]


if __name__ == "__main__":
    names = [name for name in GRAPHS if name != "bow"]
    chosen = {name: telling(name) for name in names}
    run("bias", bias, [(name, n, chosen[name]) for n in reversed(SIZES) for name in names])
