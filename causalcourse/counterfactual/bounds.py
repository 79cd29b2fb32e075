"""Sharp bounds on any query where variables are finite: response functions, and linear programming over them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.exact import evidence, score
from causalcourse.counterfactual.query import Counterfactual, as_counterfactual
from causalcourse.counterfactual.worlds import parallel
from causalcourse.errors import CannotAnswer, DataError, NoSuchUnit
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.random_models import Table
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

_MOST_TYPES = 50_000  # response types of one c-component
_MOST_COMBINED = 2_000_000  # and of all that a query depends on
_MOST_BASES = 300_000  # looked through for the corners of a small component
_CHUNK = 20_000  # of them at once
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Bounds:
    """The smallest and the largest answer that the tables allow, and a model that has each. `misfit`: how far the
    tables are from any model with this graph (the largest difference of a probability).

    Taught in chapter 07.
    """

    query: Counterfactual
    low: float
    high: float
    lowest: SCM
    highest: SCM
    misfit: float = 0.0

    def __str__(self) -> str:
        off = f" (the tables fit no model with this graph: off by {self.misfit:.3f})" if self.misfit > 1e-6 else ""
        return f"{self.low:.4f} ≤ {self.query} ≤ {self.high:.4f}{off}"

    __repr__ = __str__


def bounds(
    graph: Any,
    query: Counterfactual | str,
    observed: pd.Series | pd.DataFrame | SCM | None = None,
    experiments: Iterable[tuple[Mapping[str, int], Any]] = (),
    monotone: Iterable[tuple[str, str]] = (),
    tolerance: float = 0.02,
) -> Bounds:
    """What tables allow a query on any rung to be, if this graph is right: sharp bounds, and the models at the ends.

    observed: P(v) as a Series with a level for each variable, rows of data, or a model to take it from. experiments:
    pairs of an action and such a table for the other variables under it, ({"X": 1}, table). Values are 0, 1, ..., k-1.
    monotone: arrows ("X", "Y") along which no unit is ever moved down: more X never means less Y. Every c-component has
    a distribution over response types, the ways in which its variables may answer their parents; the tables fix linear
    functions of it, and the query is linear in each. The largest is optimised over by linear programming, the others
    corner by corner. Raises DataError for tables that fit no model with this graph by more than `tolerance`,
    NoSuchUnit where evidence is impossible, CannotAnswer for what is too large.
    Source: Balke & Pearl 1997; Tian & Pearl 2000; Zhang, Tian & Bareinboim 2022. Taught in chapter 07.
    """
    query = as_counterfactual(query)
    graph = as_graph(graph)
    query.check([str(n) for n in graph.nodes])
    rising = [_arrow(graph, each) for each in monotone]
    graph = graph.subgraph(graph.ancestors([n for v in query.variables for n in (v.name, *dict(v.action))]))
    tables = [_Seen.read(graph, {}, observed)] if observed is not None else []
    tables += [_Seen.read(graph, *_pair(each)) for each in experiments]
    sizes = {v: max([2, *(t.sizes[v] for t in tables if v in t.sizes)]) for v in graph.nodes}
    blocks = [_Block(graph, c, sizes, rising) for c in graph.c_components]
    misfit = max((block.learn(tables) for block in blocks), default=0.0)
    if misfit > tolerance:
        raise DataError(
            f"No model with this graph has these tables: the nearest is off by {misfit:.3f} in some probability. Is an "
            "arrow or a <-> missing, is an arrow not monotone, or are the tables of different populations?"
        )
    return _optimised(query, graph, blocks, misfit)


@dataclass(frozen=True, eq=False)
class _Seen:
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
    def read(cls, graph: CausalGraph, action: Mapping[str, int], given: Any) -> _Seen:
        """The part of a table that the graph speaks of. Raises DataError."""
        import pandas as pd

        axes = tuple(v for v in graph.order if v not in action)
        if isinstance(given, SCM):
            given = given.do(**action).joint(list(axes))
        if isinstance(given, pd.DataFrame):
            _need(given.columns, axes)
            given = given.value_counts(list(axes), normalize=True)
        if not isinstance(given, pd.Series):
            raise DataError(
                f"A table is a Series of probabilities, rows of data, or a model; got {type(given).__name__}."
            )
        _need(given.index.names, axes)
        flat = given.groupby(list(axes)).sum()
        values = [np.asarray(flat.index.get_level_values(v)) for v in axes]
        whole = all(np.issubdtype(v.dtype, np.number) and (v >= 0).all() and (v == np.round(v)).all() for v in values)
        p = flat.to_numpy(float)
        if not whole or not np.isfinite(p).all() or (p < -_NOTHING).any() or abs(p.sum() - 1) > 1e-6:
            raise DataError("A table holds probabilities that sum to 1, of variables with values 0, 1, ..., k-1.")
        array = np.zeros([max(2, int(v.max()) + 1) for v in values])
        array[tuple(v.astype(int) for v in values)] = p
        return cls(graph.cut_into(action), {k: int(v) for k, v in action.items()}, axes, array / array.sum())

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


class _Block:
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

    def learn(self, tables: Iterable[_Seen]) -> float:
        """Take in what the tables say, and return by how much they fit no distribution at all."""
        rows, said = [self.rows], [self.said]
        for table in tables:
            for part in table.graph.subgraph([v for v in self.nodes if v not in table.action]).c_components:
                a, b = self._constraints(table, part)
                rows.append(a)
                said.append(b)
        matrix, wanted = np.concatenate(rows), np.concatenate(said)
        nearest = _nearest(matrix, wanted)  # before equal rows become one: two tables may say different things
        self.rows = np.unique(matrix, axis=0)
        self.said = self.rows @ nearest
        return float(np.abs(matrix @ nearest - wanted).max())

    def _constraints(self, table: _Seen, part: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        axes, factor = table.factor(tuple(part))
        rows, said = [], []
        for cell in np.ndindex(factor.shape):
            if np.isnan(factor[cell]):
                continue
            at = dict(zip(axes, cell, strict=True)) | table.action
            fits = np.ones(self.count, bool)
            for v in part:
                fits &= self.table[v][tuple(at[p] for p in self.parents[v])] == at[v]
            rows.append(fits)
            said.append(factor[cell])
        return np.array(rows, dtype=float).reshape(len(rows), self.count), np.array(said)

    def corners(self) -> np.ndarray:
        """All corners of the set of distributions that the tables allow, shape (corners, types)."""
        import scipy.linalg

        rank = int(np.linalg.matrix_rank(self.rows))
        if math.comb(self.count, rank) > _MOST_BASES:
            raise CannotAnswer(
                f"The query depends on how {', '.join(self.nodes)} answers ({self.count:,} ways) beside a larger part "
                "of the graph: too many corners to look at."
            )
        independent = scipy.linalg.qr(self.rows.T, mode="r", pivoting=True)[1][:rank]
        rows, said = self.rows[independent], self.said[independent]
        found: list[np.ndarray] = []
        bases = itertools.combinations(range(self.count), rank)
        while chunk := list(itertools.islice(bases, _CHUNK)):
            columns = np.array(chunk)
            parts = rows[:, columns].transpose(1, 0, 2)
            regular = np.abs(np.linalg.det(parts)) > 0.5  # of zeros and ones: a whole number
            solved = np.linalg.solve(parts[regular], np.broadcast_to(said[:, None], (regular.sum(), rank, 1)))[..., 0]
            fits = (solved >= -_NOTHING).all(axis=1)
            corners = np.zeros((fits.sum(), self.count))
            np.put_along_axis(corners, columns[regular][fits], np.maximum(solved[fits], 0), axis=1)
            found.append(corners / corners.sum(axis=1, keepdims=True))
        return np.unique(np.round(np.concatenate(found), 12), axis=0)


def _nearest(rows: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The distribution whose largest difference from what was said is smallest."""
    count = rows.shape[1]
    slack = np.ones((len(rows), 1))
    above, below = np.hstack([rows, -slack]), np.hstack([-rows, -slack])
    sums = np.ones((1, count + 1))
    sums[0, -1] = 0
    found = _linprog(
        np.eye(count + 1)[-1], A_ub=np.vstack([above, below]), b_ub=np.concatenate([said, -said]), A_eq=sums, b_eq=[1.0]
    )
    p = np.maximum(found[:-1], 0)
    return p / p.sum()


