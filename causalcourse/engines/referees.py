"""What other libraries make of a drawing: the formula that each offers for an effect, in the course's algebra."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from causalcourse.errors import CourseError
from causalcourse.expression import Expression, Probability, Product, Ratio, Sum, Symbol
from causalcourse.graph import Node, as_graph


class NoFormula(CourseError):
    """A formula of another library that the course's algebra has no words for. Taught in chapter 05."""


def to_y0(graph: Any) -> Any:
    """The graph for y0, its nodes' names as text. Raises GraphError. Taught in chapter 05."""
    from y0.graph import NxMixedGraph

    graph = as_graph(graph)
    edges = ([(str(a), str(b)) for a, b in kind] for kind in (graph.directed, graph.bidirected))
    return NxMixedGraph.from_str_edges(list(map(str, graph.nodes)), *edges)


def from_y0(expression: Any) -> Expression:
    """A formula of y0 without do(...). Raises NoFormula. Taught in chapter 05."""
    from y0 import dsl

    def symbols(variables: Iterable[Any]) -> tuple[Symbol, ...]:
        return tuple(Symbol(variable.name) for variable in sorted(variables, key=lambda v: v.name))

    if isinstance(expression, dsl.Probability):
        return Probability(symbols(expression.distribution.children), symbols(expression.distribution.parents))
    if isinstance(expression, dsl.Sum):
        return Sum(symbols(expression.ranges), from_y0(expression.expression))
    if isinstance(expression, dsl.Product):
        return Product(tuple(map(from_y0, expression.expressions)))
    if isinstance(expression, dsl.Fraction):
        return Ratio(from_y0(expression.numerator), from_y0(expression.denominator))
    if isinstance(expression, dsl.One):
        return Product()
    raise NoFormula(f"{expression} holds a {type(expression).__name__}, which is not among P, sum, product and ratio.")


def formulas(graph: Any, treatment: Node, outcome: Node) -> dict[str, Expression | None]:
    """What y0, DoWhy and pgmpy each offer for P(outcome | do(treatment)); None where one offers nothing.

    The libraries see hidden common causes as they ask for them: y0 as `<->`, the others as unobserved nodes.
    DoWhy is asked for a back door and, failing that, a front door; pgmpy for a smallest adjustment set.
    Raises GraphError. Taught in chapter 05.
    """
    graph = as_graph(graph)
    x, y = graph.pick([treatment])[0], graph.pick([outcome])[0]
    ask: dict[str, Callable[[], Expression | None]] = {
        "y0": lambda: _y0(graph, x, y),
        "DoWhy": lambda: _dowhy(graph, x, y),
        "pgmpy": lambda: _pgmpy(graph, x, y),
    }
    found = {}
    for name, offer in ask.items():
        with _quiet():
            found[name] = offer()
    return found


def _y0(graph: Any, x: Node, y: Node) -> Expression | None:
    from y0.algorithm.identify import identify_outcomes
    from y0.dsl import Variable

    found = identify_outcomes(to_y0(graph), treatments={Variable(str(x))}, outcomes={Variable(str(y))})
    return None if found is None else from_y0(found)


def _dowhy(graph: Any, x: Node, y: Node) -> Expression | None:
    import networkx as nx
    import pandas as pd
    from dowhy import CausalModel

    whole, hidden = graph.with_latents()
    seen = [node for node in graph.nodes if node not in hidden]
    drawn = nx.DiGraph(list(whole.directed))
    drawn.add_nodes_from(whole.nodes)
    model = CausalModel(pd.DataFrame([[0] * len(seen)] * 2, columns=seen), x, y, graph=drawn)
    found = model.identify_effect(proceed_when_unidentifiable=True)
    if found.estimands.get("backdoor"):
        return adjusted(x, y, found.get_backdoor_variables())
    if found.estimands.get("frontdoor"):
        return through(x, y, found.get_frontdoor_variables())
    return None


def _pgmpy(graph: Any, x: Node, y: Node) -> Expression | None:
    from pgmpy.base import DAG
    from pgmpy.identification import Adjustment

    whole, hidden = graph.with_latents()
    dag = DAG(list(whole.directed), latents=set(hidden), roles={"exposures": x, "outcomes": y})
    found, success = Adjustment(variant="minimal").identify(dag)
    return adjusted(x, y, found.get_role("adjustment")) if success else None


def adjusted(x: Node, y: Node, given: Iterable[Node]) -> Expression:
    """The back-door formula: the sum over z of P(y | x, z) P(z). Source: Pearl 2009, sec. 3.3. Taught in chapter 05."""
    z = tuple(map(Symbol, given))
    whole = Probability((Symbol(y),), (Symbol(x), *z))
    return Sum(z, Product((whole, Probability(z)))) if z else whole


def through(x: Node, y: Node, mediators: Iterable[Node]) -> Expression:
    """The front-door formula: the sum over m of P(m | x) times that over x' of P(y | m, x') P(x').

    Source: Pearl 2009, sec. 3.3. Taught in chapter 05.
    """
    m, other = tuple(map(Symbol, mediators)), Symbol(x, 1)
    inner = Sum((other,), Product((Probability((Symbol(y),), (*m, other)), Probability((other,)))))
    return Sum(m, Product((Probability(m, (Symbol(x),)), inner)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the libraries print of themselves."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
