"""m-separation agrees with networkx on the graph with its hidden causes drawn, and each answer's reason is true."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph
from causalcourse.separation import connected, paths, separated


def questions(count, seed):
    """Random graphs, each with two nodes and a set to be given."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        graph = random_graph(int(rng.integers(2, 9)), rng, rng.choice([0.2, 0.4]), rng.choice([0, 0.1, 0.3]))
        x, y, *others = rng.permutation(graph.nodes).tolist()
        yield graph, x, y, [node for node in others if rng.random() < 0.3]


def drawn(graph: CausalGraph) -> nx.DiGraph:
    explicit, _ = graph.with_latents()
    oracle = nx.DiGraph(list(explicit.directed))
    oracle.add_nodes_from(explicit.nodes)
    return oracle


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_is_that_of_networkx(seed):
    answers = []
    for graph, x, y, given in questions(300, seed):
        truth = nx.is_d_separator(drawn(graph), {x}, {y}, set(given))
        assert bool(separated(graph, x, y, given)) == truth, (str(graph), x, y, given)
        answers.append(truth)
    assert 50 < sum(answers) < 250


def test_the_witness_is_a_path_of_the_graph_and_open():
    for graph, x, y, given in questions(300, 7):
        answer = separated(graph, x, y, given)
        if not answer:
            assert answer.path.blocked_by(given) is None
            assert str(answer.path) in [str(path) for path in paths(graph, x, y)]
            assert str(answer.path) in answer.why


def test_when_separated_every_path_has_what_blocks_it():
    for graph, x, y, given in questions(300, 8):
        answer = separated(graph, x, y, given)
        every = paths(graph, x, y)
        assert bool(answer) == all(path.blocked_by(given) for path in every)
        if answer:
            assert [path for path, _ in answer.blocked] == every


def test_paths_are_those_of_networkx():
    for graph, x, y, _ in questions(100, 9):
        edges = [(a, b) for a, b in graph.directed] + list(graph.bidirected)
        oracle = nx.MultiGraph(edges)
        oracle.add_nodes_from(graph.nodes)
        found = [path.nodes for path in paths(graph, x, y)]
        assert len(found) == len(list(nx.all_simple_edge_paths(oracle, x, y)))
        assert [len(nodes) for nodes in found] == sorted(len(nodes) for nodes in found)


def test_sets_are_separated_when_all_their_pairs_are():
    rng = np.random.default_rng(3)
    for _ in range(100):
        graph = random_graph(7, rng, 0.2, 0.1)
        a, b, c, d, *rest = rng.permutation(graph.nodes).tolist()
        given = rest[:1]
        pairs = [bool(separated(graph, x, y, given)) for x in (a, b) for y in (c, d)]
        assert bool(separated(graph, [a, b], [c, d], given)) == all(pairs)


def test_hiding_nodes_changes_no_separation_among_the_others():
    rng = np.random.default_rng(4)
    for graph, x, y, given in questions(200, 4):
        kept = {x, y, *given} | {node for node in graph.nodes if rng.random() < 0.4}
        assert bool(separated(graph.project(kept), x, y, given)) == bool(separated(graph, x, y, given))


def test_projecting_the_drawn_latents_out_gives_the_graph_back():
    for graph, *_ in questions(200, 5):
        again = graph.with_latents()[0].project(graph.nodes)
        assert set(again.directed) == set(graph.directed)
        assert set(again.bidirected) == set(graph.bidirected)


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("X -> M -> Y", "M", ["X ⊥ Y | M", "M is given"]),
        ("X -> C <- Y", (), ["X ⊥ Y", "C is a collider, and not given"]),
        ("X -> C <- Y; C -> D", (), ["neither it nor anything below it is given"]),
        ("X -> C <- Y; C -> D", "D", ["X not ⊥ Y | D", "X -> C <- Y is open", "D below it is given"]),
        ("X -> Y; X <-> Y", (), ["X -> Y is open"]),
        ("X <-> Y", (), ["X <-> Y is open"]),
        ("X; Y", (), ["X ⊥ Y", "No path joins them."]),
    ],
)
def test_the_reason_is_said_in_words(text, given, words):
    said = str(separated(text, "X", "Y", given))
    assert all(word in said for word in words), said


def test_where_an_arrow_and_a_hidden_cause_join_two_nodes_the_witness_takes_the_open_one():
    # Y is given: the arrow into Y meets another arrowhead there, and leaving Y by its own arrow is closed
    answer = separated("X -> W; W -> Y; W <-> Y; Y <-> Z", "X", "Z", "Y")
    assert not answer
    assert answer.path.blocked_by("Y") is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: separated("X -> Y", "X", "Q"), ["'Q'", "nodes: X, Y"]),
        (lambda: separated("Severity -> Y", "Sevrity", "Y"), ["Did you mean 'Severity'"]),
        (lambda: separated("X -> Y", "X", "X"), ["'X' is named twice"]),
        (lambda: separated("X -> Y -> Z", "X", "Y", "Y"), ["'Y' is named twice"]),
        (lambda: separated("X -> Y", [], "Y"), ["at least one node"]),
        (lambda: separated("X -> Y", None, "Y"), ["'None'"]),
        (lambda: separated("X -> Y", 3, "Y"), ["'3'"]),
        (lambda: separated("X -> Y", [["X"]], "Y"), ["not a node"]),
        (lambda: paths("X -> Y", "X", "X"), ["two different nodes"]),
        (lambda: paths("X -> M -> Y", "X", "Y")[0].blocked_by("X"), ["'X' is an end"]),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_kindly(call, words):
    with pytest.raises(GraphError) as refused:
        call()
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_names_may_be_anything_hashable():
    nodes = (("a", 1), "é漢", 3, frozenset({1}))
    graph = CausalGraph(nodes, [(nodes[0], nodes[1]), (nodes[1], nodes[2])], [(nodes[2], nodes[3])])
    assert separated(graph, nodes[0], nodes[2], nodes[1])
    assert not separated(graph, ("a", 1), nodes[3], [3])


def test_a_very_long_chain_is_no_burden():
    n = 1_000
    chain = CausalGraph(range(n), [(i, i + 1) for i in range(n - 1)])
    assert len(separated(chain, 0, n - 1).path.nodes) == n
    assert separated(chain, 0, n - 1, n // 2).why.count("blocked") == 1


def test_a_dense_graph_is_answered_with_some_of_its_paths():
    n = 30
    dense = CausalGraph(range(n + 1), [(i, j) for i in range(n) for j in range(i + 1, n)])
    assert separated(dense, 0, n).why == "No path joins them."
    assert len(paths(dense, 0, n - 1)) == 1_000


def test_all_that_an_open_path_reaches_is_found_at_once():
    for graph, x, _, given in questions(200, 11):
        truth = {n for n in graph.nodes if n == x or (n not in given and not separated(graph, x, n, given))}
        assert connected(graph, x, given) == truth


def test_a_large_graph_is_not_listed_in_a_message():
    graph = CausalGraph(range(10_000))
    with pytest.raises(GraphError, match="and 9,980 more"):
        graph.parents("q")


@pytest.mark.parametrize("text", ["P(Y|X)", "X -> Y | Z", "X ⊥ Y", "X & Z -> Y"])
def test_what_is_no_drawing_is_not_read_as_one(text):
    with pytest.raises(GraphError):
        CausalGraph.parse(text)


def test_text_in_place_of_nodes_is_sent_to_the_reader():
    with pytest.raises(GraphError, match=r"CausalGraph\.parse"):
        CausalGraph("X -> Y")
