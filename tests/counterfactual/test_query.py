"""Counterfactual questions: read, written, and refused."""

import pytest

import causalcourse as cc
from causalcourse.counterfactual import Counterfactual, CounterfactualError, Event, Variable, counterfactual
from causalcourse.random_models import random_discrete


def read(text):
    return Counterfactual.parse(text)


def test_a_question_is_read_as_a_paper_writes_it():
    found = read("P(Y_{X=0}=1 | X=1, Y=1)")
    assert found.of == (Event(Variable("Y", (("X", 0),)), 1),)
    assert found.given == (Event(Variable("X"), 1), Event(Variable("Y"), 1))


def test_a_mediator_may_stand_in_a_world_of_its_own():
    inner = Variable("M", (("X", 0),))
    nested = Variable("Y", (("X", 1), ("M", inner)))
    assert read("E[Y_{X=1, M_{X=0}}]").mean == ((1.0, nested),)
    assert read("E[Y_{M=M_{X=0}, X=1}]").mean == ((1.0, nested),)
    assert read("E[Y_{X=1, M_{X=0}}]").variables == (inner, nested)


def test_a_variable_may_be_set_to_what_another_is():
    assert read("E[Y_{X=W}]").mean == ((1.0, Variable("Y", (("X", Variable("W")),))),)


def test_do_acts_on_all_that_is_not_imagined_otherwise():
    assert read("P(Y=1 | do(X=1), Z=0)") == read("P(Y_{X=1}=1 | Z_{X=1}=0)")
    assert read("P(Y_{X=0}=1 | do(X=1), Z=0)") == read("P(Y_{X=0}=1 | Z_{X=1}=0)")


@pytest.mark.parametrize(
    "text",
    [
        "P(Y_{X=0}=1 | X=1, Y=1)",
        "P(Y_{X=0}=0, Y_{X=1}=1)",
        "E[Y_{X=1, M_{X=0}} - Y_{X=0}]",
        "E[2 Y_{X=1} - 0.5 Y_{Z=-1} | W=2]",
        "E[-Y]",
        "P(Größe_{X=1.5}=1)",
        "E[Y_{X=W, M_{X=W}}]",
        "P(Y_1_{X_2=0}=1)",
    ],
)
def test_what_is_written_is_read_again_as_the_same(text):
    assert str(read(text)) == text
    assert read(str(read(text))) == read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("P(Y)", "which value of Y"),
        ("P(Y_{X=1})", r"which value of Y_\{X=1\}"),
        ("E[Y=1]", "closing bracket"),
        ("P(Y=1", "closing bracket"),
        ("P(Y=1]", "closing bracket"),
        ("P(Y=1) P(X=1)", "has ended"),
        ("Y=1", r"P\(\.\.\.\) or E"),
        ("P(Y_{X}=1)", "a value, such as X=0"),
        ("P(Y_{X=1, X=0}=1)", "set twice"),
        ("P(Y=1 | do(X=1), do(X=0))", "set twice"),
        ("P(=1)", "name"),
        ("P(Y=yes)", "number is expected"),
        ("P(Y=1 |)", "name"),
        ("", r"P\(\.\.\.\) or E"),
        ("P(" + "Y_{" * 30, "worlds inside one another"),
        (3, "text such as"),
        (None, "text such as"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text, says):
    with pytest.raises(CounterfactualError, match=says):
        read(text)


def test_a_name_the_model_does_not_have_is_noticed_wherever_it_stands():
    for text in ("P(Q=1)", "P(Y_{Q=1}=1)", "P(Y=1 | Q=1)", "E[Y_{X=1, M_{Q=0}}]", "E[Y_{X=Q}]"):
        with pytest.raises(CounterfactualError, match="names 'Q'"):
            read(text).check(["X", "M", "Y"])


def test_an_action_written_in_code_is_the_one_that_is_read():
    model = random_discrete("X -> Y; X <-> Y", cc.rng("code"))  # its equations look values up
    written = Counterfactual(of=(Event(Variable("Y", (("X", 0.0),)), 1),), given=(Event(Variable("X"), 1.0),))
    assert written == read("P(Y_{X=0}=1 | X=1)")
    assert counterfactual(model, written) == counterfactual(model, "P(Y_{X=0}=1 | X=1)")
