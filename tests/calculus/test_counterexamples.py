"""Two worlds that agree on all the data and not on the answer: checked by listing every world."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from questions import LISTED, asked, random_questions

from causalcourse.docalculus import identify
from causalcourse.docalculus.identify import Identifiable, NotSupported
from causalcourse.graph import CausalGraph
from causalcourse.separation import separated

CASES = json.loads(Path(__file__).with_name("id_cases.json").read_text(encoding="utf-8"))
NEVER = [case for case in CASES if not case["identifiable"] and len(case["nodes"]) + len(case["bidirected"]) <= LISTED]


def edges(graph: CausalGraph, names=None):
    names = names or {}
    directed = {(names.get(a, a), names.get(b, b)) for a, b in graph.directed}
    return directed, {frozenset(names.get(n, n) for n in pair) for pair in graph.bidirected}


def check(graph: CausalGraph, query) -> bool:
    found = identify(graph, query)
    if found:
        return False
    worlds = found.counterexample()
    for world in (worlds.one, worlds.other):
        assert edges(world.graph) == edges(graph, worlds.names), f"{graph}: {query}"
    one, other = worlds.one.joint(), worlds.other.joint()
    assert one.index.equals(other.index)
    assert np.abs(one.to_numpy() - other.to_numpy()).max() <= 1e-12, f"{graph}: {query}"
    assert one.min() > 0  # no world hides behind a case that never occurs
    a, b = (query.relabelled(worlds.names).evaluate(world) for world in (worlds.one, worlds.other))
    # 0.05 for an effect; a condition far from the hedge hears less of it
    assert np.abs(np.asarray(a) - np.asarray(b)).max() >= (0.02 if query.given else 0.05), f"{graph}: {query}"
    hedge_holds(graph, found.hedge)
    return True


def hedge_holds(graph: CausalGraph, hedge) -> None:
    """The definition (Shpitser & Pearl 2006): two c-forests with the same roots, one cut through by the action."""
    forest, root = set(hedge.forest), set(hedge.root)
    acted = {s.node for s in hedge.query.do}
    assert root < forest and acted & forest and not acted & root
    for part in (forest, root):
        inside = graph.subgraph(part)
        joined, todo = set(), [next(iter(part))]
        while todo:
            node = todo.pop()
            if node not in joined:
                joined.add(node)
                todo += inside.siblings(node)
        assert joined == part
    assert set(graph.subgraph(forest).ancestors(root)) == forest
    acting = graph.subgraph([n for n in graph.nodes if n not in acted])
    asked_about = {s.node for s in (*hedge.query.of, *hedge.query.given)}
    assert root <= set(acting.ancestors(asked_about))


@pytest.mark.parametrize("case", NEVER, ids=lambda case: case["id"])
def test_a_published_case_that_is_not_identifiable_has_two_worlds(case):
    graph = CausalGraph(tuple(case["nodes"]), *(tuple(map(tuple, case[k])) for k in ("directed", "bidirected")))
    assert check(graph, asked(case["outcomes"], case["treatments"], case["conditions"]))


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_random_graphs(seed, conditional):
    found = [check(*question) for question in random_questions(150, 30 + seed, (3, 7), conditional)]
    assert sum(found) > 15


def test_conditions_that_the_hedge_reaches_only_through_an_open_back_door():
    for text, query in [
        ("X -> W; X <-> W; W <-> Y", (["Y"], ["X"], ["W"])),
        ("X -> W; X <-> W; A -> W; A -> Y", (["Y"], ["X"], ["W"])),
        ("X -> W; X <-> W; A -> W; A -> C; B -> C; C -> D; B -> Y", (["Y"], ["X"], ["W", "D"])),
    ]:
        assert check(CausalGraph.parse(text), asked(*query))


def test_the_two_worlds_can_be_sampled_and_say_what_they_differ_in():
    worlds = identify("X -> Y; X <-> Y", "Y | do(X)").counterexample()
    rng = np.random.default_rng(0)
    assert list(worlds.one.sample(10, rng).columns) == ["X", "Y"]
    assert worlds.gap >= 0.05 and worlds.agreement <= 1e-12
    assert f"{worlds.answers.loc[worlds.answers.diff(axis=1)['other'].abs().idxmax(), 'one']:.2f}" in str(worlds)


def test_nodes_that_are_no_python_names_get_names():
    graph = CausalGraph(("the drug", "if"), (("the drug", "if"),), (("the drug", "if"),))
    worlds = identify(graph, asked(["if"], ["the drug"])).counterexample()
    assert set(worlds.names) == set(graph.nodes) and all(name.isidentifier() for name in worlds.names.values())
    assert worlds.gap >= 0.05


def test_there_is_none_where_there_is_a_formula():
    with pytest.raises(Identifiable, match=r"P\(Y \| X\)"):
        identify("X -> Y", "Y | do(X)").counterexample()


def test_none_is_built_for_data_from_experiments():
    found = identify("X -> Y; X <-> Y", "Y | do(X)", ["P(v)", "P(v | do(Y))"])
    with pytest.raises(NotSupported):
        found.counterexample()


def test_a_hedge_names_what_the_action_cuts_through():
    hedge = identify("X -> Y; X <-> Y", "Y | do(X)").hedge
    assert set(hedge.forest) == {"X", "Y"} and hedge.root == ("Y",)
    assert "setting X cuts through" in str(hedge)
    assert not separated("X -> Y; X <-> Y", "X", "Y")
