"""Worlds that a model may have read of, weighed by how often and by how well the records fit; and how one errs.

prior: how common each world is, shape (K,); p: its records P(x, y), shape (K, 2, 2); done: its P(Y=1 | do(X=1)), shape
(K,); counts: how many of the new world's records have each x and y, shape (2, 2).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.checks.distinct import instead

Case = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
_GROUPS, _TWINS = 3, 3  # so many tables of records, and so many worlds with each
_CLEAR = 0.4  # how much likelier, as a logarithm, one table must make the records than the next
_FEW = 100  # records, by which another table than the likeliest may be the nearest


def worlds(rng: np.random.Generator, units: int) -> Case:
    """A case with so many records, in which one table fits them best; if they are few, not the nearest table.

    Used from chapter 13.
    """
    while True:
        tables = rng.dirichlet(np.full(4, 3.0), _GROUPS).reshape(-1, 2, 2)
        group = rng.permutation(np.repeat(np.arange(_GROUPS), _TWINS))
        p = tables[group]
        # who had X=1 shows what X=1 does; the others may be anything, where something hidden acts on both
        done = p[:, 1, 1] + p[:, 0].sum(axis=1) * rng.random(len(p))
        counts = rng.multinomial(units, tables[0].ravel()).reshape(2, 2)
        fits = _fits(tables, counts)
        if counts.min() == 0 or np.diff(np.sort(fits))[-1] < _CLEAR:
            continue
        nearest = [_gaps(shown, tables, counts).argmin() for shown in (_table, _effect)]
        if units > _FEW or fits.argmax() not in nearest:
            return rng.dirichlet(np.full(len(p), 2.0)), p, done, counts


def _table(p: np.ndarray) -> np.ndarray:
    return p


def _effect(p: np.ndarray) -> np.ndarray:
    return p[..., 1, 1] / p[..., 1, :].sum(axis=-1)


def _gaps(shown: Callable[[np.ndarray], np.ndarray], p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How far what is shown of each table is from the same of the records, added up."""
    return np.abs(shown(p) - shown(counts / counts.sum())).reshape(len(p), -1).sum(axis=1)


def _fits(p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The log likelihood of the counts in each world."""
    return np.einsum("kxy,xy->k", np.log(p), counts)


def _weights(prior: np.ndarray, fit: np.ndarray) -> np.ndarray:
    w = prior * np.exp(fit - fit.max())
    return w / w.sum()


def _left(prior: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """What is believed in the end: the prior among the worlds with the table that fits best."""
    best = p[_fits(p, counts).argmax()]
    w = np.where((p == best).all(axis=(1, 2)), prior, 0)
    return w / w.sum()


def _mean(w: np.ndarray, done: np.ndarray) -> float:
    return float(w @ done)


def _spread(w: np.ndarray, done: np.ndarray) -> float:
    return float(np.sqrt(w @ (done - w @ done) ** 2))


def believed(prior: np.ndarray, p: np.ndarray, done: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """[mean, standard deviation, what is left of it when the records grow without end]. Used from chapter 13."""
    now, left = _weights(prior, _fits(p, counts)), _left(prior, p, counts)
    return np.array([_mean(now, done), _spread(now, done), _spread(left, done)])


def _with(now: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """The first two numbers with other weights."""

    def found(prior: np.ndarray, p: np.ndarray, done: np.ndarray, counts: np.ndarray) -> np.ndarray:
        w = now(prior, p, counts)
        return np.array([_mean(w, done), _spread(w, done), _spread(_left(prior, p, counts), done)])

    return found


def _flat(prior: np.ndarray, p: np.ndarray, done: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return believed(np.full(len(prior), 1 / len(prior)), p, done, counts)


def _added(prior: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    w = prior * np.einsum("kxy,xy->k", p, counts)
    return w / w.sum()


def _likeliest(prior: np.ndarray, p: np.ndarray, done: np.ndarray, counts: np.ndarray) -> np.ndarray:
    w = _weights(prior, _fits(p, counts))
    return np.array([done[w.argmax()], 0, 0])


def _nearest(shown: Callable[[np.ndarray], np.ndarray]) -> Callable[..., float]:
    """The spread among worlds in which what is shown of the table is nearest to the records, and not the likeliest."""

    def found(prior: np.ndarray, p: np.ndarray, done: np.ndarray, counts: np.ndarray) -> float:
        gaps = _gaps(shown, p, counts)
        w = np.where(np.isclose(gaps, gaps.min()), prior, 0)
        return _spread(w / w.sum(), done)

    return found


_NOTHING_LEFT = (
    "Records without end tell which table is this world's. How many of the worlds in the list have that table, and do "
    "they agree on `done`?"
)
_change = instead(believed)
PRIOR_MISTAKES = (
    Mistake(
        "nothing is left",
        _change({2: lambda *case: 0.0}),
        f"The first two are right. Your third is 0. {_NOTHING_LEFT}",
    ),
    Mistake(
        "nothing shrinks",
        _change({2: lambda *case: believed(*case)[1]}),
        "The first two are right. Your third is as your second, as if more records told nothing more. They do tell "
        "tables apart.",
    ),
    Mistake(
        "alike in the end",
        _change({2: lambda *case: _flat(*case)[2]}),
        "The first two are right. In your third the worlds that are left count alike. No record speaks for one of "
        "them, so which of them are more common is what it was before.",
    ),
    Mistake(
        "all as before",
        _change({2: lambda prior, p, done, counts: _spread(prior, done)}),
        "The first two are right. Your third is the spread before any record. Worlds with other tables are ruled out.",
    ),
    Mistake(
        "nearest table",
        _change({2: _nearest(_table)}),
        "The first two are right. In your third the worlds are left whose table is nearest to the records. The "
        "likeliest can be another: where a cell is rare, a small difference says much.",
    ),
    Mistake(
        "nearest effect",
        _change({2: _nearest(_effect)}),
        "The first two are right. For your third you compare P(Y=1 | X=1) alone. The records tell of all four cells.",
    ),
    Mistake(
        "prior left out",
        _flat,
        "You weigh the worlds by their fit alone. Some are more common than others: `prior` says how common.",
    ),
    Mistake(
        "records left out",
        _with(lambda prior, p, counts: prior),
        "You weigh the worlds by `prior` alone. The records fit some of them better.",
    ),
    Mistake(
        "added, not multiplied",
        _with(_added),
        "You weigh each world by a sum of counts times chances. The chance of many records is a *product*: each "
        "p[x, y] as many times as it was counted.",
    ),
    Mistake(
        "already without end",
        _with(_left),
        "In your first two only the worlds that fit best count. These are few records: the others are less likely, "
        "and not ruled out.",
    ),
    Mistake(
        "likeliest world",
        _likeliest,
        "You bet on the likeliest world. Asked is what is believed: all worlds, each as far as it is believed.",
    ),
    Mistake(
        "variance",
        _change({1: lambda *case: believed(*case)[1] ** 2, 2: lambda *case: believed(*case)[2] ** 2}),
        "Your second and third are variances. The standard deviation is the root.",
    ),
    Mistake(
        "spread of the list",
        _change({1: lambda prior, p, done, counts: float(done.std())}),
        "Your second has the worlds of the list count alike. Weigh them as for the mean.",
    ),
    Mistake(
        "what is seen",
        _change({0: lambda prior, p, done, counts: float(counts[1, 1] / counts[1].sum())}),
        "Your first is P(Y=1 | X=1) in the records. Asked is what is believed of `done`.",
    ),
)
