"""Does the data keep what the drawing promises? Each implied independence, tested on a DataFrame."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.errors import DataError, did_you_mean
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.implications import implied_independences

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("x", "y", "given", "test", "statistic", "p", "p_adjusted", "effect", "low", "high", "n", "holds")
_LEVELS = 10  # whole numbers with no more values than this are taken for categories
_EXPECTED = 2.0  # the fewest rows that independence must let us expect in a cell: below, chi-square is a poor guide
_NIL = 1e-7  # of its length: what is left of a column is rounding
_SPARE = 10  # rows a regression needs beyond its coefficients


def compare_with_data(graph: Any, data: pd.DataFrame, alpha: float = 0.05) -> pd.DataFrame:
    """Each independence that the drawing implies, tested on the data; one row each, `holds` when it is not rejected.

    Columns: x, y, given; test; statistic, p, and p_adjusted for the number of tests (Holm); effect with its 95 %
    interval, low to high; n, the rows used; holds, whether p_adjusted >= alpha. With many rows small departures are
    rejected too: the size of `effect` says how much is left, from 0 to 1.
    Test: chi-square within the cells of `given` when all columns are categories (effect: Cramér's V, less what chance
    alone gives); partial correlation (Fisher's z) when x and y are numbers; regression (F) when one of them is a
    category; logistic regression (likelihood ratio) for two categories given numbers. The last three see straight-line
    dependence only. Text, booleans, and whole numbers of at most 10 values are categories, and what
    `.astype("category")` made one. Where nothing can be tested (too few rows), `test` says why, and p is missing.
    Raises DataError for a table that does not fit: missing columns, gaps, columns without variation, infinite values.
    Source: Holm 1979; Fisher 1924; Bergsma 2013. Taught in chapter 02.
    """
    import pandas as pd

    graph = as_graph(graph)
    if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not 0 < alpha < 1:
        raise DataError(f"alpha is the share of false alarms you accept, between 0 and 1 such as 0.05; not {alpha!r}.")
    columns = _columns(graph, data)
    rows = []
    for claim in implied_independences(graph):
        test, result = _test(columns[claim.x], columns[claim.y], [columns[node] for node in claim.given])
        if isinstance(result, str):
            test, result = f"not testable: {result}", _NOTHING
        rows.append((claim.x, claim.y, claim.given, test, *astuple(result)))
    table = pd.DataFrame(rows, columns=[name for name in _COLUMNS if name not in ("p_adjusted", "holds")])
    table["p_adjusted"] = _holm(table["p"].to_numpy(dtype=float))
    table["holds"] = (table["p_adjusted"] >= alpha).astype("boolean").mask(table["p"].isna())
    return table[list(_COLUMNS)]


@dataclass(frozen=True)
class _Column:
    """A column as it is tested: codes 0, 1, ... of its `levels` categories, or numbers when `levels` is 0."""

    values: np.ndarray
    levels: int


@dataclass(frozen=True)
class _Result:
    statistic: float
    p: float
    effect: float
    low: float
    high: float
    n: int


_FEW, _FIXED = "too few rows", "what is given fixes one of the two"
_NOTHING = _Result(np.nan, np.nan, np.nan, np.nan, np.nan, 0)


def _columns(graph: CausalGraph, data: Any) -> dict[Node, _Column]:
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise DataError(
            f"The data must be a pandas DataFrame, one column for each node; this is {type(data).__name__}."
        )
    if missing := [node for node in graph.nodes if node not in data.columns]:
        raise DataError(
            f"The data has no column '{missing[0]}', which is a node of the graph."
            + did_you_mean(missing[0], data.columns)
            + " If it was never measured, project it out: graph.project([...]) with the nodes that were."
        )
    return {node: _column(node, data[node]) for node in graph.nodes}


def _column(name: Node, column: Any) -> _Column:
    import pandas as pd

    if isinstance(column, pd.DataFrame):
        raise DataError(f"The data has {column.shape[1]} columns named '{name}'. Keep one of them.")
    if gaps := int(column.isna().sum()):
        raise DataError(
            f"Column '{name}' has {gaps} missing value{'s' * (gaps > 1)}. Drop those rows (data.dropna()), and ask "
            "whether they are missing by chance: that belongs in the graph too."
        )
    types = pd.api.types
    if types.is_complex_dtype(column.dtype) or types.is_datetime64_any_dtype(column.dtype):
        raise DataError(f"Column '{name}' holds {column.dtype}; numbers or categories can be tested.")
    numeric = types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype)
    values = column.to_numpy(dtype=float) if numeric else np.zeros(0)
    if not np.isfinite(values).all():
        raise DataError(f"Column '{name}' holds an infinite value. Find out where it comes from, and leave it out.")
    try:
        codes, levels = pd.factorize(column)
    except TypeError:
        raise DataError(f"Column '{name}' holds things that are no categories, such as {column.iloc[0]!r}.") from None
    if len(levels) < 2:
        raise DataError(
            f"Column '{name}' has {len(levels) or 'no'} value{'s' * (len(levels) != 1)}, so nothing can depend on it. "
            "Use data in which it varies."
        )
    if numeric and not (len(levels) <= _LEVELS and (values == np.round(values)).all()):
        return _Column((values - values.mean()) / values.std(), 0)
    return _Column(codes, len(levels))


def _test(x: _Column, y: _Column, given: list[_Column]) -> tuple[str, _Result | str]:
    """The name of the test for these kinds of columns, and its result, or why there is none."""
    if x.levels and y.levels and all(z.levels for z in given):
        return "chi-square", _chi_square(x, y, given)
    if x.levels and y.levels:
        return "logistic regression", _logistic(x, y, _Given.of(given, len(x.values)))
    if x.levels or y.levels:
        number, category = (y, x) if x.levels else (x, y)
        return "regression", _regression(number, category, _Given.of(given, len(x.values)))
    return "partial correlation" if given else "correlation", _correlation(x, y, _Given.of(given, len(x.values)))


def _chi_square(x: _Column, y: _Column, given: list[_Column]) -> _Result | str:
    """Pearson's chi-square of x and y within each cell of `given`, statistics and degrees of freedom added up."""
    from scipy.stats import chi2, chi2_contingency

    statistic, df, n, most = 0.0, 0, 0, 0.0
    cells = _cells(given, len(x.values))
    tables = np.bincount(
        (cells * x.levels + x.values) * y.levels + y.values, minlength=(cells.max() + 1) * x.levels * y.levels
    ).reshape(-1, x.levels, y.levels)
    for table in map(_dense, tables[tables.sum((1, 2)) >= 4 * _EXPECTED]):
        if table is not None:
            found = chi2_contingency(table, correction=False)
            statistic, df, n = statistic + found.statistic, df + found.dof, n + int(table.sum())
            most += table.sum() * (min(table.shape) - 1)  # chi-square when x and y determine each other
    if not df:
        return _FEW
    effects = np.sqrt(np.minimum(_beyond_chance(statistic, df) / most, 1.0))
    return _Result(float(statistic), float(chi2.sf(statistic, df)), *map(float, effects), n)


def _cells(given: list[_Column], rows: int) -> np.ndarray:
    """For each row the number of its cell: which combination of values of `given` it has."""
    cells = np.zeros(rows, dtype=np.int64)
    for z in given:  # numbered anew each time, so that many columns do not overflow
        cells = np.unique(cells * z.levels + z.values, return_inverse=True)[1]
    return cells


def _dense(table: np.ndarray) -> np.ndarray | None:
    """The table without its rarest values, until independence lets us expect enough rows in each cell.

    Only the margins decide, and given those the test is as good in the part as in the whole.
    """
    while True:
        totals = table.sum(1), table.sum(0)
        if totals[0].min() * totals[1].min() >= _EXPECTED * table.sum():
            return table
        more = [axis for axis in (0, 1) if table.shape[axis] > 2]
        if not more:
            return None
        rarest, axis = min((totals[axis].min(), axis) for axis in more)
        table = np.delete(table, np.flatnonzero(totals[axis] == rarest)[0], axis)


@dataclass(frozen=True)
class _Given:
    """What is given, as a regression takes it: the cell of each row, and the numbers.

    cells: shape (rows,). basis: what the numbers say beyond their means in each cell, as columns of length 1 at right
    angles, shape (rows, k). size: the number of coefficients.
    """

    cells: np.ndarray
    basis: np.ndarray
    size: int

    @classmethod
    def of(cls, given: list[_Column], rows: int) -> _Given:
        cells = _cells([z for z in given if z.levels], rows)
        numbers = [z.values[:, None] for z in given if not z.levels]
        plain = cls(cells, np.zeros((rows, 0)), int(cells.max()) + 1)
        basis = plain.beyond(np.hstack(numbers)) if numbers else plain.basis
        return cls(cells, basis, plain.size + basis.shape[1])

    def left(self, columns: np.ndarray) -> np.ndarray:
        """What a regression on the given leaves of the columns, shape (rows, columns)."""
        means = [np.bincount(self.cells, column) for column in columns.T] / np.bincount(self.cells)
        rest = columns - means.T[self.cells]
        return rest - self.basis @ (self.basis.T @ rest)

    def beyond(self, columns: np.ndarray) -> np.ndarray:
        """What is left of the columns, as columns of length 1 at right angles; fewer when the given says it all."""
        basis, sizes, _ = np.linalg.svd(self.left(columns), full_matrices=False)
        return basis[:, sizes > _NIL * np.linalg.norm(columns)]


def _correlation(x: _Column, y: _Column, given: _Given) -> _Result | str:
    """Fisher's z of what the given leaves of x and y."""
    from scipy.stats import norm

    rest = given.left(np.column_stack([x.values, y.values]))
    lengths = np.linalg.norm(rest, axis=0)
    spare = len(rest) - given.size - 2
    if spare < _SPARE:
        return _FEW
    if (lengths < _NIL * np.sqrt(len(rest))).any():
        return _FIXED
    r = float(rest[:, 0] @ rest[:, 1] / lengths.prod())
    z, width = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15)), norm.isf(0.025) / np.sqrt(spare)
    statistic = float(z * np.sqrt(spare))
    return _Result(
        statistic, float(2 * norm.sf(abs(statistic))), *map(float, np.tanh([z, z - width, z + width])), len(rest)
    )


