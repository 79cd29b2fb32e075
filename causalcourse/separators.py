"""Minimal separators: the smallest choices of what to know that make two groups of variables independent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from causalcourse.graph import CausalGraph, Node, as_graph

Mask = int  # a set of places, one bit each: unions and differences of whole neighbourhoods in one step


def minimal_separators(
    graph: Any, x: Node | Iterable[Node], y: Node | Iterable[Node], allowed: Iterable[Node] | None = None
) -> Iterator[frozenset[Node]]:
    """Each set of nodes that m-separates `x` from `y` and from which nothing can be left out, once.

    Only nodes of `allowed` are used (default: all). The first set is the one nearest to `x`. Nothing is yielded when
    x and y cannot be separated. The wait for each next set is polynomial in the size of the graph.
    Raises GraphError for an unknown node.
    Source: van der Zander, Liśkiewicz & Textor 2019, sec. 4, by moral graphs; the listing of the undirected separators
    is Berry, Bordat & Cogis 2000. Taught in chapter 04.
    """
    graph = as_graph(graph)
    ends, targets = graph.pick(x), graph.pick(y)
    usable = set(graph.nodes if allowed is None else graph.pick(allowed)).difference(ends, targets)
    around, a, b = _contracted(graph, ends, targets, usable)
    if around[a] >> b & 1:
        return
    first = _nearest(around, 1 << a, b)
    known, todo = {first}, [first]
    for separator in todo:  # grows as it is read: a queue
        yield frozenset(graph.nodes[i] for i in _places(separator))
        inside = _component(around, 1 << a, separator)
        # a minimal separator farther on: one node of this one is taken over to the side of x
        for place in _places(separator & ~around[b]):
            if (further := _nearest(around, inside | 1 << place, b)) not in known:
                known.add(further)
                todo.append(further)


def _contracted(
    graph: CausalGraph, ends: tuple[Node, ...], targets: tuple[Node, ...], usable: set[Node]
) -> tuple[list[Mask], int, int]:
    """The moral graph of the ancestors as neighbourhoods: x one place, y another, what is not usable left out."""
    place, near = graph._place, graph._numbered
    relevant = _mask(place[node] for node in graph.ancestors({*ends, *targets}))
    around = [0] * len(graph.nodes)
    for group in graph.subgraph(graph.nodes[i] for i in _places(relevant)).c_components:
        # what a chain of colliders can join: the nodes of a c-component and all their parents
        clique = _mask(j for node in group for j in (place[node], *near.parents[place[node]]))
        _join(around, clique)
    a, b = place[ends[0]], place[targets[0]]
    for group, kept in ((ends, a), (targets, b)):
        for merged in (place[node] for node in group[1:]):
            _merge(around, merged, kept)
    for i in _places(relevant):
        if graph.nodes[i] not in usable and graph.nodes[i] not in (*ends, *targets):
            clique, around[i] = around[i], 0
            for j in _places(clique):
                around[j] &= ~(1 << i)
            _join(around, clique)
    return around, a, b


def _join(around: list[Mask], clique: Mask) -> None:
    for i in _places(clique):
        around[i] |= clique & ~(1 << i)


def _merge(around: list[Mask], merged: int, kept: int) -> None:
    neighbours, around[merged] = around[merged] & ~(1 << kept), 0
    around[kept] = (around[kept] | neighbours) & ~(1 << merged)
    for i in _places(neighbours):
        around[i] = around[i] & ~(1 << merged) | 1 << kept


def _nearest(around: list[Mask], inside: Mask, b: int) -> Mask:
    """The minimal separator of b from the connected set `inside` that lies nearest to `inside`."""
    return _border(around, _component(around, 1 << b, inside | _border(around, inside)))


def _component(around: list[Mask], start: Mask, closed: Mask) -> Mask:
    found = fresh = start
    while fresh:
        fresh = _border(around, fresh) & ~found & ~closed
        found |= fresh
    return found


def _border(around: list[Mask], inside: Mask) -> Mask:
    border = 0
    for i in _places(inside):
        border |= around[i]
    return border & ~inside


def _places(mask: Mask) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _mask(places: Iterable[int]) -> Mask:
    mask = 0
    for i in places:
        mask |= 1 << i
    return mask
