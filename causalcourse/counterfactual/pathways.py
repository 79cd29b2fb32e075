"""Effects along some paths and not along others: which can be told apart, and from which data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from causalcourse.counterfactual.named import Quantity
from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Setting, Variable, in_order
from causalcourse.docalculus import Identification, NotIdentifiable, identify
from causalcourse.evaluate import written_symbol
from causalcourse.expression import Sum, Symbol, product
from causalcourse.graph import CausalGraph, as_graph

_MOST_PATHS = 1_000
_Edge = tuple[str, str]


@dataclass(frozen=True)
class PathEffect:
    """The effect of X on Y along some of the paths between them; true where it follows from P(v) and the drawing.

    quantity: the question. recanting: a district that a path of either kind enters first, or none. factors: what
    do-calculus says of each district. Source: Avin, Shpitser & Pearl 2005; Shpitser 2013. Taught in chapter 07.
    """

    quantity: Quantity
    recanting: frozenset[str] = frozenset()
    factors: dict[tuple[str, ...], Identification] = field(default_factory=dict)
    _arms: dict[tuple[str, ...], bool] = field(default_factory=dict)  # whether X reaches a district along the paths
    _ends: tuple[str, float, float, str] = ("", 1, 0, "")  # X, its two values, Y

    def __bool__(self) -> bool:
        return not self.recanting and all(self.factors.values())

    def evaluate(self, source: Any) -> float:
        """The effect by the formula: for each district what it does under its own X, multiplied and summed up.

        source: a DataFrame of records, a joint, or an SCM. Raises NotIdentifiable where there is no formula,
        ExpressionError for a source that never has X at these values, CounterfactualError for a Y that has no mean.
        Source: Shpitser 2013, theorem 4 (the edge g-formula). Taught in chapter 07.
        """
        if not self:
            raise NotIdentifiable(str(self))
        _, high, low, _ = self._ends
        return self._mean(source, high) - self._mean(source, low)

    def _mean(self, source: Any, along: float) -> float:
        """E[Y] by the formula, with X=along on the paths, and on the others X=low, there written X'."""
        import pandas as pd

        x, _, low, y = self._ends
        here, elsewhere = Symbol(x), Symbol(x, 1)
        districts = [
            licence.estimand.renamed({} if self._arms[district] else {here: elsewhere})
            for district, licence in self.factors.items()
        ]
        over = tuple(Symbol(v) for district in self._arms for v in district if v != y)
        formula = Sum(over, product(districts)) if over else product(districts)
        at = {written_symbol(s): v for s, v in ((here, along), (elsewhere, low)) if s in formula.free}
        p = formula.evaluate(source, at)
        values = p.index.infer_objects()
        if not pd.api.types.is_numeric_dtype(values):
            raise CounterfactualError(f"'{y}' has no mean: its values, such as {values[0]!r}, are no numbers.")
        return float(p.to_numpy() @ values.to_numpy())

    def __str__(self) -> str:
        if self.recanting:
            met = ", ".join(sorted(self.recanting))
            why = (
                "takes the paths and other paths at once"
                if len(self.recanting) == 1
                else "share hidden causes, and paths of both kinds enter through them"
            )
            return (
                f"{self.quantity.query} does not follow from any experiment: {met} {why}. "
                "What it would be along one kind of path alone is never seen. A model, or bounds, can answer."
            )
        if stuck := [i for i in self.factors.values() if not i]:
            return f"{self.quantity.query} needs {stuck[0]}"
        product = " ".join(str(i.query) for i in self.factors.values())
        return f"{self.quantity.query} is a sum over {product}, each with the value of X of its own paths."

    __repr__ = __str__


