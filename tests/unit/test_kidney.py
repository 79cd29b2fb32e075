"""The kidney-stone worlds have the published counts, and disagree about what to do."""

from __future__ import annotations

import numpy as np
import pytest

from causalcourse.errors import CourseError
from causalcourse.worlds import kidney


@pytest.fixture(params=["before", "after"])
def model(request):
    return kidney.model(request.param)


def test_the_counts_add_up_to_those_of_the_abstract():
    # Julious & Mullee 1994: open surgery 273 of 350, percutaneous nephrolithotomy 289 of 350
    totals = kidney.counts().groupby("X")[["successes", "patients"]].sum()
    assert totals.loc[1].tolist() == [273, 350]
    assert totals.loc[0].tolist() == [289, 350]


def test_a_model_has_exactly_the_published_shares(model):
    joint = 700 * model.joint(["Z", "X", "Y"])
    for row in kidney.counts().itertuples():
        assert joint[row.Z, row.X, 1] == pytest.approx(row.successes, abs=1e-9)
        assert joint[row.Z, row.X].sum() == pytest.approx(row.patients, abs=1e-9)


def test_the_two_worlds_agree_on_the_data_and_not_on_the_effect():
    before, after = kidney.model("before"), kidney.model("after")
    order = ["Z", "X", "Y"]
    assert np.allclose(before.joint(order), after.joint(order), atol=1e-12)
    effects = [m.do(X=1).joint("Y")[1] - m.do(X=0).joint("Y")[1] for m in (before, after)]
    table = kidney.counts().assign(rate=lambda t: t["successes"] / t["patients"]).set_index(["Z", "X"])
    gaps = [table.loc[(z, 1), "rate"] - table.loc[(z, 0), "rate"] for z in (0, 1)]
    assert effects[0] == pytest.approx((357 * gaps[0] + 343 * gaps[1]) / 700)
    assert effects[1] == pytest.approx(273 / 350 - 289 / 350)


def test_another_third_variable_is_refused():
    with pytest.raises(CourseError, match="'before' or 'after'"):
        kidney.model("during")
