"""What records and an experiment without treatment say of the treated, and how one goes wrong over it.

p[x, y]: the joint table of the records. zero: P(Y=1 | do(X=0)), from the experiment.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.checks.halves import Half, halves, pair


def tables(shares: np.ndarray) -> tuple[np.ndarray, float]:
    """p and zero where shares[x, a, b] of all have X=x, Y_0=a, Y_1=b: what fits a model, and nothing else.

    Used from chapter 07.
    """
    return np.stack([shares[0].sum(axis=1), shares[1].sum(axis=0)]), float(shares[:, 1].sum())


def town(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """p and zero of a random town, every cell of p above 0.05. Used from chapter 07."""
    while True:
        p, zero = tables(rng.dirichlet(np.ones(8)).reshape(2, 2, 2))
        if p.min() > 0.05:
            return p, zero


def treated_effect(p: np.ndarray, zero: float) -> float:
    """E[Y_1 - Y_0 | X=1]. Source: Shpitser & Pearl 2009. Used from chapter 07."""
    return float((p[1, 1] - zero + p[0, 1]) / p[1].sum())


TREATED_MISTAKES = (
    Mistake(
        "zero is of all",
        lambda p, zero: p[1, 1] / p[1].sum() - zero,
        "You took `zero` off, which is about everybody. Those who choose the treatment may be people who fare "
        "otherwise without it.",
    ),
    Mistake(
        "what is seen",
        lambda p, zero: p[1, 1] / p[1].sum() - p[0, 1] / p[0].sum(),
        "That is the difference that is seen: the treated against *other* people, who chose otherwise. Asked is about "
        "the same people.",
    ),
    Mistake(
        "share of all",
        lambda p, zero: p[1, 1] + p[0, 1] - zero,
        "Yours is a share of all people. Asked is an average over those with X=1 only.",
    ),
    Mistake(
        "half divided",
        lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0, 1]),
        "You took a share of all people off a share of the treated. Both are to be of the treated.",
    ),
    Mistake(
        "without only",
        lambda p, zero: (zero - p[0, 1]) / p[1].sum(),
        "That is E[Y_0 | X=1], the harder half. The effect is a difference.",
    ),
    Mistake(
        "nobody taken away",
        lambda p, zero: p[1, 1] / p[1].sum() - zero / p[1].sum(),
        "`zero` counts people of both sorts, treated and untreated in the records. You gave all of them to the "
        "treated.",
    ),
    Mistake(
        "all taken away",
        lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0].sum()) / p[1].sum(),
        "You took away everybody with X=0. `zero` counts only those with Y=1: which of the untreated are among them?",
    ),
    Mistake(
        "rate for share",
        lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0, 1] / p[0].sum()) / p[1].sum(),
        "You took a rate among the untreated, P(Y=1 | X=0), off a share of all people. Two shares of all are to be "
        "compared.",
    ),
    Mistake(
        "over the untreated",
        lambda p, zero: p[1, 1] / p[1].sum() - (zero - p[0, 1]) / p[0].sum(),
        "You divided what is left by P(X=0). Who is left, and among whom is their share asked?",
    ),
)


def necessity_bounds(p: np.ndarray, zero: float) -> np.ndarray:
    """[smallest, largest] P(Y_0=0 | X=1, Y=1). Source: Tian & Pearl 2000. Used from chapter 07."""
    return np.clip(_unclipped(p, zero), 0, 1)


def _unclipped(p: np.ndarray, zero: float) -> np.ndarray:
    return np.array([p[:, 1].sum() - zero, 1 - zero - p[0, 0]]) / p[1, 1]


def _risk(p: np.ndarray, x: int) -> float:
    return p[x, 1] / p[x].sum()


_SMALLEST: tuple[Half, ...] = (
    ("", lambda p, zero: necessity_bounds(p, zero)[0]),
    ("Your smallest falls below 0 for some tables. A probability does not.", lambda p, zero: _unclipped(p, zero)[0]),
    ("Your smallest is always 0. For some tables it is not: can all who had it have had it anyway?", lambda p, zero: 0),
    (
        "Your smallest treats takers as people like the others, as if a lot had decided. Compare `zero` with the "
        "records: they differ.",
        lambda p, zero: max(0, 1 - zero / _risk(p, 1)),
    ),
    (
        "For your smallest, all of `zero` are takers. Some of them did not take it, and the records show how many.",
        lambda p, zero: max(0, 1 - zero / p[1, 1]),
    ),
    (
        "For your smallest you divided by P(X=1). Asked is about takers who *had* the harm.",
        lambda p, zero: max(0, (p[:, 1].sum() - zero) / p[1].sum()),
    ),
    (
        "Your smallest is a share of all people. Given X=1 and Y=1, it is a share of whom?",
        lambda p, zero: max(0, p[:, 1].sum() - zero),
    ),
)
_LARGEST: tuple[Half, ...] = (
    ("", lambda p, zero: necessity_bounds(p, zero)[1]),
    ("Your largest exceeds 1 for some tables. A probability does not.", lambda p, zero: _unclipped(p, zero)[1]),
    (
        "Your largest is always 1. For some tables it is not: where are the takers who would be hit anyway?",
        lambda p, zero: 1,
    ),
    (
        "Your largest treats takers as people like the others, as if a lot had decided. Compare `zero` with the "
        "records: they differ.",
        lambda p, zero: min(1, (1 - zero) / _risk(p, 1)),
    ),
    (
        "For your largest, all whom nothing hits without the drug are takers. Some of them did not take it, and the "
        "records show how many.",
        lambda p, zero: min(1, (1 - zero) / p[1, 1]),
    ),
    (
        "For your largest you divided by P(X=1). Asked is about takers who *had* the harm.",
        lambda p, zero: min(1, (1 - zero - p[0, 0]) / p[1].sum()),
    ),
    (
        "Your largest is a share of all people. Given X=1 and Y=1, it is a share of whom?",
        lambda p, zero: 1 - zero - p[0, 0],
    ),
)


def _excess(p: np.ndarray, zero: float) -> float:
    return max(0.0, 1 - _risk(p, 0) / _risk(p, 1))


NECESSITY_MISTAKES = (
    Mistake(
        "excess risk ratio",
        pair(_excess, _excess),
        "That is the excess risk ratio of the records, at both ends. It compares takers with other people, and "
        "supposes that the drug spares nobody. And what does the experiment say?",
    ),
    Mistake(
        "nobody is spared",
        pair(_SMALLEST[0][1], _SMALLEST[0][1]),
        "Your smallest is right, and you gave it for the largest too. They are one number if the drug never *prevents* "
        "the harm in anybody. Nothing says so here.",
    ),
    Mistake(
        "changed places",
        lambda p, zero: necessity_bounds(p, zero)[::-1],
        "The two numbers have changed places: the smallest comes first.",
    ),
    Mistake(
        "anyway",
        lambda p, zero: 1 - necessity_bounds(p, zero)[::-1],
        "Those are the limits of P(Y_0=1 | X=1, Y=1), that she would have had it anyway. Asked is that she would have "
        "been spared.",
    ),
    *halves(_SMALLEST, _LARGEST),
)


def courts(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Four cases p, zero: either end of PN inside (0, 1), or at 0 and 1 for good; no two answers alike on all of them.

    Used from chapter 07.
    """
    answers = [necessity_bounds, *(mistake.answer for mistake in NECESSITY_MISTAKES)]
    while True:
        cases = [_court(rng, low, high) for low in (True, False) for high in (True, False)]
        given = np.array([np.ravel([answer(*case) for case in cases]) for answer in answers])
        if all(np.abs(a - b).max() > 0.01 for a, b in combinations(given, 2)):
            return [cases[k] for k in rng.permutation(4)]


def _court(rng: np.random.Generator, low: bool, high: bool) -> tuple[np.ndarray, float]:
    """A town in which the smallest PN is above 0 or not (`low`), and the largest below 1 or not (`high`)."""
    while True:
        p, zero = town(rng)
        smallest, largest = _unclipped(p, zero)
        if min(abs(smallest), abs(1 - largest)) > 0.05 and (smallest > 0, largest < 1) == (low, high):
            return p, zero