def _regression(number: _Column, category: _Column, given: _Given) -> _Result | str:
    """The F-test of the category's coefficients in a regression of the number on it and on what is given."""
    from scipy.stats import f

    extra = given.beyond(np.eye(category.levels)[category.values])
    rest = given.beyond(number.values[:, None])
    n, df = extra.shape
    spare = n - given.size - df
    if spare < _SPARE:
        return _FEW
    if not df or not rest.size:
        return _FIXED
    explained = float(((extra.T @ rest) ** 2).sum())  # a share: `rest` has length 1
    statistic = explained / df / max(1 - explained, 1e-15) * spare
    power = _beyond_chance(statistic * df, df)
    effects = np.sqrt(power / (power + spare))
    return _Result(statistic, float(f.sf(statistic, df, spare)), *map(float, effects), n)


def _logistic(x: _Column, y: _Column, given: _Given) -> _Result | str:
    """The likelihood ratio of two multinomial logistic regressions of y on what is given, with x and without."""
    from scipy.stats import chi2

    extra = given.beyond(np.eye(x.levels)[x.values])
    n, more = extra.shape
    df = more * (y.levels - 1)
    if np.bincount(y.values).min() < _SPARE + given.size + more:
        return _FEW
    if not more:
        return _FIXED
    counts = np.bincount(given.cells)
    base = np.hstack([np.eye(len(counts))[given.cells] / np.sqrt(counts), given.basis])
    fits = [_likelihood(y, design * np.sqrt(n)) for design in (base, np.hstack([base, extra]))]
    if None in fits:
        return "the regression finds no end"
    if fits[0] > -_SPARE:
        return _FIXED
    statistic = max(0.0, 2 * (fits[1] - fits[0]))
    power = _beyond_chance(statistic, df)
    effects = np.sqrt(power / (power + n))
    return _Result(statistic, float(chi2.sf(statistic, df)), *map(float, effects), n)