def path_effect(graph: Any, x: str, y: str, along: str | Iterable[str], high: float = 1, low: float = 0) -> PathEffect:
    """The effect of `x` on `y` along paths such as "X -> M -> Y", all other paths held at X=low.

    An arrow on the paths carries what its tail would be under X=high along the paths; any other arrow carries what
    its tail would be under X=low. Raises CounterfactualError for what is no path from x to y, for paths that cannot
    be had without others, and for names that are no text. Source: Pearl 2001; Avin, Shpitser & Pearl 2005.
    Taught in chapter 07.
    """
    graph = as_graph(graph)
    if odd := [node for node in graph.nodes if not isinstance(node, str)]:
        raise CounterfactualError(
            f"A path is written as text, and the node {odd[0]!r} is none. Rename it, as in "
            f"graph.relabelled({{{odd[0]!r}: 'X'}})."
        )
    if not isinstance(along, Iterable):
        raise CounterfactualError(f"along= names paths, such as '{x} -> {y}' or several of these; got {along!r}.")
    wanted = _wanted(graph, x, y, [along] if isinstance(along, str) else list(along))
    edges = {edge for path in wanted for edge in itertools.pairwise(path)}
    quantity = _quantity(graph, (x, y), (high, low), wanted, edges)
    inner = graph.subgraph([n for n in graph.nodes if n != x])
    relevant = inner.subgraph(inner.ancestors([y]))
    districts = [tuple(n for n in graph.order if n in c) for c in relevant.c_components]
    arms: dict[tuple[str, ...], bool] = {}
    for path in _paths(graph, x, y):
        district = next(d for d in districts if path[1] in d)
        if arms.setdefault(district, path in wanted) != (path in wanted):
            return PathEffect(quantity, frozenset(district))
    factors = {d: identify(graph, _factor(graph, d)) for d in districts}
    return PathEffect(quantity, frozenset(), factors, {d: arms.get(d, False) for d in districts}, (x, high, low, y))


def _factor(graph: CausalGraph, district: tuple[str, ...]) -> str:
    causes = {p: None for v in district for p in graph.parents(v) if p not in district}
    return ", ".join(district) + (f" | do({', '.join(causes)})" if causes else "")


def _quantity(
    graph: CausalGraph,
    ends: _Edge,
    values: tuple[float, float],
    wanted: set[tuple[str, ...]],
    edges: set[_Edge],
) -> Quantity:
    (x, y), (high, low) = ends, values
    moved = graph.descendants([x])
    setting: dict[str, Setting] = {x: high}
    plain = {v: low if v == x else Variable(v, ((x, low),)) for v in moved}
    for v in (v for v in graph.order if v in moved and v != x):
        heard = {p: setting[p] if (p, v) in edges else plain[p] for p in graph.parents(v) if p in moved}
        same = all(heard[p] == plain[p] for p in heard)
        setting[v] = plain[v] if same else Variable(v, in_order(heard))
    query = Counterfactual(mean=((1.0, setting[y]), (-1.0, plain[y])))
    said = ", ".join(" -> ".join(path) for path in sorted(wanted))
    return Quantity(
        "PSE",
        "path-specific effect",
        query,
        f"What would {x}={high:g} do to {y} along {said} alone, all else as {x}={low:g} leaves it?",
        "no district that paths of both kinds enter first, and an identifiable factor for each district",
        "Pearl 2001; Avin, Shpitser & Pearl 2005; Shpitser 2013.",
    )


def _wanted(graph: CausalGraph, x: str, y: str, along: list[str]) -> set[tuple[str, ...]]:
    """The paths that were named. Raises CounterfactualError for what is no such path, and for an incomplete set."""
    graph.pick([x, y])
    paths = _paths(graph, x, y)
    known = {" -> ".join(path): path for path in paths}
    if not paths:
        raise CounterfactualError(f"No path of arrows leads from {x} to {y} in this graph.")
    wanted = set()
    for text in along:
        said = " -> ".join(part.strip() for part in str(text).split("->"))
        if said not in known:
            raise CounterfactualError(f"'{text}' is no path of arrows from {x} to {y}. There are: {', '.join(known)}.")
        wanted.add(known[said])
    if not wanted:
        raise CounterfactualError(f"Name at least one path. There are: {', '.join(known)}.")
    edges = {edge for path in wanted for edge in itertools.pairwise(path)}
    for said, path in known.items():
        if path not in wanted and edges.issuperset(itertools.pairwise(path)):
            raise CounterfactualError(f"These paths cannot be had without {said}, all of whose arrows are theirs too.")
    return wanted


def _paths(graph: CausalGraph, x: str, y: str) -> list[tuple[str, ...]]:
    """All paths of arrows from x to y."""
    towards, found, open_ = graph.ancestors([y]), [], [(x,)]
    while open_:
        path = open_.pop()
        if path[-1] == y:
            found.append(path)
        else:
            open_ += [(*path, v) for v in reversed(graph.children(path[-1])) if v in towards]
        if len(found) + len(open_) > _MOST_PATHS:
            raise CounterfactualError(f"More than {_MOST_PATHS:,} paths lead from {x} to {y}: take a smaller graph.")
    return found
