"""Response types: how the variables of a c-component may answer their parents, and what tables say of them."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causalcourse.docalculus import identify
from causalcourse.errors import CannotAnswer, DataError
from causalcourse.evaluate import EmptyCells
from causalcourse.graph import CausalGraph
from causalcourse.scm import SCM

_MOST_TYPES = 50_000  # response types of one c-component
_MOST_BASES = 300_000  # looked through for the corners of a small component
_CHUNK = 20_000  # of them at once
_MOST_CELLS = 1_000_000  # of a table
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Seen:
    """A table: probabilities by value, an axis for each variable that was not acted on, in causal order."""

    graph: CausalGraph  # the drawing in whose world the table was made
    action: dict[str, int]
    axes: tuple[str, ...]
    p: np.ndarray

    @property
    def sizes(self) -> dict[str, int]:
        acted = {v: int(value) + 1 for v, value in self.action.items()}
        return dict(zip(self.axes, self.p.shape, strict=True)) | acted

    @classmethod
    def read(cls, graph: CausalGraph, action: Mapping[str, int], given: Any) -> Seen | None:
        """The part of a table that the graph speaks of, None where that is nothing. Raises DataError.

        Where the table has a column for what was acted on, the rows of this action count.
        """
        action = {v: value for v, value in action.items() if v in graph.nodes}  # other actions change nothing here
        axes = tuple(v for v in graph.order if v not in action)
        if not axes:
            return None
        if isinstance(given, SCM):
            given = given.do(**action).joint(list(axes))
        p, columns = _columns(given, axes, action)
        rows = np.ones(len(p), bool)
        for v, value in action.items():
            rows &= columns[v] == value if v in columns else True
        if not p[rows].sum():
            said = ", ".join(f"{v}={value}" for v, value in action.items())
            raise DataError(f"The table of the experiment do({said}) has no row with {said}.")
        shape = [max(2, int(columns[v].max()) + 1) for v in axes]
        if math.prod(shape) > _MOST_CELLS:
            raise DataError(
                f"A table of {math.prod(shape):,} cells is too large: group values into fewer, 0, 1, 2, ..."
            )
        array = np.zeros(shape)
        np.add.at(array, tuple(columns[v][rows] for v in axes), p[rows])
        return cls(graph.cut_into(action), action, axes, array / array.sum())

    def occurs(self, name: str) -> np.ndarray:
        """How likely each value of a variable is; what it was set to, for certain."""
        if name in self.action:
            return (np.arange(self.sizes[name]) == self.action[name]).astype(float)
        return self.p.sum(axis=tuple(i for i, a in enumerate(self.axes) if a != name))

    @cached_property
    def series(self) -> Any:
        """The table as pandas has it."""
        import pandas as pd

        levels = pd.MultiIndex.from_product([range(n) for n in self.p.shape], names=self.axes)
        return pd.Series(self.p.ravel(), index=levels)

    def factor(self, component: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
        """Q[C] of a c-component of this world: its axes, and its values; NaN where nothing was seen.

        Source: Tian & Pearl 2002, lemma 1.
        """
        total: np.ndarray | float = 1.0
        for v in (v for v in self.axes if v in component):
            part = self.graph.subgraph(self.axes[: self.axes.index(v) + 1])
            mates = next(set(c) for c in part.c_components if v in c)
            known = mates | {a for m in mates for a in self.graph.parents(m) if a not in self.action}
            out = tuple(i for i, a in enumerate(self.axes) if a not in known)
            joint = self.p.sum(axis=out, keepdims=True)
            margin = joint.sum(axis=self.axes.index(v), keepdims=True)
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(margin > 0, joint / margin, np.nan)
            total = np.where(total == 0, 0.0, total * share)
        keep = tuple(i for i, n in enumerate(np.shape(total)) if n > 1)
        axes = tuple(self.axes[i] for i in keep)
        return axes, np.asarray(total).reshape([self.p.shape[i] for i in keep])


class Block:
    """A c-component: its response types, what the tables say of their distribution, and its corners."""

    def __init__(
        self,
        graph: CausalGraph,
        component: Iterable[str],
        sizes: Mapping[str, int],
        rising: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.nodes = tuple(v for v in graph.order if v in component)
        self.name = "R_" + "_".join(self.nodes)
        self.parents = {v: tuple(graph.parents(v)) for v in self.nodes}
        self.joined = all(b in graph.siblings(a) for a, b in itertools.combinations(self.nodes, 2))
        ways = {v: math.prod(sizes[a] for a in self.parents[v]) for v in self.nodes}
        self.count = math.prod(sizes[v] ** min(ways[v], 64) for v in self.nodes)
        if self.count > _MOST_TYPES:
            raise CannotAnswer(
                f"{', '.join(self.nodes)} share hidden causes and may answer their parents in {self.count:,} ways, too "
                "many to weigh. Group values into fewer, or leave variables out of the drawing (graph.project([...]))."
            )
        digits = np.unravel_index(np.arange(self.count), [sizes[v] for v in self.nodes for _ in range(ways[v])])
        ends = np.cumsum([0, *(ways[v] for v in self.nodes)])
        # for each variable what it is, for each combination of its parents' values and each response type
        self.table = {
            v: np.array(digits[a:b]).reshape(*(sizes[p] for p in self.parents[v]), self.count)
            for v, (a, b) in zip(self.nodes, itertools.pairwise(ends), strict=True)
        }
        self._forbid_falling(rising)
        self.rows = np.ones((1, self.count))
        self.said = np.ones(1)

    def _forbid_falling(self, rising: Iterable[tuple[str, str]]) -> None:
        """Leave out the response types in which an effect falls while its cause rises."""
        kept = np.ones(self.count, bool)
        for cause, effect in rising:
            if effect in self.nodes:
                rises = np.diff(self.table[effect], axis=self.parents[effect].index(cause)) >= 0
                kept &= rises.reshape(-1, self.count).all(axis=0)
        self.table = {v: table[..., kept] for v, table in self.table.items()}
        self.count = int(kept.sum())

    def learn(self, graph: CausalGraph, tables: Iterable[Seen]) -> float:
        """Take in what the tables say, and return by how much they fit no distribution at all."""
        rows, said = [self.rows], [self.said]
        for table in tables:
            parts = table.graph.subgraph([v for v in self.nodes if v not in table.action]).c_components
            factors = [(part, *table.factor(tuple(part))) for part in parts]
            if not table.action and not self.joined:
                factors += self._deduced(graph, table)
            for part, axes, factor in factors:
                a, b = self._constraints(part, axes, factor, table.action)
                rows.append(a)
                said.append(b)
        matrix, wanted = np.concatenate(rows), np.concatenate(said)
        closest = nearest(matrix, wanted)  # before equal rows become one: two tables may say different things
        self.rows = np.unique(matrix, axis=0)
        self.said = self.rows @ closest
        return float(np.abs(matrix @ closest - wanted).max())

    def _deduced(
        self, graph: CausalGraph, table: Seen
    ) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], np.ndarray]]:
        """P(part | do(its causes)), where do-calculus has it, for each part of a component not all joined by arcs.

        Response types of the whole do not know that two variables without an arc share no hidden cause; this does.
        """
        for part in (p for size in range(1, len(self.nodes)) for p in itertools.combinations(self.nodes, size)):
            causes = dict.fromkeys(a for v in part for a in self.parents[v] if a not in part)
            licence = identify(graph, ", ".join(part) + (f" | do({', '.join(causes)})" if causes else ""))
            if licence:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", EmptyCells)
                    found = licence.estimand.evaluate(table.series)
                axes = tuple(map(str, found.index.names))
                shape = [len(level) for level in found.index.levels] if len(axes) > 1 else [len(found)]
                yield part, axes, found.to_numpy(float).reshape(shape)

    def _constraints(
        self, part: Iterable[str], axes: Sequence[str], factor: np.ndarray, action: Mapping[str, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        rows, said = [], []
        for cell in np.ndindex(factor.shape):
            if np.isnan(factor[cell]):
                continue
            at = dict(zip(axes, cell, strict=True)) | action
            fits = np.ones(self.count, bool)
            for v in part:
                fits &= self.table[v][tuple(at[p] for p in self.parents[v])] == at[v]
            rows.append(fits)
            said.append(factor[cell])
        return np.array(rows, dtype=float).reshape(len(rows), self.count), np.array(said)

    @property
    def rank(self) -> int:
        """How many independent sums of shares the tables fix."""
        return int(np.linalg.matrix_rank(self.rows))

    @property
    def has_corners(self) -> bool:
        """Whether there are few enough to be looked for."""
        return math.comb(self.count, self.rank) <= _MOST_BASES

    def corners(self) -> np.ndarray:
        """All corners of the set of distributions that the tables allow, shape (corners, types)."""
        import scipy.linalg

        if not self.has_corners:
            raise CannotAnswer(
                f"The query depends on how {', '.join(self.nodes)} answers ({self.count:,} ways) beside a larger part "
                "of the graph: too many corners to look at."
            )
        rank = self.rank
        independent = scipy.linalg.qr(self.rows.T, mode="r", pivoting=True)[1][:rank]
        rows, said = self.rows[independent], self.said[independent]
        found: list[np.ndarray] = []
        bases = itertools.combinations(range(self.count), rank)
        while chunk := list(itertools.islice(bases, _CHUNK)):
            columns = np.array(chunk)
            parts = rows[:, columns].transpose(1, 0, 2)
            regular = np.abs(np.linalg.det(parts)) > 0.5  # of zeros and ones: a whole number
            solved = np.linalg.solve(parts[regular], np.broadcast_to(said[:, None], (regular.sum(), rank, 1)))[..., 0]
            fits = (solved >= -NOTHING).all(axis=1)
            corners = np.zeros((fits.sum(), self.count))
            np.put_along_axis(corners, columns[regular][fits], np.maximum(solved[fits], 0), axis=1)
            found.append(corners / corners.sum(axis=1, keepdims=True))
        return np.unique(np.round(np.concatenate(found), 12), axis=0)


def nearest(rows: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The distribution whose largest difference from what was said is smallest."""
    count = rows.shape[1]
    slack = np.ones((len(rows), 1))
    above, below = np.hstack([rows, -slack]), np.hstack([-rows, -slack])
    sums = np.ones((1, count + 1))
    sums[0, -1] = 0
    found = minimum(
        np.eye(count + 1)[-1], A_ub=np.vstack([above, below]), b_ub=np.concatenate([said, -said]), A_eq=sums, b_eq=[1.0]
    )
    p = np.maximum(found[:-1], 0)
    return p / p.sum()


