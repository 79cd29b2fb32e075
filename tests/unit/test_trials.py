"""The published tables give the published bounds."""

import pytest

from causalcourse.counterfactual import bounds, necessity, necessity_and_sufficiency, sufficiency
from causalcourse.worlds import trials

IV, BOW = "Z -> X -> Y; X <-> Y", "X -> Y; X <-> Y"
EFFECT = "E[Y_{X=1} - Y_{X=0}]"


def test_the_vitamin_trial_has_the_published_counts():
    shares = trials.vitamin_a()
    counts = shares * 23_682
    assert shares.sum() == pytest.approx(1)
    assert counts[0].sum() == pytest.approx(11_588)  # Sommer & Zeger 1991: control
    assert counts[1, 1].sum() == pytest.approx(9_675)  # received capsules
    assert counts[1, 0].sum() == pytest.approx(2_419)  # did not


def test_its_bounds_are_those_of_balke_and_pearl():
    found = bounds(IV, EFFECT, trials.vitamin_a())
    assert (found.low, found.high) == pytest.approx((-0.1946, 0.0054), abs=5e-5)
    under = {x: bounds(IV, f"P(Y_{{X={x}}}=1)", trials.vitamin_a()) for x in (0, 1)}
    assert (under[0].low, under[0].high) == pytest.approx((0.9936, 0.9936), abs=5e-5)
    assert (under[1].low, under[1].high) == pytest.approx((0.7990, 0.9990), abs=5e-5)


def test_the_effect_on_compliers_is_the_ratio_of_two_differences():
    p = trials.vitamin_a()
    alive = {z: p[z].xs(1, level="Y").sum() / p[z].sum() for z in (0, 1)}
    received = p[1, 1].sum() / p[1].sum()
    found = bounds(IV, f"{EFFECT[:-1]} | X_{{Z=0}}=0, X_{{Z=1}}=1]", p)
    assert (found.low, found.high) == pytest.approx(((alive[1] - alive[0]) / received,) * 2, abs=1e-7)


def test_the_drug_before_the_court_was_necessary_for_certain():
    counts, tables = trials.drug()
    assert counts["deaths"].tolist() == [14, 16, 28, 2]
    experiment = [({"X": x}, tables[x]) for x in (0, 1)]
    found = {q: q("X", "Y").bounds(BOW, tables["records"], experiment) for q in (necessity, sufficiency)}
    # Tian & Pearl 2000, theorem 3
    assert (found[necessity].low, found[necessity].high) == pytest.approx((1, 1), abs=1e-7)
    y = 30 / 2000
    low, high = (0.016 - y) / (972 / 2000), (0.016 - 2 / 2000) / (972 / 2000)
    assert (found[sufficiency].low, found[sufficiency].high) == pytest.approx((low, high), abs=1e-7)
    both = necessity_and_sufficiency("X", "Y").bounds(BOW, tables["records"], experiment)
    assert (both.low, both.high) == pytest.approx((0.002, 0.016), abs=1e-7)
