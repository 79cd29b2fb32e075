"""Sets of nodes as whole numbers, and the way from the data to each c-factor of a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from causalcourse.graph import CausalGraph, Node

Mask = int  # a set of nodes: bit i is the node at place i of the causal order


class Bits:
    """A graph whose sets of nodes are whole numbers, in causal order: what the search runs on. Used from chapter 05."""

    def __init__(self, graph: CausalGraph) -> None:
        self.nodes = graph.order
        self.place = {node: i for i, node in enumerate(self.nodes)}
        self.parents = [0] * len(self.nodes)
        self.siblings = [0] * len(self.nodes)
        for a, b in graph.directed:
            self.parents[self.place[b]] |= 1 << self.place[a]
        for a, b in graph.bidirected:
            self.siblings[self.place[a]] |= 1 << self.place[b]
            self.siblings[self.place[b]] |= 1 << self.place[a]
        self.all = (1 << len(self.nodes)) - 1

    def mask(self, nodes: Iterable[Node]) -> Mask:
        """The set of these nodes as a whole number."""
        return sum(1 << self.place[node] for node in set(nodes))

    def names(self, mask: Mask) -> tuple[Node, ...]:
        """The nodes of a set, the latest in causal order first."""
        return tuple(self.nodes[i] for i in bits(mask))[::-1]

    def above(self, start: Mask, within: Mask) -> Mask:
        """The ancestors of `start` in the subgraph on `within`."""
        return _closure(self.parents, start & within, within)

    def component(self, start: Mask, within: Mask) -> Mask:
        """The c-component of `start` in the subgraph on `within`."""
        return _closure(self.siblings, start & within, within)

    def components(self, within: Mask) -> list[Mask]:
        """The c-components of the subgraph on `within`."""
        found = []
        while within:
            found.append(self.component(within & -within, within))
            within &= ~found[-1]
        return found

    def causes(self, mask: Mask) -> Mask:
        """The parents of a set that are not in it."""
        found = 0
        for i in bits(mask):
            found |= self.parents[i]
        return found & ~mask

    def without(self, i: int) -> Bits:
        """The latent projection in which node i is hidden."""
        other = object.__new__(Bits)
        other.nodes, other.place, other.all = self.nodes, self.place, self.all & ~(1 << i)
        parents, siblings = self.parents.copy(), self.siblings.copy()
        hidden, heads = 1 << i, 0
        for j, causes in enumerate(parents):
            if causes & hidden:
                heads |= 1 << j
                parents[j] = causes & ~hidden | parents[i]
        beside = siblings[i]
        for j in bits(heads | beside):  # what a hidden node ties together: two children, or a child and a sibling
            tied = heads | beside if heads >> j & 1 else heads
            siblings[j] = (siblings[j] | tied) & ~(hidden | 1 << j)
        parents[i] = siblings[i] = 0
        other.parents, other.siblings = parents, siblings
        return other


def bits(mask: Mask) -> Iterator[int]:
    """The places of the nodes in a set, in causal order. Used from chapter 05."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _closure(near: list[Mask], start: Mask, within: Mask) -> Mask:
    found = todo = start
    while todo:
        low = todo & -todo
        todo ^= low
        fresh = near[low.bit_length() - 1] & within & ~found
        found |= fresh
        todo |= fresh
    return found


class Source(NamedTuple):
    """A distribution over all variables that the data give: P(v | do(z)) in a population. Used from chapter 05."""

    acted: Mask = 0
    population: str = ""
    differs: Mask = 0  # the nodes whose mechanisms may be others there


class Plan(NamedTuple):
    """How the c-factor of `component` is reached from a source.

    levels: pairs (H, T). T starts as the component of H that holds the target, H as its ancestors within the last T;
    the last T is the target itself. Used from chapter 05.
    """

    component: Mask
    source: Source
    levels: tuple[tuple[Mask, Mask], ...]


class Hedged(Exception):
    """The search is stuck: the two sets of nodes of the hedge. Used from chapter 05."""

    def __init__(self, forest: Mask, root: Mask) -> None:
        super().__init__(forest, root)
        self.forest, self.root = forest, root


def planned(g: Bits, component: Mask, sources: Iterable[Source]) -> Plan:
    """The way to a c-factor. Raises Hedged where no source gives it.

    Source: Tian & Pearl 2002, lemmas 3 and 4 (identify); Shpitser & Pearl 2006, theorem 3 (the hedge).
    Used from chapter 05.
    """
    stuck = None
    for source in sources:
        if component & (source.acted | source.differs):
            continue
        t, levels = g.all & ~source.acted, []
        while True:
            h = g.above(component, t)
            inner = g.component(component & -component, h)
            levels.append((h, inner))
            if inner == component:
                return Plan(component, source, tuple(levels))
            if inner == t:
                stuck = stuck or Hedged(t, component)
                break
            t = inner
    raise stuck or Hedged(component, component)
