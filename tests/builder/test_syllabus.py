"""The package knows its chapters from the file that the builder writes."""

from __future__ import annotations

import json

import pytest
from tiny import HERE

from causalcourse import syllabus


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The module as if it lay in an empty folder."""
    monkeypatch.setattr(syllabus, "__file__", str(tmp_path / "syllabus.py"))
    syllabus.chapters.cache_clear()
    yield tmp_path
    syllabus.chapters.cache_clear()


def test_without_the_file_there_are_no_chapters(beside):
    assert syllabus.chapters() == ()


def test_what_the_builder_writes_is_read_back(beside):
    written = (HERE / "golden" / "causalcourse_syllabus.json.golden").read_text(encoding="utf-8")
    (beside / "syllabus.json").write_text(written, encoding="utf-8")
    (chapter,) = syllabus.chapters()
    assert (chapter.number, chapter.slug, chapter.minutes, chapter.extras) == ("00", "00_tiny", 45, ())
    assert chapter.question == json.loads(written)[0]["question"]
    assert [(e.id, e.level, e.minutes) for e in chapter.exercises] == [
        ("00.1", 1, 2),
        ("00.2", 2, 3),
        ("00.3", 2, 3),
        ("00.4", 3, 5),
    ]
