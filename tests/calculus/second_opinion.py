"""Identification built a second way, to hold the first against: on arrays instead of formulas, by brute force.

Effects go by Tian & Pearl's c-factors, computed as numbers on a joint table; a condition is handled by trying every
subset of it that rule 2 may move, where the package moves one variable at a time. Separation is networkx's, on the
graph with its hidden causes drawn as nodes. Nothing but the graph's edges is taken from the package.
"""

from __future__ import annotations

from itertools import chain, combinations

import networkx as nx
import numpy as np

from causalcourse.graph import CausalGraph


class SecondOpinion:
    """A graph, and the joint table of its variables: one axis for each of graph.nodes."""

    def __init__(self, graph: CausalGraph, table: np.ndarray | None = None) -> None:
        self.directed = nx.DiGraph()
        self.directed.add_nodes_from(graph.nodes)
        self.directed.add_edges_from(graph.directed)
        self.hidden = nx.Graph()
        self.hidden.add_nodes_from(graph.nodes)
        self.hidden.add_edges_from(graph.bidirected)
        self.axis = {node: i for i, node in enumerate(graph.nodes)}
        self.order = list(nx.topological_sort(self.directed))
        self.table = np.ones((1,) * len(graph.nodes)) if table is None else table

    def answer(self, of: set, do: set, given: set = frozenset()) -> np.ndarray | None:
        """P(of | do, given), with an axis for each node (of length 1 where it does not matter); None for "never"."""
        if not given:
            return self.effect(of, do)
        subsets = chain.from_iterable(combinations(sorted(given), k) for k in range(len(given), -1, -1))
        for moved in map(set, subsets):
            if moved and not self.exchangeable(of, do, given - moved, moved):
                continue
            both = self.effect(of | (given - moved), do | moved)
            if both is not None:
                return both / self.summed(both, of)
        return None

    def exchangeable(self, of: set, do: set, given: set, moved: set) -> bool:
        """Rule 2: of ⊥ moved | do, given, with the arrows into `do` and out of `moved` cut."""
        drawn = nx.DiGraph()
        drawn.add_nodes_from(self.directed)
        drawn.add_edges_from((a, b) for a, b in self.directed.edges if b not in do and a not in moved)
        for a, b in self.hidden.edges:
            drawn.add_edges_from((("hidden", a, b), end) for end in (a, b) if end not in do)
        return nx.is_d_separator(drawn, of, moved, do | given)

    def effect(self, of: set, do: set) -> np.ndarray | None:
        needed = self.ancestors(of, set(self.directed) - do)
        total = np.ones_like(self.table)
        for part in map(set, nx.connected_components(self.hidden.subgraph(needed))):
            whole = self.component(part, set(self.directed))
            factor = self.factor(part, whole, self.of_component(whole, set(self.directed), self.table))
            if factor is None:
                return None
            total = total * factor
        return self.summed(total, needed - of)

    def factor(self, part: set, inside: set, q: np.ndarray) -> np.ndarray | None:
        """Q[part] from Q[inside], the c-component around it (Tian & Pearl 2002, the function Identify)."""
        above = self.ancestors(part, inside)
        if above == part:
            return self.summed(q, inside - part)
        if above == inside:
            return None
        inner = self.component(part, above)
        return self.factor(part, inner, self.of_component(inner, above, self.summed(q, inside - above)))

    def of_component(self, component: set, within: set, q: np.ndarray) -> np.ndarray:
        """Q[component] from Q[within] (Tian & Pearl 2002, lemma 4)."""
        ordered = [node for node in self.order if node in within]
        factor = np.ones_like(q)
        for k, node in enumerate(ordered):
            if node in component:
                factor = factor * self.summed(q, set(ordered[k + 1 :])) / self.summed(q, set(ordered[k:]))
        return factor

    def summed(self, q: np.ndarray, nodes: set) -> np.ndarray:
        axes = tuple(self.axis[node] for node in nodes)
        total = q.sum(axis=axes, keepdims=True)
        return np.broadcast_to(total, q.shape) if self.table.size > 1 else total

    def ancestors(self, nodes: set, within: set) -> set:
        inside = self.directed.subgraph(within)
        return nodes.union(*(nx.ancestors(inside, node) for node in nodes))

    def component(self, part: set, within: set) -> set:
        return set(nx.node_connected_component(self.hidden.subgraph(within), next(iter(part))))