def _linprog(cost: np.ndarray, **constraints: Any) -> np.ndarray | None:
    from scipy.optimize import linprog

    found = linprog(cost, method="highs", **constraints)
    return found.x if found.status == 0 else None


def _optimised(query: Counterfactual, graph: CausalGraph, blocks: list[_Block], misfit: float) -> Bounds:
    model = _model(graph, blocks, [np.full(b.count, 1 / b.count) for b in blocks])
    worlds = parallel(model, query.variables)
    needed = [b for b in blocks if b.name in worlds.scm.noise]
    largest = max(needed, key=lambda b: b.count)
    others = [b for b in needed if b is not largest]
    sizes = [b.count for b in needed]
    if math.prod(sizes) > _MOST_COMBINED:
        raise CannotAnswer(
            f"The query depends on {math.prod(sizes):,} combinations of response types, too many to list."
        )
    states = np.unravel_index(np.arange(math.prod(sizes)), sizes)
    values = worlds.scm.solve({b.name: s for b, s in zip(needed, states, strict=True)})
    seen = evidence(query, worlds)
    holds = np.logical_and.reduce([values[n] == v for n, v in seen.items()] or [np.ones(math.prod(sizes), bool)])
    gains = (holds * score(query, worlds, values)).reshape(sizes), holds.astype(float).reshape(sizes)
    place = needed.index(largest)
    ends: dict[int, tuple[float, list[np.ndarray]]] = {}
    for corner in itertools.product(*(b.corners() for b in others)):
        gain, weight = (_along(g, place, corner) for g in gains)
        for sign in (1, -1):
            found = _fraction(largest, sign * gain, weight) if query.given else _straight(largest, sign * gain)
            if found is not None and (sign not in ends or found[0] < ends[sign][0]):
                parts = list(corner)
                parts.insert(place, found[1])
                ends[sign] = found[0], parts
    if not ends:
        raise NoSuchUnit(f"{query} has no answer: the tables rule its evidence out.")
    rest = {b.name: _nearest(b.rows, b.said) for b in blocks if b not in needed}
    made = {}
    for sign, (_, parts) in ends.items():
        chosen = rest | {b.name: p for b, p in zip(needed, parts, strict=True)}
        made[sign] = _model(graph, blocks, [chosen[b.name] for b in blocks])
    return Bounds(query, ends[1][0], 0.0 - ends[-1][0], made[1], made[-1], misfit)


