"""Is the verdict right, is the formula the truth, and does the proof hold? On published cases and on random graphs."""

from __future__ import annotations

import json
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from questions import asked, nodes_of, random_questions, wrong_by
from second_opinion import SecondOpinion

from causalcourse.docalculus import NotIdentifiable, identify, is_identifiable
from causalcourse.errors import CourseError
from causalcourse.expression import P, parse
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete

CASES = json.loads(Path(__file__).with_name("id_cases.json").read_text(encoding="utf-8"))
EXACT = 1e-9

# the form in which textbooks print them: Pearl 2009, sec. 3.3; Pearl & Mackenzie 2018, ch. 7 (the napkin)
TEXTBOOK = {
    "backdoor": ("Z -> X -> Y; Z -> Y", "Y | do(X)", "Σ_Z P(Y | X, Z) P(Z)"),
    "front door": ("X -> M -> Y; X <-> Y", "Y | do(X)", "Σ_M P(M | X) Σ_X' P(Y | M, X') P(X')"),
    "napkin": (
        "W -> Z -> X -> Y; W <-> X; W <-> Y",
        "Y | do(X)",
        "[Σ_W P(Y, X | W, Z) P(W)] / [Σ_W P(X | W, Z) P(W)]",
    ),
    "no effect": ("X -> Z; Y -> Z", "Y | do(X)", "P(Y)"),
    "instrument": ("Z -> X -> Y; X <-> Y", "Y | do(Z)", "P(Y | Z)"),
    "two treatments": ("X1 -> Z -> X2 -> Y; Z -> Y", "Y | do(X1, X2)", "Σ_Z P(Y | X2, Z) P(Z | X1)"),
    "given a cause": ("Z -> X -> Y; Z -> Y", "Y | do(X), Z", "P(Y | X, Z)"),
}


def graph_of(case: dict) -> CausalGraph:
    return CausalGraph(tuple(case["nodes"]), *(tuple(map(tuple, case[kind])) for kind in ("directed", "bidirected")))


def model_of(graph: CausalGraph, seed: int):
    names = {node: f"V{i}" for i, node in enumerate(graph.nodes)}
    return names, random_discrete(graph.relabelled(names), np.random.default_rng(seed))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_published_case_gets_its_verdict_and_the_truth_on_twenty_models(case):
    graph, query = graph_of(case), asked(case["outcomes"], case["treatments"], case["conditions"])
    found = identify(graph, query)
    assert bool(found) == case["identifiable"], str(found)
    if not found:
        return
    assert found.proof.verify(), str(found.proof.verify())
    assert not any(p.do for p in found.estimand.probabilities())
    for seed in range(20):
        names, model = model_of(graph, seed)
        assert wrong_by(found.estimand.relabelled(names), query.relabelled(names), model) < EXACT


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_formula_is_the_one_that_textbooks_print(name):
    graph, query, formula = TEXTBOOK[name]
    assert identify(graph, query).estimand == parse(formula)


def check(graph: CausalGraph, query, seed: int, models: int = 1) -> bool:
    """Everything that is claimed of one question; the verdict."""
    names, model = model_of(graph, seed)
    found = identify(graph, query)
    table = model.joint().to_numpy().reshape((2,) * len(graph.nodes))
    second = SecondOpinion(graph, table).answer(*nodes_of(query))
    assert bool(found) == (second is not None) == is_identifiable(graph, query), f"{graph}: {found}"
    if found:
        verification = found.proof.verify(models)
        assert verification, f"{graph}: {query}: {verification}"
        assert wrong_by(found.estimand.relabelled(names), query.relabelled(names), model) < EXACT, f"{graph}: {found}"
        assert parse(str(found.estimand)) == found.estimand == parse(found.estimand.ascii())
        mine = found.estimand.relabelled(names).evaluate(model)
        assert np.allclose(np.sort(np.unique(mine.round(9))), np.unique(second[np.isfinite(second)].round(9))), str(
            graph
        )
    return bool(found)


@pytest.mark.parametrize("seed", range(8))
def test_random_effects(seed):
    answers = [check(*question, seed=k) for k, question in enumerate(random_questions(125, seed))]
    assert {True, False} == set(answers)


