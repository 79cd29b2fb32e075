"""Counterfactuals by drawing, and of every unit of a table: against exact answers, integrals, and what is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import causalcourse as cc
from causalcourse.counterfactual import Counterfactual, CounterfactualError, counterfactual, imagine
from causalcourse.counterfactual.abduction import abduct
from causalcourse.counterfactual.asking import _sampled
from causalcourse.errors import CannotAnswer, CourseError, NoSuchUnit
from causalcourse.noise import Exponential, Finite, Laplace, Normal, Uniform
from causalcourse.random_models import random_discrete, random_linear
from causalcourse.scm import SCM

LINE = SCM(
    {"A": Normal(), "B": Laplace(), "C": Normal()},
    {"X": lambda A: A, "M": lambda X, B: 0.8 * X + B, "Y": lambda X, M, C: M + 0.5 * X + C},
)
CURVE = SCM(  # monotone in B, a step in C
    {"A": Normal(), "B": Normal(), "C": Uniform()},
    {
        "X": lambda A: A,
        "M": lambda X, B: np.exp(0.3 * X + B),
        "Y": lambda X, M, C: 1 / (1 + np.exp(-X - M)) > C,
    },
)


def near(found, truth):
    assert found.error > 0 and found.effective >= 400
    assert abs(found.value - truth) < 5 * found.error + 1e-12


@pytest.mark.parametrize("seed", range(8))
def test_drawing_agrees_with_listing(seed):
    model = random_discrete("Z -> X -> M -> Y; Z -> Y; X <-> Y", cc.rng(f"drawn {seed}"))
    for text in ("P(Y_{X=0}=1 | X=1, Y=1)", "E[Y_{X=1, M_{X=0}} - Y | Z=1, M=0]", "P(M_{X=1}=1, Y=0 | Y_{X=0}=1)"):
        query = Counterfactual.parse(text)
        near(_sampled(model, query, 20_000, cc.rng(f"draw {seed} {text}")), counterfactual(model, query).value)


@pytest.mark.parametrize("seed", range(8))
def test_drawing_agrees_with_the_closed_form(seed):
    model = random_linear("Z -> X -> M -> Y; Z -> Y; X <-> Y", cc.rng(f"line {seed}"))
    for text in ("E[Y_{X=0} | X=1, M=2]", "E[Y_{Z=1} - 2 M_{X=0} | X=1, Y=2]"):
        query = Counterfactual.parse(text)
        near(_sampled(model, query, 20_000, cc.rng(f"draw {seed} {text}")), counterfactual(model, query).value)


def test_a_curve_is_inverted_and_a_step_is_met_by_drawing():
    def chance(x, b):
        return 1 / (1 + np.exp(-x - np.exp(0.3 * x + b)))

    one, zero = (
        integrate.quad(lambda b, x=x: stats.norm.pdf(b) * min(chance(1, b), chance(x, b)), -8, 8)[0] for x in (1, 0)
    )
    near(counterfactual(CURVE, "P(Y_{X=0}=1 | X=1, Y=1)", cc.rng("a")), zero / one)
    b = np.log(2.5) - 0.3
    near(counterfactual(CURVE, "P(Y_{X=0}=1 | X=1, M=2.5, Y=1)", cc.rng("b")), chance(0, b) / chance(1, b))


def test_the_slope_of_an_equation_counts():
    # V = exp(U): given V in two worlds at once nothing is left open; given a noisy copy the density decides
    model = SCM(
        {"U": Normal(), "E": Normal(0, 0.5)},
        {"V": lambda U: np.exp(U), "W": lambda V, E: V + E, "T": lambda V: V},
    )
    top, below = (
        integrate.quad(lambda u, k=k: np.exp(u) ** k * stats.norm.pdf(u) * stats.norm.pdf(2, np.exp(u), 0.5), -8, 4)[0]
        for k in (1, 0)
    )
    near(counterfactual(model, "E[T | W=2]", cc.rng("slope")), top / below)
    mixed = SCM({"S": [0.5, 0.5], "U": Normal()}, {"S_": lambda S: S, "V": lambda S, U: (1 + 3 * S) * U})
    wide, narrow = stats.norm.pdf(2 / 4) / 4, stats.norm.pdf(2)
    near(counterfactual(mixed, "P(S_=1 | V=2)", cc.rng("scale")), wide / (wide + narrow))


def test_beside_an_atom_densities_count_for_nothing():
    model = SCM({"S": [0.5, 0.5], "U": Normal()}, {"X": lambda S: S, "Y": lambda X, U: X * U})
    assert counterfactual(model, "P(X=0 | Y=0)", cc.rng("atom")).value == 1
    assert counterfactual(model, "P(X=0 | Y=0.5)", cc.rng("atom")).value == 0


def test_noise_that_another_world_needs_too_is_not_used_up_before_it_was_seen():
    found = counterfactual(LINE, "E[Y_{X=0} | X=1, M=2, Y=3]", cc.rng("shared"))
    assert found.value == pytest.approx(3 - 1.3) and found.effective > 10_000


def test_too_few_units_are_no_answer():
    model = SCM({"A": Normal(), "B": Normal()}, {"X": lambda A: np.sin(3 * A), "Y": lambda X, B: X + B})
    with pytest.raises(CannotAnswer, match="400 are needed"):
        counterfactual(model, "E[Y_{X=1} | X=0.5]", cc.rng("few"), n=500)


def test_weights_say_how_likely_the_evidence_is():
    units = abduct(LINE, {"X": 0.5, "M": 1.0}, 1_000, cc.rng("weights"))
    assert np.allclose(units.weight, stats.norm.pdf(0.5) * stats.laplace.pdf(1 - 0.4))
    assert units.effective == pytest.approx(1_000)


@pytest.mark.parametrize("model", [LINE, random_linear("Z -> X -> Y; Z -> Y", cc.rng("i"))], ids=["laplace", "random"])
def test_a_table_imagined_is_its_own_noise_solved_again(model):
    noise = model.draw_noise(1_000, cc.rng("table"))
    seen, acted = pd.DataFrame(model.solve(noise)), model.do(X=lambda X: X - 1).solve(noise)
    found = imagine(model, seen.set_axis(range(5, 1_005)), X=lambda X: X - 1)
    assert list(found.index) == list(range(5, 1_005))
    for v in model.equations:
        assert found[v].to_numpy() == pytest.approx(acted[v])


def test_curves_states_and_single_units_are_imagined_too():
    model = SCM(
        {"A": [0.5, 0.5], "B": Exponential(), "C": Finite([0.2, 0.3, 0.5])},
        {"X": lambda A: A, "M": lambda X, B: np.sqrt(B) + X, "Y": lambda M, C: M * 2 + C},
    )
    noise = model.draw_noise(500, cc.rng("curves"))
    found = imagine(model, pd.DataFrame(model.solve(noise)), X=1)
    assert found["Y"].to_numpy() == pytest.approx(model.do(X=1).solve(noise)["Y"], abs=1e-6)
    assert imagine(LINE, {"X": 1, "M": 2, "Y": 3}, X=0).iloc[0].tolist() == pytest.approx([0, 1.2, 1.7])


def test_without_an_action_a_table_is_what_it_was():
    seen = LINE.sample(50, cc.rng("same"))
    pd.testing.assert_frame_equal(imagine(LINE, seen), seen)


TURNS = {  # noise that several values of would say the same, or that a step stands in the way of
    "rounded": (
        SCM(
            {"U": Normal(40, 10), "V": Normal()},
            {"Age": lambda U: np.floor(U), "Y": lambda U, V: 10 * (U - np.floor(U)) + V},
        ),
        "E[Y | Age=43]",
        lambda: (
            integrate.quad(lambda u: 10 * (u - 43) * stats.norm.pdf(u, 40, 10), 43, 44)[0]
            / np.ptp(stats.norm.cdf([43, 44], 40, 10))
        ),
    ),
    "half rounded": (
        SCM({"U": Normal(40, 10)}, {"Y": lambda U: np.round(2 * U), "Z": lambda U: U}),
        "E[Z | Y=84]",
        lambda: (
            integrate.quad(lambda u: u * stats.norm.pdf(u, 40, 10), 41.75, 42.25)[0]
            / np.ptp(stats.norm.cdf([41.75, 42.25], 40, 10))
        ),
    ),
}


@pytest.mark.parametrize("case", TURNS)
def test_a_step_is_met_by_drawing_and_not_taken_for_a_slope(case):
    model, text, truth = TURNS[case]
    near(counterfactual(model, text, cc.rng(case), n=100_000), truth())


FINE = SCM({"A": Normal(), "V": Normal()}, {"X": lambda A: A, "Y": lambda X, V: X + np.round(V, 4)})
WIGGLE = SCM({"A": Normal(), "V": Normal()}, {"X": lambda A: A, "Y": lambda X, V: X + V + 0.6 * np.sin(8 * V)})
RARE = SCM({"G": [0.999, 0.001], "U": Normal()}, {"X": lambda G: G, "Y": lambda X, U: np.where(X == 1, U**2 + 3, U)})
SHARED = SCM(  # among units of X=0 all hangs on V, which Z has used before
    {"S": [0.5, 0.5], "U": Normal(), "V": Normal()},
    {"X": lambda S: S, "Z": lambda V: V, "Y": lambda X, U, Z: X * U + Z},
)
SWAPPED = SCM(
    {"S": [0.5, 0.5], "U": Normal(), "V": Normal()}, {"Y": lambda S, U, V: np.where(S, U, V), "T": lambda S: S}
)


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (FINE, "E[X | Y=1]"),
        (WIGGLE, "E[X | Y=1]"),
        (RARE, "P(X=1 | Y=5)"),
        (SHARED, "P(X=1 | Y=0.5)"),
        (SWAPPED, "P(T=1 | Y=0.3)"),
    ],
    ids=["fine steps", "a wiggle", "a rare kind of unit that turns", "noise used before", "noise that swaps"],
)
def test_units_whose_noise_cannot_be_solved_for_are_not_dropped_in_silence(model, text):
    with pytest.raises(CannotAnswer):
        counterfactual(model, text, cc.rng("turns"), n=2_000)


def test_where_one_noise_has_no_say_another_is_solved_for():
    model = SCM({"S": [0.5, 0.5], "U": Normal(), "V": Normal()}, {"X": lambda S: S, "Y": lambda X, U, V: X * U + V})
    both, one = stats.norm.pdf(0.5, 0, np.sqrt(2)), stats.norm.pdf(0.5)
    near(counterfactual(model, "P(X=1 | Y=0.5)", cc.rng("no say")), both / (both + one))
    # a threshold has a probability: that X=0 never gives 0.5 is sure
    probit = SCM({"V": Normal(), "U": Normal()}, {"Z": lambda V: V, "X": lambda Z: Z > 0, "Y": lambda X, U: X * U})
    near(counterfactual(probit, "E[Z | Y=0.5]", cc.rng("probit")), np.sqrt(2 / np.pi))


@pytest.mark.parametrize("seed", range(20))
def test_an_atom_wins_over_densities_however_rare_it_is(seed):
    model = SCM({"G": [0.9999, 0.0001], "U": Laplace()}, {"X": lambda G: G, "Y": lambda X, U: np.where(X == 1, 0, U)})
    assert counterfactual(model, "P(X=1 | Y=0)", cc.rng(f"rare atom {seed}")).value == 1


def test_an_atom_beside_a_density_weighs_as_much_as_a_density_beside_an_atom():
    model = SCM(
        {"S": [0.5, 0.5], "U": Normal()},
        {"A": lambda S, U: np.where(S == 0, 0, U), "B": lambda S, U: np.where(S == 0, U, 0), "T": lambda S: S},
    )
    near(counterfactual(model, "P(T=1 | A=0, B=0)", cc.rng("one of each")), 0.5)


def test_what_was_never_drawn_may_yet_be():
    rare = SCM({"U": Uniform()}, {"Y": lambda U: U < 1e-5})
    for seed in range(5):
        found = counterfactual(rare, "P(Y=1)", cc.rng(f"rare {seed}"))
        assert abs(found.value - 1e-5) < 5 * found.error and "± 0.0000 " not in str(found)
    assert 0 < counterfactual(rare, "P(Y=0)", cc.rng("sure")).error < 1e-3


def test_what_counts_as_the_same_depends_on_how_far_values_differ():
    model = SCM({"U": Laplace()}, {"X": lambda U: 1e-9 * U, "Y": lambda X: 2 * X})
    assert counterfactual(model, "E[Y | X=1e-9]", cc.rng("small")).value == pytest.approx(2e-9, rel=1e-6)
    with pytest.raises(NoSuchUnit):
        imagine(model, {"X": 1e-9, "Y": 2.5e-9}, X=0)


def test_small_whole_numbers_do_not_begin_again_at_their_end():
    model = SCM({"U": Normal(), "V": Normal()}, {"X": lambda U: U, "Y": lambda X, V: 2 * X + V})
    for kind in ("int8", "uint8", "int16", "float16"):
        found = imagine(model, {"X": np.array([100], kind), "Y": np.array([100], kind)}, X=0)
        assert found["Y"].tolist() == pytest.approx([-100])


OPEN = random_discrete("X -> Y; X <-> Y", cc.rng("open"))
REFUSED = {
    "not everything seen": (lambda: imagine(LINE, {"X": 1, "Y": 3}, X=0), "'M' was not seen"),
    "states left open": (lambda: imagine(OPEN, OPEN.sample(9, cc.rng("o")), X=0), "tell them apart|several states"),
    "no such unit": (
        lambda: imagine(SCM({"U": [0.5, 0.5]}, {"X": lambda U: U, "Y": lambda X: X}), {"X": 1, "Y": 0}),
        "none",
    ),
    "no way back": (lambda: imagine(SCM({"U": Normal()}, {"X": lambda U: U > 0}), {"X": 1}, X=0), "many values"),
    "no table": (lambda: imagine(LINE, 3, X=0), "table"),
    "uneven columns": (lambda: imagine(LINE, {"X": [1, 2], "M": [1], "Y": [1]}, X=0), "different lengths"),
    "text": (lambda: imagine(LINE, {"X": ["a"], "M": [1], "Y": [1]}, X=0), "finite number"),
    "missing": (lambda: imagine(LINE, {"X": [np.nan], "M": [1], "Y": [1]}, X=0), "finite number"),
    "a distribution": (lambda: imagine(LINE, {"X": 1, "M": 2, "Y": 3}, X=Finite([0.5, 0.5])), "Draw the values first"),
    "an unknown action": (lambda: imagine(LINE, {"X": 1, "M": 2, "Y": 3}, Q=0), "Q"),
    "no model": (lambda: imagine("X -> Y", {"X": 1}, X=0), "model"),
    "no model asked": (lambda: counterfactual("X -> Y", "P(Y_{X=0}=1)"), "model"),
    "no number of units": (lambda: counterfactual(LINE, "E[Y_{X=0} | X=1]", n=0), "whole number"),
    "no generator": (lambda: counterfactual(LINE, "E[Y_{X=0} | X=1]", rng=3), "generator"),
    "an unknown name": (lambda: counterfactual(LINE, "E[Q_{X=0} | X=1]"), "names 'Q'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_imagined_is_refused_in_words(case):
    call, says = REFUSED[case]
    with pytest.raises(CourseError, match=says):
        call()


def test_errors_say_what_kind_they_are():
    with pytest.raises(NoSuchUnit):
        counterfactual(OPEN, "P(Y=1 | X=5)")
    with pytest.raises(CounterfactualError):
        counterfactual(OPEN, "P(Y)")
