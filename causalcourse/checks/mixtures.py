"""A text in which records and trials are mixed, with the trials marked or not; and how one errs in reading it.

p: P(z, x, y) of the records, shape (2, 2, 2); s: share of trials among all texts, half of them with X set to 1; n: how
many texts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.checks.distinct import instead


def _trials(p: np.ndarray) -> np.ndarray:
    """P(z, x, y) in the trials: severity as it is, X by the toss of a coin, Y as it follows on both."""
    follows = p / p.sum(axis=2, keepdims=True)
    return p.sum(axis=(1, 2))[:, None, None] * follows / 2


def _treated(p: np.ndarray) -> float:
    """P(Y=1 | X=1) in a table P(z, x, y)."""
    return float(p[:, 1, 1].sum() / p[:, 1].sum())


def mixed(p: np.ndarray, s: float, n: int) -> np.ndarray:
    """[answer of marked trials, answer where the mark is dropped, standard error of the first].

    Used from chapter 13.
    """
    trials = _trials(p)
    marked, all_texts = _treated(trials), (1 - s) * p + s * trials
    about = n * s * trials[:, 1].sum()
    return np.array([marked, _treated(all_texts), np.sqrt(marked * (1 - marked) / about)])


def records(rng: np.random.Generator) -> tuple[np.ndarray, float, int]:
    """A random table, share of trials, and number of texts. Used from chapter 13."""
    z, x, y = rng.uniform(0.3, 0.7), rng.uniform(0.1, 0.9, 2), rng.uniform(0.1, 0.9, (2, 2))
    pz, px, py = (np.stack([1 - q, q], axis=-1) for q in (z, x, y))
    return np.einsum("z,zx,zxy->zxy", pz, px, py), float(rng.uniform(0.1, 0.5)), int(rng.integers(100, 300))


def _done(p: np.ndarray, s: float, n: int) -> float:
    return _treated(_trials(p))


def _seen(p: np.ndarray, s: float, n: int) -> float:
    return _treated(p)


def _blend(weight: Callable[[np.ndarray, float], float]) -> Callable[..., float]:
    """The second number with another share of trials among the texts with X = 1."""

    def blended(p: np.ndarray, s: float, n: int) -> float:
        w = weight(p, s)
        return w * _done(p, s, n) + (1 - w) * _seen(p, s, n)

    return blended


def _error(units: Callable[..., float], rate: Callable[..., float] = _done) -> Callable[..., float]:
    def error(*case: object) -> float:
        q = rate(*case)
        return float(np.sqrt(q * (1 - q) / units(*case)))

    return error


def _one_in_two(p: np.ndarray, s: float, n: int) -> float:
    return n * s / 2


def _unmarked(p: np.ndarray, s: float, n: int) -> float:
    return float(mixed(p, s, n)[1])


_SECOND = (
    (
        "answers mixed",
        _blend(lambda p, s: s),
        "Your second mixes the two *answers*, s to 1 - s. The model mixes texts. Of the texts with X = 1, is a "
        "share s trials?",
    ),
    (
        "all trials treat",
        _blend(lambda p, s: s / (s + (1 - s) * p[:, 1].sum())),
        "In your second every trial has X = 1. Half of them have.",
    ),
    (
        "weights turned",
        _blend(lambda p, s: 1 - s),
        "In your second the weights have changed places: s is the share of the trials. And it is the answers that "
        "you mix, where texts are mixed.",
    ),
    (
        "trials are seldom",
        _seen,
        "Your second is P(Y=1 | X=1) of the records alone. The trials stand in the same text, and without the mark "
        "they are read as well.",
    ),
    ("no mark needed", _done, "Your second is as your first, as if the trials could still be told from the records."),
)
_THIRD = (
    ("all texts", _error(lambda p, s, n: n), "Your third counts all texts. Most of them are no trials."),
    (
        "all trials",
        _error(lambda p, s, n: n * s),
        "Your third counts all trials. How many of them speak of X = 1?",
    ),
    (
        "no root",
        lambda *case: float(mixed(*case)[2] ** 2),
        "Your third is the variance. The standard error is its root.",
    ),
    (
        "rate alone",
        lambda p, s, n: float(np.sqrt(_done(p, s, n) / (n * s / 2))),
        "In your third a factor is missing: one yes-or-no answer has the variance q (1 - q).",
    ),
    (
        "half a unit",
        lambda p, s, n: float(np.sqrt(0.25 / (n * s / 2))),
        "Your third has 1/2 for the standard deviation of one answer. That is the largest it can be; the rate is "
        "known here.",
    ),
    (
        "as seen",
        _error(_one_in_two, _seen),
        "Your third takes the rate of the records. In the trials the rate is your first number.",
    ),
    (
        "as mixed",
        _error(_one_in_two, _unmarked),
        "Your third takes the rate of the unmarked text. The standard error of the *first* number is asked for.",
    ),
)
_change = instead(mixed)
MIXTURE_MISTAKES = (
    Mistake(
        "seen for done",
        _change({0: _seen, 1: _seen, 2: _error(_one_in_two, _seen)}),
        "Your first is P(Y=1 | X=1) of the records. In the trials a coin set X, so severity is as in everybody.",
    ),
    Mistake(
        "first seen",
        _change({0: _seen}),
        "Your first is P(Y=1 | X=1) of the records. In the trials a coin set X, so severity is as in everybody.",
    ),
    Mistake(
        "first and second swapped",
        lambda *case: mixed(*case)[[1, 0, 2]],
        "Your first two have changed places: the marked text comes first.",
    ),
    Mistake(
        "severities alike",
        _change({0: lambda p, s, n: float((p[:, 1, 1] / p[:, 1].sum(axis=1)).mean())}),
        "In your first both severities count the same. How common is each?",
    ),
    Mistake(
        "a share of all",
        _change({0: lambda p, s, n: float(p[:, 1, 1].sum())}),
        "Your first is P(X=1, Y=1), a share of all records.",
    ),
    Mistake(
        "the other arm",
        lambda p, s, n: mixed(p[:, ::-1], s, n),
        "Yours is about X = 0. In p[z, x, y] the treatment is the second index.",
    ),
    *(Mistake(name, _change({1: f}), f"The other two are right. {said}") for name, f, said in _SECOND),
    *(Mistake(name, _change({2: f}), f"The other two are right. {said}") for name, f, said in _THIRD),
)
