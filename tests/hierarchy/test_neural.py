"""Networks: every start matches P(v); effects agree where do-calculus says so, and scatter where it does not."""

import numpy as np
import pandas as pd
import pytest

import causalcourse as cc
from causalcourse.counterfactual import bounds
from causalcourse.docalculus import identify, is_identifiable
from causalcourse.errors import CourseError, DataError, GraphError
from causalcourse.expression import ExpressionError, P
from causalcourse.graph import CausalGraph
from causalcourse.neural import BENCHMARK, train
from causalcourse.random_models import random_discrete
from causalcourse.scm import SCM

YES, NO = list(BENCHMARK)[:4], list(BENCHMARK)[4:]
EFFECT = "E[Y_{X=1} - Y_{X=0}]"


def world(name):
    """A random world with one of the drawings of the benchmark, or with another."""
    return random_discrete(BENCHMARK.get(name, name), cc.rng(f"world {name}"))


def effect(model, cause="X", outcome="Y"):
    """The exact effect in a structural model, by enumeration."""
    arms = [model.do(**{cause: x}).joint(outcome) for x in (0, 1)]
    return arms[1].get(1, 0.0) - arms[0].get(1, 0.0)


def edges(graph):
    return set(graph.directed), {frozenset(edge) for edge in graph.bidirected}


def test_do_calculus_says_yes_to_the_first_four_drawings_and_no_to_the_others():
    assert [is_identifiable(text, "Y | do(X)") for text in BENCHMARK.values()] == [True] * 4 + [False] * 4


@pytest.mark.parametrize("name", ["front door", "back door", "m"])
def test_where_the_effect_is_identifiable_pushed_networks_agree_with_the_truth(name):
    model = world(name)
    found = train(BENCHMARK[name], model.joint(), rng=cc.rng(f"yes {name}"))
    assert (found.misfit < 1e-3).all() and found.effects.shape == (8,)
    assert found.effects == pytest.approx(effect(model), abs=0.01)


@pytest.mark.parametrize("name", ["bow", "instrument"])
def test_where_it_is_not_they_fill_most_of_the_sharp_bounds_and_never_leave_them(name):
    model = world(name)
    found = train(BENCHMARK[name], model.joint(), rng=cc.rng(f"no {name}"))
    allowed = bounds(BENCHMARK[name], EFFECT, model)
    assert (found.misfit < 1e-3).all()
    # a cell off by a thousandth moves the bounds by a few
    assert allowed.low - 0.01 < found.effects.min() and found.effects.max() < allowed.high + 0.01
    assert np.ptp(found.effects) > 0.6 * (allowed.high - allowed.low)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["napkin", "extended bow", "bad m"])
def test_the_other_drawings_of_the_benchmark_go_as_do_calculus_says(name):
    model = world(name)
    found = train(BENCHMARK[name], model.joint(), rng=cc.rng(f"rest {name}"))
    allowed = bounds(BENCHMARK[name], EFFECT, model)
    assert (found.misfit < 1e-3).all()
    if name in YES:
        assert found.effects == pytest.approx(effect(model), abs=0.01)
    else:
        assert np.ptp(found.effects) > 0.25 * (allowed.high - allowed.low)
    assert allowed.low - 0.01 < found.effects.min() and found.effects.max() < allowed.high + 0.01


def test_networks_that_know_no_drawing_match_the_records_and_scatter_even_where_a_drawing_would_decide():
    table = world("front door").joint()
    found = train(None, table, rng=cc.rng("free"))
    assert (found.misfit < 1e-3).all()
    assert np.ptp(found.effects) > 0.9
    # in every other pair Y comes before X, so that acting on X changes nothing
    assert sum(abs(e) < 1e-9 for e in found.effects) == 4


def test_without_a_push_networks_agree_where_the_effect_is_identifiable_and_need_not_elsewhere():
    yes, no = (train(BENCHMARK[n], world(n).joint(), push=0, rng=cc.rng("plain")) for n in ("front door", "bow"))
    assert np.ptp(yes.effects) < 0.01 < 0.05 < np.ptp(no.effects)


@pytest.mark.parametrize("name", ["front door", "napkin", "back door", "A <-> X; A <-> Y; X <-> Y; A -> X; B -> Y"])
def test_a_start_as_a_structural_model_has_the_drawing_the_joint_and_the_effect_of_its_networks(name):
    text = BENCHMARK.get(name, name)
    table = world(name).joint()
    found = train(text, table, starts=3, steps=12, rng=cc.rng("scm"))
    for k in (0, 2):
        model = found.scm(k)
        assert edges(model.graph) == edges(CausalGraph.parse(text))
        joint = model.joint(list(table.index.names))
        assert (joint - table).abs().max() == pytest.approx(found.misfit[k], abs=1e-9)
        assert effect(model) == pytest.approx(found.effects[k], abs=1e-9)


