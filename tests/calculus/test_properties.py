"""What must not matter does not: names, the order of nodes, nodes that have nothing to do with the question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questions import LISTED, asked, nodes_of, wrong_by

from causalcourse.docalculus import identify
from causalcourse.expression import ExpressionError, parse
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete

NODES = ("A", "B", "C", "D", "E")
PAIRS = [(a, b) for i, a in enumerate(NODES) for b in NODES[i + 1 :]]
# names that the algebra itself uses, that hold its signs, or that no program expects
ODD = [
    "P", "do", "sum", "Σ", "Σ_X", "X'", "X''", "P(Y)", "do(X)", "Y | X", "a, b", "1", "v", "", " ", "[", "]", "{x}",
    "=", "X=1", "/", "·", "sum_{X}", "P^t", "ß", "变量", "naïve café", "🙂", "\\", "$", "_", "U_X", "True", "lambda",
    0, 1, 2.5, None, ("X", "Y"), "x" * 200,
]  # fmt: skip


@st.composite
def questions(draw, conditional=True):
    """A graph on five nodes in a random order, with a question."""
    arrows, arcs = (draw(st.lists(st.sampled_from(PAIRS), unique=True, max_size=n)) for n in (8, 4))
    order = draw(st.permutations(NODES))
    y, x, w = draw(st.integers(1, 2)), draw(st.integers(0, 2)), draw(st.integers(0, 1)) * conditional
    of, do, known = order[:y], order[y : y + x], order[y + x : y + x + w]
    return CausalGraph(NODES, tuple(arrows), tuple(arcs)), asked(of, do, known)


def model_of(graph: CausalGraph):
    return random_discrete(graph, np.random.default_rng(0))


@settings(deadline=None, max_examples=150)
@given(questions(), st.permutations(range(5)), st.lists(st.sampled_from(ODD), min_size=5, max_size=5, unique_by=str))
def test_other_names_give_the_same_verdict_and_the_same_value(question, places, odd):
    graph, query = question
    names = {node: odd[k] for node, k in zip(NODES, places, strict=True)}
    try:
        found = identify(graph.relabelled(names), query.relabelled(names))
    except ExpressionError:
        pytest.fail(f"{names} were refused")
    assert bool(found) == bool(identify(graph, query))
    if found:
        assert found.proof.verify()
        back = {odd: node for node, odd in names.items()}
        assert wrong_by(found.estimand.relabelled(back), query, model_of(graph)) < 1e-9
        str(found.proof), found.proof._repr_latex_  # both can be written
    else:
        assert found.counterexample().agreement <= 1e-12
    str(found)


@settings(deadline=None, max_examples=150)
@given(questions(), st.permutations(NODES), st.randoms())
def test_the_order_of_nodes_and_edges_does_not_matter(question, order, random):
    graph, query = question
    directed, bidirected = list(graph.directed), [random.choice((pair, pair[::-1])) for pair in graph.bidirected]
    random.shuffle(directed)
    random.shuffle(bidirected)
    one, other = identify(graph, query), identify(CausalGraph(tuple(order), tuple(directed), tuple(bidirected)), query)
    assert bool(one) == bool(other)
    if one:
        assert wrong_by(one.estimand, other.estimand, model_of(graph)) < 1e-9


@settings(deadline=None, max_examples=150)
@given(questions(), st.lists(st.sampled_from(NODES), max_size=3), st.booleans())
def test_a_node_that_nothing_depends_on_does_not_matter(question, causes, apart):
    """It hangs below some nodes, or stands apart: the verdict and the value stay, and the formula does not name it."""
    graph, query = question
    arrows = () if apart else tuple((cause, "new") for cause in dict.fromkeys(causes))
    larger = CausalGraph((*NODES, "new"), (*graph.directed, *arrows), graph.bidirected)
    one, other = identify(graph, query), identify(larger, query)
    assert bool(one) == bool(other)
    if one and len(NODES) + 1 + len(graph.bidirected) <= LISTED:
        assert "new" not in {s.node for p in other.estimand.probabilities() for s in p.free}
        assert wrong_by(one.estimand, other.estimand, model_of(graph)) < 1e-9


@settings(deadline=None, max_examples=150)
@given(questions())
def test_more_edges_never_make_a_question_identifiable_and_an_experiment_never_harms(question):
    graph, query = question
    found = identify(graph, query)
    for pair in PAIRS[:4]:
        if pair not in graph.bidirected:
            harder = CausalGraph(graph.nodes, graph.directed, (*graph.bidirected, pair))
            assert found or not identify(harder, query)
    of, _, _ = nodes_of(query)
    other = next(node for node in NODES if node not in of)
    assert identify(graph, query, ["P(v)", f"P(v | do({other}))"]) or not found


@settings(deadline=None, max_examples=200)
@given(questions())
def test_every_formula_reads_back_from_its_text(question):
    found = identify(*question)
    if found:
        for formula in found.proof.formulas:
            assert parse(str(formula)) == formula == parse(formula.ascii())


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40))
def test_text_is_a_formula_or_refused_in_words(text):
    for read in (parse, lambda t: identify("X -> Y", t)):
        try:
            read(text)
        except ExpressionError as error:
            assert str(error)


def test_a_probability_needs_each_variable_once():
    with pytest.raises(ExpressionError, match="twice"):
        asked(["Y"], ["Y"])
