"""The picture of a drawing's claims shows each one, and which of them the data reject."""

from __future__ import annotations

from itertools import pairwise

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from causalcourse import show
from causalcourse.errors import DataError
from causalcourse.independence import compare_with_data


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def table(nodes=4, related=(1,)):
    """Claims about unrelated numbers, of which those in `related` hang on the first."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(200, nodes)), columns=[f"V{i}" for i in range(nodes)])
    for i in related:
        data[f"V{i}"] += data["V0"]
    return compare_with_data("; ".join(data.columns), data)


def marks(axes):
    return {(line.get_ydata()[0], line.get_marker()) for line in axes.lines if line.get_marker() in ("o", "s")}


def test_each_claim_has_a_row_and_the_rejected_ones_another_shape():
    claims = table()
    axes = show.independences(claims, "one fails")
    assert axes.get_yticklabels()[0].get_text() == "V1 ⊥ V0"
    shapes = [shape for _, shape in sorted(marks(axes))]
    assert shapes == ["o" if holds else "s" for holds in claims["holds"]] and shapes.count("s") == 1
    verdicts = [text.get_text() for text in axes.texts]
    assert len(verdicts) == len(claims) and sum(v.startswith("rejected") for v in verdicts) == 1


def test_what_could_not_be_tested_has_words_and_no_mark():
    claims = table()
    claims.loc[2, ["p", "p_adjusted", "effect", "low", "high"]] = np.nan
    claims.loc[2, "holds"] = pd.NA
    axes = show.independences(claims, "a gap")
    assert len(marks(axes)) == len(claims) - 1
    assert [text.get_text() for text in axes.texts][2] == "not testable"


def test_of_very_many_claims_the_rejected_ones_are_drawn_and_the_axis_says_so():
    claims = table(14, related=(12, 13))
    axes = show.independences(claims, "many")
    assert len(marks(axes)) == 40 < len(claims) == 91
    assert sum(shape == "s" for _, shape in marks(axes)) == (~claims["holds"]).sum() == 3
    assert "91 tests; the 40 with the smallest" in axes.get_xlabel()


def test_nothing_is_drawn_outside_the_picture():
    claims = table(5)
    claims["given"] = [("a_long_name", "another_long_name", "a_third_one")] * len(claims)
    axes = show.independences(claims, "long names")
    figure = axes.figure
    figure.canvas.draw()
    for text in (*axes.texts, *axes.get_yticklabels(), axes.xaxis.label):
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y0 >= -1
    rows = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(rows))


@pytest.mark.parametrize("thing", [None, pd.DataFrame({"x": [1]}), table().iloc[:0]])
def test_another_table_is_refused_in_plain_words(thing):
    with pytest.raises(DataError, match=r"compare_with_data|nothing to draw"):
        show.independences(thing, "no")