def test_without_a_drawing_a_start_as_a_structural_model_hears_what_came_before_in_its_order():
    table = world("front door").joint()
    found = train(None, table, starts=4, steps=9, rng=cc.rng("free scm"))
    orders = [found.scm(k).graph.order for k in range(4)]
    assert orders[0] == orders[1] == orders[2][::-1] == orders[3][::-1]
    for k in range(4):
        model = found.scm(k)
        assert len(model.graph.directed) == len(model.graph.bidirected) == 3
        assert (model.joint(list(table.index.names)) - table).abs().max() == pytest.approx(found.misfit[k], abs=1e-9)
        assert effect(model) == pytest.approx(found.effects[k], abs=1e-9)


@pytest.mark.parametrize("name", YES)
def test_an_identifiable_effect_is_do_calculus_formula_of_the_networks_own_joint_however_badly_they_fit(name):
    """The theorem itself: a miss of the effect is a miss of P(v), and nothing else."""
    found = train(BENCHMARK[name], world(name).joint(), starts=2, steps=6, rng=cc.rng("theorem"))
    assert found.misfit.max() > 0.01
    formula = identify(BENCHMARK[name], P("Y | do(X)")).estimand
    for k in range(2):
        joint = found.scm(k).joint()
        answer = [formula.evaluate(joint, X=x, Y=1) for x in (0, 1)]
        free = [np.asarray(a).ravel() for a in answer]  # the napkin's formula is the same for every value of Z
        assert free[1] - free[0] == pytest.approx(found.effects[k], abs=1e-9)


def test_latents_of_different_arcs_are_independent():
    """W and Y share a cause with M and not with each other: whatever the weights, they are independent."""
    text = "W <-> M; M <-> Y; X -> Y"
    found = train(text, world(text).joint(), starts=2, steps=5, rng=cc.rng("apart"))
    for k in range(2):
        p = found.scm(k).joint(["W", "Y"]).unstack().to_numpy()
        assert p == pytest.approx(np.outer(p.sum(axis=1), p.sum(axis=0)), abs=1e-12)


def test_a_cause_that_nobody_hears_has_no_effect():
    found = train("Y -> X; X <-> Y", world("Y -> X; X <-> Y").joint(), steps=30, rng=cc.rng("backwards"))
    assert (found.effects == 0).all()


def test_other_names_and_questions_mean_the_same():
    table = world("bow").joint()
    renamed = table.rename_axis(["U_B", "p_"])
    first = train(BENCHMARK["bow"], table, starts=2, steps=20, rng=cc.rng("names"))
    other = train("U_B -> p_; U_B <-> p_", renamed, "p_ | do(U_B)", starts=2, steps=20, rng=cc.rng("names"))
    assert (first.effects == other.effects).all()
    assert effect(other.scm(1), "U_B", "p_") == pytest.approx(other.effects[1], abs=1e-9)


@pytest.mark.parametrize("graph", [BENCHMARK["front door"], None])
def test_the_order_of_columns_and_rows_has_no_say(graph):
    rows = world("front door").sample(500, cc.rng("rows")).astype(int)
    shuffled = rows[["Y", "X", "M"]].sample(frac=1, random_state=1)
    shares = rows.value_counts(["M", "Y", "X"], normalize=True)
    found = [train(graph, t, starts=4, steps=25, rng=cc.rng("order")) for t in (rows, shuffled, shares, shares[::-1])]
    for other in found[1:]:
        assert other.effects == pytest.approx(found[0].effects, abs=1e-6)
        assert other.misfit == pytest.approx(found[0].misfit, abs=1e-6)


def test_columns_that_the_drawing_leaves_out_are_summed_out():
    table = world("instrument").joint()
    short = table.groupby(["X", "Y"]).sum()
    first, other = (train(BENCHMARK["bow"], t, starts=2, steps=15, rng=cc.rng("out")) for t in (table, short))
    assert first.effects == pytest.approx(other.effects, abs=1e-9)


def test_the_same_generator_gives_the_same_networks_and_torch_is_left_as_it_was():
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.manual_seed(1)
        before = torch.random.get_rng_state()
        table = world("bow").joint()
        first, again = (train(BENCHMARK["bow"], table, steps=20, rng=cc.rng("same")) for _ in range(2))
        other = train(BENCHMARK["bow"], table, steps=20, rng=cc.rng("other"))
        assert (first.effects == again.effects).all() and not (first.effects == other.effects).any()
        assert torch.get_num_threads() == 2
        assert torch.equal(before, torch.random.get_rng_state())
    finally:
        torch.set_num_threads(threads)


