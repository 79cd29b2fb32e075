"""Counterfactual questions: read, written, and refused."""

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.counterfactual import Counterfactual, CounterfactualError, Event, Variable, counterfactual
from causalcourse.noise import Normal
from causalcourse.random_models import random_discrete
from causalcourse.scm import SCM


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


def test_an_action_is_a_dictionary_or_pairs_in_any_order():
    inner = Variable("M", {"X": 0})
    ways = ({"X": 1, "Z": 2.0}, {"Z": 2, "X": np.int64(1)}, (("Z", 2), ("X", 1)), [("X", True), ("Z", 2)])
    assert {Variable("Y", way) for way in ways} == {read("E[Y_{X=1, Z=2}]").mean[0][1]}
    assert Variable("Y", {"M": inner, "X": 1}) == read("E[Y_{X=1, M_{X=0}}]").mean[0][1]


def test_one_event_needs_no_tuple():
    one, other = Event(Variable("Y"), 1), Event(Variable("X"), 0)
    assert Counterfactual(of=one, given=other) == Counterfactual(of=[one], given=(other,)) == read("P(Y=1 | X=0)")


def test_a_number_is_set_as_it_is_however_large():
    line = SCM({"U": Normal()}, {"X": lambda U: U, "Y": lambda X: 2 * X})
    for large in (2.0**60, 1e20, -1e300):
        query = Counterfactual(mean=((1, Variable("Y", {"X": large})),))
        assert counterfactual(line, query).value == 2 * large


Y = Variable("Y")
BY_HAND = {
    "text set": (lambda: Variable("Y", (("X", "a"),)), "What 'X' is set to .* got 'a'"),
    "number as text": (lambda: Variable("Y", {"X": "1"}), "got '1'"),
    "nothing set": (lambda: Variable("Y", {"X": None}), "got None"),
    "infinity set": (lambda: Variable("Y", {"X": float("inf")}), "got inf"),
    "set twice": (lambda: Variable("Y", (("X", 0), ("X", 1))), "each variable once"),
    "no action": (lambda: Variable("Y", 5), "dictionary, such as"),
    "a name as action": (lambda: Variable("Y", "X"), "dictionary, such as"),
    "no name": (lambda: Variable(5), "named by text"),
    "no name inside": (lambda: Variable("Y", {5: 1}), "named by text"),
    "event of text": (lambda: Event("Y", 1), r"Event\(Variable\('Y'"),
    "event of nothing": (lambda: Event(Y, None), "The value of Y .* got None"),
    "event that is no number": (lambda: Event(Y, float("nan")), "The value of Y .* got nan"),
    "of text": (lambda: Counterfactual(of="Y=1"), "of= needs events"),
    "given a dictionary": (lambda: Counterfactual(of=Event(Y, 1), given={"X": 1}), "given= needs events"),
    "a multiple that is text": (lambda: Counterfactual(mean=(("a", Y),)), "The multiple of Y .* got 'a'"),
    "no multiple": (lambda: Counterfactual(mean=(Y,)), "pairs of a multiple"),
    "no pairs": (lambda: Counterfactual(mean=Y), "pairs of a multiple"),
    "mean of text": (lambda: Counterfactual(mean=((1, "Y"),)), "pairs of a multiple"),
    "too large to write": (lambda: read("P(Y_{X=1e999}=1)"), "got inf"),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_what_is_no_question_when_written_in_code_is_refused_in_words(case):
    make, says = BY_HAND[case]
    with pytest.raises(CounterfactualError, match=says):
        make()
