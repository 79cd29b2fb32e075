"""Markov equivalence, against the independences of all 543 graphs on four nodes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest

from causalcourse.equivalence import compelled_arrows, equivalence_class, markov_equivalent, skeleton, v_structures
from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph
from causalcourse.separation import separated


@cache
def classes():
    """The graphs on A, B, C, D, grouped by the independences they imply."""
    found = defaultdict(list)
    pairs = list(combinations("ABCD", 2))
    for choice in product((None, 0, 1), repeat=len(pairs)):
        arrows = [pair[::way] for pair, way in zip(pairs, ({0: 1, 1: -1}.get(c) for c in choice), strict=True) if way]
        try:
            graph = CausalGraph(tuple("ABCD"), arrows)
        except GraphError:
            continue
        found[independences(graph)].append(graph)
    return found


def independences(graph):
    others = {pair: [n for n in graph.nodes if n not in pair] for pair in combinations(graph.nodes, 2)}
    sets = ((a, b, z) for (a, b), rest in others.items() for k in range(len(rest) + 1) for z in combinations(rest, k))
    return frozenset(statement for statement in sets if separated(graph, *statement))


def test_there_are_543_graphs_on_four_nodes_in_185_classes():
    # Robinson 1977; Gillispie & Perlman 2002
    assert sum(map(len, classes().values())) == 543
    assert len(classes()) == 185


def test_the_class_of_a_graph_is_all_graphs_with_its_independences_each_once():
    for members in classes().values():
        truth = {frozenset(graph.directed) for graph in members}
        found = equivalence_class(members[0])
        assert {frozenset(graph.directed) for graph in found} == truth
        assert len(found) == len(members)
        assert compelled_arrows(members[-1]) == frozenset.intersection(*truth)


def test_two_graphs_are_equivalent_exactly_when_their_independences_are_the_same():
    rng = np.random.default_rng(1)
    every = [graph for members in classes().values() for graph in members]
    same = [rng.choice(len(members), 2) for members in classes().values() if len(members) > 1]
    pairs = [rng.choice(len(every), 2) for _ in range(200)]
    for a, b in ((every[i], every[j]) for i, j in pairs):
        assert bool(markov_equivalent(a, b)) == (independences(a) == independences(b))
    large = [members for members in classes().values() if len(members) > 1]
    assert all(markov_equivalent(m[i], m[j]) for m, (i, j) in zip(large, same, strict=True))


def test_a_class_of_larger_graphs_has_the_same_skeleton_and_v_structures():
    rng = np.random.default_rng(2)
    for _ in range(30):
        graph = random_graph(8, rng, 0.3, 0)
        found = equivalence_class(graph)
        assert len({frozenset(g.directed) for g in found}) == len(found)
        assert frozenset(graph.directed) in {frozenset(g.directed) for g in found}
        assert {(skeleton(g), v_structures(g)) for g in found} == {(skeleton(graph), v_structures(graph))}


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        ("A -> B -> C", "A -> B; C", "B and C are joined"),
        ("A -> B -> C", "A -> B <- C", "A -> B <- C is a v-structure"),
        ("A -> B", "A -> C", "B is in one"),
    ],
)
def test_a_no_names_the_difference(one, other, word):
    finding = markov_equivalent(one, other)
    assert not finding
    assert word in finding.why


def test_hidden_causes_are_refused_with_a_reason():
    with pytest.raises(GraphError, match="hidden common causes"):
        markov_equivalent("A <-> B", "A -> B")
