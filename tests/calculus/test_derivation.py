"""The proof assistant: legal steps are taken, illegal ones refused with the reason, and its hints lead to the goal."""

from __future__ import annotations

import ast
import re

import pytest
from questions import random_questions

from causalcourse.docalculus import Derivation, StepRefused, identify
from causalcourse.errors import CourseError
from causalcourse.expression import parse

FRONT_DOOR = "X -> M -> Y; X <-> Y"
BACK_DOOR = "Z -> X -> Y; Z -> Y"


@pytest.fixture
def start() -> Derivation:
    return Derivation(FRONT_DOOR, "Y | do(X)")


def test_adjustment_is_proved_by_hand_in_four_steps():
    d = Derivation(BACK_DOOR, "Y | do(X)").sum_over("Z").chain("Y", "Z").rule2("X").rule3("X")
    assert d.goal and d.formula == parse("Σ_Z P(Y | X, Z) P(Z)")
    assert d.proof.verify() and len(d.steps) == 4


def test_the_front_door_is_proved_by_hand(start):
    d = start.sum_over("M").chain("Y", "M").rule2("X", at="P(M | do(X))")
    d = d.rule2("M", at="P(Y | do(X), M)").rule3("X", at="P(Y | do(X, M))")
    assert not d.goal and str(d.goal) == "No: P(Y | do(M)) still acts."
    d = d.sum_over("X", at="P(Y | do(M))").chain("Y", "X", at="P(Y, X' | do(M))")
    d = d.rule2("M", at="P(Y | X', do(M))").rule3("M", at="P(X' | do(M))")
    assert d.goal and d.formula == identify(FRONT_DOOR, "Y | do(X)").estimand and d.proof.verify()


def test_undo_goes_back_one_step_and_says_when_there_is_none(start):
    assert start.sum_over("M").undo().formula == start.formula
    with pytest.raises(StepRefused, match="no step to undo"):
        start.undo()


def test_steps_do_not_change_what_they_start_from(start):
    start.sum_over("M")
    assert start.steps == () and str(start.formula) == "P(Y | do(X))"


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda d: d.rule2("X"), "Y <-> X is open"),
        (lambda d: d.rule3("X"), "Y <- M <- X is open"),
        (lambda d: d.rule1("M"), "Y and M separated once X is known"),
        (lambda d: d.sum_over("M").chain("Y", "M").rule3("X"), "arrows into X stay"),
        (lambda d: d.chain("Y"), r"chain\('Y'\) fits no probability"),
        (lambda d: d.condition_on("M"), "after the bar"),
        (lambda d: d.sum_over("Y"), "not there yet"),
        (lambda d: d.sum_over("X"), "not there yet"),
        (lambda d: d.rule2("M"), "Z has to stand there already"),
        (lambda d: d.rule2(), r"such as rule2\('X'\)"),
        (lambda d: d.sum_over("Q"), "'Q' is not a node"),
        (lambda d: d.sum_over("M", at="P(Z"), "Cannot read"),
        (lambda d: d.sum_over("M", at="P(M)"), r"in P\(M\)"),
        (lambda d: d.rule1(None), "not a node"),
        (lambda d: d.rule1(["M"]), "not a node|separated"),
    ],
)
def test_a_step_that_does_not_hold_is_refused_with_the_reason(start, step, says):
    with pytest.raises(CourseError, match=says):
        step(start)


def test_a_refusal_holds_the_open_path_and_draws_it(start):
    with pytest.raises(StepRefused) as refusal:
        start.rule2("X")
    assert str(refusal.value.separation.path) == "Y <-> X"
    axes = refusal.value.draw()
    assert "Y <-> X is open here" in axes.figure.get_suptitle() + axes.get_title() + str(
        [t.get_text() for t in axes.figure.findobj(lambda a: hasattr(a, "get_text"))]
    )
    with pytest.raises(StepRefused) as other:
        start.chain("Y")
    with pytest.raises(CourseError, match="no open path"):
        other.value.draw()


def test_jupyter_draws_the_open_path_once_though_it_asks_twice(start, monkeypatch):
    shown = []
    monkeypatch.setattr("causalcourse.docalculus.derivation.show_picture", shown.append)
    with pytest.raises(StepRefused) as refusal:
        start.rule2("X")
    assert refusal.value._render_traceback_() == refusal.value._render_traceback_()
    assert len(shown) == 1


def test_a_step_that_fits_several_places_asks_which():
    d = Derivation("X -> Y; X -> Z", "Y, Z | do(X)").chain("Y", "Z")
    with pytest.raises(StepRefused, match="at="):
        d.rule2("X")
    assert d.rule2("X", at="P(Z | do(X))").formula == parse("P(Y | do(X), Z) P(Z | X)")


def test_another_value_of_a_variable_is_named_with_a_prime(start):
    d = start.sum_over("M").chain("Y", "M").rule2("M").rule3("X", at="P(Y | do(X, M))").sum_over("X", at="P(Y | do(M))")
    assert "X'" in str(d.formula)
    assert d.chain("X'", "Y", at="P(Y, X' | do(M))").formula == d.chain("X", "Y", at="P(Y, X' | do(M))").formula


def followed(d: Derivation, most: int = 200) -> Derivation:
    """The derivation after taking each step that suggest() names."""
    for _ in range(most):
        if d.goal:
            return d
        at, method, names = re.fullmatch(r"Look at (.*)\. Try (\w+)\((.*)\)\.", d.suggest()).groups()
        d = getattr(d, method)(*ast.literal_eval(f"({names},)" if names else "()"), at=at)
    raise AssertionError("the hints lead nowhere")


@pytest.mark.parametrize("seed", range(3))
def test_following_the_hints_reaches_the_goal_wherever_there_is_one(seed):
    reached = 0
    for graph, query in random_questions(60, 70 + seed, conditional=bool(seed)):
        if identify(graph, query):
            d = followed(Derivation(graph, query))
            assert d.proof.verify(models=0)
            reached += 1
    assert reached > 20


def test_a_hint_says_when_there_is_no_way_on(start):
    assert "Nothing is left" in Derivation(BACK_DOOR, "Y | X").suggest()
    assert "hedge" in Derivation("X -> Y; X <-> Y", "Y | do(X)").suggest()
    # P(Y | do(X)) is P(Y | X), but once M has come in, which X shares a hidden cause with, nothing frees the two
    d = Derivation("X -> Y; X -> M; X <-> M", "Y | do(X)")
    assert "cannot be freed" in d.sum_over("M").suggest()
    assert "rule2" in d.sum_over("M").undo().suggest()


def test_simplify_makes_the_formula_shorter_by_laws_of_probability_alone():
    d = Derivation(BACK_DOOR, "Y | X").sum_over("Z").chain("Y", "Z").simplify()
    assert d.formula == parse("P(Y | X)") and d.proof.verify()
    assert not {step.law for step in d.steps} & {"rule 1", "rule 2", "rule 3"}


def test_conditioning_is_undone_by_simplify():
    d = Derivation(BACK_DOOR, "Y | X, Z").condition_on("Z")
    assert d.formula == parse("[P(Y, Z | X)] / [P(Z | X)]")
    assert d.simplify().formula == parse("P(Y | X, Z)")


def test_a_derivation_shows_itself_in_text_and_in_latex(start):
    d = start.sum_over("M")
    assert str(d).splitlines()[0] == "P(Y | do(X))" and "total probability" in repr(d)
    assert r"\mathrm{do}(X)" in d._repr_latex_()
