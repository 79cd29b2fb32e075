"""How much the way of fitting matters: latents integrated out, or guessed one by one by a mean-field guide.

The linear front door with a strong hidden cause; ten data sets of 500 units; Pyro's AutoNormal after 300, 1,000 and
3,000 steps.
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


def world() -> SCM:
    """X -> M -> Y with effects 0.8 and 1.2, and a hidden cause of X and Y."""
    noise = {"U": Normal(), "E_X": Normal(), "E_M": Normal(), "E_Y": Normal()}
    equations = {
        "X": lambda U, E_X: U + E_X,
        "M": lambda X, E_M: 0.8 * X + E_M,
        "Y": lambda M, U, E_Y: 1.2 * M + 1.5 * U + E_Y,
    }
    return SCM(noise, equations)


def fitted(seed: int, method: str, steps: int) -> list[dict]:
    data = world().sample(500, rng(f"guides {seed}"))
    bayes.STEPS = steps or bayes.STEPS
    started = time.perf_counter()
    found = fit("X -> M -> Y; X <-> Y", data, method=method, rng=rng(f"guide {seed}"))
    row = found.effect("Y | do(X)").table.iloc[0]
    way = f"mean-field guide, {steps:,} steps" if steps else {"exact": "integrated out"}.get(method, "NUTS")
    return [{"seed": seed, "way": way, "truth": TRUTH, **row, "seconds": time.perf_counter() - started}]


if __name__ == "__main__":
    ways = (("exact", 0), ("nuts", 0), ("svi", 300), ("svi", 1_000), ("svi", 3_000))
    run("guides", fitted, [(seed, *way) for seed, way in itertools.product(range(SEEDS), ways)])