def minimum(cost: np.ndarray, **constraints: Any) -> np.ndarray | None:
    from scipy.optimize import linprog

    # as exact as HiGHS goes: what is asked may be a ratio of small probabilities
    exact = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(cost, method="highs", options=exact, **constraints)
    return found.x if found.status == 0 else None


def _columns(given: Any, axes: Sequence[str], action: Iterable[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The probability of each row, and its values, whole numbers from 0. Raises DataError."""
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        names, frame, p = list(given.columns), given, np.full(len(given), 1 / max(1, len(given)))
    elif isinstance(given, pd.Series):
        names, frame = list(given.index.names), given.index.to_frame(index=False)
        p = pd.to_numeric(given, errors="coerce").to_numpy(float)
    else:
        raise DataError(f"A table is a Series of probabilities, rows of data, or a model; got {type(given).__name__}.")
    if missing := [v for v in axes if names.count(v) != 1]:
        raise DataError(
            f"The table says nothing of '{missing[0]}', which the query depends on (it has: {names})."
            if missing[0] not in names
            else f"The table has {names.count(missing[0])} columns named '{missing[0]}'. Give each its own name."
        )
    if not len(p) or not np.isfinite(p).all() or (p < -NOTHING).any() or abs(p.sum() - 1) > 1e-6:
        raise DataError("A table holds probabilities, none missing, that sum to 1; or rows of data, at least one.")
    return p, {v: _whole(frame[v], v) for v in (*axes, *(a for a in action if a in names))}


def _whole(column: Any, name: str) -> np.ndarray:
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.round(numbers)) & (numbers < _MOST_CELLS)).all():
        raise DataError(
            f"'{name}' needs the values 0, 1, ..., k-1 in every row of a table. Drop or mend rows with missing values, "
            "and number its values from 0."
        )
    return numbers.astype(int)
