"""What a drawing claims about data: the independences it implies, and Verma's constraints where those are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.separation import Independence
from causalcourse.separators import minimal_separators

_MOST_CLAIMS = 10_000  # of one node
_MOST_FIXED = 1_000  # sets of fixed nodes tried: there can be exponentially many


def implied_independences(graph: Any) -> tuple[Independence, ...]:
    """One testable claim for each pair of nodes that can be separated, with nothing given that could be left out.

    Every missing arrow of a graph without `<->` gives one. What is given is the minimal separator nearest to the later
    node of the pair. For linear equations these imply all the others; in general `basis_set` does.
    Source: Pearl 2009, sec. 1.2.3; Textor et al. 2016 (dagitty's "missing edges"). Taught in chapter 02.
    """
    graph = as_graph(graph)
    claims = ((a, b, next(minimal_separators(graph, b, a), None)) for a, b in _not_joined(graph))
    return tuple(Independence(b, a, graph.pick(given)) for a, b, given in claims if given is not None)


def basis_set(graph: Any) -> tuple[Independence, ...]:
    """Independences from which all others of the drawing follow, in every model: x, a tuple of nodes, what is given.

    Without `<->`: each node is independent of all earlier ones once its parents are given. With `<->`: of all outside
    its Markov blanket, for each ancestral set in which it comes last. There can be exponentially many of those:
    raises GraphError beyond ten thousand.
    Source: Pearl 2009, thm. 1.2.7; Richardson 2003, sec. 3 (ordered local Markov property). Taught in chapter 02.
    """
    graph = as_graph(graph)
    found: dict[Independence, None] = {}
    for k, node in enumerate(graph.order):
        todo, seen = [frozenset(graph.order[: k + 1])], set()
        while todo:
            ancestral = todo.pop()
            if ancestral in seen:
                continue
            seen.add(ancestral)
            inside = graph.subgraph(ancestral)
            district = next(group for group in inside.c_components if node in group)
            blanket = district.union(*(inside.parents(member) for member in district)) - {node}
            if rest := ancestral - blanket - {node}:
                found[Independence(node, graph.pick(rest), graph.pick(blanket))] = None
            if len(seen) > _MOST_CLAIMS:
                raise GraphError(
                    f"The basis of this graph has more than {_MOST_CLAIMS:,} claims: many hidden causes hang together. "
                    "Try implied_independences, which has one for each pair."
                )
            # a smaller blanket: leave out a member of the district with all that is below it
            todo += [ancestral - inside.descendants(m) for m in district - {node} if node not in inside.descendants(m)]
    return tuple(found)


@dataclass(frozen=True)
class Verma:
    """A constraint on data that is no conditional independence: x and y become independent once `fixed` are fixed.

    Fixing a node C divides P(v) by P(C | what is not below C), as acting on C would, in the order of `fixed`; in what
    is left, `x` is independent of `y` given `given` (and the fixed values).
    Source: Verma & Pearl 1990; Richardson, Evans, Robins & Shpitser 2023. Taught in chapter 05.
    """

    x: Node
    y: Node
    given: tuple[Node, ...]
    fixed: tuple[Node, ...]

    def __str__(self) -> str:
        return f"{Independence(self.x, self.y, self.given)}, once {', '.join(map(str, self.fixed))} is fixed"


def verma_constraints(graph: Any) -> tuple[Verma, ...]:
    """One constraint for each pair that nothing separates, though no edge joins it, and that fixing other nodes does.

    Only graphs with `<->` have any. The fewest fixed nodes are taken; the first thousand sets of them are tried.
    Source: Richardson, Evans, Robins & Shpitser 2023, sec. 3; Shpitser, Evans & Richardson 2018. Taught in chapter 05.
    """
    graph = as_graph(graph)
    open_pairs = [pair for pair in _not_joined(graph) if next(minimal_separators(graph, *pair), None) is None]
    found: dict[tuple[Node, Node], Verma] = {}
    todo: dict[frozenset[Node], tuple[Node, ...]] = {frozenset(): ()}
    for fixed in _growing(todo):
        left = graph.subgraph(set(graph.nodes).difference(fixed))
        if all(pair in found for pair in open_pairs):
            break
        for a, b in open_pairs:
            if (a, b) in found or fixed & {a, b}:
                continue
            if (given := next(minimal_separators(left, b, a), None)) is not None:
                found[a, b] = Verma(b, a, graph.pick(given), todo[fixed])
        for node in left.nodes:
            district = next(group for group in left.c_components if node in group)
            if left.descendants(node) & district == {node} and len(todo) < _MOST_FIXED:
                todo.setdefault(fixed | {node}, (*todo[fixed], node))
    return tuple(found[pair] for pair in open_pairs if pair in found)


def _growing(todo: dict[frozenset[Node], Any]) -> Iterator[frozenset[Node]]:
    """The keys in the order they were put in, those put in meanwhile too."""
    done = 0
    while done < len(todo):
        for key in list(todo)[done:]:
            done += 1
            yield key


def _not_joined(graph: CausalGraph) -> list[tuple[Node, Node]]:
    joined = {frozenset(edge) for edge in (*graph.directed, *graph.bidirected)}
    return [pair for pair in combinations(graph.order, 2) if frozenset(pair) not in joined]
