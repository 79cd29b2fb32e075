"""The hierarchy theorem: pairs that agree below and differ above, against enumeration; shares, against formulas."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

import causalcourse as cc
from causalcourse.counterfactual import bounds, counterfactual
from causalcourse.docalculus import is_identifiable
from causalcourse.errors import CannotAnswer, CourseError, GraphError, ModelError
from causalcourse.graph import CausalGraph
from causalcourse.hierarchy import STEPS, exact_share, furthest_apart, pair, shares, widths
from causalcourse.noise import Normal
from causalcourse.random_models import Table, random_discrete, random_graph
from causalcourse.scm import SCM

BOW = "X -> Y; X <-> Y"


def edges(graph):
    return set(graph.nodes), set(graph.directed), {frozenset(pair) for pair in graph.bidirected}


def open_effects(graph):
    return [(x, y) for x, y in itertools.permutations(graph.nodes, 2) if not is_identifiable(graph, f"{y} | do({x})")]


def every_action(model):
    for size in range(len(model.equations)):
        for some in itertools.combinations(model.equations, size):
            for values in itertools.product((0, 1), repeat=size):
                yield dict(zip(some, values, strict=True))


def slowly_apart(first, second, rung):
    """The same by the model's own enumeration, action by action, and event by event where there are few."""
    largest = 0.0
    for action in every_action(first) if rung == 2 else [{}]:
        rest = [v for v in first.equations if v not in action]
        tables = [model.do(**action).joint(rest) for model in (first, second)]
        cells = tables[0].sub(tables[1], fill_value=0).to_numpy()
        largest = max(largest, cells[cells > 0].sum(), -cells[cells < 0].sum())
    return largest


def check(graph, rung, draw):
    made = pair(graph, rung, draw)
    first, second = made.first, made.second
    assert furthest_apart(first, second, rung) < 1e-12, str(graph)
    assert abs(made.answers[0] - made.answers[1]) > 0.25, str(graph)
    answers = [counterfactual(model, made.question) for model in (first, second)]
    assert [a.value for a in answers] == pytest.approx(made.answers, abs=1e-12) and not any(a.error for a in answers)
    assert edges(first.graph) == edges(graph)
    assert made.same_graph == (edges(second.graph) == edges(graph))
    assert f"{made.answers[0]:.2f} in one" in str(made)
    acted = [{v for v, _ in e.variable.action} for e in (*made.question.of, *made.question.given)]
    if rung == 1:  # one world, and it is one of an action
        assert made.same_graph == bool(open_effects(graph)), str(graph)
        assert len(acted) == 1 and acted[0]
        assert furthest_apart(first, second, 2) >= abs(made.answers[0] - made.answers[1]) - 1e-12
    else:  # two worlds, of which one at most is the actual one
        assert made.same_graph and len({e.variable.action for e in (*made.question.of, *made.question.given)}) == 2
    return made


def small_graphs(n):
    names = [f"V{k}" for k in range(n)]
    pairs = list(itertools.combinations(names, 2))
    for kinds in itertools.product(range(4), repeat=len(pairs)):
        arrows, arcs = (tuple(p for p, k in zip(pairs, kinds, strict=True) if k & bit) for bit in (1, 2))
        yield CausalGraph(tuple(names), arrows, arcs)


@pytest.mark.parametrize("rung", [1, 2])
def test_every_graph_of_two_or_three_variables_with_an_arrow_has_a_pair(rung):
    draw, made = cc.rng("every graph"), 0
    for graph in itertools.chain(small_graphs(2), small_graphs(3)):
        if graph.directed:
            made += 1
            check(graph, rung, draw)
    assert made == 2 + 8 * 7


