"""Bounds on any query where variables are finite: response types, and linear programming over them."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual._response_types import NOTHING, Block, Seen, minimum, nearest
from causalcourse.counterfactual.exact import evidence, score
from causalcourse.counterfactual.query import Counterfactual, as_counterfactual
from causalcourse.counterfactual.worlds import parallel
from causalcourse.errors import CannotAnswer, DataError, NoSuchUnit
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.random_models import Table
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

_MOST_COMBINED = 2_000_000  # response types, or corners, of all that a query depends on
_MOST_PROGRAMS = 4_000  # about 20 seconds
_RARE = 1e-6  # evidence that is not
_Ends = dict[
    int, tuple[float, list[np.ndarray]]
]  # 1: the lowest value and the parts of its model; -1: minus the highest


@dataclass(frozen=True, eq=False)
class Bounds:
    """The smallest and the largest answer that the tables allow, and a model that has each. `misfit`: how far the
    tables are from any model with this graph (the largest difference of a probability). `sharp`: whether each end is
    reached by a model with this graph; where not, the truth lies between them. Where a c-component is not all joined
    by arcs, the two models may have further arcs.

    Taught in chapter 07.
    """

    query: Counterfactual
    low: float
    high: float
    lowest: SCM
    highest: SCM
    misfit: float = 0.0
    sharp: bool = True

    def __str__(self) -> str:
        loose = "" if self.sharp else " (perhaps not sharp: that some hidden causes are unrelated is not used)"
        off = f" (the tables fit no model with this graph: off by {self.misfit:.3f})" if self.misfit > 1e-6 else ""
        return f"{self.low:.4f} ≤ {self.query} ≤ {self.high:.4f}{off}{loose}"

    __repr__ = __str__


def bounds(
    graph: Any,
    query: Counterfactual | str,
    observed: pd.Series | pd.DataFrame | SCM | None = None,
    experiments: Iterable[tuple[Mapping[str, int], Any]] = (),
    monotone: Iterable[tuple[str, str]] = (),
    tolerance: float = 0.02,
) -> Bounds:
    """What tables allow a query on any rung to be, if this graph is right: bounds, and the models at the ends.

    observed: P(v) as a Series with a level for each variable, rows of data, or a model to take it from. experiments:
    pairs of an action and such a table for the other variables under it, ({"X": 1}, table). Values are 0, 1, ..., k-1.
    monotone: arrows ("X", "Y") along which no unit is ever moved down: more X never means less Y. Every c-component has
    a distribution over response types, the ways in which its variables may answer their parents; the tables fix linear
    functions of it, and the query is linear in each. The largest is optimised over by linear programming, the others
    corner by corner. Sharp where the variables of each c-component are all joined by arcs, which may then be one hidden
    cause; elsewhere what do-calculus says of the parts is used as well, and the bounds hold, perhaps not sharp.
    Raises DataError for tables that fit no model with this graph by more than `tolerance`, NoSuchUnit where evidence is
    impossible, CannotAnswer for what is too large.
    Source: Balke & Pearl 1997; Tian & Pearl 2000; Zhang, Tian & Bareinboim 2022. Taught in chapter 07.
    """
    query, whole = as_counterfactual(query), as_graph(graph)
    query.check([str(n) for n in whole.nodes])
    if not isinstance(tolerance, (int, float)) or not 0 <= tolerance <= 1:
        raise DataError(f"tolerance= is the misfit that is let pass, from 0 to 1; got {tolerance!r}.")
    rising = [_arrow(whole, each) for each in _several("monotone", monotone)]
    graph = whole.subgraph(whole.ancestors([n for v in query.variables for n in (v.name, *dict(v.action))]))
    read = [Seen.read(graph, {}, observed)] if observed is not None else []
    read += [Seen.read(graph, *_pair(whole, each)) for each in _several("experiments", experiments)]
    tables = [table for table in read if table is not None]
    sizes = _sizes(query, graph, tables)
    blocks = [Block(graph, c, sizes, rising) for c in graph.c_components]
    misfit = max((block.learn(graph, tables) for block in blocks), default=0.0)
    if misfit > tolerance:
        raise DataError(
            f"No model with this graph has these tables: the nearest is off by {misfit:.3f} in some probability. Is an "
            "arrow or a <-> missing, is an arrow not monotone, or are the tables of different populations?"
        )
    return _optimised(query, graph, blocks, misfit)


def _sizes(query: Counterfactual, graph: CausalGraph, tables: Sequence[Seen]) -> dict[str, int]:
    """How many values each variable has: what the tables show; where none speaks of it, what the question names."""
    asked = {
        n: [s for v in query.variables for m, s in v.action if m == n and isinstance(s, int | float)]
        for n in graph.nodes
    }
    named = {n: [e.value for e in (*query.of, *query.given) if e.variable.name == n] for n in graph.nodes}
    sizes: dict[str, int] = {}
    for v in graph.nodes:
        shown = [t.sizes[v] for t in tables if v in t.sizes]
        sizes[v] = max([2, *shown] if shown else [2, *(int(x) + 1 for x in (*asked[v], *named[v]))])
        occurs = np.zeros(sizes[v])
        for t in tables:
            occurs[: t.sizes[v]] += t.occurs(v)
        if not occurs[0] and (occurs > 0).sum() > 1:
            raise DataError(f"The value 0 of '{v}' never occurs, though others do. Number its values from 0: 0, 1, ...")
        if odd := [x for x in asked[v] if x not in range(sizes[v])]:
            raise DataError(f"{query} sets {v} to {odd[0]:g}; in these tables it has the values 0 to {sizes[v] - 1}.")
    return sizes


def _optimised(query: Counterfactual, graph: CausalGraph, blocks: list[Block], misfit: float) -> Bounds:
    model = _model(graph, blocks, [np.full(b.count, 1 / b.count) for b in blocks])
    worlds = parallel(model, query.variables)
    needed = [b for b in blocks if b.name in worlds.scm.noise]
    sizes = [b.count for b in needed]
    if math.prod(sizes) > _MOST_COMBINED:
        raise CannotAnswer(
            f"The query depends on {math.prod(sizes):,} combinations of response types, too many to list."
        )
    states = np.unravel_index(np.arange(math.prod(sizes)), sizes) if needed else ()
    values = worlds.scm.solve({b.name: s for b, s in zip(needed, states, strict=True)})
    seen = evidence(query, worlds)
    holds = np.logical_and.reduce([values[n] == v for n, v in seen.items()] or [np.ones(math.prod(sizes), bool)])
    gains = (holds * score(query, worlds.read(values))).reshape(sizes), holds.astype(float).reshape(sizes)
    cornered = len(needed) != 1 and all(b.has_corners for b in needed)
    ends = (_by_corners if cornered else _by_programs)(needed, *gains, bool(query.given))
    if not ends:
        _need_likely(
            float(functools.reduce(lambda g, b: nearest(b.rows, b.said) @ g.reshape(b.count, -1), needed, gains[1])[0])
        )
        raise NoSuchUnit(f"{query} has no answer: the tables rule its evidence out.")
    rest = {b.name: nearest(b.rows, b.said) for b in blocks if b not in needed}
    made = {}
    for sign, (_, parts) in ends.items():
        chosen = rest | {b.name: p for b, p in zip(needed, parts, strict=True)}
        made[sign] = _model(graph, blocks, [chosen[b.name] for b in blocks])
    low, high = ends[1][0], 0.0 - ends[-1][0]
    sharp = high - low <= NOTHING or all(b.joined for b in needed)
    return Bounds(query, low, high, made[1], made[-1], misfit, sharp)


def _by_corners(needed: list[Block], gain: np.ndarray, weight: np.ndarray, ratio: bool) -> _Ends:
    """Both ends where each block has few corners: every combination of them is worked out at once."""
    corners = [b.corners() for b in needed]
    if math.prod(map(len, corners)) > _MOST_COMBINED:
        raise CannotAnswer(f"The query depends on {math.prod(map(len, corners)):,} corners, too many to look at.")
    for each in corners:  # the axis of types goes, one for the corners comes at the end
        gain, weight = (np.tensordot(g, each, axes=(0, 1)) for g in (gain, weight))
    if ratio:
        _need_likely(weight.max())
        gain = np.divide(gain, weight, out=np.full(gain.shape, np.nan), where=weight > _RARE)
    if np.isnan(gain).all():
        return {}
    ends: _Ends = {}
    for sign in (1, -1):
        at = np.unravel_index(int(np.nanargmin(sign * gain)), gain.shape) if needed else ()
        ends[sign] = float(sign * gain[at]), [each[k] for each, k in zip(corners, at, strict=True)]
    return ends


def _by_programs(needed: list[Block], gain: np.ndarray, weight: np.ndarray, ratio: bool) -> _Ends:
    """Both ends by a linear program over the largest block, for each combination of corners of the others."""
    largest = max(needed, key=lambda b: b.count)
    place, others = needed.index(largest), [b.corners() for b in needed if b is not largest]
    if (programs := 2 * math.prod(map(len, others))) > _MOST_PROGRAMS:
        raise CannotAnswer(
            f"These bounds need {programs:,} linear programs, too many. Leave variables out of the drawing."
        )
    ends: _Ends = {}
    for corner in itertools.product(*others):
        along, likely = (_along(g, place, corner) for g in (gain, weight))
        for sign in (1, -1):
            found = _fraction(largest, sign * along, likely) if ratio else _straight(largest, sign * along)
            if found is not None and (sign not in ends or found[0] < ends[sign][0]):
                parts = list(corner)
                parts.insert(place, found[1])
                ends[sign] = found[0], parts
    return ends


def _along(gain: np.ndarray, place: int, corner: Sequence[np.ndarray]) -> np.ndarray:
    """The gain of each type of one block, averaged over the distributions of the others."""
    gain = np.moveaxis(gain, place, 0)
    for p in corner:
        gain = np.tensordot(gain, p, axes=(1, 0))
    return gain


def _straight(block: Block, cost: np.ndarray) -> tuple[float, np.ndarray] | None:
    found = minimum(cost, A_eq=block.rows, b_eq=block.said)
    return None if found is None else (float(cost @ found), found)


def _fraction(block: Block, cost: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Least cost·p / weight·p, as a linear program in p / (weight·p). Source: Charnes & Cooper 1962."""
    scaled = np.hstack([block.rows, -block.said[:, None]])
    unit = np.append(weight, 0.0)[None]
    found = minimum(
        np.append(cost, 0.0),
        A_eq=np.vstack([scaled, unit]),
        b_eq=np.append(np.zeros(len(scaled)), 1.0),
    )
    if found is None or found[-1] <= NOTHING:
        return None
    _need_likely(1 / found[-1])
    return float(cost @ found[:-1]), found[:-1] / found[-1]


