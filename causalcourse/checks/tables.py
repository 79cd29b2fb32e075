"""Fresh tables of patients for the checks, some with both outcomes of each; and what is true of such a table."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from causalcourse.worlds import clinic

if TYPE_CHECKING:
    import pandas as pd


def both_outcomes(rng: np.random.Generator, n: int = 60) -> pd.DataFrame:
    """`n` patients of a random clinic, columns X, Y0, Y1 (0 or 1): some helped, some harmed, ten or more in each arm.

    Used from chapter 01.
    """
    while True:
        model = clinic.random_model(rng, "independent", of=8)
        kinds = model.worlds()[["p", "X"]]
        kinds = kinds.assign(Y0=model.do(X=0).worlds()["Y"], Y1=model.do(X=1).worlds()["Y"])
        drawn = kinds.iloc[rng.choice(len(kinds), size=n, p=kinds["p"])]
        if 10 <= drawn["X"].sum() <= n - 10:
            return drawn[["X", "Y0", "Y1"]].reset_index(drop=True)


def average_effects(table: pd.DataFrame) -> list[float]:
    """[ATE, ATT, ATU] of a table with columns X, Y0, Y1. Taught in chapter 01."""
    effect = table["Y1"] - table["Y0"]
    return [float(effect.mean()), *(float(effect[table["X"] == x].mean()) for x in (1, 0))]


def naive_difference(table: pd.DataFrame) -> float:
    """What the records show of a table with columns X, Y0, Y1: treated minus untreated. Taught in chapter 01."""
    return float(table["Y1"][table["X"] == 1].mean() - table["Y0"][table["X"] == 0].mean())


def three_terms(table: pd.DataFrame) -> list[float]:
    """[ATE, baseline bias, (1 - p)(ATT - ATU)] of a table with columns X, Y0, Y1: they sum to what the records show.

    Taught in chapter 01.
    """
    (ate, att, atu), treated = average_effects(table), table["X"] == 1
    bias = float(table["Y0"][treated].mean() - table["Y0"][~treated].mean())
    return [ate, bias, float(1 - treated.mean()) * (att - atu)]


def small_trial(rng: np.random.Generator, half: int) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of a trial with `half` patients in each arm: x 0 or 1 by lot, y whole days; shape (2 * half,).

    Used from chapter 01.
    """
    x = rng.permutation(np.repeat([0, 1], half))
    # an effect in some trials and none in others, so that p-values small and large occur
    return x, rng.integers(6, 26, 2 * half) - x * int(rng.integers(0, 6))


def share_of_lots(x: np.ndarray, y: np.ndarray, as_much: Callable[[np.ndarray, float], np.ndarray]) -> float:
    """The share of all lots with as many treated for which `as_much(differences, the observed one)` holds.

    x: 0 or 1, y: outcomes, both of shape (n,). Source: Fisher 1935. Taught in chapter 01.
    """

    def difference(treated: np.ndarray) -> float:
        return float(y[treated].mean() - y[~treated].mean())

    everybody = np.arange(len(x))
    drawn = [np.isin(everybody, lot) for lot in combinations(everybody, int(x.sum()))]
    return float(as_much(np.array([difference(lot) for lot in drawn]), difference(x == 1)).mean())


def p_value(x: np.ndarray, y: np.ndarray) -> float:
    """Fisher's two-sided p-value of the sharp null; x: 0 or 1, y: outcomes, shape (n,) each. Taught in chapter 01."""
    return share_of_lots(x, y, lambda redone, seen: np.abs(redone) >= abs(seen) - 1e-9)


def lots(x: np.ndarray) -> int:
    """How many ways there are to draw as many treated as in x, 0 or 1, of shape (n,). Taught in chapter 01."""
    return math.comb(len(x), int(x.sum()))


def coin_trial(rng: np.random.Generator, n: int = 600) -> pd.DataFrame:
    """A randomised trial of `n` patients, columns Z, X, Y (0 or 1): the effect depends on Z, no cell is small.

    Used from chapter 01.
    """
    import pandas as pd

    while True:
        z, x = rng.random(n) < rng.uniform(0.25, 0.75), rng.random(n) < rng.uniform(0.35, 0.65)
        chance = rng.uniform(0.1, 0.9, (2, 2))
        y = rng.random(n) < chance[z.astype(int), x.astype(int)]
        trial = pd.DataFrame({"Z": z, "X": x, "Y": y}).astype(int)
        if trial.groupby(["Z", "X"]).size().min() > 20:
            return trial


def trial_with_refusals(rng: np.random.Generator, n: int = 400) -> pd.DataFrame:
    """A trial of `n` patients, columns offered, took, recovered (0 or 1): a coin offers, the sick take it less often.

    A few get the drug without the offer. Used from chapter 01.
    """
    import pandas as pd

    sick, offered = rng.random(n) < 0.5, rng.random(n) < rng.uniform(0.4, 0.6)
    took = np.where(offered, rng.random(n) < np.where(sick, 0.4, 0.9), rng.random(n) < 0.15)
    chance = rng.uniform(0.4, 0.6) - 0.3 * sick + rng.uniform(0.1, 0.35) * took
    return pd.DataFrame({"offered": offered, "took": took, "recovered": rng.random(n) < chance}).astype(int)