@pytest.mark.parametrize("rung", [1, 2])
@pytest.mark.parametrize("hidden", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("seed", range(3))
def test_random_graphs_have_pairs(seed, hidden, rung):
    draw = cc.rng(f"pairs {seed} {hidden} {rung}")
    made = []
    for _ in range(12):
        graph = random_graph(int(draw.integers(4, 6)), draw, draw.uniform(0.2, 0.9), hidden)
        if graph.directed:
            made.append(check(graph, rung, draw))
    assert len(made) >= 9
    if rung == 1:
        assert any(m.same_graph for m in made) if hidden > 0.5 else any(not m.same_graph for m in made)


@pytest.mark.parametrize(
    "text",
    [  # the outcome hears of the hedge twice: once by itself, once by way of others
        "V0 -> V1 -> V2 -> V3; V0 <-> V3; V1 <-> V3",
        "V0 -> V3; V1 -> V2 -> V3; V0 <-> V1; V1 <-> V3",
        "V0 -> V1 -> V3; V2 -> V3; V0 <-> V2; V1 <-> V2",
    ],
)
def test_a_hedge_that_reaches_the_outcome_twice_still_makes_binary_models(text):
    made = check(CausalGraph.parse(text), 1, cc.rng("twice"))
    assert made.same_graph and abs(made.answers[0] - made.answers[1]) > 0.3


def test_the_model_without_arrows_does_nothing_when_acted_on():
    made = pair("Z -> X -> Y; Z -> Y", 1, cc.rng("idle"))
    assert not made.same_graph and not made.second.graph.directed
    assert "Z -> X" in str(made) and "Z <-> X" in str(made)
    for action in every_action(made.second):
        rest = [v for v in "ZXY" if v not in action]
        assert np.abs(made.second.do(**action).joint(rest) - made.second.joint(rest)).max() < 1e-12


def test_the_two_dice_differ_in_one_equation_alone():
    made = pair("Z -> X -> Y; Z -> Y; X <-> Y", 2, cc.rng("dice"))
    for v in "ZX":
        assert made.first.equations[v] is made.second.equations[v]
    assert set(made.second.noise) - set(made.first.noise) == {"U_Y_0", "U_Y_1"}


def test_the_same_generator_gives_the_same_pair_and_none_is_a_stream_of_its_own():
    for rung in (1, 2):
        one, same, other = (pair("X -> M -> Y", rung, rng) for rng in (cc.rng("a"), cc.rng("a"), cc.rng("b")))
        assert one.answers == same.answers and one.question == same.question
        assert furthest_apart(one.first, same.first, 2) == 0 < furthest_apart(one.first, other.first, 2)
        assert pair("X -> M -> Y", rung).answers == pair("X -> M -> Y", rung).answers


@pytest.mark.parametrize("seed", range(8))
def test_furthest_apart_is_what_listing_every_action_finds(seed):
    draw = cc.rng(f"apart {seed}")
    graph = random_graph(int(draw.integers(2, 5)), draw, 0.5, 0.5)
    one, other = random_discrete(graph, draw), random_discrete(graph, draw)
    turned = SCM(other.noise, {v: other.equations[v] for v in reversed(list(other.equations))})
    for rung in (1, 2):
        found = furthest_apart(one, other, rung)
        assert found == pytest.approx(slowly_apart(one, other, rung), abs=1e-12) and found > 0
        assert furthest_apart(other, one, rung) == pytest.approx(found, abs=1e-12)
        assert furthest_apart(one, turned, rung) == pytest.approx(found, abs=1e-12)
        assert furthest_apart(one, one, rung) == 0


def test_one_action_that_tells_two_models_apart_is_found():
    noise = {"U": [0.5, 0.5]}
    cause = SCM(noise, {"X": lambda U: U, "Y": lambda X: X})
    effect = SCM(noise, {"X": lambda Y: Y, "Y": lambda U: U})
    assert furthest_apart(cause, effect, 1) == 0
    assert furthest_apart(cause, effect, 2) == 0.5  # Y=1 under do(X=1): certain, and a coin
    assert furthest_apart(cause.do(X=1), cause.do(X=0), 1) == 1  # constants hear nothing


def test_graphs_that_may_be_drawn_in_any_way():
    assert pair(CausalGraph(("X", "Y"), (("X", "Y"),)), 2).same_graph
    assert pair("dag { X -> Y }", 2).question == pair("X -> Y", 2).question


WIDE = CausalGraph(tuple(f"V{k}" for k in range(7)), (("V0", "V1"),))
COIN = SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X})
REFUSED = {
    "no arrows": (lambda: pair("X; Y", 2), CannotAnswer, r"Without arrows \(X; Y\).*P\(y \| do\(x\)\) is P\(y\)"),
    "no arrows, hidden": (lambda: pair("X <-> Y", 1), CannotAnswer, "Draw an arrow"),
    "one variable": (lambda: pair("X", 1), CannotAnswer, "Without arrows"),
    "rung 0": (lambda: pair(BOW, 0), CourseError, r"rung is 1 \(seeing\) or 2 \(doing\); got 0"),
    "rung 3": (lambda: pair(BOW, 3), CourseError, "no rung above 3"),
    "rung in words": (lambda: pair(BOW, "2"), CourseError, "got '2'"),
    "rung true": (lambda: pair(BOW, True), CourseError, "got True"),
    "a seed": (lambda: pair(BOW, 1, 7), CourseError, "needs a generator"),
    "a cycle": (lambda: pair("X -> Y -> X", 1), GraphError, "cycle"),
    "names": (lambda: pair("the drug -> Y", 2), GraphError, "Python names"),
    "nothing": (lambda: pair("", 2), GraphError, "at least one variable"),
    "too big": (lambda: pair(WIDE, 1), CannotAnswer, "7 variables are too many"),
    "no model": (lambda: furthest_apart(COIN, "X -> Y", 1), CourseError, "Two models"),
    "compared on 3": (lambda: furthest_apart(COIN, COIN, 3), CourseError, "ask causalcourse.counterfactual"),
    "other variables": (
        lambda: furthest_apart(COIN, SCM({}, {"X": lambda: 1, "Z": lambda: 0}), 1),
        CourseError,
        "X, Y and X, Z",
    ),
    "too many": (lambda: furthest_apart(*[random_discrete(WIDE, cc.rng("w"))] * 2, 2), CannotAnswer, "too many"),
    "three values": (lambda: furthest_apart(COIN, COIN.do(X=2), 1), CannotAnswer, "'X' has other values"),
    "normal": (lambda: furthest_apart(COIN, COIN.do(X=Normal()), 1), ModelError, "cannot be listed"),
    "hidden states": (
        lambda: furthest_apart(*[SCM({"U": [1e-6] * 10**6}, {"X": lambda U: U % 2, "Y": lambda U: U % 2})] * 2, 1),
        CannotAnswer,
        "too many to list",
    ),
    "a shape": (lambda: widths(np.ones((3, 8))), CourseError, r"shape \(..., 2, 2, 2\)"),
    "text": (lambda: widths(np.full((2, 2, 2), "x")), CourseError, r"numbers of shape \(..., 2, 2, 2\)"),
    "rows": (lambda: widths([[1, 2], [3]]), CourseError, r"numbers of shape \(..., 2, 2, 2\)"),
    "a tolerance": (lambda: shares([0.1, 1.5]), CourseError, "tolerances, such as"),
    "no tolerance": (lambda: shares([]), CourseError, "from 0 to 1"),
    "one tolerance": (lambda: shares(0.1), CourseError, "from 0 to 1"),
    "nan": (lambda: shares([np.nan]), CourseError, "from 0 to 1"),
    "n": (lambda: shares([0.1], 0), CourseError, "a whole number of models from 1 to"),
    "half a model": (lambda: exact_share([2], 2.5), CourseError, "a whole number of models"),
    "states": (lambda: exact_share([0]), CourseError, "whole numbers of states"),
    "a half state": (lambda: exact_share([1.5]), CourseError, "whole numbers of states"),
    "a seed of shares": (lambda: shares([0.1], 10, 3), CourseError, "needs a generator"),
    "a seed of states": (lambda: exact_share([2], 10, 3), CourseError, "needs a generator"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_answer_is_refused_in_words(case):
    call, kind, says = REFUSED[case]
    with pytest.raises(kind, match=says):
        call()


def of_types(p):
    """The model in which a unit's type, P(x, y0, y1), says what X is and how Y answers it."""
    x, y0, y1 = np.unravel_index(np.arange(8), (2, 2, 2))
    return SCM({"R": p.ravel()}, {"X": Table(("R",), x), "Y": Table(("X", "R"), np.stack([y0, y1]))})


def tian_pearl(p):
    """The width of the bounds of theorem 3 of Tian & Pearl 2000, and of Manski's for do(X=1), as they are published."""
    joint = {(x, y): p[x, :, y].sum() if x else p[x, y, :].sum() for x in (0, 1) for y in (0, 1)}
    one, zero, y = p[:, :, 1].sum(), p[:, 1, :].sum(), joint[0, 1] + joint[1, 1]
    low = max(0, one - zero, y - zero, one - y)
    high = min(one, 1 - zero, joint[1, 1] + joint[0, 0], one - zero + joint[1, 0] + joint[0, 1])
    return 1 - joint[1, 0] - joint[1, 1], high - low


@pytest.mark.parametrize("seed", range(12))
def test_the_widths_are_those_of_sharp_bounds(seed):
    draw = cc.rng(f"widths {seed}")
    p = draw.dirichlet(np.full(8, draw.choice([0.3, 1.0]))).reshape(2, 2, 2)
    model, found = of_types(p), widths(p)
    seen = bounds(BOW, "P(Y_{X=1}=1)", model)
    done = bounds(BOW, "P(Y_{X=0}=0, Y_{X=1}=1)", model, [({"X": x}, model) for x in (0, 1)])
    assert found == pytest.approx([seen.high - seen.low, done.high - done.low], abs=1e-8)
    assert found == pytest.approx(tian_pearl(p), abs=1e-12)


def test_the_widths_of_many_models_at_once_are_those_of_each():
    p = cc.rng("many").dirichlet(np.ones(8), size=(3, 50)).reshape(3, 50, 2, 2, 2)
    found = widths(p)
    assert found.shape == (3, 50, 2)
    assert found.reshape(-1, 2) == pytest.approx(np.array([tian_pearl(each) for each in p.reshape(-1, 2, 2, 2)]))


def test_rung_1_never_fixes_both_arms():
    p = cc.rng("arms").dirichlet(np.full(8, 0.2), size=2_000).reshape(-1, 2, 2, 2)
    arms = widths(p)[:, 0], widths(p[:, ::-1])[:, 0]  # with the arms turned round, the width for do(X=0)
    assert arms[0] + arms[1] == pytest.approx(1) and np.maximum(*arms).min() >= 0.5 - 1e-12


def formula(limits):
    """What the docstring of `shares` gives, with its expansion written out."""
    at = np.stack([limits, np.minimum(2 * np.array(limits), 1)], axis=1)
    return 35 * at**4 - 84 * at**5 + 70 * at**6 - 20 * at**7


def test_both_widths_have_the_distribution_of_which_the_docstring_speaks():
    p = cc.rng("beta").dirichlet(np.ones(8), size=100_000).reshape(-1, 2, 2, 2)
    one, two = widths(p).T
    beta = stats.beta(4, 4).cdf
    assert stats.kstest(one, beta).pvalue > 1e-4 and stats.kstest(2 * two, beta).pvalue > 1e-4
    limits = np.array([0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 1.0])
    assert formula(limits) == pytest.approx(beta(np.stack([limits, 2 * limits], axis=1)))
    assert formula([1e-4])[0] == pytest.approx([35e-16, 560e-16], rel=1e-3)


def test_the_shares_are_those_of_the_formula_and_fall_with_the_fourth_power():
    n, limits = 1_000_000, [1.0, 0.5, 0.2, 0.1, 0.05, 0.0]
    table = shares(limits, n, cc.rng("shares"))
    assert list(table.index) == limits and tuple(table.columns) == STEPS
    known = formula(limits)
    assert (abs(table.to_numpy() - known) <= 5 * np.sqrt(known * (1 - known) / n)).all()
    # the power itself, from draws alone: half the tolerance is nearly 16 times as rare
    for column, (wide, narrow) in zip(STEPS, ((0.2, 0.1), (0.1, 0.05)), strict=True):
        assert 3.4 < np.log2(table.loc[wide, column] / table.loc[narrow, column]) < 4


def test_the_shares_of_one_generator_are_the_same_again():
    again = [shares([0.3], 300_000, cc.rng("again")) for _ in range(2)]
    assert again[0].equals(again[1]) and not again[0].equals(shares([0.3], 300_000, cc.rng("else")))
    exact = [exact_share([3], 1_000, cc.rng("again")) for _ in range(2)]
    assert exact[0].equals(exact[1])


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_exact_share_is_that_of_all_models_listed(k):
    found = np.zeros(2)
    for f in itertools.product((0, 1), repeat=k):
        for g in itertools.product((0, 1), repeat=2 * k):
            p = np.zeros((2, 2, 2))
            for u in range(k):
                p[f[u], g[u], g[k + u]] += 1 / k
            found += np.abs(tian_pearl(p)) < 1e-9
    formula = exact_share([k], 1)[[f"{step}, by formula" for step in STEPS]].to_numpy()[0]
    assert formula == pytest.approx(found / 8**k, abs=1e-12)


def test_the_exact_shares_drawn_are_those_of_the_formula_and_halve_with_each_state():
    n = 200_000
    table = exact_share([1, 4, 8, 20], n, cc.rng("exact"))
    for step in STEPS:
        formula = table[f"{step}, by formula"]
        assert (abs(table[step] - formula) <= 5 * np.sqrt(formula / n) + 2 / n).all()
        many = exact_share([40, 41], 1)[f"{step}, by formula"].to_numpy()
        assert many[1] / many[0] == pytest.approx(0.5, rel=1e-3)
