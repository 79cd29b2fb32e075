"""The picture of a town draws what it is given, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import causalcourse as cc
from causalcourse.errors import CourseError
from causalcourse.show import streets

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_town_a_walk_and_a_belief_are_drawn(town):
    walk = town.walks(1, 5, cc.rng("drawn"))
    ax = streets.town(town, "A walk", walk=walk[0], belief=np.full(36, 1 / 36))
    walls = [line for line in ax.lines if line.get_color() == "black" and len(line.get_xdata()) == 2]
    assert len(walls) == len(town.walls) + 4 * town.size and len(ax.patches) == 36
    end = town.positions(walk)[0, -1]
    x, y = (float(np.ravel(data)[0]) for data in ax.lines[-1].get_data())
    assert (round(x), round(y)) == (end % 6, 5 - end // 6)


@pytest.mark.parametrize(
    "how",
    [
        {"town": None},
        {"title": 5},
        {"ax": 5},
        {"walk": "N"},
        {"walk": [[0, 1], [0]]},
        {"walk": np.zeros((2, 1), int)},  # which of the two?
        {"walk": np.zeros((0, 3), int)},
        {"walk": [0.0]},
        {"belief": np.full(36, 2.0)},
        {"belief": np.full(36, np.nan)},
        {"belief": np.full(35, 0.1)},
        {"belief": ["a"] * 36},
        {"belief": np.full(36, 1j)},
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(town, how):
    with pytest.raises(CourseError):
        streets.town(**{"town": town, **how})
