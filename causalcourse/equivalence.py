"""Markov equivalence: which drawings no data of the first rung can tell apart."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, Edge, Node, as_graph
from causalcourse.separation import Finding


def skeleton(graph: Any) -> frozenset[frozenset[Node]]:
    """The pairs of nodes that an edge joins, whichever way it points. Taught in chapter 02."""
    graph = as_graph(graph)
    return frozenset(frozenset(edge) for edge in (*graph.directed, *graph.bidirected))


def v_structures(graph: Any) -> frozenset[tuple[frozenset[Node], Node]]:
    """The colliders whose two parents no edge joins, as (the two parents, the collider).

    Raises GraphError for a graph with `<->`. Source: Verma & Pearl 1990. Taught in chapter 02.
    """
    graph = _without_hidden(graph)
    joined = skeleton(graph)
    pairs = ((frozenset(pair), node) for node in graph.nodes for pair in combinations(graph.parents(node), 2))
    return frozenset((pair, node) for pair, node in pairs if pair not in joined)


def markov_equivalent(one: Any, other: Any) -> Finding:
    """Whether two graphs imply the same independences, so that data alone cannot tell them apart, and why or why not.

    They do exactly when they join the same pairs and have the same v-structures. Raises GraphError for a graph with
    `<->`. Source: Verma & Pearl 1990, thm. 1; Pearl 2009, thm. 1.2.8. Taught in chapter 02.
    """
    one, other = _without_hidden(one), _without_hidden(other)
    if set(one.nodes) != set(other.nodes):
        return Finding(False, f"{_some(set(one.nodes) ^ set(other.nodes))} is in one of them only.")
    if lone := skeleton(one) ^ skeleton(other):
        return Finding(False, f"{' and '.join(sorted(map(str, _some(lone))))} are joined in one of them only.")
    if lone := v_structures(one) ^ v_structures(other):
        parents, node = _some(lone)
        a, b = sorted(map(str, parents))
        return Finding(False, f"{a} -> {node} <- {b} is a v-structure in one of them only.")
    return Finding(True, "they join the same pairs and have the same v-structures.")


def compelled_arrows(graph: Any) -> frozenset[Edge]:
    """The arrows that point the same way in every equivalent graph: those that data can orient.

    Raises GraphError for a graph with `<->`. Source: Meek 1995, rules 1-3. Taught in chapter 02.
    """
    return frozenset(_closed(*_pattern(_without_hidden(graph)))[0])


def equivalence_class(graph: Any) -> list[CausalGraph]:
    """All graphs that imply the same independences as this one, itself among them; there can be very many.

    Raises GraphError for a graph with `<->`. Source: Meek 1995: after his rules 1-4 no choice leads to a dead end.
    Taught in chapter 02.
    """
    graph = _without_hidden(graph)
    found, todo = [], [_closed(*_pattern(graph))]
    while todo:
        arrows, open_edges = todo.pop()
        if not open_edges:
            found.append(CausalGraph(graph.nodes, tuple(e for e in _both_ways(graph) if e in arrows)))
            continue
        a, b = next(edge for edge in graph.directed if frozenset(edge) in open_edges)
        rest = open_edges - {frozenset((a, b))}
        todo += [_closed(arrows | {(b, a)}, rest), _closed(arrows | {(a, b)}, rest)]
    return found


def _pattern(graph: CausalGraph) -> tuple[set[Edge], set[frozenset[Node]]]:
    arrows = {(parent, node) for parents, node in v_structures(graph) for parent in parents}
    return arrows, {frozenset(edge) for edge in graph.directed if edge not in arrows}


def _closed(arrows: set[Edge], open_edges: set[frozenset[Node]]) -> tuple[set[Edge], set[frozenset[Node]]]:
    """Meek's rules until none applies: orient what would else make a new v-structure or a cycle."""
    arrows, open_edges = set(arrows), set(open_edges)
    joined = {frozenset(edge) for edge in arrows} | open_edges
    while forced := [
        (a, b) for pair in open_edges for a, b in _both(pair) if _forced(a, b, arrows, open_edges, joined)
    ]:
        arrows.add(forced[0])
        open_edges.discard(frozenset(forced[0]))
    return arrows, open_edges


def _forced(a: Node, b: Node, arrows: set[Edge], open_edges: set[frozenset], joined: set[frozenset]) -> bool:
    into_a, into_b = ({x for x, y in arrows if y == end} for end in (a, b))
    if any(frozenset((c, b)) not in joined for c in into_a):  # rule 1: else c -> a <- b
        return True
    if any((a, c) in arrows for c in into_b):  # rule 2: else a -> c -> b -> a
        return True
    beside = {c for pair in open_edges if a in pair for c in pair - {a}}
    if any(frozenset(pair) not in joined for pair in combinations(beside & into_b, 2)):  # rule 3
        return True
    return any(  # rule 4: a - d -> c -> b with a joined to c, and d not to b
        frozenset((d, b)) not in joined and frozenset((a, c)) in joined
        for c in into_b
        for d in beside
        if (d, c) in arrows
    )


def _both(pair: frozenset[Node]) -> tuple[Edge, Edge]:
    a, b = pair
    return (a, b), (b, a)


def _both_ways(graph: CausalGraph) -> list[Edge]:
    return [edge for a, b in graph.directed for edge in ((a, b), (b, a))]


def _some(things: Any) -> Any:
    return min(things, key=str)


def _without_hidden(graph: Any) -> CausalGraph:
    graph = as_graph(graph)
    if graph.bidirected:
        a, b = graph.bidirected[0]
        raise GraphError(
            f"Markov equivalence is told here for graphs without hidden common causes; this one has {a} <-> {b}. "
            "With them it takes maximal ancestral graphs (Richardson & Spirtes 2002)."
        )
    return graph
