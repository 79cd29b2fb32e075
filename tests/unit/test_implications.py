"""Implied independences are all there, the basis implies every other, and Verma's constraint is found."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph
from causalcourse.implications import basis_set, implied_independences, verma_constraints
from causalcourse.random_models import random_discrete, random_graph
from causalcourse.separation import separated


def graphs(count, seed, largest=6):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield random_graph(int(rng.integers(2, largest + 1)), rng, 0.35, rng.choice([0, 0.2, 0.4]))


def test_one_claim_for_each_pair_that_anything_separates():
    for graph in graphs(200, 1):
        claims = implied_independences(graph)
        assert all(separated(graph, c.x, c.y, c.given) for c in claims)
        assert all(not separated(graph, c.x, c.y, set(c.given) - {left_out}) for c in claims for left_out in c.given)
        for a, b in combinations(graph.nodes, 2):
            rest = [node for node in graph.nodes if node not in (a, b)]
            separable = any(separated(graph, a, b, z) for k in range(len(rest) + 1) for z in combinations(rest, k))
            assert separable == ({a, b} in [{c.x, c.y} for c in claims])


def test_without_hidden_causes_every_missing_arrow_makes_a_claim():
    rng = np.random.default_rng(2)
    for _ in range(50):
        graph = random_graph(6, rng, 0.4, 0)
        assert len(implied_independences(graph)) == 15 - len(graph.directed)


def triples(graph):
    """All independences of the graph between disjoint sets, as (set, set, given)."""
    found = set()
    for sides in np.ndindex(*(4,) * len(graph.nodes)):  # each node: left, right, given, out
        a, b, c = (frozenset(n for n, side in zip(graph.nodes, sides, strict=True) if side == k) for k in range(3))
        if a and b and separated(graph, a, b, c):
            found.add((a, b, c))
    return found


def closure(statements):
    """What follows by symmetry, decomposition, weak union and contraction: true of every distribution."""
    todo, known = list(statements), set()
    while todo:
        a, b, c = one = todo.pop()
        if one in known or not a or not b:
            continue
        known.add(one)
        todo.append((b, a, c))
        for left_out in b:
            todo += [(a, b - {left_out}, c), (a, b - {left_out}, c | {left_out})]
        for a2, b2, c2 in list(known):
            if a2 == a and c2 == c | b:
                todo.append((a, b | b2, c))
            if a2 == a and c == c2 | b2:
                todo.append((a, b | b2, c2))
    return known


@pytest.mark.parametrize("seed", range(3))
def test_every_independence_of_the_graph_follows_from_its_basis(seed):
    rng = np.random.default_rng(seed)
    for _ in range(8):
        graph = random_graph(5, rng, 0.3, rng.choice([0, 0.3]))
        basis = {(frozenset({c.x}), frozenset(c.y), frozenset(c.given)) for c in basis_set(graph)}
        assert closure(basis) == triples(graph), str(graph)


def test_the_graph_of_verma_has_his_constraint():
    (found,) = verma_constraints("A -> B -> C -> D; B <-> D")
    assert str(found) == "D ⊥ A, once C is fixed"


def test_graphs_without_hidden_causes_have_no_such_constraint():
    rng = np.random.default_rng(3)
    assert not any(verma_constraints(random_graph(6, rng, 0.4, 0)) for _ in range(30))


def fixed(q: np.ndarray, axis: int, below: list[int]) -> np.ndarray:
    """q divided by q(node | all that is not below it), for the joint table q with one axis for each node."""
    rest = tuple(below)
    with_node = q.sum(rest, keepdims=True)
    return q / (with_node / with_node.sum(axis, keepdims=True))


def test_each_constraint_found_holds_in_models_of_the_graph_and_fails_where_the_edge_is_added():
    rng = np.random.default_rng(4)
    checked = 0
    while checked < 12:
        graph = random_graph(5, rng, 0.4, 0.3)
        for constraint in verma_constraints(graph):
            place = {node: i for i, node in enumerate(graph.nodes)}
            edge = sorted((constraint.x, constraint.y), key=graph.order.index)
            fuller = CausalGraph(graph.nodes, (*graph.directed, tuple(edge)), graph.bidirected)
            gaps = []
            for drawn in (graph, fuller):
                q, left = random_discrete(drawn, rng).joint().to_numpy().reshape((2,) * 5), graph
                for node in constraint.fixed:
                    below = left.descendants(node) - {node}
                    q = fixed(q, place[node], [place[n] for n in below])
                    left = left.subgraph(set(left.nodes) - {node})
                gaps.append(_dependence(q, constraint, place, constraint.fixed))
            assert gaps[0] < 1e-9, (str(graph), str(constraint))
            assert gaps[1] > 1e-6, (str(graph), str(constraint))
            checked += 1


def _dependence(q, constraint, place, fixed_nodes):
    """The largest distance of q(x, y | given, fixed) from the product of its margins."""
    kept = [place[n] for n in (constraint.x, constraint.y, *constraint.given, *fixed_nodes)]
    q = q.sum(tuple(i for i in range(q.ndim) if i not in kept), keepdims=True)
    x, y = place[constraint.x], place[constraint.y]
    q = q / q.sum((x, y), keepdims=True)
    return np.abs(q - q.sum(x, keepdims=True) * q.sum(y, keepdims=True)).max()


def test_a_basis_too_long_to_list_is_refused():
    clique = CausalGraph(range(24), (), list(combinations(range(24), 2))[::3])
    with pytest.raises(GraphError, match="more than 10,000 claims"):
        basis_set(clique)
