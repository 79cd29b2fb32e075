"""Causal graphs: who listens to whom, and which pairs share a hidden cause."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property

from causalcourse.errors import GraphError, did_you_mean

# what in a name is more likely an arrow of another notation, a comment or a bracket
_MISREAD = re.compile(r"[<>,=~#{}\"\x00-\x1f\u200b\ufeff\u2190-\u21ff\u27f0-\u27ff]|--| - |^-|-$|^o-|-o$|\so$|^o\s")

Node = Hashable
Edge = tuple[Node, Node]


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
        place = {node: i for i, node in enumerate(self.nodes)}
        if len(place) < len(self.nodes):
            raise GraphError(f"A node is named twice in {self.nodes}. Name each node once.")
        for a, b in (*self.directed, *self.bidirected):
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
        object.__setattr__(self, "directed", tuple(dict.fromkeys(self.directed)))
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
        if node not in self.nodes:
            raise GraphError(f"'{node}' is not a node of this graph." + did_you_mean(node, self.nodes))
        return tuple(a for a, b in self.directed if b == node)

    @cached_property
    def order(self) -> tuple[Node, ...]:
        """The nodes with every cause before its effects (a topological order). Taught in chapter 02."""
        waiting = {node: {a for a, b in self.directed if b == node} for node in self.nodes}
        done: list[Node] = []
        while waiting:
            ready = [node for node, causes in waiting.items() if not causes]
            if not ready:
                raise GraphError(
                    f"The graph has a cycle: {' -> '.join(map(str, _cycle(waiting)))}. "
                    "A causal graph has none: give the later state of a variable its own name, such as 'X2'."
                )
            done += ready
            waiting = {node: causes.difference(ready) for node, causes in waiting.items() if causes}
        return tuple(done)

    def __str__(self) -> str:
        touched = {node for edge in (*self.directed, *self.bidirected) for node in edge}
        return "; ".join(
            [f"{a} -> {b}" for a, b in self.directed]
            + [f"{a} <-> {b}" for a, b in self.bidirected]
            + [str(node) for node in self.nodes if node not in touched]
        )


def _cycle(waiting: dict[Node, Iterable[Node]]) -> list[Node]:
    """One cycle among nodes of which each still waits for a cause."""
    walk = [next(iter(waiting))]
    while walk[-1] not in walk[:-1]:
        walk.append(next(iter(waiting[walk[-1]])))
    return walk[walk.index(walk[-1]) :][::-1]
