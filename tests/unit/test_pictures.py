import itertools
import math

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import causalcourse as cc
from causalcourse import show, syllabus
from causalcourse.counterfactual import Counterfactual, parallel
from causalcourse.errors import CourseError
from causalcourse.lm.town import Town
from causalcourse.random_models import random_discrete
from causalcourse.show import pictures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_the_map_names_every_written_chapter_as_its_lesson_does():
    course = {number: title for number, title, _ in pictures._COURSE}
    written = {chapter.number: chapter.title for chapter in syllabus.chapters()}
    assert written
    assert written == {number: course[number] for number in written}


def test_the_map_fills_written_chapters_and_leaves_the_others_hollow():
    axes = show.course_map("the course")
    written = {int(chapter.number) for chapter in syllabus.chapters()}
    rows = {int(dot.get_ydata()[0]): dot for dot in axes.lines}
    assert len(rows) == 17
    assert {row for row, dot in rows.items() if dot.get_markerfacecolor() != "white"} == written


def test_the_ladder_names_its_three_rungs_in_order():
    words = [text.get_text() for text in show.ladder("a ladder").texts]
    rungs = [word for word in words if word[0] in "123"]
    assert rungs == ["1 seeing", "2 doing", "3 imagining"]


def test_names_stay_functions_however_often_they_are_used():
    for name in show.__all__:
        assert name == "COLOURS" or callable(getattr(show, name))
        assert name == "COLOURS" or callable(getattr(show, name))


def drawn(model, text, **options):
    twin = parallel(model, Counterfactual.parse(text).variables, **options)
    axes = show.worlds(twin, "two worlds")
    return {t.get_text().replace("\n", " "): t.get_position() for t in axes.texts}, axes


def test_worlds_are_rows_and_what_no_action_reaches_stands_once():
    places, _ = drawn(random_discrete("Z -> X -> Y; Z -> Y", cc.rng("twin")), "P(Y_{X=0}=1 | X=1, Y=1)")
    assert set(places) == {"Z", "X", "Y", "X=0", "Y_{X=0}", "U_Y"}
    rows = {name: y for name, (_, y) in places.items()}
    assert rows["Z"] == rows["X"] == rows["Y"] > rows["U_Y"] > rows["X=0"] == rows["Y_{X=0}"]
    assert places["Y"][0] == places["Y_{X=0}"][0]


def test_no_two_nodes_of_parallel_worlds_lie_on_each_other():
    model = random_discrete("X -> M -> Y; X -> Y; X <-> Y; X <-> M", cc.rng("many"))
    for text in ("E[Y_{X=1, M_{X=0}} - Y_{X=0} | Y=1]", "P(Y_{X=0}=0, Y_{X=1}=1, M=1)"):
        for whole in (False, True):
            places, _ = drawn(model, text, whole=whole)
            spots = list(places.values())
            near = [(a, b) for a, b in itertools.combinations(spots, 2) if math.dist(a, b) < 0.5]
            assert not near, text


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    "text",
    ["P(X_{X=1}=1, X=0)", "P(X_{X=1}=1, X_{X=0}=0)", "P(Y_{Y=1}=1)", "P(Y_{Y=1}=1, Y_{X=0}=0, Y=1)", "P(X_{X=1}=1)"],
)
def test_what_was_set_and_acts_on_nothing_has_a_place_of_its_own(text, whole):
    places, _ = drawn(random_discrete("X -> Y", cc.rng("alone")), text, whole=whole)
    assert len(set(places)) == len(set(places.values()))
    assert all(math.dist(a, b) > 0.5 for a, b in itertools.combinations(places.values(), 2))


@pytest.mark.parametrize("given", [None, "X -> Y", random_discrete("X -> Y", cc.rng("no worlds"))])
def test_what_is_not_worlds_is_not_drawn_as_worlds(given):
    with pytest.raises(CourseError, match=r"counterfactual\.parallel"):
        show.worlds(given, "nothing")


def test_noise_that_all_worlds_share_points_at_each_of_its_listeners():
    _, axes = drawn(random_discrete("X -> Y", cc.rng("one")), "P(Y_{X=0}=0, Y_{X=1}=1)")
    edges = {patch.get_gid() for patch in axes.patches if str(patch.get_gid()).startswith("edge:")}
    assert {"edge:U_Y->Y_{X=0}", "edge:U_Y->Y_{X=1}"} <= edges


def test_a_town_is_drawn_with_each_of_its_walls_and_a_walk_that_ends_where_it_ends():
    town = Town.random(cc.rng("drawn town"))
    walk = town.walks(1, 12, cc.rng("drawn walk"))
    walls = [line for line in show.town(town, "a town").lines if line.get_linewidth() == 3]
    assert len(walls) == len(town.walls) + 4 * town.size
    x, y = show.town(town, "a walk", walk=walk[0]).lines[-1].get_data()
    last = int(town.positions(walk)[0, -1])
    assert (round(float(x[0])), round(float(y[0]))) == (last % 6, 5 - last // 6)


def test_belief_in_squares_needs_a_probability_for_each():
    town = Town.random(cc.rng("drawn town"))
    certain = np.eye(36)[7]
    shown = [t.get_text() for t in show.town(town, "belief", belief=certain).texts]
    assert "100" in shown
    for wrong in (certain[:5], certain - 1, certain * 2):
        with pytest.raises(CourseError, match="for each of the 36 squares"):
            show.town(town, "belief", belief=wrong)
