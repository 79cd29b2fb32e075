"""The average effect of a treatment from a table, adjusted for some columns: four ways, each with an interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causalcourse.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_Z = 1.959964  # standard errors to either side that hold 95 % of a normal distribution
_FEWEST = 10  # units in an arm


@dataclass(frozen=True)
class Effect:
    """An estimate of E[Y | do(X=1)] - E[Y | do(X=0)] with its 95 % interval, in the outcome's units.

    `n` is the number of units; `method` one of "naive", "regression", "ipw", "aipw", "matching".
    Taught in chapter 04.
    """

    value: float
    low: float
    high: float
    method: str
    n: int

    def __str__(self) -> str:
        return f"{self.method}: {self.value:.3g}, 95 % interval [{self.low:.3g}, {self.high:.3g}], {self.n:,} units"


def effect(
    data: pd.DataFrame, treatment: str, outcome: str, adjust: str | Iterable[str] = (), method: str = "aipw"
) -> Effect:
    """The average effect of a 0/1 treatment, adjusted for the columns `adjust`, by one method.

    "naive": difference of means. "regression": a straight line in each arm, averaged over all units (Lin 2013).
    "ipw": means weighted by 1 / P(what the unit got), logistic propensity (Hájek). "aipw": both, doubly robust (Robins,
    Rotnitzky & Zhao 1994). "matching": each unit beside the nearest of the other arm, ties averaged, and a straight
    line for the distance that is left (Abadie & Imbens 2011). Constant columns of `adjust` are left out. The interval
    counts the sample's luck alone. Raises DataError for columns that are missing, not numbers or not complete, a
    treatment that is not 0/1, too few units, or arms that the columns part without fail ("naive" does not look).
    Overlap in part is not refused: look at `show.overlap`. Taught in chapter 04.
    """
    if not isinstance(method, str) or method not in _METHODS:
        raise DataError(f"method={method!r} is not one of {', '.join(_METHODS)}.{did_you_mean(method, _METHODS)}")
    x, y, z = _columns(data, treatment, outcome, adjust)
    value, error = _METHODS[method](x, y, z)
    return Effect(float(value), float(value - _Z * error), float(value + _Z * error), method, len(y))


def effects(data: pd.DataFrame, treatment: str, outcome: str, adjust: str | Iterable[str] = ()) -> pd.DataFrame:
    """All methods side by side: one row for each, with the columns value, low and high.

    Raises DataError as `effect` does. Taught in chapter 04.
    """
    import pandas as pd

    adjust = _names(adjust)
    found = [effect(data, treatment, outcome, adjust, method) for method in _METHODS]
    return pd.DataFrame([(e.value, e.low, e.high) for e in found], [*_METHODS], ["value", "low", "high"])


def propensity(data: pd.DataFrame, treatment: str, adjust: str | Iterable[str]) -> np.ndarray:
    """P(treated | adjust) for each row, by logistic regression: an array of shape (n,).

    Raises DataError as `effect` does, except for arms without overlap. Source: Rosenbaum & Rubin 1983.
    Taught in chapter 04.
    """
    x, _, z = _columns(data, treatment, None, adjust)
    return _scores(x, z)


def _columns(
    data: pd.DataFrame, treatment: str, outcome: str | None, adjust: str | Iterable[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Treatment, outcome and standardised adjustment columns as arrays."""
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data are a pandas DataFrame with one row for each unit; this is {type(data).__name__}.")
    adjust = _names(adjust)
    named = [treatment, *([] if outcome is None else [outcome]), *adjust]
    known = list(data.columns)
    for name in named:
        if name not in known:
            listed = ", ".join(map(str, known))
            raise DataError(f"'{name}' is not a column of the data ({listed})." + did_you_mean(str(name), known))
        if known.count(name) > 1:
            raise DataError(f"The data have {known.count(name)} columns with the name '{name}'. Rename them first.")
        if named.count(name) > 1:
            raise DataError(f"'{name}' is named twice. Treatment, outcome and the columns to adjust for are different.")
        if not pd.api.types.is_numeric_dtype(data[name]) or pd.api.types.is_complex_dtype(data[name]):
            raise DataError(f"'{name}' does not hold numbers. Turn categories into 0/1 columns: pandas.get_dummies.")
        if not np.isfinite(data[name].to_numpy(float)).all():
            raise DataError(
                f"'{name}' has values that are missing or infinite. Drop those rows, or fill them in, first."
            )
    x = data[treatment].to_numpy(float)
    if not np.isin(x, (0, 1)).all():
        raise DataError(f"'{treatment}' is not 0/1. These methods compare two arms: treated 1, untreated 0.")
    if min(x.sum(), (1 - x).sum()) < (needed := _FEWEST + len(adjust)):
        raise DataError(
            f"'{treatment}' has {x.sum():.0f} treated of {len(x)}; each arm needs {needed} units at least: "
            f"{_FEWEST}, and one more for each column to adjust for."
        )
    z = data[adjust].to_numpy(float)
    z = z[:, z.std(axis=0) > 0]
    y = np.zeros(len(x)) if outcome is None else data[outcome].to_numpy(float)
    return x, y, (z - z.mean(axis=0)) / z.std(axis=0)