def _model(graph: CausalGraph, blocks: list[Block], parts: list[np.ndarray]) -> SCM:
    """The structural model whose noise is each component's response type."""
    noise = {b.name: (p := np.maximum(part, 0)) / p.sum() for b, part in zip(blocks, parts, strict=True)}
    equations = {v: Table((*b.parents[v], b.name), b.table[v]) for b in blocks for v in b.nodes}
    return SCM(noise, {v: equations[v] for v in graph.nodes})


def _need_likely(p: float) -> None:
    """Raise CannotAnswer where evidence is so rare that a ratio by it could not be trusted."""
    if 0 < p < _RARE:
        raise CannotAnswer(f"What is given has a probability of {p:.1g} at the most, too small to divide by.")


def _several(what: str, given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(f"{what}= needs a list, which may be empty; got {given!r}.")
    return list(given)


def _pair(graph: CausalGraph, given: Any) -> tuple[Mapping[str, int], Any]:
    if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], Mapping) or not given[0]:
        raise DataError('An experiment is an action and a table, such as ({"X": 1}, table).')
    graph.pick(given[0])
    for v, value in given[0].items():
        if not isinstance(value, (int, float, np.number)) or value != value or value < 0 or value != int(value):
            raise DataError(f"An experiment sets '{v}' to one of its values 0, 1, ..., k-1; got {value!r}.")
    return {v: int(value) for v, value in given[0].items()}, given[1]


def _arrow(graph: CausalGraph, given: Any) -> tuple[str, str]:
    """An arrow of the drawing. Raises DataError for what is none."""
    if isinstance(given, (tuple, list)) and tuple(given) in graph.directed:
        return tuple(given)
    raise DataError(
        f'monotone= lists arrows of the drawing, such as [("X", "Y")] for X -> Y; {given!r} is none of '
        f"{', '.join(f'{a} -> {b}' for a, b in graph.directed) or 'its arrows: it has none'}."
    )
