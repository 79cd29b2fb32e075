"""Counterfactual fairness: against listing every unit, and where the drawing decides."""

import numpy as np
import pandas as pd
import pytest

import causalcourse as cc
from causalcourse.counterfactual import CounterfactualError, fairness
from causalcourse.errors import CourseError
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete
from causalcourse.scm import SCM


def by_hand(model, kind, protected, prediction, other):
    """P(prediction = 1 | kind) and P(prediction_{protected=other} = 1 | kind), by listing the noise."""
    rows, acted = model.worlds(), model.do(**{protected: other}).worlds()
    keep = np.logical_and.reduce([rows[v] == value for v, value in kind.items()])
    p = rows["p"][keep] / rows["p"][keep].sum()
    return float(p @ rows[prediction][keep]), float(p @ acted[prediction][keep])


def test_fairness_is_what_listing_all_units_says():
    model = random_discrete("A -> X -> P; A -> P; X <-> P", cc.rng("fair"))
    table = fairness(model, "A", "P", ["X"])
    assert len(table) == 4 and table["p"].sum() == pytest.approx(1)
    for _, row in table.iterrows():
        seen, imagined = by_hand(model, {"A": row["A"], "X": row["X"]}, "A", "P", int(row["A instead"]))
        assert (row["predicted"], row["would be predicted"]) == pytest.approx((seen, imagined))
        assert row["gap"] == pytest.approx(abs(seen - imagined))
    assert table["gap"].max() > 0.01


def test_a_prediction_that_does_not_descend_from_the_attribute_is_fair_in_every_model():
    graph = CausalGraph.parse("A -> X; X <-> U; U -> P; A -> W")
    for seed in range(5):
        assert fairness(random_discrete(graph, cc.rng(f"fair {seed}")), "A", "P", ["X", "W"])["gap"].max() < 1e-12


def test_leaving_the_attribute_out_does_not_make_a_prediction_fair():
    blind = random_discrete("A -> X -> P", cc.rng("blind"))
    assert "A" not in blind.graph.parents("P")
    assert fairness(blind, "A", "P", [])["gap"].max() > 0.01


def test_fairness_speaks_of_names_it_does_not_know():
    model = random_discrete("A -> P", cc.rng("names"))
    for call in (
        lambda: fairness(model, "B", "P"),
        lambda: fairness(model, "A", "Q"),
        lambda: fairness(model, "A", "A"),
    ):
        with pytest.raises(CourseError):
            call()
    assert isinstance(fairness(model, "A", "P"), pd.DataFrame)


@pytest.mark.parametrize("call", [
    lambda model: fairness(None, "A", "P"),
    lambda model: fairness(model, ["A"], "P"),
    lambda model: fairness(model, "A", ["P"]),
    lambda model: fairness(model, "A", "P", 5),
    lambda model: fairness(model, "A", "P", [["A"]]),
])  # fmt: skip
def test_fairness_is_of_a_model_and_of_names(call):
    with pytest.raises(CounterfactualError):
        call(random_discrete("A -> P", cc.rng("names")))


def test_one_name_is_seen_as_one():
    model = random_discrete("A -> Zone -> P; A -> P", cc.rng("zone"))
    assert fairness(model, "A", "P", "Zone").equals(fairness(model, "A", "P", ["Zone"]))


@pytest.mark.parametrize("scale", [1e-6, 0.1, 1e6])
def test_what_differs_by_rounding_alone_is_fair(scale):
    def takes_back(A, M):
        return M - scale * A

    equations = {"A": lambda A0: A0, "M": lambda A, U: 2 * scale * U + scale * A, "P": takes_back}
    model = SCM({"A0": [0.5, 0.5], "U": [0.25] * 4}, equations)
    for seen in (None, [], ["M"]):
        table = fairness(model, "A", "P", seen)
        assert table["gap"].max() < 1e-12
        assert table["p"].sum() == pytest.approx(1)
    assert fairness(SCM(model.noise, equations | {"P": lambda M: M}), "A", "P")["gap"].min() == 1


def test_values_that_differ_by_rounding_alone_are_one_kind_and_one_group():
    model = SCM(
        {"W": [0.5, 0.5], "U": [0.5, 0.5]},
        {
            "A": lambda W: np.where(W, 0.1 + 0.2, 0.3),
            "M": lambda W, U: U * np.where(W, 0.3, 0.1 + 0.2),
            "P": lambda M: M,
        },
    )
    assert not len(fairness(model, "A", "P")), "all are of one group, so there is no other to be of"


def test_groups_and_kinds_that_never_occur_are_left_out():
    model = SCM(
        {"A0": [0.5, 0.5, 0.0], "U": [0.5, 0.5], "V": [1.0, 0.0]},
        {"A": lambda A0: A0, "M": lambda A, V: A + V, "P": lambda A, U: np.where(A == 2, 9, U)},
    )
    table = fairness(model, "A", "P")
    assert set(table["A"]) == set(table["A instead"]) == {0, 1}
    assert (table["p"] > 0).all() and table.notna().all(axis=None) and (table["gap"] == 0).all()