def test_it_stops_once_all_match_and_says_how_near():
    found = train(BENCHMARK["back door"], world("back door").joint(), push=0, rng=cc.rng("stop"))
    assert found.steps < 1_500 and found.misfit.max() < 1e-3
    assert str(found).startswith("8 networks, no cell of P(v) off by more than") and "no match" not in str(found)


def test_a_drawing_that_forbids_the_table_is_not_matched_and_says_so():
    table = world("back door").joint()
    found = train("X -> Y; Z", table, steps=300, push=0, rng=cc.rng("forbidden"))  # the table ties Z to both
    assert found.steps == 300 and (found.misfit > 0.01).all()
    assert "That is no match" in str(found)


def test_cells_that_never_occur_are_learned_too():
    found = train(BENCHMARK["bow"], pd.DataFrame({"X": [0, 0, 1], "Y": [0, 1, 1]}), rng=cc.rng("zero"))
    assert (found.misfit < 2e-3).all()
    constant = train("X -> Y", pd.DataFrame({"X": [0, 0], "Y": [0, 1]}), push=0, rng=cc.rng("constant"))
    assert (constant.misfit < 2e-3).all()


TABLE = SCM({"U": [0.5, 0.5], "V": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X, V: X * V}).joint()
DRAWN = "X -> Y; X <-> Y"
MANY = pd.DataFrame(np.eye(7, dtype=int), columns=list("XYABCDE"))


@pytest.mark.parametrize(
    ("kind", "words", "arguments"),
    [
        (DataError, "has 'Z', and the table has not", {"graph": "Z -> X -> Y"}),
        (DataError, "'X' has the value 2", {"table": pd.DataFrame({"X": [0, 1, 2], "Y": [0, 1, 1]})}),
        (DataError, "'Y' has the value 'no'", {"table": pd.DataFrame({"X": [0, 1], "Y": ["no", "yes"]})}),
        (DataError, "Series such as model.joint", {"table": {"X": [0, 1]}}),
        (DataError, "Series such as model.joint", {"table": None, "graph": None}),
        (ExpressionError, "sum to 1", {"table": TABLE * 2}),
        (ExpressionError, "missing values", {"table": pd.DataFrame({"X": [0, 1, None], "Y": [0, 1, 1]})}),
        (ExpressionError, "no rows", {"table": pd.DataFrame({"X": [], "Y": []})}),
        (ExpressionError, "several columns", {"table": pd.DataFrame([[0, 1, 1]], columns=["X", "Y", "Y"])}),
        (ExpressionError, "'Q', which is not a node", {"query": "Q | do(X)"}),
        (ExpressionError, "'Q', which is not a node", {"query": "Y | do(Q)", "graph": None}),
        (DataError, "one action on one outcome", {"query": "Y | X"}),
        (DataError, "one action on one outcome", {"query": "X, Y"}),
        (GraphError, "7 variables are too many", {"graph": None, "table": MANY}),
        (GraphError, "5 hidden causes are too many", {"graph": "X <-> A <-> B <-> C <-> D <-> Y", "table": MANY}),
        (GraphError, "Python name", {"graph": None, "table": TABLE.rename_axis(["X", "the outcome"])}),
        (GraphError, "Python name", {"graph": None, "table": TABLE.rename_axis(["X", "p"])}),
        (GraphError, "cycle", {"graph": "X -> Y; Y -> X"}),
        (CourseError, "starts= needs a whole number from 2", {"starts": 1}),
        (CourseError, "starts= needs a whole number", {"starts": True}),
        (CourseError, "steps= needs a whole number", {"steps": 10.0}),
        (CourseError, "push= needs a number from 0 to 10", {"push": -1}),
        (CourseError, "push= needs a number", {"push": float("nan")}),
        (CourseError, "rng= needs a generator", {"rng": 1}),
    ],
)
def test_what_does_not_fit_is_refused_in_words(kind, words, arguments):
    with pytest.raises(kind, match=words):
        train(**{"graph": DRAWN, "table": TABLE, "steps": 1, **arguments})


@pytest.mark.parametrize("k", [2, -1, 0.0, True, "best"])
def test_a_start_that_is_not_there_is_refused_in_words(k):
    found = train(DRAWN, TABLE, starts=2, steps=1, rng=cc.rng("few"))
    with pytest.raises(CourseError, match="number of a start, 0 to 1"):
        found.scm(k)
