"""Running a learner's function where it can do no harm.

On Linux in a forked child with a deadline, a memory limit and no way to reach the notebook (child.py).
Elsewhere in this process with an interrupting timer (interrupt.py), which cannot do as much: memory is not
limited, one long call into C is not interrupted, and a function that ends the process ends the kernel.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from causalcourse.checks.calling import LINES_SHOWN, Outcome, Printed, call, too_long
from causalcourse.checks.child import run_in_a_child
from causalcourse.checks.interrupt import Stopped, alarm

__all__ = ["Outcome", "Session", "run", "session"]


@dataclass
class Session:
    """What the calls of one check share: a deadline (time.monotonic) and what the learner's code printed.

    Used from chapter 00.
    """

    deadline: float
    printed: list[str] = field(default_factory=list)
    unseen: int = 0

    def add(self, line: str) -> None:
        """Keep a printed line, or count it when enough are kept."""
        if len(self.printed) < LINES_SHOWN:
            self.printed.append(line)
        else:
            self.unseen += 1


_current: ContextVar[Session | None] = ContextVar("sandbox_session", default=None)


@contextlib.contextmanager
def session(seconds: float = 9.0) -> Iterator[Session]:
    """Bound all runs inside it to `seconds` together, and collect what they print. Used from chapter 00."""
    token = _current.set(Session(time.monotonic() + seconds))
    try:
        yield _current.get()  # type: ignore[misc]
    finally:
        _current.reset(token)


def run(function: Callable[..., Any], cases: Sequence[tuple], seconds: float = 5.0) -> list[Outcome]:
    """Call `function(*case)` for each case, on copies of the arguments, and say what came of each.

    The list ends early at a call that never came back (kind "stopped" or "died"). `seconds` is for all cases
    together. Values are plain: numbers, text, None, NumPy, pandas, and list, tuple, dict, set of those;
    anything else arrives as Opaque. The stop button (KeyboardInterrupt) gets through at once.
    Used from chapter 00.
    """
    here = _current.get() or Session(time.monotonic() + seconds)
    allowed = max(0.5, min(seconds, here.deadline - time.monotonic()))
    go = run_in_a_child if _can_fork() else _run_here
    return go(function, cases, allowed, here)


def _can_fork() -> bool:
    return sys.platform == "linux"  # macOS can too, but its own libraries crash in a forked child


def _run_here(function: Callable[..., Any], cases: Sequence[tuple], seconds: float, here: Session) -> list[Outcome]:
    outcomes: list[Outcome] = []
    screen, rang = Printed(here.add), threading.Event()
    try:
        with (
            contextlib.redirect_stdout(screen),
            contextlib.redirect_stderr(screen),  # type: ignore[type-var]
            warnings.catch_warnings(action="ignore"),
            alarm(seconds, rang, call.__code__),
        ):
            for case in cases:
                outcomes.append(call(function, case, alone=False))
    except (Stopped, KeyboardInterrupt):
        if not rang.is_set():
            raise
        outcomes.append(too_long(seconds))
    finally:
        here.unseen += screen.finish()
    return outcomes
