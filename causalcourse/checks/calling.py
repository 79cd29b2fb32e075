"""One call of a learner's function, and what came of it in words."""

from __future__ import annotations

import copy
import io
import itertools
import linecache
import os
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from causalcourse.checks.interrupt import Stopped
from causalcourse.checks.plain import plain, same

LINES_SHOWN = 20


@dataclass(frozen=True)
class Outcome:
    """What came of one call: `value` when it returned, else `problem`, a sentence for the learner.

    kind: "returned", "unfilled" (NotImplementedError), "raised", "stopped" (deadline), "died" (with its
    process) or "ours" (the sandbox failed). changed: positions of the arguments that the call altered.
    Used from chapter 00.
    """

    value: object = None
    problem: str | None = None
    kind: str = "returned"
    changed: tuple[int, ...] = ()


def call(function: Callable[..., Any], case: tuple, alone: bool) -> Outcome:
    """Call `function` on copies of the arguments in `case`; only the stop button and the timer get through.

    alone: whether this process exists for the call only, so that no stop button can be meant by an interrupt.
    Used from chapter 00.
    """
    given = [copied(argument) for argument in case]
    try:
        value = plain(function(*given))
    except Stopped:
        raise
    except NotImplementedError as error:
        return Outcome(problem=_words(error), kind="unfilled")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not alone:
            raise
        return Outcome(problem=_told(error), kind="raised")
    pairs = zip(case, given, strict=True)
    changed = tuple(k for k, (before, after) in enumerate(pairs) if not same(before, after))
    return Outcome(value=value, changed=changed)


def _told(error: BaseException) -> str:
    name, place = type(error).__name__, _place(error)
    if isinstance(error, MemoryError):
        return f"It asked for more memory than there is (over 2 GB){place}. Is something growing without end?"
    if isinstance(error, RecursionError):
        return f"It called itself without end{place}. When should it stop?"
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return f"It left by {name}{place}. A function ends with return; it need not stop Python."
    more = " Have the cells above been run? Is the name spelt right?" * isinstance(error, NameError)
    words = _words(error)
    return f"It raised {name}{words and f': {words}'}{place}.{more}"


def copied(argument: object) -> object:
    """A deep copy, or the thing itself where it cannot be copied. Used from chapter 00."""
    try:
        return copy.deepcopy(argument)
    except Exception:  # a model may hold what cannot be copied
        return argument


def _words(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = "(its message cannot be shown)"
    return (text[:200] + " …" if len(text) > 200 else text).rstrip(".")


def _place(error: BaseException) -> str:
    """Where in the learner's own code: the last frame that is neither ours nor a library's."""
    ours = (os.path.dirname(os.path.dirname(__file__)), sysconfig.get_paths()["stdlib"], "<frozen")
    frames = [
        (frame.f_code, line)
        for frame, line in itertools.islice(traceback.walk_tb(error.__traceback__), 10_000)
        if not frame.f_code.co_filename.startswith(ours) and "-packages" + os.sep not in frame.f_code.co_filename
    ]
    if not frames:
        return ""
    code, line = frames[-1]
    source = linecache.getline(code.co_filename, line).strip()
    return f", at line {line}" + (f": `{source[:120]}`" if source else "")


class Printed(io.TextIOBase):
    """Stands for stdout and stderr: passes on the first lines, counts the rest, stores nothing more.

    Used from chapter 00.
    """

    def __init__(self, pass_on: Callable[[str], None]) -> None:
        self.pass_on, self.lines, self.pending = pass_on, 0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.lines >= LINES_SHOWN:
            self.lines += text.count("\n")
            return len(text)
        *full, self.pending = (self.pending + text).split("\n")
        for line in full:
            if self.lines < LINES_SHOWN:
                self.pass_on(line[:200])
            self.lines += 1
        self.pending = self.pending[:200]
        return len(text)

    def finish(self) -> int:
        """Pass on a last unended line; the number of lines nobody saw."""
        if self.pending and self.lines < LINES_SHOWN:
            self.pass_on(self.pending)
        self.pending = ""
        return max(0, self.lines - LINES_SHOWN)


def too_long(seconds: float) -> Outcome:
    """What is said of a call stopped after `seconds`. Used from chapter 00."""
    after = f"It had not finished after {max(1, round(seconds))} s and was stopped."
    return Outcome(
        problem=f"{after} Does a loop wait for something that never happens, "
        "or is it a lot of work, for which arrays are quicker than a loop?",
        kind="stopped",
    )
