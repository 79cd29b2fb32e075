"""What the checks of chapter 07 hold for true, beside the engines of the package, on the cases that are drawn."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from causalcourse.checks import ch07, registry, treated
from causalcourse.checks.registry import Verdict
from causalcourse.counterfactual import (
    counterfactual,
    direct_effect,
    ett,
    imagine,
    indirect_effect,
    necessity,
    path_effect,
)
from causalcourse.noise import Finite, Normal
from causalcourse.random_models import Table
from causalcourse.scm import SCM
from causalcourse.worlds import trials

BOW = "X -> Y; X <-> Y"
MEDIATED = "X -> M -> Y; X -> Y"
SEEDS = range(10)


@pytest.fixture
def drawn(monkeypatch):
    """drawn(id, seed): the cases that a judge draws, each with what it holds for true."""

    def draw(id, seed):
        seen = []

        def judge(answer, cases, truth, **more):
            seen.extend((case, np.asarray(truth(*case), dtype=float)) for case in cases)
            return Verdict(True, "")

        monkeypatch.setattr(ch07, "judge_function", judge)
        registry.find(id).judge(None, np.random.default_rng(seed))
        return seen

    return draw


def series(p, names):
    """A table as the engines read it, from an array with an axis for each name."""
    p = np.asarray(p, dtype=float)
    return pd.Series(p.ravel(), index=pd.MultiIndex.from_product([range(n) for n in p.shape], names=names))


def records_and_experiment(p, zero):
    untreated = pd.Series([1 - zero, zero], index=pd.Index([0, 1], name="Y"))
    return series(p, ["X", "Y"]), [({"X": 0}, untreated)]


def mediated(p):
    """A model of p[x, m, y] whose mediator and outcome answer each combination of causes by luck of its own."""
    m_types = np.array(list(itertools.product(range(3), repeat=2))).T  # [x, type]
    y_types = np.array(list(itertools.product(range(2), repeat=6))).T.reshape(2, 3, -1)  # [x, m, type]
    m = p.sum(axis=2) / p.sum(axis=(1, 2))[:, None]
    y = p / p.sum(axis=2, keepdims=True)
    u_m = m[0, m_types[0]] * m[1, m_types[1]]
    cells = np.ix_(range(2), range(3), range(y_types.shape[-1]))
    u_y = y[cells[0], cells[1], y_types].prod(axis=(0, 1))
    noise = {"U_X": Finite(p.sum(axis=(1, 2))), "U_M": Finite(u_m), "U_Y": Finite(u_y)}
    equations = {"X": lambda U_X: U_X, "M": Table(("X", "U_M"), m_types), "Y": Table(("X", "M", "U_Y"), y_types)}
    return SCM(noise, equations)


@pytest.mark.parametrize("seed", SEEDS)
def test_three_steps_give_what_the_twin_network_gives(drawn, seed):
    for (p, fx, fy, x, y, other), truth in drawn("07.2", seed):
        model = SCM({"U": Finite(p)}, {"X": Table(("U",), fx), "Y": Table(("X", "U"), fy)})
        engine = counterfactual(model, f"P(Y_{{X={other}}}=1 | X={x}, Y={y})").value
        assert truth == pytest.approx(engine)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_patient_is_who_the_engine_imagines(drawn, seed):
    for (a, b, c, x, m, y, new), truth in drawn("07.3", seed):
        model = SCM(
            {"U_X": Normal(), "U_M": Normal(), "U_Y": Normal()},
            {
                "X": lambda U_X: U_X,
                "M": lambda X, U_M, a=a: a * X + U_M,
                "Y": lambda X, M, U_Y, b=b, c=c: b * X + c * M + U_Y,
            },
        )
        engine = imagine(model, pd.DataFrame({"X": [x], "M": [m], "Y": [y]}), X=new)["Y"][0]
        assert truth == pytest.approx(engine)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_effect_on_the_treated_is_the_one_value_that_the_tables_leave(drawn, seed):
    for (p, zero), truth in drawn("07.4", seed):
        found = ett("X", "Y").bounds(BOW, *records_and_experiment(p, zero))
        assert [found.low, found.high] == pytest.approx([float(truth)] * 2, abs=1e-6)
        assert found.misfit < 1e-9  # the drawn tables do fit a model


@pytest.mark.parametrize("seed", range(20))
def test_the_effect_on_the_treated_is_the_share_saved_less_the_share_harmed(seed):
    shares = np.random.default_rng(seed).dirichlet(np.ones(8)).reshape(2, 2, 2)  # [x, Y_0, Y_1]
    saved, harmed = shares[1, 0, 1], shares[1, 1, 0]
    assert treated.treated_effect(*treated.tables(shares)) == pytest.approx((saved - harmed) / shares[1].sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ways_are_what_the_equations_and_the_drawing_say(drawn, seed):
    for (p,), truth in drawn("07.5", seed):
        model = mediated(p)
        assert model.joint(["X", "M", "Y"]).to_numpy() == pytest.approx(p.ravel())
        named = [way("X", "Y", "M").value(model).value for way in (direct_effect, indirect_effect)]
        assert truth == pytest.approx(named)
        table = series(p, ["X", "M", "Y"])
        assert truth[0] == pytest.approx(path_effect(MEDIATED, "X", "Y", "X -> Y").evaluate(table))
        assert truth[1] == pytest.approx(path_effect(MEDIATED, "X", "Y", "X -> M -> Y").evaluate(table))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_court_hears_the_sharp_bounds(drawn, seed):
    for (p, zero), truth in drawn("07.6", seed):
        found = necessity("X", "Y").bounds(BOW, *records_and_experiment(p, zero))
        assert [found.low, found.high] == pytest.approx(truth, abs=1e-6)
        assert found.misfit < 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_court_sees_each_end_inside_and_at_its_limit(drawn, seed):
    inside = {(low > 0.04, high < 0.96) for _, (low, high) in drawn("07.6", seed)}
    assert len(inside) == 4


def test_the_published_tables_leave_the_court_no_doubt():
    _, court = trials.drug()
    p = court["records"].sort_index().to_numpy().reshape(2, 2)
    assert treated.necessity_bounds(p, court[0][1]) == pytest.approx([1, 1])


def test_a_trial_without_any_effect_on_average_leaves_two_in_three(drawn):
    [(_, (sentence, percent))] = drawn("07.7", 0)
    trial = series([[0.2, 0.3], [0.2, 0.3]], ["X", "Y"])  # half treated by lot, 60 % recover in either arm
    found = necessity("X", "Y").bounds("X -> Y", trial)
    assert sentence == 4
    assert percent == pytest.approx(100 * found.high, abs=1e-4)
    assert found.low == pytest.approx(0, abs=1e-6)  # sentence 5 may hold, and does not follow
    effect = counterfactual(found.highest, "E[Y_{X=1} - Y_{X=0}]").value
    assert effect == pytest.approx(0, abs=1e-6)  # sentence 3 holds in the town where sentence 4 fails most
