"""Intervals hold the truth as often as they say, each method fails where its model does, and slips are answered."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import pytest

from causalcourse import rng, show
from causalcourse.errors import DataError
from causalcourse.estimate import effect, effects, propensity

matplotlib.use("Agg")
METHODS = ("regression", "ipw", "aipw", "matching")
# a 95 % interval that is what it says holds the truth in fewer than 273 or more than 296 of 300 studies one time in 200
STUDIES, FEWEST, MOST = 300, 273, 296


def study(draw: np.random.Generator, n: int = 400, curve=lambda z: z, lean=lambda z: 0.8 * z) -> pd.DataFrame:
    """The effect is 2 on average and differs from unit to unit; Z acts on both."""
    z, w = draw.normal(size=(2, n))
    x = (draw.random(n) < 1 / (1 + np.exp(-lean(z)))).astype(int)
    return pd.DataFrame({"Z": z, "W": w, "X": x, "Y": (2 + 0.5 * w) * x + 1.5 * curve(z) + draw.normal(size=n)})


@pytest.mark.parametrize("method", [*METHODS, "naive"])
def test_the_interval_holds_the_truth_nineteen_times_in_twenty(method):
    draw = rng(f"coverage {method}")
    lean = (lambda z: 0 * z) if method == "naive" else (lambda z: 0.8 * z)
    adjust = [] if method == "naive" else ["Z"]
    found = [effect(study(draw, lean=lean), "X", "Y", adjust, method) for _ in range(STUDIES)]
    held = sum(e.low <= 2 <= e.high for e in found)
    assert FEWEST <= held <= MOST
    assert np.mean([e.value for e in found]) == pytest.approx(2, abs=0.05)


def five_columns(draw: np.random.Generator, n: int = 500) -> pd.DataFrame:
    """Five confounders, two of them alike, and an effect of 1 on average that differs with the first."""
    z = draw.normal(size=(n, 5))
    z[:, 1] += z[:, 0]
    x = (draw.random(n) < 1 / (1 + np.exp(-0.25 * z.sum(axis=1)))).astype(int)
    y = (1 + 2 * z[:, 0]) * x + z.sum(axis=1) + draw.normal(size=n)
    return pd.DataFrame(z, columns=list("ABCDE")).assign(X=x, Y=y)


@pytest.mark.parametrize("method", ["regression", "aipw", "matching"])
def test_so_it_does_with_five_columns_and_an_effect_that_differs_with_one_of_them(method):
    draw = rng(f"five columns {method}")
    found = [effect(five_columns(draw), "X", "Y", list("ABCDE"), method) for _ in range(STUDIES)]
    assert FEWEST <= sum(e.low <= 1 <= e.high for e in found) <= MOST + 3  # matching's interval is a little wide
    assert np.mean([e.value for e in found]) == pytest.approx(1, abs=0.05)


def mean_of(method: str, **shape) -> float:
    draw = rng(f"mean {method} {sorted(shape)}")
    return float(np.mean([effect(study(draw, 1_000, **shape), "X", "Y", ["Z"], method).value for _ in range(60)]))


def test_without_adjustment_the_estimate_is_off():
    assert mean_of("naive") > 2.7


def test_the_doubly_robust_one_bears_a_wrong_outcome_model_or_a_wrong_propensity():
    curve, lean = np.exp, lambda z: np.where(np.abs(z) < 0.7, 1.2, -1.2)
    away = {"curve": curve, "lean": lambda z: z - 1}
    assert abs(mean_of("regression", **away) - 2) > 0.15
    assert mean_of("aipw", **away) == pytest.approx(2, abs=0.05)
    kinked = {"curve": lambda z: z, "lean": lean}
    assert mean_of("aipw", **kinked) == pytest.approx(2, abs=0.05)
    both = {"curve": lambda z: z**2, "lean": lean}
    assert abs(mean_of("aipw", **both) - 2) > 0.3


def test_matching_needs_no_model():
    kinked = {"curve": lambda z: z**2, "lean": lambda z: np.where(np.abs(z) < 0.7, 1.2, -1.2)}
    assert mean_of("matching", **kinked) == pytest.approx(2, abs=0.08)


def test_with_one_category_every_method_is_the_back_door_formula():
    draw = rng("category")
    n = 2_000
    z = draw.integers(0, 2, n)
    x = (draw.random(n) < np.where(z, 0.7, 0.2)).astype(int)
    data = pd.DataFrame({"Z": z, "X": x, "Y": x + 2 * z + draw.normal(size=n)})
    gaps = data.groupby(["Z", "X"])["Y"].mean().unstack()
    truth = ((gaps[1] - gaps[0]) * data["Z"].value_counts(normalize=True)).sum()
    found = effects(data, "X", "Y", "Z")["value"]
    assert np.allclose(found.drop("naive"), truth, atol=1e-3)
    assert abs(found["naive"] - truth) > 0.3


def test_the_regression_is_that_of_statsmodels():
    import statsmodels.formula.api as smf

    data = study(rng("statsmodels"))
    centred = data.assign(Z=data["Z"] - data["Z"].mean())
    theirs = smf.ols("Y ~ X * Z", centred).fit(cov_type="HC1")
    ours = effect(data, "X", "Y", ["Z"], "regression")
    assert ours.value == pytest.approx(theirs.params["X"])
    other_units = theirs.params["X:Z"] ** 2 * data["Z"].var() / len(data)
    wide = 1.96 * np.sqrt(theirs.bse["X"] ** 2 + other_units)
    assert (ours.low, ours.high) == pytest.approx((ours.value - wide, ours.value + wide), rel=1e-4)


def test_the_propensity_is_that_of_statsmodels():
    import statsmodels.formula.api as smf

    data = study(rng("logit"), 2_000)
    theirs = smf.logit("X ~ Z + W", data).fit(disp=0).predict()
    assert np.allclose(propensity(data, "X", ["Z", "W"]), theirs, atol=1e-3)


def test_matching_takes_everybody_at_the_same_place_whatever_their_order():
    draw = rng("ties")
    n = 60_000
    z = draw.integers(0, 2, n)
    x = (draw.random(n) < np.where(z, 0.7, 0.2)).astype(int)
    data = pd.DataFrame({"Z": z, "X": x, "Y": (1 + z) * x + 2 * z + draw.normal(size=n)})
    ours, other = (effect(d, "X", "Y", "Z", "matching") for d in (data, data.iloc[::-1]))
    saturated = effect(data, "X", "Y", "Z", "regression")  # with a line in each arm and one 0/1 column: the same thing
    assert (ours.low, ours.high) == pytest.approx((other.low, other.high), abs=1e-9)
    assert (ours.low, ours.high) == pytest.approx((saturated.low, saturated.high), abs=1e-4)


def test_a_constant_column_changes_nothing():
    data = study(rng("constant")).assign(C=3)
    assert effects(data, "X", "Y", ["Z", "C"]).equals(effects(data, "X", "Y", ["Z"]))


def test_the_units_may_come_in_any_order_and_the_treatment_as_true_and_false():
    data = study(rng("order"))
    shuffled = data.sample(frac=1, random_state=1).assign(X=lambda t: t["X"].astype(bool))
    assert np.allclose(effects(data, "X", "Y", ["Z", "W"]), effects(shuffled, "X", "Y", ["Z", "W"]), atol=1e-4)


@pytest.mark.parametrize(
    ("change", "call", "words"),
    [
        (lambda t: t, {"adjust": ["Zz"]}, ["'Zz'", "Did you mean 'Z'"]),
        (lambda t: t, {"adjust": ["Y"]}, ["'Y' is named twice"]),
        (lambda t: t, {"method": "ipv"}, ["'ipv'", "Did you mean 'ipw'"]),
        (lambda t: t.assign(Z=t["Z"].where(t.index > 3)), {}, ["'Z'", "missing"]),
        (lambda t: t.assign(Z=np.inf), {}, ["'Z'", "infinite"]),
        (lambda t: t.assign(Z="high"), {}, ["'Z'", "get_dummies"]),
        (lambda t: t.assign(X=t["X"] + 1), {}, ["'X' is not 0/1"]),
        (lambda t: t.assign(X=1), {}, ["each arm needs 11"]),
        (lambda t: t.head(0), {}, ["each arm needs 11"]),
        (lambda t: t, {"adjust": None}, ["adjust=None", '["Z"]']),
        (lambda t: t, {"adjust": [["Z"]]}, ["not a column"]),
        (lambda t: t, {"method": ["aipw"]}, ["Did you mean 'aipw'"]),
        (lambda t: t.assign(Y=t["Y"] + 1j), {}, ["'Y' does not hold numbers"]),
        (lambda t: pd.concat([t, t[["Z"]]], axis=1), {}, ["2 columns", "'Z'"]),
        (lambda t: t.assign(X=(t["Z"] > 0).astype(int)), {"method": "regression"}, ["No overlap"]),
        (lambda t: t.assign(X=(t["Z"] > 0).astype(int)), {}, ["No overlap"]),
        (lambda t: t.to_numpy(), {}, ["DataFrame", "ndarray"]),
    ],
)
def test_a_table_that_does_not_fit_is_answered_kindly(change, call, words):
    data = study(rng("slips"))
    with pytest.raises(DataError) as refused:
        effect(change(data), "X", "Y", **{"adjust": ["Z"], **call})
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_an_estimate_reads_as_a_sentence():
    said = str(effect(study(rng("said")), "X", "Y", ["Z"]))
    assert said.startswith("aipw: ")
    assert "95 % interval [" in said and "400 units" in said


def test_the_pictures_show_each_row_and_both_arms():
    data = study(rng("picture"))
    axes = show.effects(effects(data, "X", "Y", ["Z"]), "All of them", truth=2)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["naive", *METHODS]
    axes = show.overlap(propensity(data, "X", ["Z"]), data["X"], "Both arms")
    heights = [bar.get_height() for bar in axes.patches]
    assert sum(h for h in heights if h > 0) == pytest.approx(100)
    assert sum(h for h in heights if h < 0) == pytest.approx(-100)


@pytest.mark.parametrize(
    "call",
    [
        lambda: show.effects(pd.DataFrame({"value": [1]}), "No ends"),
        lambda: show.effects(None, "Nothing"),
        lambda: show.overlap(np.zeros(3), np.zeros(3), "One arm"),
        lambda: show.overlap(np.zeros(3), np.zeros(4), "Two lengths"),
    ],
)
def test_a_picture_of_something_else_is_refused(call):
    with pytest.raises(DataError):
        call()
