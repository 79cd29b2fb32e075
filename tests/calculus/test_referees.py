"""The verdicts beside those of other libraries: pyAgrum for effects, y0 for verdicts, and where they err."""

from __future__ import annotations

import warnings
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from questions import asked, nodes_of, random_questions, wrong_by

from benchmarks.peers import agrum, y0_identify
from causalcourse.docalculus import identify, is_identifiable
from causalcourse.engines.referees import NoFormula, adjusted, formulas, from_y0, through, to_y0
from causalcourse.errors import GraphError
from causalcourse.expression import parse
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def y0_verdict(graph: CausalGraph, of: set, do: set) -> bool | None:
    """y0's verdict, None where it stops with an error: it loses nodes that an action leaves without an edge."""
    try:
        return y0_identify(to_y0(graph), of, do) is not None
    except nx.NetworkXError:
        return None


@pytest.mark.parametrize("seed", range(8))
def test_two_thousand_random_graphs_have_the_verdicts_of_pyagrum_and_y0(seed):
    verdicts, silent = [], 0
    for graph, query in random_questions(250, 200 + seed):
        of, do, _ = nodes_of(query)
        verdict = bool(identify(graph, query))
        assert verdict == is_identifiable(graph, query)
        assert verdict == agrum(graph, of, do), f"{graph}: {query}: pyAgrum differs"
        other = y0_verdict(graph, of, do)
        silent += other is None
        assert other in (verdict, None), f"{graph}: {query}: y0 differs"
        verdicts.append(verdict)
    assert set(verdicts) == {True, False}
    assert silent < len(verdicts) / 4


def test_the_two_referees_agree_with_the_published_verdicts():
    for text, verdict in [
        ("X -> M -> Y; X <-> Y", True),
        ("X -> Y; X <-> Y", False),
        ("W -> Z -> X -> Y; W <-> X; W <-> Y", True),
        ("X -> M -> Y; X <-> M", False),
    ]:
        graph = CausalGraph.parse(text)
        assert agrum(graph, {"Y"}, {"X"}) == y0_verdict(graph, {"Y"}, {"X"}) == verdict


def test_y0_calls_the_napkin_identifiable_and_prints_a_formula_that_is_wrong():
    """y0 issues 372 and 404: when this fails, y0 is fixed; chapter 05 and docs/known-errors.md should say so."""
    graph = CausalGraph.parse("W -> Z -> X -> Y; W <-> X; W <-> Y")
    assert str(y0_identify(to_y0(graph), {"Y"}, {"X"})) == "P(Y | X)", "y0 is fixed: update the course"
    models = [random_discrete(graph, np.random.default_rng(seed)) for seed in range(20)]
    query = asked(["Y"], ["X"])
    assert max(wrong_by(asked(["Y"], (), ["X"]), query, model) for model in models) > 0.005
    assert max(wrong_by(identify(graph, query).estimand, query, model) for model in models) < 1e-9


def test_pairs_are_asked_both_ways():
    graph = CausalGraph.parse("X -> M -> Y; X <-> Y")
    for x, y in combinations(graph.nodes, 2):
        assert bool(identify(graph, asked([x], [y]))) == agrum(graph, {x}, {y})


def test_a_formula_of_y0_becomes_one_of_ours_with_the_same_value():
    for text in ("Z -> X -> Y; Z -> Y", "X -> M -> Y; X <-> Y", "X -> Y; A -> X; A -> K; B -> K; B -> Y"):
        graph = CausalGraph.parse(text)
        formula = from_y0(y0_identify(to_y0(graph), {"Y"}, {"X"}))
        assert wrong_by(formula, asked(["Y"], ["X"]), random_discrete(graph, np.random.default_rng(0))) < 1e-9


def test_what_is_no_formula_of_y0_is_refused():
    with pytest.raises(NoFormula, match="str"):
        from_y0("P(Y)")


def test_the_two_formulas_that_everybody_knows():
    assert adjusted("X", "Y", ["Z"]) == parse("Σ_Z P(Y | X, Z) P(Z)")
    assert adjusted("X", "Y", []) == parse("P(Y | X)")
    assert through("X", "Y", ["M"]) == identify("X -> M -> Y; X <-> Y", "Y | do(X)").estimand


def test_what_each_library_offers_is_as_chapter_05_says():
    """Fails on the day a library changes: then read the chapter and docs/known-errors.md again."""
    napkin = formulas("W -> Z -> X -> Y; W <-> X; W <-> Y", "X", "Y")
    assert napkin["y0"] == parse("P(Y | X)") and napkin["DoWhy"] is None and napkin["pgmpy"] is None
    two = "X -> A -> B -> Y; X <-> Y; X <-> B"
    models = [random_discrete(two, np.random.default_rng(seed)) for seed in range(10)]
    offered = formulas(two, "X", "Y")["y0"]
    assert max(wrong_by(offered, asked(["Y"], ["X"]), model) for model in models) > 1e-4
    mediator = formulas("X -> M -> Y; X <-> M", "X", "Y")
    assert mediator == {"y0": None, "DoWhy": None, "pgmpy": parse("Σ_M P(Y | X, M) P(M)")}


def test_a_node_that_is_not_there_is_refused():
    with pytest.raises(GraphError, match="'Q'"):
        formulas("X -> Y", "Q", "Y")