def _along(gain: np.ndarray, place: int, corner: Sequence[np.ndarray]) -> np.ndarray:
    """The gain of each type of one block, averaged over the distributions of the others."""
    gain = np.moveaxis(gain, place, 0)
    for p in corner:
        gain = np.tensordot(gain, p, axes=(1, 0))
    return gain


def _straight(block: _Block, cost: np.ndarray) -> tuple[float, np.ndarray] | None:
    found = _linprog(cost, A_eq=block.rows, b_eq=block.said)
    return None if found is None else (float(cost @ found), found)


def _fraction(block: _Block, cost: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Least cost·p / weight·p, as a linear program in p / (weight·p). Source: Charnes & Cooper 1962."""
    scaled = np.hstack([block.rows, -block.said[:, None]])
    unit = np.append(weight, 0.0)[None]
    found = _linprog(
        np.append(cost, 0.0),
        A_eq=np.vstack([scaled, unit]),
        b_eq=np.append(np.zeros(len(scaled)), 1.0),
    )
    if found is None or found[-1] <= _NOTHING:
        return None
    return float(cost @ found[:-1]), found[:-1] / found[-1]


def _model(graph: CausalGraph, blocks: list[_Block], parts: list[np.ndarray]) -> SCM:
    """The structural model whose noise is each component's response type."""
    noise = {b.name: (p := np.maximum(part, 0)) / p.sum() for b, part in zip(blocks, parts, strict=True)}
    equations = {v: Table((*b.parents[v], b.name), b.table[v]) for b in blocks for v in b.nodes}
    return SCM(noise, {v: equations[v] for v in graph.nodes})


def _pair(given: Any) -> tuple[Mapping[str, int], Any]:
    if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], Mapping) or not given[0]:
        raise DataError('An experiment is an action and a table, such as ({"X": 1}, table).')
    return given


def _arrow(graph: CausalGraph, given: Any) -> tuple[str, str]:
    """An arrow of the drawing. Raises DataError for what is none."""
    if isinstance(given, (tuple, list)) and tuple(given) in graph.directed:
        return tuple(given)
    raise DataError(
        f'monotone= lists arrows of the drawing, such as [("X", "Y")] for X -> Y; {given!r} is none of '
        f"{', '.join(f'{a} -> {b}' for a, b in graph.directed) or 'its arrows: it has none'}."
    )


def _need(names: Iterable[Any], axes: Iterable[str]) -> None:
    names = list(names)
    if missing := [v for v in axes if v not in names]:
        raise DataError(f"The table says nothing of '{missing[0]}', which the query depends on (it has: {names}).")
