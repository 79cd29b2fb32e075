"""How much the way of fitting matters: latents integrated out, or guessed one by one by a mean-field guide.

Two linear front doors, ten data sets of 500 units each. In the first a hidden cause shows in X and Y alone; in the
second there are two, and each leaves two signs of its own, which pin it down. Pyro's AutoNormal after 300 and 3,000
steps.
"""

from __future__ import annotations

import itertools
import time

from causalcourse import rng
from causalcourse.bridge import bayes, fit
from causalcourse.noise import Normal
from causalcourse.scm import SCM
from studies.record import run

TRUTH = 0.96
SEEDS = 10
GRAPHS = {
    "one cause": "X -> M -> Y; A -> X; A -> Y",
    "two causes with signs": "X -> M -> Y; A -> X; A -> Y; A -> A1; A -> A2; B -> X; B -> Y; B -> B1; B -> B2",
}


def world(name: str) -> SCM:
    """X -> M -> Y with effects 0.8 and 1.2, and hidden causes of X and Y."""
    equations = {
        "X": lambda A, E_X: A + E_X,
        "M": lambda X, E_M: 0.8 * X + E_M,
        "Y": lambda M, A, E_Y: 1.2 * M + 1.5 * A + E_Y,
    }
    if name != "one cause":
        equations |= {
            "X": lambda A, B, E_X: A + B + E_X,
            "Y": lambda M, A, B, E_Y: 1.2 * M + 1.5 * A + 1.5 * B + E_Y,
            "A1": lambda A, E_A1: A + E_A1,
            "A2": lambda A, E_A2: A + E_A2,
            "B1": lambda B, E_B1: B + E_B1,
            "B2": lambda B, E_B2: B + E_B2,
        }
    return SCM({u: Normal() for u in (*hidden(name), *(f"E_{v}" for v in equations))}, equations)


def hidden(name: str) -> list[str]:
    return [u for u in "AB" if f"{u} ->" in GRAPHS[name]]


def fitted(name: str, seed: int, method: str, steps: int) -> list[dict]:
    data = world(name).sample(500, rng(f"guides {seed}"))
    bayes.STEPS = steps or bayes.STEPS
    started = time.perf_counter()
    found = fit(GRAPHS[name], data, hidden=hidden(name), latents="normal", method=method, rng=rng(f"guide {seed}"))
    row = found.effect("Y | do(X)").table.iloc[0]
    way = f"mean-field guide, {steps:,} steps" if steps else {"exact": "integrated out"}.get(method, "NUTS")
    known = {"graph": name, "seed": seed, "way": way, "truth": TRUTH}
    return [{**known, **row, "seconds": time.perf_counter() - started}]


if __name__ == "__main__":
    ways = (("exact", 0), ("nuts", 0), ("svi", 300), ("svi", 3_000))
    run("guides", fitted, [(name, seed, *way) for name, seed, way in itertools.product(GRAPHS, range(SEEDS), ways)])
