"""The truths behind chapter 08's exercises, each beside a second way to find them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from causalcourse.checks import ch08, dice
from causalcourse.checks.twins import not_furthest, not_inert
from causalcourse.counterfactual import bounds, counterfactual
from causalcourse.random_models import Table, random_discrete
from causalcourse.randomness import rng
from causalcourse.scm import SCM

SEEDS = range(5)
HELPED = "P(Y_{X=0}=0, Y_{X=1}=1)"


def of_types(q):
    """The model of the bow with these shares q[x, y under do(X=0), y under do(X=1)]."""
    x, *y = np.indices(q.shape).reshape(3, 8)
    return SCM({"U": q.ravel()}, {"X": Table(("U",), x), "Y": Table(("X", "U"), np.array(y))})


def trial(zero, one):
    return [({"X": x}, pd.Series([1 - rate, rate], pd.Index([0, 1], name="Y"))) for x, rate in ((0, zero), (1, one))]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_fixed_does_not_hang_on_the_luck_of_the_draw(seed):
    assert ch08._fixed(rng(f"fixed {seed}")) == ch08._fixed(rng("fixed"))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_open_question_is_nearly_fixed(seed):
    draw = rng(f"nearly {seed}")
    world = ch08._harmless(draw)
    experiment = [({"X": x}, world) for x in (0, 1)]
    free = [
        bounds(ch08._BOW, "P(Y_{X=1}=1)", world),
        bounds(ch08._BOW, HELPED, world, experiment),
    ]
    assert all(each.high - each.low > 100 * ch08._MET for each in free)


def test_the_effect_given_records_without_a_drawing_is_open_whichever_way_the_arrow_goes():
    world = random_discrete(ch08._BOW, rng("either way"))
    found = bounds("Y -> X; X <-> Y", "P(Y_{X=1}=1)", world)  # here acting on X does nothing
    assert found.low == pytest.approx(found.high)
    other = bounds(ch08._BOW, "P(Y_{X=1}=1)", world)
    assert other.low < found.low < other.high


@pytest.mark.parametrize("seed", SEEDS)
def test_a_twin_passes_where_the_engine_finds_the_same_records_and_no_effect_and_only_there(seed):
    draw = rng(f"twin {seed}")
    (p,) = ch08._records(draw)
    for acts in (False, True):
        # a kind for each row of the records; `other` is what each would have had under the X that it had not
        row = np.indices((2, 2)).reshape(2, 4)
        other = row[1] if not acts else draw.permutation([0, 1, 1, 1])
        y = np.where(row[0] == np.array([[0], [1]]), row[1], other)
        model = SCM({"U": p.ravel()}, {"X": Table(("U",), row[0]), "Y": Table(("X", "U"), y)})
        assert np.allclose(model.joint(["X", "Y"]).to_numpy().reshape(2, 2), p)
        zero, one = (counterfactual(model, f"P(Y_{{X={x}}}=1)").value for x in (0, 1))
        assert bool(not_inert((p.ravel(), row[0], y), p)) == (abs(one - zero) > 1e-9)


@pytest.mark.parametrize("zero", [1, 3, 5, 9])
@pytest.mark.parametrize("one", [2, 3, 8])
def test_one_die_and_two_dice_help_as_many_as_in_a_model_with_ten_sided_ones(zero, one):
    die = [0.1] * 10
    coin = {"U": [0.5, 0.5]}
    x = {"X": lambda U: U}
    single = SCM(coin | {"D": die}, x | {"Y": lambda X, D: np.where(X == 1, one, zero) > D})
    double = SCM(coin | {"D": die, "E": die}, x | {"Y": lambda X, D, E: np.where(X == 1, one > E, zero > D)})
    found = [counterfactual(model, HELPED).value for model in (single, double)]
    assert dice.rolled(zero / 10, one / 10) == pytest.approx(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_how_open_an_arm_is_is_what_linear_programming_finds(seed):
    q = rng(f"arm {seed}").dirichlet(np.ones(8)).reshape(2, 2, 2)
    model = of_types(q)
    found = bounds(ch08._BOW, "P(Y_{X=1}=1)", model)
    truth = counterfactual(model, "P(Y_{X=1}=1)").value
    assert ch08._arm(q) == pytest.approx([truth, found.low, found.high], abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_tables_pass_at_the_ends_of_the_sharp_bounds_and_not_within(seed):
    zero, one = rng(f"apart {seed}").uniform(0.05, 0.95, 2)

    def table(helped):
        return np.array([[1 - zero - helped, helped], [zero - one + helped, one - helped]]).round(12)

    found = bounds("X -> Y", HELPED, None, trial(zero, one))
    low, high = round(found.low, 12), round(found.high, 12)
    zero, one = table(low)[1].sum(), table(low)[:, 1].sum()  # with the rounding
    assert not_furthest((table(low), table(high)), zero, one) == ""
    assert not_furthest((table(high), table(low)), zero, one) == ""
    within = (high - low) / 100
    assert "larger still" in not_furthest((table(low), table(high - within)), zero, one)
    assert "smaller still" in not_furthest((table(low + within), table(high)), zero, one)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_does_better_than_the_best(seed):
    a, b, w = rng(f"best {seed}").uniform(0, 1, 3)
    worst = minimize_scalar(lambda g: max(abs(g - a), abs(g - b)), bounds=(0, 1), method="bounded")
    squares = minimize_scalar(lambda g: w * (g - a) ** 2 + (1 - w) * (g - b) ** 2, bounds=(0, 1), method="bounded")
    assert ch08._best(a, b, w) == pytest.approx([worst.x, worst.fun, squares.x], abs=1e-4)
