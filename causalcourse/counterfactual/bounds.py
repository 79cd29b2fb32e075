"""Bounds on any query where variables are finite: response types, and linear programming over them."""

from __future__ import annotations

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

_MOST_COMBINED = 2_000_000  # response types of all that a query depends on


@dataclass(frozen=True, eq=False)
class Bounds:
    """The smallest and the largest answer that the tables allow, and a model that has each. `misfit`: how far the
    tables are from any model with this graph (the largest difference of a probability). `sharp`: whether each end is
    reached by a model with this graph; where not, the truth lies between them, and the models have further arcs.

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
    query = as_counterfactual(query)
    graph = as_graph(graph)
    query.check([str(n) for n in graph.nodes])
    rising = [_arrow(graph, each) for each in monotone]
    graph = graph.subgraph(graph.ancestors([n for v in query.variables for n in (v.name, *dict(v.action))]))
    tables = [Seen.read(graph, {}, observed)] if observed is not None else []
    tables += [Seen.read(graph, *_pair(each)) for each in experiments]
    sizes = {v: max([2, *(t.sizes[v] for t in tables if v in t.sizes)]) for v in graph.nodes}
    blocks = [Block(graph, c, sizes, rising) for c in graph.c_components]
    misfit = max((block.learn(graph, tables) for block in blocks), default=0.0)
    if misfit > tolerance:
        raise DataError(
            f"No model with this graph has these tables: the nearest is off by {misfit:.3f} in some probability. Is an "
            "arrow or a <-> missing, is an arrow not monotone, or are the tables of different populations?"
        )
    return _optimised(query, graph, blocks, misfit)


def _optimised(query: Counterfactual, graph: CausalGraph, blocks: list[Block], misfit: float) -> Bounds:
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
    gains = (holds * score(query, worlds.read(values))).reshape(sizes), holds.astype(float).reshape(sizes)
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
    rest = {b.name: nearest(b.rows, b.said) for b in blocks if b not in needed}
    made = {}
    for sign, (_, parts) in ends.items():
        chosen = rest | {b.name: p for b, p in zip(needed, parts, strict=True)}
        made[sign] = _model(graph, blocks, [chosen[b.name] for b in blocks])
    low, high = ends[1][0], 0.0 - ends[-1][0]
    sharp = high - low <= NOTHING or all(b.joined for b in needed)
    return Bounds(query, low, high, made[1], made[-1], misfit, sharp)


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
    return float(cost @ found[:-1]), found[:-1] / found[-1]


def _model(graph: CausalGraph, blocks: list[Block], parts: list[np.ndarray]) -> SCM:
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
