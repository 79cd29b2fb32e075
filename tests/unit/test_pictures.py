import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from causalcourse import show, syllabus
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
    for name in ("theme", "figure", "graph", "ladder", "course_map", "claim", "say"):
        assert callable(getattr(show, name))
        assert callable(getattr(show, name))
