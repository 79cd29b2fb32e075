"""A wrong answer hears which mistake it is; any right answer passes, whatever its type."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from causalcourse.checks import compare
from causalcourse.checks.compare import Mistake, judge_function, judge_value

CASES = [(p,) for p in np.random.default_rng(5).dirichlet(np.ones(4), size=6).reshape(6, 2, 2)]


def conditional(p):
    return p[1, 1] / p[1].sum()


def says(answer, *, truth=conditional, returns=None, **more):
    verdict = judge_function(answer, CASES, truth, returns=returns or compare.probability(), **more)
    assert not verdict.passed
    return verdict.message


@pytest.mark.parametrize(
    "wrap",
    [
        float,
        np.float64,
        np.float32,
        np.array,
        lambda v: np.array([v]),
        lambda v: pd.Series([v]),
        lambda v: Fraction(float(v)),
    ],
)
def test_a_number_is_right_in_any_of_its_types(wrap):
    assert judge_function(lambda p: wrap(conditional(p)), CASES, conditional, returns=compare.probability()).passed


def test_what_is_too_long_to_read_is_refused_at_once():
    begun = time.monotonic()
    for answer in (list(range(10**7)), set(range(10**6)), np.arange(10**6).astype(object)):
        assert not judge_value(answer, TABLE, returns=compare.array()).passed
    assert time.monotonic() - begun < 5


def test_true_and_false_do_for_zeros_and_ones():
    truth = np.array([0, 1, 1])
    assert judge_value(truth == 1, truth, returns=compare.array()).passed
    assert not judge_value(truth == 0, truth, returns=compare.array()).passed


def test_the_luck_of_a_small_sample_is_not_taken_for_rounding():
    verdict = judge_function(
        lambda p: conditional(p) + 0.04,
        CASES,
        conditional,
        returns=compare.probability(),
        tolerance=0.02,
    )
    assert not verdict.passed
    assert "a larger sample" in verdict.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p: -conditional(p), "sign is not"),
        (lambda p: 1 - conditional(p), "1 minus what is asked"),
        (lambda p: 100 * conditional(p), "percent"),
        (lambda p: conditional(p) / 2, "0.5 times what is asked"),
        (lambda p: conditional(p) + 0.25, "off by the same amount"),
        (lambda p: 0.25, "same whatever it is given"),
        (lambda p: round(conditional(p), 2), "rounded to 2 decimals"),
        (lambda p: round(conditional(p), 1), "rounded to 1 decimal."),
        (lambda p: conditional(p) if p[0, 0] > 0.2 else 0.5, "of 6 cases, not on the others"),
        (lambda p: p[1, 1] ** 2, "Right on none of 6 cases"),
        (lambda p: str(conditional(p)), "is text; give the number"),
        (lambda p: "high", "'high' is text"),
        (lambda p: None, "Did you forget return?"),
        (lambda p: None if p[0, 0] > 0.2 else conditional(p), "None for some inputs"),
        (lambda p: np.nan, "NaN (not a number)"),
        (lambda p: np.inf, "infinite"),
        (lambda p: True, "truth value"),
        (lambda p: conditional(p) + 0j, "complex"),
        (lambda p: [conditional(p)], "a list of 1"),
        (lambda p: p, "an array of shape (2, 2)"),
        (lambda p: (x for x in p), "a generator"),
        (lambda p: conditional, "a function"),
        (lambda p: 1.5 + p[0, 0] ** 2, "lies between 0 and 1"),
        (lambda: 0.5, "takes no argument at all; it is called with p"),
        (lambda p, q: 0.5, "takes p, q; it is called with p"),
        (lambda p, *, strict: 0.5, "takes p, strict; it is called with p"),
        (0.4, "without parentheses"),
        (None, "You passed None"),
        (float, "the class float"),
        ([1, 2], "You passed a result, [1, 2]"),
    ],
)
def test_a_slip_is_named(answer, words):
    assert words in says(answer)


def test_an_async_function_and_a_generator_are_told_apart_from_a_function():
    async def later(p):
        return 0.5

    def one_by_one(p):
        yield 0.5

    assert "async def" in says(later)
    assert "yield" in says(one_by_one)


def test_an_unfilled_blank_is_no_wrong_answer():
    def stub(p):
        raise NotImplementedError("00.2: your turn")

    assert judge_function(stub, CASES, conditional, returns=compare.probability()).kind == "unfilled"
    assert judge_function(..., CASES, conditional, returns=compare.probability()).kind == "unfilled"
    assert judge_value(..., 1, returns=compare.number()).kind == "unfilled"


def test_a_named_mistake_comes_before_the_common_ones_and_before_the_range():
    mistakes = [
        Mistake("odds", lambda p: p[1, 1] / p[1, 0], "Those are odds."),
        Mistake("sign", lambda p: -conditional(p), "Swapped."),
    ]
    assert says(lambda p: p[1, 1] / p[1, 0], mistakes=mistakes) == "Those are odds."
    assert says(lambda p: -conditional(p), mistakes=mistakes) == "Swapped."


def test_a_named_mistake_of_another_shape_is_recognised():
    mistakes = [Mistake("rows", lambda p: p.sum(1), "That is the whole margin.")]
    assert says(lambda p: p.sum(axis=1), mistakes=mistakes) == "That is the whole margin."


def test_a_named_mistake_of_another_kind_is_recognised_or_left_alone():
    tables = [Mistake("table", lambda p: pd.DataFrame(p), "That is the whole table.")]
    assert says(lambda p: pd.DataFrame(p), mistakes=tables) == "That is the whole table."
    assert "a table of 2 rows" in says(lambda p: pd.DataFrame(p, columns=["a", "b"]) + 1, mistakes=tables)
    assert "a list of 2" in says(lambda p: [p, p[0]], mistakes=tables)
    assert "is text" in says(lambda p: "0.5", mistakes=[Mistake("half", lambda p: 0.5, "never")])


def test_a_mistake_that_equals_the_truth_or_fails_never_speaks():
    mistakes = [Mistake("same", conditional, "never"), Mistake("broken", lambda p: 1 / 0, "never")]
    assert judge_function(conditional, CASES, conditional, returns=compare.probability(), mistakes=mistakes).passed
    assert "never" not in says(lambda p: 0.5, mistakes=mistakes)


def test_a_function_that_changes_its_argument_is_told_which():
    def normalise(p):
        p /= p[1].sum()
        return p[1, 1]

    assert "changes its argument p in place" in says(normalise)


def test_the_right_answer_is_never_in_the_message_about_a_wrong_one():
    for k in range(6):
        message = says(lambda p, k=k: p[1, 1] ** (k + 2))
        assert all(f"{conditional(p):.3f}" not in message for (p,) in CASES)


def test_explain_speaks_when_no_common_mistake_fits():
    assert says(lambda p: p[1, 1] ** 2, explain=lambda value: f"You gave {value:.0f}.") == "You gave 0."


def test_an_array_with_swapped_axes_or_turned_round_is_named():
    def margins(p):
        return p / p.sum(1, keepdims=True)

    wanted = {"truth": margins, "returns": compare.array(0, 1)}
    assert "axes are swapped" in says(lambda p: margins(p).T, **wanted)
    assert "opposite order" in says(lambda p: margins(p)[::-1], **wanted)
    assert "shape (2, 2) is needed; yours has shape (4,)" in says(lambda p: p.ravel(), **wanted)
    assert "differ in length" in says(lambda p: [[1, 2], [3]], **wanted)
    assert "is text" in says(lambda p: [["a", "b"], ["c", "d"]], **wanted)
    assert "True and False" in says(lambda p: p > 0.2, **wanted)
    assert "1 of its 4 numbers is NaN" in says(lambda p: np.where(p == p.max(), np.nan, p), **wanted)
    assert judge_function(lambda p: margins(p).tolist(), CASES, margins, returns=compare.array(0, 1)).passed


def test_yes_and_no_exchanged_is_named():
    message = says(lambda p: p[1, 1] <= 0.25, truth=lambda p: p[1, 1] > 0.25, returns=compare.yes_no())
    assert "opposite" in message and "True" in message


def test_probabilities_that_do_not_sum_to_one_are_told():
    message = says(lambda p: (p**2).ravel(), truth=lambda p: p.ravel(), returns=compare.array(0, 1))
    assert "they sum to 1" in message


TABLE = pd.DataFrame({"rate": [0.1, 0.2], "n": [3, 4]}, index=["a", "b"])


@pytest.mark.parametrize("given", [TABLE, TABLE[["n", "rate"]], TABLE.loc[["b", "a"]], TABLE.astype({"n": float})])
def test_a_table_is_right_in_any_order_of_its_labels(given):
    assert judge_value(given, TABLE, returns=compare.table()).passed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (TABLE.rename(columns={"n": "N"}), "column 'n' is missing. Yours are 'rate', 'N'"),
        (TABLE.assign(extra=1), "column 'extra' is too much"),
        (TABLE.rename(index={"a": "A"}), "row 'a' is missing"),
        (TABLE.iloc[:1], "2 rows is needed; yours has 1"),
        (TABLE["n"], "DataFrame is needed; this is a Series of 2"),
        (TABLE.assign(n=["x", "y"]), "Column 'n' holds other things"),
        (TABLE.assign(n=[9, 4]), "is not it"),
        ({}, "a dict of 0"),
    ],
)
def test_a_wrong_table_is_told_what_is_wrong(given, words):
    assert words in judge_value(given, TABLE, returns=compare.table()).message


@pytest.mark.parametrize(
    ("kind", "truth", "right", "wrong"),
    [
        (
            compare.choice(["collider", "fork"]),
            "fork",
            ["fork", " Fork "],
            {"collider": "is not it", "folk": "Did you mean 'fork'?", 1: "in quotation"},
        ),
        (
            compare.yes_no(),
            True,
            [True, np.True_],
            {False: "is not it", "yes": "True or False", 1.0: "True or False"},
        ),
        (
            compare.integers(3, low=1, high=3),
            [1, 2, 3],
            [[1, 2, 3], (1.0, 2, 3), np.array([1, 2, 3])],
            {
                (1, 2): "Three whole numbers",
                (1, 2, 4): "1, 2 or 3",
                (1.5, 2, 3): "not whole",
                (3, 2, 1): "is not it",
            },
        ),
        (compare.findings(), "", [""], {"the arms are swapped": "is not it", 3: "cannot be used"}),
    ],
    ids=["choice", "yes_no", "integers", "findings"],
)
def test_each_kind_takes_what_it_should_and_refuses_the_rest_in_words(kind, truth, right, wrong):
    for value in right:
        assert judge_value(value, truth, returns=kind).passed, value
        assert kind.problem(value, truth) is None
    for value, words in wrong.items():
        verdict = judge_value(value, truth, returns=kind)
        assert not verdict.passed
        assert words in verdict.message


def test_a_value_asked_for_and_a_function_given():
    assert "Call it" in judge_value(conditional, 0.3, returns=compare.probability()).message


def test_a_wrong_value_hears_its_misconception_and_not_the_truth():
    mistakes = [Mistake("naive", 0.7, "That is what we see."), Mistake("half", lambda: 0.35, "Half of it.")]
    judged = {
        v: judge_value(v, 0.61, returns=compare.probability(), mistakes=mistakes).message
        for v in (0.7, 0.35, 0.39, 61, 0.5)
    }
    assert judged[0.7] == "That is what we see."
    assert judged[0.35] == "Half of it."
    assert "1 minus" in judged[0.39]
    assert "percent" in judged[61]
    assert judged[0.5] == "0.5 is not it."
    assert judge_value(0.6, 0.61, returns=compare.probability(), tolerance=0.02).passed


def test_nan_is_right_where_the_truth_is_undefined():
    assert judge_value([np.nan, 1.0], np.array([np.nan, 1.0]), returns=compare.array()).passed
