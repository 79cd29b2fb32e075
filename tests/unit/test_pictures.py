import itertools
import math

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

import causalcourse as cc
from causalcourse import show, syllabus
from causalcourse.counterfactual import Counterfactual, parallel
from causalcourse.errors import CourseError
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
    with pytest.raises(CourseError, match="counterfactual.parallel"):
        show.worlds(given, "nothing")


def test_noise_that_all_worlds_share_points_at_each_of_its_listeners():
    _, axes = drawn(random_discrete("X -> Y", cc.rng("one")), "P(Y_{X=0}=0, Y_{X=1}=1)")
    edges = {patch.get_gid() for patch in axes.patches if str(patch.get_gid()).startswith("edge:")}
    assert {"edge:U_Y->Y_{X=0}", "edge:U_Y->Y_{X=1}"} <= edges
