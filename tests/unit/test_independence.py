"""Tests of a drawing on data: false alarms as often as promised, wrong drawings found, p-values as others give them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from causalcourse.errors import DataError
from causalcourse.graph import CausalGraph
from causalcourse.implications import implied_independences
from causalcourse.independence import _beyond_chance, _dense, _holm, compare_with_data
from causalcourse.random_models import random_discrete, random_graph, random_linear

FORK = CausalGraph.parse("X <- Z -> Y")


def category(rng, z, levels=3):
    """A category of 0, ..., levels - 1 that depends on the number or category z."""
    scores = np.outer(z - z.mean(), np.linspace(-0.6, 0.8, levels)) + rng.gumbel(size=(len(z), levels))
    return scores.argmax(1)


def number(rng, z):
    return z + rng.normal(size=len(z))


def fork(kinds, rng, n, direct=0.0):
    """X <- Z -> Y, each a category ("c") or a number ("n"), and an effect `direct` of X on Y."""
    z = rng.integers(0, 3, n) if kinds[0] == "c" else rng.normal(size=n)
    x = (category if kinds[1] == "c" else number)(rng, z)
    y = (category if kinds[2] == "c" else number)(rng, z + direct * x)
    return pd.DataFrame({"Z": z, "X": x, "Y": y})


TESTS = {
    "ccc": "chi-square",
    "ccn": "regression",
    "cnc": "regression",
    "cnn": "partial correlation",
    "ncc": "logistic regression",
    "ncn": "regression",
    "nnc": "regression",
    "nnn": "partial correlation",
}


@pytest.mark.parametrize("kinds", TESTS)
@pytest.mark.parametrize("n", [150, 600])
def test_a_true_drawing_is_rejected_as_seldom_as_promised(kinds, n):
    rng, tries = np.random.default_rng(n), 150 if kinds == "ncc" else 400
    found = pd.concat([compare_with_data(FORK, fork(kinds, rng, n)) for _ in range(tries)])
    assert set(found["test"]) == {TESTS[kinds]}
    for alpha in (0.05, 0.2):
        low, high = binom.ppf([0.0005, 0.9995], tries, alpha)
        assert low <= (found["p"] < alpha).sum() <= high


@pytest.mark.parametrize("kinds", TESTS)
def test_the_interval_covers_no_effect_when_there_is_none(kinds):
    rng = np.random.default_rng(3)
    found = pd.concat([compare_with_data(FORK, fork(kinds, rng, 300)) for _ in range(100)])
    assert ((found["low"] <= found["effect"]) & (found["effect"] <= found["high"])).all()
    assert (found["low"] <= 0).mean() > 0.9


@pytest.mark.parametrize("kinds", TESTS)
def test_a_wrong_drawing_is_found_out(kinds):
    rng = np.random.default_rng(4)
    found = pd.concat([compare_with_data(FORK, fork(kinds, rng, 1500, direct=0.8)) for _ in range(20)])
    assert not found["holds"].any()
    assert (found["low"].abs() > 0).all() and found["effect"].abs().between(0.1, 1).all()


def test_of_many_true_claims_one_is_rejected_as_seldom_as_promised():
    rng, tries = np.random.default_rng(5), 300
    graph = CausalGraph.parse("A; B; C; D; E; F")
    alarms = sum(
        not compare_with_data(graph, pd.DataFrame(rng.normal(size=(100, 6)), columns=graph.nodes))["holds"].all()
        for _ in range(tries)
    )
    assert alarms <= binom.ppf(0.9995, tries, 0.05)
    assert alarms > 0


@pytest.mark.parametrize("draw", [random_discrete, random_linear])
def test_models_of_a_drawing_pass_it_and_the_row_is_the_claim(draw):
    rng, rejected, claims = np.random.default_rng(6), 0, 0
    for _ in range(30):
        graph = random_graph(5, rng, 0.4, 0.2)
        table = compare_with_data(graph, draw(graph, rng).sample(2000, rng)[list(graph.nodes)])
        assert [*zip(table["x"], table["y"], table["given"], strict=True)] == [
            (claim.x, claim.y, claim.given) for claim in implied_independences(graph)
        ]
        rejected += int((~table["holds"]).sum())
        claims += len(table)
    assert claims > 50
    assert rejected <= binom.ppf(0.9995, 30, 0.05)


def test_chi_square_equals_pgmpys_within_cells():
    from pgmpy.ci_tests import ChiSquare

    rng = np.random.default_rng(7)
    for direct in (0.0, 0.3):
        data = fork("ccc", rng, 3000, direct)
        row = compare_with_data(FORK, data).iloc[0]
        theirs = ChiSquare(data)
        theirs("X", "Y", ["Z"])
        assert row["n"] == 3000
        assert row["statistic"] == pytest.approx(theirs.statistic_)
        assert row["p"] == pytest.approx(theirs.p_value_)
        # Cramér's V less what chance gives: V² - df / (2 n), with 4 degrees of freedom in each of 3 cells
        assert row["effect"] ** 2 == pytest.approx(max(0, theirs.effect_size_**2 - 12 / 6000))


def test_partial_correlation_equals_pgmpys():
    from pgmpy.ci_tests import FisherZ

    rng = np.random.default_rng(8)
    for n, direct in product((20, 500), (0.0, 0.3)):
        data = fork("nnn", rng, n, direct).assign(W=rng.normal(size=n))
        data["Y"] += data["W"]
        data["X"] -= data["W"]
        row = compare_with_data("X <- Z -> Y; X <- W -> Y", data).query("x in ('X', 'Y') and y in ('X', 'Y')").iloc[0]
        theirs = FisherZ(data)
        theirs("X", "Y", ["Z", "W"])
        assert set(row["given"]) == {"Z", "W"}
        assert row["statistic"] == pytest.approx(theirs.statistic_)
        assert row["p"] == pytest.approx(theirs.p_value_)
        assert abs(row["effect"]) == pytest.approx(theirs.effect_size_)


@pytest.mark.parametrize("kinds", ["ccn", "ncn", "ncc"])
def test_regressions_equal_those_of_statsmodels(kinds):
    smf = pytest.importorskip("statsmodels.formula.api")
    rng = np.random.default_rng(9)
    given = "C(Z)" if kinds[0] == "c" else "Z"
    for direct in (0.0, 0.4):
        data = fork(kinds, rng, 400, direct)
        row = compare_with_data(FORK, data).iloc[0]
        if kinds == "ncc":  # of the two, the one that comes second in the claim is predicted; the test is symmetric
            left, right = ("X", "Y") if row["x"] == "X" else ("Y", "X")
            full, small = (
                smf.mnlogit(f"{right} ~ {terms}", data).fit(disp=0) for terms in (f"{given} + C({left})", given)
            )
            assert row["statistic"] == pytest.approx(2 * (full.llf - small.llf), rel=1e-4, abs=1e-4)
        else:
            full, small = (smf.ols(f"Y ~ {terms}", data).fit() for terms in (f"{given} + C(X)", given))
            statistic, p, _ = full.compare_f_test(small)
            assert (row["statistic"], row["p"]) == pytest.approx((statistic, p))


def test_holm_equals_statsmodels_and_leaves_gaps():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(10)
    for n in (1, 2, 7, 30):
        p = rng.random(n) ** 3
        assert _holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])
        assert _holm(np.append(np.nan, p))[1:] == pytest.approx(_holm(p))
        assert np.isnan(_holm(np.append(np.nan, p))[0])


def test_the_noncentrality_has_the_interval_it_says():
    from scipy.stats import ncx2

    _, low, high = _beyond_chance(30.0, 4)
    assert (ncx2.cdf(30, 4, low), ncx2.cdf(30, 4, high)) == pytest.approx((0.975, 0.025))
    assert _beyond_chance(0.0, 4)[0] == 0 < _beyond_chance(0.0, 4)[2]
    assert np.isfinite(_beyond_chance(1e7, 50)).all()


def test_rare_values_are_left_out_until_each_cell_can_be_expected_to_hold_rows():
    table = np.array([[50, 40, 0], [30, 60, 1], [1, 0, 0]])
    assert _dense(table).tolist() == [[50, 40], [30, 60]]
    assert _dense(np.array([[3, 0], [40, 1]])) is None
    assert _dense(np.array([[5, 0], [9, 0]])) is None


def test_cells_too_thin_for_a_test_are_reported_and_not_guessed():
    rng = np.random.default_rng(11)
    data = pd.DataFrame(rng.integers(0, 4, (60, 6)), columns=list("ABCDXY"))
    table = compare_with_data("A -> X; B -> X; C -> X; D -> X; A -> Y; B -> Y; C -> Y; D -> Y", data)
    thin = table[table["given"].map(len) == 4]
    assert thin["test"].str.startswith("not testable: too few rows").all()
    assert thin[["p", "p_adjusted", "effect", "holds"]].isna().all(axis=None) and (thin["n"] == 0).all()
    # those that could be tested are adjusted for one another alone
    tested = table.drop(thin.index)
    assert len(thin) == 1 and tested["p_adjusted"].to_numpy() == pytest.approx(_holm(tested["p"].to_numpy()))


@pytest.mark.parametrize("kinds", ["nnn", "cnn", "cnc", "ncc"])
def test_a_handful_of_rows_is_not_testable(kinds):
    table = compare_with_data(FORK, fork(kinds, np.random.default_rng(0), 9).assign(X=[0.5, 0, 1, 0, 1, 0, 1, 0, 1]))
    assert table["test"].str.startswith("not testable").all() and table["holds"].isna().all()


@pytest.mark.parametrize("kinds", ["nnn", "ccn"])
def test_a_column_that_the_given_fixes_is_not_testable(kinds):
    data = fork(kinds, np.random.default_rng(0), 200)
    data["X"] = data["Z"] if kinds[0] == "c" else 2 * data["Z"] + 1
    assert compare_with_data(FORK, data)["test"].item() == "not testable: what is given fixes one of the two"


def test_a_category_that_the_given_number_fixes_is_not_testable():
    data = fork("ncc", np.random.default_rng(0), 300).assign(X=lambda d: (d["Z"] > 0).astype(int))
    assert compare_with_data(FORK, data)["test"].item() == "not testable: what is given fixes one of the two"


def test_a_category_that_fixes_the_other_is_found_out_although_its_coefficients_have_no_end():
    data = fork("ncc", np.random.default_rng(0), 300).assign(Y=lambda d: d["X"])
    row = compare_with_data(FORK, data).iloc[0]
    assert row["test"] == "logistic regression" and not row["holds"] and row["effect"] > 0.5


def test_categories_may_be_text_booleans_or_whole_numbers():
    rng = np.random.default_rng(12)
    data = fork("ccc", rng, 500)
    wanted = compare_with_data(FORK, data)
    for change in (str, float, "category", lambda v: v.map({0: "low", 1: "mid", 2: "high"}).astype("string")):
        other = data.apply(change) if callable(change) and change not in (str, float) else data.astype(change)
        pd.testing.assert_frame_equal(compare_with_data(FORK, other), wanted)
    flags = data.assign(X=data["X"] > 0)
    assert compare_with_data(FORK, flags)["p"].item() == compare_with_data(FORK, flags.astype(int))["p"].item()


def test_a_number_changes_nothing_when_its_unit_changes():
    data = fork("nnn", np.random.default_rng(13), 100)
    far = data * [1e-6, 1e6, 1] + [0, 1e9, -5]
    a, b = compare_with_data(FORK, data), compare_with_data(FORK, far)
    assert a["p"].item() == pytest.approx(b["p"].item(), rel=1e-4)


def test_a_drawing_that_claims_nothing_gives_an_empty_table():
    data = fork("ccc", np.random.default_rng(0), 50)
    table = compare_with_data("X -> Y; Z -> X; Z -> Y", data)
    assert table.empty and list(table.columns) == list(compare_with_data(FORK, data).columns)


def test_columns_that_are_no_nodes_are_passed_over():
    data = fork("ccc", np.random.default_rng(0), 50)
    pd.testing.assert_frame_equal(compare_with_data(FORK, data.assign(note=np.nan)), compare_with_data(FORK, data))


GOOD = fork("ccn", np.random.default_rng(0), 50)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (GOOD.rename(columns={"Z": "Zz"}), ["no column 'Z'", "Did you mean 'Zz'", "project"]),
        (GOOD.assign(Y=np.nan), ["'Y'", "50 missing values", "dropna"]),
        (GOOD.assign(X=[None, *["a"] * 49]), ["'X'", "1 missing value."]),
        (GOOD.assign(X=1), ["'X'", "1 value,", "varies"]),
        (GOOD.iloc[:0], ["no values"]),
        (GOOD.assign(Y=[np.inf, *range(49)]), ["'Y'", "infinite"]),
        (GOOD.assign(Y=1j), ["complex"]),
        (GOOD.assign(Y=pd.Timestamp("2020-01-01")), ["datetime"]),
        (GOOD.assign(X=[[1]] * 50), ["'X'", "no categories", "[1]"]),
        (pd.concat([GOOD, GOOD[["X"]]], axis=1), ["2 columns named 'X'"]),
        (GOOD.to_numpy(), ["DataFrame", "ndarray"]),
        (None, ["DataFrame", "NoneType"]),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_plain_words(data, words):
    with pytest.raises(DataError) as refused:
        compare_with_data(FORK, data)
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.parametrize("alpha", [0, 1, -0.1, True, "0.05", None, float("nan")])
def test_alpha_is_a_share(alpha):
    with pytest.raises(DataError, match="alpha is the share"):
        compare_with_data(FORK, GOOD, alpha=alpha)
