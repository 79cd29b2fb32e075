"""The chapters of the course and their exercises, as the last build of the notebooks found them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class ExerciseEntry:
    """One exercise in the syllabus: id such as "00.2", title, level 1 to 3, minutes. Used from chapter 00."""

    id: str
    title: str
    level: int
    minutes: int


@dataclass(frozen=True)
class Chapter:
    """One chapter in the syllabus: its question is the one it answers, `slug` the name of its notebooks.

    minutes: to read it, exercises not counted; extras: of the package, to run it. Used from chapter 00.
    """

    number: str
    slug: str
    title: str
    question: str
    minutes: int
    extras: tuple[str, ...]
    exercises: tuple[ExerciseEntry, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """The chapters in order; none when the package came without a syllabus. Used from chapter 00."""
    try:
        entries = json.loads(Path(__file__).with_name("syllabus.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(
        Chapter(
            **{
                **entry,
                "extras": tuple(entry["extras"]),
                "exercises": tuple(ExerciseEntry(**exercise) for exercise in entry["exercises"]),
            }
        )
        for entry in entries
    )
