"""Where exercises are found: an id such as "01.2" leads to its judge, hints and reason."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from causalcourse.errors import CourseError, did_you_mean

if TYPE_CHECKING:
    import numpy as np

Judge = Callable[[object, "np.random.Generator"], "Verdict"]


class UnknownExercise(CourseError):
    """No exercise has this id. Used from chapter 00."""


@dataclass(frozen=True)
class Verdict:
    """What a judge says of an answer: passed or not, and a message for the learner.

    kind: "judged"; "unfilled" when the blank is still blank; "ours" when the judge itself failed, which never
    counts against the learner. Used from chapter 00.
    """

    passed: bool
    message: str
    kind: Literal["judged", "unfilled", "ours"] = "judged"


@dataclass(frozen=True)
class Exercise:
    """One exercise: its id, why the right answer is right, three hints, its judge. Used from chapter 00."""

    id: str
    why: str
    hints: tuple[str, ...]
    judge: Judge


_shelf: dict[str, Exercise] = {}


def exercise(id: str, *, why: str, hints: tuple[str, ...]) -> Callable[[Judge], Judge]:
    """Decorate a judge `(answer, rng) -> Verdict` so that `check(id, answer)` finds it.

    why: one or two sentences shown when the answer passes; hints: three, from a nudge to nearly all of it.
    Raises ValueError when the id is not like "01.2" or is taken, `why` is empty, or the hints are not three.
    Used from chapter 00.
    """
    if not re.fullmatch(r"\d\d\.\d+", id):
        raise ValueError(f"{id!r} is not an exercise's id; write it like '01.2'.")
    if not (isinstance(why, str) and why.strip()):
        raise ValueError(f"{id}: `why` is empty; say in a sentence or two why the right answer is right.")
    texts = hints if isinstance(hints, (tuple, list)) else ()
    if len(texts) != 3 or not all(isinstance(h, str) and h.strip() for h in texts):
        raise ValueError(f"{id}: an exercise has exactly three hints, none of them empty.")

    def remember(judge: Judge) -> Judge:
        known = _shelf.get(id)
        # the same module may be loaded again (importlib.reload); two modules may not share an id
        if known is not None and known.judge.__code__.co_filename != judge.__code__.co_filename:
            raise ValueError(f"{id} is already judged in {known.judge.__module__}.")
        _shelf[id] = Exercise(id, why.strip(), tuple(h.strip() for h in texts), judge)
        return judge

    return remember


def chapters_with_checks() -> tuple[str, ...]:
    """The numbers of the chapters with a module chNN here, such as ("00", "01"). Used from chapter 00."""
    from causalcourse import checks

    names = (module.name for module in pkgutil.iter_modules(checks.__path__))
    return tuple(sorted(name[2:] for name in names if re.fullmatch(r"ch\d\d", name)))


def exercises_of(number: str) -> tuple[Exercise, ...]:
    """The exercises of chapter `number` ("01"), in order; none when the chapter has no checks.

    Used from chapter 00.
    """
    if number in chapters_with_checks():
        import_module(f"causalcourse.checks.ch{number}")
    mine = (e for e in _shelf.values() if e.id.startswith(f"{number}."))
    return tuple(sorted(mine, key=lambda e: int(e.id.split(".")[1])))


def find(id: str) -> Exercise:
    """The exercise with this id; its chapter's checks are loaded on first use.

    Raises UnknownExercise, with the nearest id where there is one. Used from chapter 00.
    """
    if not isinstance(id, str):
        raise UnknownExercise(f'The number is written in quotation marks, such as "01.2"; this is {type(id).__name__}.')
    wanted = id.strip()
    if wanted in _shelf:
        return _shelf[wanted]
    found = {e.id: e for e in exercises_of(wanted[:2])}
    if wanted in found:
        return found[wanted]
    if found:
        known = list(found)
        near, has = did_you_mean(wanted, known), f"Chapter {wanted[:2]} has {', '.join(known)}."
    else:
        numbers = chapters_with_checks()
        # "0.2" and "00,2" mean 00.2: compare the numbers as well as the letters
        parts = re.fullmatch(r"(\d{1,2})\D+(\d+)", wanted)
        meant = f"{int(parts[1]):02d}.{int(parts[2])}" if parts else wanted
        known = [e.id for number in numbers for e in exercises_of(number)]
        near = did_you_mean(meant, known)
        has = f"There are exercises in chapters {', '.join(numbers)}." if numbers else "No exercises are installed."
    raise UnknownExercise(f"There is no exercise '{wanted[:40]}'.{near} {has}")