def _likelihood(y: _Column, design: np.ndarray) -> float | None:
    """The largest log-likelihood of a multinomial logistic regression; None when the search for it finds no end.

    design: shape (rows, coefficients), each column of mean square 1.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax, softmax

    rows, chosen = np.arange(len(design)), np.eye(y.levels)[y.values]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        scores = np.hstack([np.zeros((len(design), 1)), design @ flat.reshape(design.shape[1], -1)])
        slope = design.T @ (softmax(scores, axis=1) - chosen)[:, 1:] / len(design)
        return -float(log_softmax(scores, axis=1)[rows, y.values].mean()), slope.ravel()

    start = np.zeros(design.shape[1] * (y.levels - 1))
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-7})
    # rows predicted with certainty need endless coefficients, but their likelihood has a limit
    return -found.fun * len(design) if np.abs(found.jac).max() < 1e-5 else None


def _beyond_chance(statistic: float, df: int) -> np.ndarray:
    """How far a chi-square lies beyond what chance gives: the noncentrality, and its 95 % interval, shape (3,)."""
    from scipy.optimize import brentq
    from scipy.stats import ncx2

    def limit(found: float, share: float) -> float:
        def gap(power: float) -> float:
            return float(ncx2.cdf(found, df, power)) - share

        return float(brentq(gap, 1e-9, found + df + 20 * np.sqrt(found + df) + 100)) if gap(1e-9) > 0 else 0.0

    # a statistic below its mean is luck: the upper limit does not shrink with it
    return np.array([max(0.0, statistic - df), limit(statistic, 0.975), limit(max(statistic, df), 0.025)])


def _holm(p: np.ndarray) -> np.ndarray:
    """p-values made fit for testing all at once, however they hang together; those that are missing stay so."""
    adjusted = np.full(len(p), np.nan)
    order = [i for i in np.argsort(p, kind="stable") if not np.isnan(p[i])]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return adjusted