def _names(adjust: object) -> list:
    if isinstance(adjust, str):
        return [adjust]
    if not isinstance(adjust, Iterable):
        raise DataError(f'adjust={adjust!r} is not a list of columns. Expected, for example, ["Z"]; [] for none.')
    return list(adjust)


def _scores(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    if not z.shape[1]:
        return np.full(len(x), x.mean())
    # hardly any penalty: it keeps the fit finite where a column parts the arms
    return LogisticRegression(C=1e4, max_iter=2_000).fit(z, x).predict_proba(z)[:, 1]


def _overlapping(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    e = _scores(x, z)
    if e[x == 1].min() > e[x == 0].max():
        raise DataError(
            "No overlap: the columns to adjust for tell treated and untreated apart without fail, so that nobody can "
            "be compared. Look at show.overlap, and ask about units for which both were possible."
        )
    return e


def _line(z: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(z)), z])


def _fit(columns: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(columns, y, rcond=None)[0]


def _naive(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    arms = [y[x == arm] for arm in (1, 0)]
    return arms[0].mean() - arms[1].mean(), np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))


def _regression(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    _overlapping(x, z)
    columns = np.column_stack([np.ones(len(x)), x, z, x[:, None] * z])  # z has mean 0: the slope of x is the average
    left = y - columns @ (found := _fit(columns, y))
    bread = np.linalg.pinv(columns.T @ columns)
    freedom = len(y) / (len(y) - np.linalg.matrix_rank(columns))
    spread = bread @ (columns.T * left**2) @ columns @ bread * freedom  # whatever the variance is at each unit (HC1)
    differing = z @ found[2 + z.shape[1] :]  # by how much a unit's effect is off the average: other units, another mean
    return found[1], np.sqrt(spread[1, 1] + _error(differing) ** 2)


def _ipw(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    e = _overlapping(x, z)
    treated, untreated = x / e, (1 - x) / (1 - e)
    means = [np.average(y, weights=w) for w in (treated, untreated)]
    influence = treated * (y - means[0]) - untreated * (y - means[1])
    # the propensity was estimated from the same units: what its score explains of the influence is no luck
    score = (x - e)[:, None] * _line(z)
    return means[0] - means[1], _error(influence - score @ _fit(score, influence))


def _aipw(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    e, columns = _overlapping(x, z), _line(z)
    expected = [columns @ _fit(columns[x == arm], y[x == arm]) for arm in (1, 0)]
    each = expected[0] - expected[1] + x / e * (y - expected[0]) - (1 - x) / (1 - e) * (y - expected[1])
    return each.mean(), _error(each)


def _matching(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    _overlapping(x, z)
    other, used, used_squared, noise = (np.empty_like(y) for _ in range(4))
    for arm in (1, 0):
        here, there = x == arm, x != arm
        line = _line(z) @ _fit(_line(z[here]), y[here])
        group, found = _nearest(z[here], z[there])
        size, asked = np.bincount(group), np.bincount(found, minlength=group.max() + 1)
        means = np.bincount(group, (y - line)[here]) / size
        other[there] = line[there] + means[found]  # matched off the line: it bridges the distance that is left
        used[here], used_squared[here] = (asked / size)[group], (asked / size**2)[group]
        noise[here] = _noise(z[here], y[here])
    each = np.where(x == 1, y - other, other - y)
    # Abadie, Drukker, Herr & Imbens 2004: what the effects differ by, and that some units stand in for many
    noise *= used**2 + 2 * used - used_squared
    return each.mean(), np.sqrt(((each - each.mean()) ** 2).sum() + noise.sum()) / len(y)


def _nearest(pool: np.ndarray, asking: np.ndarray, skip: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Units of the pool at one place are a group: the group of each, and the group nearest to each asking unit."""
    from scipy.spatial import cKDTree

    places, group = np.unique(pool, axis=0, return_inverse=True)
    group = group.reshape(-1)
    if len(places) <= skip or not pool.shape[1]:
        return group, np.zeros(len(asking), int)
    return group, cKDTree(places).query(asking, k=[1 + skip])[1][:, 0]


def _noise(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The variance of each outcome among units like it: those at the same place, or those at the next one."""
    group, following = _nearest(z, z, skip=1)
    size = np.bincount(group)
    mean = np.bincount(group, y) / size
    alone = size[group] == 1
    m = size[np.where(alone, following, group)]
    return np.where(alone, m / (m + 1) * (y - mean[following]) ** 2, m / np.maximum(m - 1, 1) * (y - mean[group]) ** 2)


def _error(influence: np.ndarray) -> float:
    return influence.std(ddof=1) / np.sqrt(len(influence))


_METHODS = {"naive": _naive, "regression": _regression, "ipw": _ipw, "aipw": _aipw, "matching": _matching}
