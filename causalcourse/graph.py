"""Causal graphs: who listens to whom, and which pairs share a hidden cause."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from causalcourse.errors import GraphError, did_you_mean

# what in a name is more likely an arrow of another notation, a comment or a bracket
_MISREAD = re.compile(r"[<>,=~#{}|&⊥\"\x00-\x1f\u200b\ufeff\u2190-\u21ff\u27f0-\u27ff]|--| - |^-|-$|^o-|-o$|\so$|^o\s")

_LISTED = 20  # nodes that a message names

Node = Hashable
Edge = tuple[Node, Node]


class Neighbours(NamedTuple):
    """For each node, by its place in the graph's `nodes`, the places of its neighbours. Used from chapter 02."""

    parents: list[list[int]]
    children: list[list[int]]
    siblings: list[list[int]]


@dataclass(frozen=True)
class CausalGraph:
    """Directed edges (a direct cause) and bidirected edges (a shared hidden cause) over named nodes; no cycles.

    `nodes` keeps the order of mention; a bidirected edge is stored once, in the order of its nodes.
    Raises GraphError for a cycle, a self-loop, a repeated node, or an edge to a node that is not there.
    Source: Pearl 2009, Causality, sec. 1.2 and 3.5. Used from chapter 00, taught in chapter 02.
    """

    nodes: tuple[Node, ...]
    directed: tuple[Edge, ...] = ()
    bidirected: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.nodes, str):
            raise GraphError(f"To read a graph from text, write CausalGraph.parse({self.nodes[:40]!r}).")
        try:
            for part in ("nodes", "directed", "bidirected"):
                object.__setattr__(self, part, tuple(getattr(self, part)))
            place = {node: i for i, node in enumerate(self.nodes)}
            edges = [(a, b) for a, b in (*self.directed, *self.bidirected)]
        except (TypeError, ValueError) as error:
            raise GraphError(
                "CausalGraph(nodes, directed, bidirected) needs names and pairs of names, such as "
                f"(['X', 'Y'], [('X', 'Y')]); this does not fit: {error}. Or write it: CausalGraph.parse('X -> Y')."
            ) from None
        if len(place) < len(self.nodes):
            raise GraphError(f"A node is named twice in {self.nodes}. Name each node once.")
        for a, b in edges:
            for node in (a, b):
                if node not in place:
                    known = ", ".join(map(str, self.nodes)) or "none"
                    raise GraphError(
                        f"An edge names '{node}', which is not a node of this graph (nodes: {known})."
                        + did_you_mean(node, self.nodes)
                    )
            if a == b:
                raise GraphError(f"'{a}' has an edge to itself. A variable cannot be its own cause: remove that edge.")
        ordered = (tuple(sorted(pair, key=place.__getitem__)) for pair in self.bidirected)
        object.__setattr__(self, "directed", tuple(dict.fromkeys((a, b) for a, b in self.directed)))
        object.__setattr__(self, "bidirected", tuple(dict.fromkeys(ordered)))
        self.order  # noqa: B018  finding the order is how a cycle is noticed

    @classmethod
    def parse(cls, text: str) -> CausalGraph:
        """Read a graph such as "Z -> X -> Y; X <-> Y"; parts end with a semicolon or a new line.

        Arrows: `->`, `<-`, `<->`. A name alone is a node without edges. Raises GraphError. Used from chapter 00.
        """
        if not isinstance(text, str):
            raise GraphError(f"A graph is text such as 'Z -> X -> Y; X <-> Y'; this is {type(text).__name__}.")
        nodes: dict[str, None] = {}
        directed: list[Edge] = []
        bidirected: list[Edge] = []
        for shape, arrow in (("↔", "<->"), ("→", "->"), ("←", "<-")):
            text = text.replace(shape, arrow)
        for part in filter(str.strip, re.split(r"[;\n]", text)):
            pieces = [piece.strip() for piece in re.split(r"(<->|->|<-)", part)]
            names, arrows = pieces[::2], pieces[1::2]
            if not all(names) or any(_MISREAD.search(name) for name in names):
                raise GraphError(
                    f"Cannot read '{part.strip()}'. Join names by ->, <- or <->, such as 'Z -> X -> Y; X <-> Y'."
                )
            nodes.update(dict.fromkeys(names))
            for left, arrow, right in zip(names, arrows, names[1:], strict=False):
                if arrow == "<->":
                    bidirected.append((left, right))
                else:
                    directed.append((left, right) if arrow == "->" else (right, left))
        return cls(tuple(nodes), tuple(directed), tuple(bidirected))

    def parents(self, node: Node) -> tuple[Node, ...]:
        """The direct causes of `node`, in the order their edges were given. Raises GraphError. Taught in chapter 02."""
        return tuple(self.nodes[i] for i in self._numbered.parents[self._number(node)])

    def children(self, node: Node) -> tuple[Node, ...]:
        """The direct effects of `node`, in the order their edges were given. Raises GraphError.

        Taught in chapter 02.
        """
        return tuple(self.nodes[i] for i in self._numbered.children[self._number(node)])

    def siblings(self, node: Node) -> tuple[Node, ...]:
        """The nodes that share a hidden cause with `node`: joined to it by `<->`. Raises GraphError.

        Taught in chapter 02.
        """
        return tuple(self.nodes[i] for i in self._numbered.siblings[self._number(node)])

    def ancestors(self, nodes: Node | Iterable[Node]) -> frozenset[Node]:
        """Nodes with a directed path into `nodes`, and `nodes` themselves.

        Raises GraphError. Source: Pearl 2009, sec. 1.2. Taught in chapter 02.
        """
        found = reach(self._numbered.parents, self._numbers(nodes))
        return frozenset(self.nodes[i] for i in found)

    def descendants(self, nodes: Node | Iterable[Node]) -> frozenset[Node]:
        """Nodes that a directed path from `nodes` leads to, and `nodes` themselves.

        Raises GraphError. Source: Pearl 2009, sec. 1.2. Taught in chapter 02.
        """
        found = reach(self._numbered.children, self._numbers(nodes))
        return frozenset(self.nodes[i] for i in found)

    @cached_property
    def c_components(self) -> tuple[frozenset[Node], ...]:
        """The groups of nodes that chains of `<->` hold together; every node is in exactly one.

        Source: Tian & Pearl 2002, sec. 3 (also called districts). Taught in chapter 05.
        """
        groups: dict[int, frozenset[Node]] = {}
        for i in range(len(self.nodes)):
            if i not in groups:
                members = reach(self._numbered.siblings, [i])
                groups |= dict.fromkeys(members, frozenset(self.nodes[j] for j in members))
        return tuple(dict.fromkeys(groups[i] for i in range(len(self.nodes))))

    def cut_into(self, nodes: Node | Iterable[Node]) -> CausalGraph:
        """The graph with every edge into `nodes` removed, `<->` too: what acting on them does to the drawing.

        Written G with a bar over X. Raises GraphError. Source: Pearl 2009, sec. 3.4. Taught in chapter 03.
        """
        cut = set(self.pick(nodes))
        return CausalGraph(
            self.nodes,
            tuple(edge for edge in self.directed if edge[1] not in cut),
            tuple(edge for edge in self.bidirected if cut.isdisjoint(edge)),
        )

    def cut_out_of(self, nodes: Node | Iterable[Node]) -> CausalGraph:
        """The graph with every arrow out of `nodes` removed: only their back doors stay.

        Written G with a bar under X. Raises GraphError. Source: Pearl 2009, sec. 3.4. Taught in chapter 04.
        """
        cut = set(self.pick(nodes))
        return CausalGraph(self.nodes, tuple(edge for edge in self.directed if edge[0] not in cut), self.bidirected)

    def subgraph(self, nodes: Node | Iterable[Node]) -> CausalGraph:
        """The graph on `nodes` alone, with the edges among them. Raises GraphError. Taught in chapter 05."""
        kept = set(self.pick(nodes))
        return CausalGraph(
            tuple(node for node in self.nodes if node in kept),
            tuple(edge for edge in self.directed if kept.issuperset(edge)),
            tuple(edge for edge in self.bidirected if kept.issuperset(edge)),
        )

    def relabelled(self, names: Mapping[Node, Node]) -> CausalGraph:
        """The graph with other names; a node that `names` leaves out keeps its own. Raises GraphError.

        Used from chapter 05.
        """
        edges = [[(names.get(a, a), names.get(b, b)) for a, b in kind] for kind in (self.directed, self.bidirected)]
        return CausalGraph(tuple(names.get(node, node) for node in self.nodes), *map(tuple, edges))

    def project(self, observed: Node | Iterable[Node]) -> CausalGraph:
        """The latent projection: the same causal claims about `observed`, with every other node hidden.

        a -> b when a directed path leads from a to b through hidden nodes; a <-> b when hidden nodes alone join them
        by a path with arrowheads at both ends and no collider. Raises GraphError.
        Source: Verma & Pearl 1990; Tian & Pearl 2002, sec. 5. Taught in chapter 02.
        """
        kept = self.pick(observed)
        heads = {node: set(self.children(node)) for node in self.nodes}
        joined = {node: set(self.siblings(node)) for node in self.nodes}
        for hidden in (node for node in self.nodes if node not in set(kept)):
            below, beside = heads.pop(hidden), joined.pop(hidden)
            for children in heads.values():
                if hidden in children:
                    children.remove(hidden)
                    children |= below
            for a in below | beside:  # what a hidden node ties together: two children, or a child and a sibling
                joined[a].discard(hidden)
                joined[a] |= (below | beside if a in below else below) - {a}
        directed = tuple((a, b) for a in self.nodes if a in heads for b in self.nodes if b in heads[a])
        bidirected = tuple(pair for pair in itertools.combinations(joined, 2) if pair[1] in joined[pair[0]])
        return CausalGraph(tuple(node for node in self.nodes if node in heads), directed, bidirected)

    def with_latents(self) -> tuple[CausalGraph, tuple[str, ...]]:
        """The graph with a hidden node in place of each `<->`, and the names of those hidden nodes.

        Projecting them out gives this graph back. Source: the canonical graph of Richardson & Spirtes 2002, sec. 6.
        Taught in chapter 02.
        """
        taken = {str(node) for node in self.nodes}
        latents: list[str] = []
        for a, b in self.bidirected:
            name = f"U_{a}_{b}"
            while name in taken:
                name += "_"
            taken.add(name)
            latents.append(name)
        arrows = tuple((u, node) for u, pair in zip(latents, self.bidirected, strict=True) for node in pair)
        return CausalGraph((*self.nodes, *latents), (*self.directed, *arrows)), tuple(latents)

    def pick(self, nodes: Node | Iterable[Node]) -> tuple[Node, ...]:
        """The nodes meant by one node or a collection of them, in the graph's order.

        A name that is itself a node counts as one node, so a tuple may be a name. Raises GraphError for a node that
        is not there. Used from chapter 02.
        """
        return tuple(self.nodes[i] for i in sorted(self._numbers(nodes)))

    @cached_property
    def order(self) -> tuple[Node, ...]:
        """The nodes with every cause before its effects (a topological order). Taught in chapter 02."""
        waits = [len(causes) for causes in self._numbered.parents]
        ready = [i for i, count in enumerate(waits) if not count]
        done: list[int] = []
        while ready:
            done += ready
            freed = []
            for child in (c for i in ready for c in self._numbered.children[i]):
                waits[child] -= 1
                if not waits[child]:
                    freed.append(child)
            ready = sorted(freed)
        if len(done) < len(self.nodes):
            stuck = {i for i, count in enumerate(waits) if count}
            cycle = _cycle({i: [a for a in self._numbered.parents[i] if a in stuck] for i in stuck})
            raise GraphError(
                f"The graph has a cycle: {' -> '.join(str(self.nodes[i]) for i in cycle)}. "
                "A causal graph has none: give the later state of a variable its own name, such as 'X2'."
            )
        return tuple(self.nodes[i] for i in done)

    @cached_property
    def _place(self) -> dict[Node, int]:
        return {node: i for i, node in enumerate(self.nodes)}

    @cached_property
    def _numbered(self) -> Neighbours:
        """Parents, children and siblings of each node, all as places in `nodes`: what the searches run on."""
        lists: tuple[list[list[int]], ...] = tuple([[] for _ in self.nodes] for _ in range(3))
        parents, children, siblings = lists
        for a, b in self.directed:
            parents[self._place[b]].append(self._place[a])
            children[self._place[a]].append(self._place[b])
        for a, b in self.bidirected:
            siblings[self._place[a]].append(self._place[b])
            siblings[self._place[b]].append(self._place[a])
        return Neighbours(*lists)

    def _number(self, node: Node) -> int:
        try:
            return self._place[node]
        except (KeyError, TypeError):
            known = ", ".join(map(str, self.nodes[:_LISTED])) or "none"
            known += f", and {len(self.nodes) - _LISTED:,} more" * (len(self.nodes) > _LISTED)
            raise GraphError(
                f"'{node}' is not a node of this graph (nodes: {known})." + did_you_mean(node, self.nodes)
            ) from None

    def _numbers(self, nodes: Node | Iterable[Node]) -> set[int]:
        try:
            if nodes in self._place:
                return {self._place[nodes]}
        except TypeError:  # a set or a list is no node
            pass
        if isinstance(nodes, str) or not isinstance(nodes, Iterable):
            return {self._number(nodes)}
        return {self._number(node) for node in nodes}

    def __str__(self) -> str:
        touched = {node for edge in (*self.directed, *self.bidirected) for node in edge}
        return "; ".join(
            [f"{a} -> {b}" for a, b in self.directed]
            + [f"{a} <-> {b}" for a, b in self.bidirected]
            + [str(node) for node in self.nodes if node not in touched]
        )


def as_graph(given: Any) -> CausalGraph:
    """A CausalGraph as it is, text in arrows read by `CausalGraph.parse`, and anything else by `formats.read`.

    Raises GraphError. Used from chapter 02.
    """
    if isinstance(given, CausalGraph):
        return given
    if isinstance(given, str) and "{" not in given and "[" not in given:
        return CausalGraph.parse(given)
    from causalcourse.formats import read

    return read(given)


def reach(neighbours: list[list[int]], start: Iterable[int]) -> set[int]:
    """Every place that steps along `neighbours` lead to, `start` included. Used from chapter 02."""
    found = set(start)
    todo = list(found)
    while todo:
        fresh = [j for j in neighbours[todo.pop()] if j not in found]
        found.update(fresh)
        todo += fresh
    return found


def _cycle(waiting: Mapping[int, Iterable[int]]) -> list[int]:
    """One cycle among nodes of which each still waits for a cause."""
    walk = [next(iter(waiting))]
    seen = set(walk)
    while (cause := next(iter(waiting[walk[-1]]))) not in seen:
        walk.append(cause)
        seen.add(cause)
    return [*walk[walk.index(cause) :], cause][::-1]
