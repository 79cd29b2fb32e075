"""Adjustment, front-door sets and instruments: verdicts against exact models, listings against all subsets."""

from __future__ import annotations

from itertools import combinations, islice

import numpy as np
import pytest

from causalcourse.adjustment import (
    NotAdjustable,
    adjustment_set,
    frontdoor_sets,
    instruments,
    is_adjustment_set,
    is_frontdoor_set,
    is_instrument,
    minimal_adjustment_sets,
    optimal_adjustment_set,
)
from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete, random_graph, random_linear
from causalcourse.separation import separated
from causalcourse.separators import minimal_separators


def subsets(nodes):
    return [frozenset(chosen) for k in range(len(nodes) + 1) for chosen in combinations(nodes, k)]


def minimal(sets):
    return {one for one in sets if not any(other < one for other in sets)}


def graphs(count, seed, largest=6):
    """Random graphs with a treatment, an outcome and the other nodes; the treatment is sometimes two."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        graph = random_graph(int(rng.integers(3, largest + 1)), rng, rng.choice([0.3, 0.5]), rng.choice([0, 0.1, 0.3]))
        x, y, *rest = rng.permutation(graph.nodes).tolist()
        if rest and rng.random() < 0.3:
            yield rng, graph, [x, rest[0]], y, rest[1:]
        else:
            yield rng, graph, [x], y, rest


def adjusted(table: np.ndarray, x: list[int], values: list[int], y: int, z: list[int]) -> np.ndarray:
    """Sum over z of P(y | x, z) P(z), from the joint table with one axis for each variable."""
    axes = range(table.ndim)
    kept = table.sum(tuple(i for i in axes if i not in (*x, y, *z)), keepdims=True)
    weights = kept.sum((*x, y), keepdims=True)
    conditional = kept / kept.sum(y, keepdims=True)
    for axis, value in zip(x, values, strict=True):
        conditional = np.take(conditional, [value], axis=axis)
    return (conditional * weights).sum(tuple(i for i in axes if i != y))


@pytest.mark.parametrize("seed", range(4))
def test_the_verdict_is_what_enumeration_says(seed):
    right = {True: 0, False: 0}
    for rng, graph, x, y, rest in graphs(120, seed, largest=7):
        z = [node for node in rest if rng.random() < 0.4]
        verdict = bool(is_adjustment_set(graph, x, y, z))
        place = {node: i for i, node in enumerate(graph.nodes)}
        gaps = []
        for _ in range(1 if verdict else 3):  # a set that is no adjustment set may still fit one model by chance
            model = random_discrete(graph, rng)
            table = model.joint().to_numpy().reshape((2,) * len(graph.nodes))
            truth = model.do(**dict.fromkeys(x, 1)).joint(y).to_numpy()
            formula = adjusted(table, [place[v] for v in x], [1] * len(x), place[y], [place[v] for v in z])
            gaps.append(np.abs(formula - truth).max())
        assert (max(gaps) < 1e-9) == verdict, (str(graph), x, y, z, gaps)
        right[verdict] += 1
    assert min(right.values()) > 20


def test_separators_listed_are_all_the_minimal_ones_each_once():
    for rng, graph, (x, *_), y, rest in graphs(400, 10):
        allowed = [node for node in rest if rng.random() < 0.8 and node != x]
        found = list(minimal_separators(graph, x, y, allowed))
        assert len(found) == len(set(found))
        assert set(found) == minimal({z for z in subsets(allowed) if separated(graph, x, y, z)})


def test_adjustment_sets_listed_are_all_the_minimal_ones_each_once():
    some = 0
    for _, graph, x, y, rest in graphs(400, 11):
        found = list(minimal_adjustment_sets(graph, x, y))
        assert len(found) == len(set(found))
        assert set(found) == minimal({z for z in subsets(rest) if is_adjustment_set(graph, x, y, z)})
        if found:
            some += 1
            assert adjustment_set(graph, x, y) == found[0]
        else:
            with pytest.raises(NotAdjustable, match="is open and not causal"):
                adjustment_set(graph, x, y)
    assert 100 < some < 390


def test_what_is_not_observed_is_not_used():
    for rng, graph, x, y, rest in graphs(200, 12):
        observed = [node for node in rest if rng.random() < 0.6]
        sets = {z for z in subsets(observed) if is_adjustment_set(graph, x, y, z)}
        assert set(minimal_adjustment_sets(graph, x, y, observed=observed)) == minimal(sets)


def test_front_door_sets_listed_are_all_of_them_and_the_first_is_minimal():
    for _, graph, x, y, rest in graphs(400, 13):
        found = list(frontdoor_sets(graph, x, y))
        assert len(found) == len(set(found))
        truth = {m for m in subsets(rest) if is_frontdoor_set(graph, x, y, m)}
        assert set(found) == truth
        if found:
            assert found[0] in minimal(truth)
    assert next(frontdoor_sets("X -> M -> Y; X -> N -> Y; X <-> Y; W", "X", "Y")) == {"M", "N"}


def test_the_front_door_formula_gives_the_effect():
    rng = np.random.default_rng(5)
    for text, m in (("X -> M -> Y; X <-> Y", ["M"]), ("X -> M -> Y; X -> N -> Y; X <-> Y", ["M", "N"])):
        assert is_frontdoor_set(text, "X", "Y", m)
        model = random_discrete(text, rng)
        p = model.joint(["X", "Y", *m]).to_numpy().reshape(2, 2, -1)  # x, y, all m as one axis
        px, given_x = p.sum((1, 2)), p.sum(1) / p.sum((1, 2))[:, None]
        outcome = np.einsum("xym,x->ym", p / p.sum(1, keepdims=True), px)
        assert np.allclose(outcome @ given_x[1], model.do(X=1).joint("Y"), atol=1e-12)


def test_an_instrument_gives_the_slope_of_a_linear_model():
    rng = np.random.default_rng(6)
    graph = CausalGraph.parse("W -> Z -> X -> Y; X <-> Y; W -> Y")
    assert instruments(graph, "X", "Y") == [("Z", frozenset("W"))]
    model = random_linear(graph, rng)
    w, z, x, y = (column - column.mean() for column in model.sample(400_000, rng)[["W", "Z", "X", "Y"]].to_numpy().T)
    z = z - w * (w @ z) / (w @ w)  # what of Z is left once W is given
    assert (z @ y) / (z @ x) == pytest.approx(model.equations["Y"].weights["X"], abs=0.05)


def test_each_instrument_found_is_one_and_none_that_needs_nothing_is_missed():
    for _, graph, (x, *_), y, rest in graphs(300, 14):
        found = dict(instruments(graph, x, y))
        assert all(is_instrument(graph, z, x, y, given) for z, given in found.items())
        assert set(found) >= {z for z in rest if z != x and is_instrument(graph, z, x, y)}


@pytest.mark.parametrize("seed", range(3))
def test_no_valid_set_has_a_smaller_variance_than_the_optimal_one(seed):
    rng = np.random.default_rng(seed)
    tried = 0
    while tried < 15:
        graph = random_graph(6, rng, 0.4, 0)
        x, y, *rest = rng.permutation(graph.nodes).tolist()
        try:
            best = optimal_adjustment_set(graph, x, y)
        except NotAdjustable:
            continue
        assert is_adjustment_set(graph, x, y, best)
        cov = _covariance(random_linear(graph, rng), graph)
        place = {node: i for i, node in enumerate(graph.nodes)}

        def variance(given, cov=cov, place=place, x=x, y=y):  # of the regression slope, times the number of units
            rows = [place[v] for v in given]
            return _left(cov, place[y], [place[x], *rows]) / _left(cov, place[x], rows)

        valid = [z for z in subsets(rest) if is_adjustment_set(graph, x, y, z)]
        assert all(variance(best) <= variance(z) * (1 + 1e-9) for z in valid), str(graph)
        tried += len(valid) > 1


def _covariance(model, graph):
    b = np.zeros((len(graph.nodes),) * 2)
    for i, v in enumerate(graph.nodes):
        for j, u in enumerate(graph.nodes):
            b[i, j] = model.equations[v].weights.get(u, 0)
    spread = np.diag([model.noise[f"U_{v}"].sd ** 2 for v in graph.nodes])
    solved = np.linalg.inv(np.eye(len(b)) - b)
    return solved @ spread @ solved.T


def _left(cov, i, given):
    """The variance of variable i that `given` leaves."""
    cross = cov[np.ix_([i], given)]
    return (cov[i, i] - cross @ np.linalg.pinv(cov[np.ix_(given, given)]) @ cross.T).item()


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("X -> Z -> Y; X <-> Z", "Z", ["Z is on the causal path X -> Z -> Y"]),
        ("X <- Z -> Y; X -> Y", (), ["X <- Z -> Y", "stays open"]),
        ("X -> Y; X -> C <- Y", "C", ["C is a descendant of the outcome Y"]),
        ("X -> Y; X <- A -> M <- B -> Y", "M", ["opened", "M is a collider"]),
        ("X -> M -> Y; M -> D", "D", ["D is a descendant of M, which is on a causal path"]),
        ("X -> Y; X <-> Y", (), ["X <-> Y", "stays open"]),
    ],
)
def test_each_no_says_why(text, given, words):
    finding = is_adjustment_set(text, "X", "Y", given)
    assert not finding
    assert all(word in finding.why for word in words), finding.why


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (is_frontdoor_set("X -> M -> Y; X -> Y", "X", "Y", "M"), ["X -> Y goes past M"]),
        (is_frontdoor_set("X -> M -> Y; X <-> M", "X", "Y", "M"), ["X <-> M", "treatment to mediator"]),
        (is_frontdoor_set("X -> M -> Y; X <-> Y; M <-> Y", "X", "Y", "M"), ["M <-> Y", "mediator to outcome"]),
        (is_instrument("Z -> X -> Y; Z -> Y", "Z", "X", "Y"), ["Z -> Y is open", "past X"]),
        (is_instrument("Z; X -> Y", "Z", "X", "Y"), ["no open path"]),
        (is_instrument("Z -> X -> Y -> W", "Z", "X", "Y", "W"), ["W is a descendant of X"]),
        (is_instrument("X -> Z; X <-> Y", "Z", "X", "Y"), ["Z is a descendant of X"]),
    ],
)
def test_a_front_door_or_an_instrument_that_is_none_says_why(finding, words):
    assert not finding
    assert all(word in str(finding) for word in words), str(finding)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: is_adjustment_set("X -> Y", "X", "Q"), ["'Q'", "nodes: X, Y"]),
        (lambda: is_adjustment_set("X -> Y", "X", "Y", "X"), ["'X' is named twice"]),
        (lambda: is_adjustment_set("X -> Y", (), "Y"), ["treatment and an outcome"]),
        (lambda: list(minimal_adjustment_sets("X -> Y", "X", "X")), ["named twice"]),
        (lambda: is_instrument("Z -> X -> Y", "Z", "Z", "Y"), ["three different nodes"]),
        (lambda: is_instrument("Z -> X -> Y", ["Z", "X"], "X", "Y"), ["three different nodes"]),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_kindly(call, words):
    with pytest.raises(GraphError) as refused:
        call()
    assert all(word in str(refused.value) for word in words), str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("X -> Y; X <-> Y", ["X <-> Y", "hidden common cause"]),
        ("Y -> X", ["does not cause Y"]),
    ],
)
def test_where_no_optimal_set_can_be_promised_it_says_why(text, words):
    with pytest.raises(NotAdjustable) as refused:
        optimal_adjustment_set(text, "X", "Y")
    assert all(word in str(refused.value) for word in words)


def test_the_first_sets_of_a_graph_with_very_many_come_at_once():
    # thirty back doors of three nodes each: 3 to the 30 minimal sets
    nodes = ["X", "Y", *(f"{kind}{i}" for i in range(30) for kind in "abc")]
    arrows = [("X", "Y")] + [
        e for i in range(30) for e in ((f"b{i}", f"a{i}"), (f"a{i}", "X"), (f"b{i}", f"c{i}"), (f"c{i}", "Y"))
    ]
    found = list(islice(minimal_adjustment_sets(CausalGraph(nodes, arrows), "X", "Y"), 200))
    assert len(set(found)) == 200
    assert all(is_adjustment_set(CausalGraph(nodes, arrows), "X", "Y", z) for z in found[:20])


def test_front_doors_of_a_long_chain_come_at_once():
    chain = CausalGraph(range(300), [(i, i + 1) for i in range(299)], [(0, 299)])
    assert next(frontdoor_sets(chain, 0, 299)) == {298}