@pytest.mark.parametrize("seed", range(8))
def test_random_conditional_effects(seed):
    answers = [check(*q, seed=k) for k, q in enumerate(random_questions(125, 100 + seed, conditional=True))]
    assert {True, False} == set(answers)


def every_graph(n: int):
    """Every ADMG on n nodes in a fixed causal order: each pair with or without an arrow, with or without <->."""
    nodes = tuple(f"V{i}" for i in range(n))
    pairs = list(combinations(nodes, 2))
    for arrows, arcs in product(product((0, 1), repeat=len(pairs)), repeat=2):
        yield CausalGraph(
            nodes, *(tuple(p for p, drawn in zip(pairs, k, strict=True) if drawn) for k in (arrows, arcs))
        )


@pytest.mark.slow
@pytest.mark.parametrize("roles", list(product("yxw-", repeat=3)), ids="".join)
def test_every_question_in_every_graph_on_three_nodes(roles):
    of, do, given = ([f"V{i}" for i, r in enumerate(roles) if r == role] for role in "yxw")
    if of:
        for k, graph in enumerate(every_graph(3)):
            check(graph, asked(of, do, given), seed=k)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_every_effect_of_one_on_one_in_every_graph_on_four_nodes(part):
    """An outcome before the treatment is left out: rule 3 alone answers it. One model a graph, laws checked."""
    for k, graph in enumerate(every_graph(4)):
        if k % 8 != part:
            continue
        model = random_discrete(graph, np.random.default_rng(k))
        table = model.joint().to_numpy().reshape((2,) * 4)
        for x, y in combinations(graph.nodes, 2):
            found, second = identify(graph, asked([y], [x])), SecondOpinion(graph, table).effect({y}, {x})
            assert bool(found) == (second is not None), f"{graph}: {found}"
            if found:
                assert found.proof.verify(models=0), f"{graph}: {found}"
                assert wrong_by(found.estimand, found.query, model) < EXACT, f"{graph}: {found}"


def test_what_cannot_be_identified_says_so_and_has_no_estimand():
    found = identify("X -> Y; X <-> Y", "Y | do(X)")
    assert not found and "cannot be identified" in str(found)
    with pytest.raises(NotIdentifiable, match="counterexample"):
        _ = found.estimand


def test_a_question_may_be_an_expression_or_text_with_or_without_its_p():
    for query in (P("Y | do(X)"), "Y | do(X)", "P(Y | do(X))"):
        assert str(identify("Z -> X -> Y; Z -> Y", query).estimand) == "Σ_Z P(Y | X, Z) P(Z)"


@pytest.mark.parametrize(
    ("graph", "query", "says"),
    [
        ("X -> Y", None, "A question is one probability"),
        ("X -> Y", "Σ_X P(X)", "Cannot read"),
        ("X -> Y", "", "Cannot read"),
        ("X -> Y", "Q | do(X)", "not a node"),
        ("X -> Y -> X", "Y | do(X)", "cycle"),
        (None, "Y | do(X)", "no graph"),
    ],
)
def test_what_is_no_question_is_refused_in_words(graph, query, says):
    with pytest.raises(CourseError, match=says):
        identify(graph, query)


def test_an_answer_shows_itself_in_words():
    yes, no = identify("X -> Y", "Y | do(X)"), identify("X -> Y; X <-> Y", "Y | do(X)")
    assert repr(yes) == "P(Y | do(X)) = P(Y | X)"
    assert "hedge" in repr(no) and "hedge" in repr(no.hedge) and "Two models" in repr(no.counterexample())


def test_a_chain_of_two_thousand_and_a_dense_graph_are_answered():
    assert identify("; ".join(f"V{i} -> V{i + 1}" for i in range(2_000)), "V2000 | do(V3)")
    nodes = [f"V{i}" for i in range(40)]
    pairs = tuple(combinations(nodes, 2))
    assert not identify(CausalGraph(tuple(nodes), pairs, pairs[::20]), "V39 | do(V0)")
