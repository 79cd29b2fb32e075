"""The algebra: formulas read and written, equal when they mean the same, and worth what enumeration says."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from causalcourse import rng
from causalcourse.evaluate import EmptyCells
from causalcourse.expression import ExpressionError, P, Probability, Product, Ratio, Sum, Symbol, fresh_symbol, parse
from causalcourse.random_models import random_discrete
from causalcourse.worlds import clinic

WRITTEN = [  # unicode, LaTeX
    ("P(Y | do(X), Z)", r"P(Y \mid \mathrm{do}(X), Z)"),
    ("P(Y)", "P(Y)"),
    ("Σ_Z P(Y | X, Z) P(Z)", r"\sum_{Z} P(Y \mid X, Z)\,P(Z)"),
    ("Σ_{A, B} P(A, B)", r"\sum_{A, B} P(A, B)"),
    ("[P(Y, X | Z)] / [P(X | Z)]", r"\frac{P(Y, X \mid Z)}{P(X \mid Z)}"),
    ("Σ_M P(M | X) Σ_X' P(Y | M, X') P(X')", r"\sum_{M} P(M \mid X)\,\sum_{X'} P(Y \mid M, X')\,P(X')"),
    ("P^{trial}(Y | do(X))", r"P^{trial}(Y \mid \mathrm{do}(X))"),
    ("1", "1"),
]


@pytest.mark.parametrize(("text", "latex"), WRITTEN)
def test_a_formula_is_written_as_papers_write_it_and_read_back(text, latex):
    formula = parse(text)
    assert str(formula) == text and formula.latex() == latex
    assert parse(formula.ascii()) == formula
    assert formula._repr_latex_() == f"$\\displaystyle {latex}$"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("P(Y, Z)", "P(Z, Y)"),
        ("P(Y | X, Z)", "P(Y | Z, X)"),
        ("P(Y) P(Z)", "P(Z) P(Y)"),
        ("(P(Y) P(Z)) P(X)", "P(X) (P(Z) P(Y))"),
        ("Σ_Z P(Z)", "Σ_Z' P(Z')"),
        ("Σ_{A, B} P(A, B)", "Σ_B Σ_A P(B, A)"),
        ("Σ_X' P(Y | M, X') P(X')", "Σ_X'' P(X'') P(Y | M, X'')"),
        ("sum_Z P(Z)", "∑_Z P(Z)"),
        ("P(Y | do(A), do(B))", "P(Y | do(A, B))"),
        ("1 P(Y)", "P(Y)"),
    ],
)
def test_what_means_the_same_is_equal(a, b):
    assert parse(a) == parse(b) and hash(parse(a)) == hash(parse(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("P(Y | X)", "P(Y | do(X))"),
        ("P(Y | X)", "P(X | Y)"),
        ("P(Y)", "P^{trial}(Y)"),
        ("Σ_X' P(Y | X')", "Σ_X' P(Y | X)"),
        ("Σ_Z P(Y, Z)", "Σ_Y P(Y, Z)"),
        ("P(Y) P(Y)", "P(Y)"),
        ("[P(Y)] / [P(Z)]", "[P(Z)] / [P(Y)]"),
        ("Σ_A Σ_B P(A | B)", "Σ_A Σ_B P(B | A)"),
        ("P(X) Σ_X P(X)", "Σ_X P(X) P(X)"),
    ],
)
def test_what_means_something_else_is_not(a, b):
    assert parse(a) != parse(b)


def test_a_bound_variable_never_catches_a_free_one():
    inner = Sum((Symbol("X", 1),), P("Y | X") * P("X'"))
    renamed = inner.renamed({Symbol("X"): Symbol("X", 1)})
    assert renamed.free == {Symbol("Y"), Symbol("X", 1)}
    assert renamed.over[0] not in renamed.free
    assert renamed == Sum((Symbol("X", 2),), P("Y | X'") * P("X''"))


def test_a_fresh_symbol_is_not_taken():
    assert fresh_symbol("X", [Symbol("X"), Symbol("X", 1), Symbol("Y", 2)]) == Symbol("X", 2)
    assert fresh_symbol("X", []) == Symbol("X")


def test_relabelling_reaches_bound_variables_too():
    formula = parse("Σ_Z P(Y | X, Z) P(Z)").relabelled({"Z": "W", "Y": "Z"})
    assert formula == parse("Σ_W P(Z | X, W) P(W)")


def test_formulas_multiply_and_divide():
    assert P("Y | Z") * P("Z") == parse("P(Y | Z) P(Z)")
    assert P("Y, Z") / P("Z") == Ratio(P("Y, Z"), P("Z")) == parse("[P(Y, Z)] / [P(Z)]")
    with pytest.raises(TypeError):
        P("Y") * 2


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda: P(""), "name is missing"),
        (lambda: P("Y | "), "name is missing"),
        (lambda: P("Y | do(X"), "bracket is missing"),
        (lambda: P("Y, do(X)"), "right of the bar"),
        (lambda: P("Y | Y"), "named twice"),
        (lambda: P("Y | X=1"), "when you evaluate"),
        (lambda: P("P(Y)"), "around it already"),
        (lambda: P("Y) P(Z"), "Cannot read"),
        (lambda: parse("P(Y"), "missing"),
        (lambda: parse("Y"), "Cannot read"),
        (lambda: parse("P(Y) /"), "Cannot read"),
        (lambda: parse("/ P(Y)"), "Cannot read"),
        (lambda: parse("Σ_Z"), "Cannot read"),
        (lambda: parse(""), "Cannot read"),
        (lambda: parse("(" * 5_000 + "P(Y)" + ")" * 5_000), "too many brackets"),
        (lambda: parse(3), "int"),
        (lambda: P(None), "NoneType"),
        (lambda: Sum((), P("Y")), "one symbol or more"),
        (lambda: Probability(()), "probability of"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(read, says):
    with pytest.raises(ExpressionError, match=says):
        read()


# ---------------------------------------------------------------- what a formula is worth

HOSPITAL = clinic.model()


def test_a_formula_is_worth_what_enumeration_says():
    p = HOSPITAL.joint(["Z", "X", "Y"]).to_numpy().reshape(2, 2, 2)
    by_hand = np.einsum("z,zxy->xy", p.sum((1, 2)), p / p.sum(2, keepdims=True))
    adjusted = parse("Σ_Z P(Y | X, Z) P(Z)")
    for source in (HOSPITAL, HOSPITAL.joint()):
        assert np.allclose(adjusted.evaluate(source).to_numpy().reshape(2, 2), by_hand)
    assert adjusted.evaluate(HOSPITAL, X=1, Y=1) == pytest.approx(by_hand[1, 1])
    assert P("Y | do(X)").evaluate(HOSPITAL, X=1, Y=1) == pytest.approx(by_hand[1, 1])


def test_values_may_be_given_for_primed_symbols():
    formula = parse("P(Y | X) P(X')")
    assert formula.evaluate(HOSPITAL, {"X'": 0, "X": 1, "Y": 1}) == pytest.approx(
        P("Y | X").evaluate(HOSPITAL, X=1, Y=1) * P("X").evaluate(HOSPITAL, X=0)
    )


def test_on_a_table_it_is_the_plug_in_estimate():
    units = HOSPITAL.sample(5_000, rng("plug-in"))
    share = units.query("X == 1 and Z == 0")["Y"].mean()
    assert P("Y | X, Z").evaluate(units, X=1, Z=0, Y=1) == pytest.approx(share)
    assert (
        abs(parse("Σ_Z P(Y | X, Z) P(Z)").evaluate(units, X=1, Y=1) - P("Y | do(X)").evaluate(HOSPITAL, X=1, Y=1))
        < 0.05
    )


def test_values_of_any_kind_are_kept():
    units = pd.DataFrame({"X": ["low", "high", "low"], "Y": [True, False, True]})
    answer = P("Y | X").evaluate(units)
    assert answer.loc["low", True] == 1 and list(answer.index.names) == ["X", "Y"]


def test_an_empty_cell_warns_by_name_and_gives_nan():
    units = pd.DataFrame({"X": [0, 0, 1], "Z": [0, 1, 0], "Y": [0, 1, 1]})
    with pytest.warns(EmptyCells, match=r"X = 1, Z = 1|Z = 1, X = 1"):
        assert np.isnan(parse("Σ_Z P(Y | X, Z) P(Z)").evaluate(units, X=1, Y=1))


def test_a_ratio_of_nothing_over_nothing_warns_and_is_nan():
    units = pd.DataFrame({"X": [0, 0], "Y": [0, 1], "Z": [0, 1]})
    extra = pd.concat([units, pd.DataFrame({"X": [1], "Y": [0], "Z": [0]})])
    with pytest.warns(EmptyCells, match="No case has"):
        answer = parse("[P(Y, X, Z)] / [P(X, Z)]").evaluate(extra)
    assert answer.isna().sum() == 2


def test_what_never_happens_adds_nothing_though_another_factor_has_no_case():
    units = pd.DataFrame({"X": [0, 1, 1], "Z": [0, 0, 1], "Y": [0, 1, 0]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Z = 1 never comes with X = 0, and its weight there is P(Z = 1 | X = 0) = 0
        assert parse("Σ_Z P(Y | X, Z) P(Z | X)").evaluate(units, X=0, Y=0) == 1


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: P("Y | do(X)").evaluate(HOSPITAL.sample(10, rng("a"))), "identify"),
        (lambda: P("Q").evaluate(HOSPITAL), "'Q'"),
        (lambda: P("Y").evaluate(HOSPITAL, X=1), "does not depend on 'X'"),
        (lambda: P("Y | X").evaluate(HOSPITAL, X=7), "never has the value 7"),
        (lambda: P("Y").evaluate([1, 2]), "DataFrame"),
        (lambda: P("Y").evaluate(pd.DataFrame({"Y": []})), "no rows"),
        (lambda: P("Y").evaluate(pd.DataFrame({"Y": [1.0, np.nan]})), "missing values"),
        (lambda: P("Y").evaluate(pd.Series([0.5, 0.4], pd.Index([0, 1], name="Y"))), "sum to 1"),
        (lambda: parse("P^{trial}(Y)").evaluate(HOSPITAL), "trial"),
        (lambda: P("A, B").evaluate(pd.DataFrame({"A": range(5_000), "B": range(5_000)})), "pandas.cut"),
        (lambda: P("Y").evaluate(pd.DataFrame({"Y": [1, "a"]})), "several kinds"),
        (lambda: P("Y").evaluate(pd.DataFrame([[1, 2]], columns=["Y", "Y"])), "several columns"),
        (lambda: Product().to_pgmpy(HOSPITAL), "one number"),
    ],
)
def test_a_source_that_cannot_say_is_refused_in_words(use, says):
    with pytest.raises(ExpressionError, match=says):
        use()


def test_a_formula_becomes_a_factor_of_pgmpy_with_the_same_numbers():
    formula = parse("Σ_Z P(Y | X, Z) P(Z)")
    factor, numbers = formula.to_pgmpy(HOSPITAL), formula.evaluate(HOSPITAL)
    assert set(factor.variables) == {"X", "Y"}
    for (x, y), number in numbers.items():
        assert factor.get_value(X=x, Y=y) == pytest.approx(number)


def test_an_action_on_a_model_is_what_do_does():
    model = random_discrete("W -> X -> Y; X <-> Y; W -> Y", np.random.default_rng(3))
    for x in (0, 1):
        acted = model.do(X=x).joint(["Y"])
        assert np.allclose(P("Y | do(X)").evaluate(model, X=x).to_numpy(), acted.to_numpy())


def test_a_name_that_latex_cannot_print_shows_the_text_instead():
    assert Probability((Symbol("a\nb"),))._repr_latex_() is None
