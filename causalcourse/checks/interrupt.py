"""Interrupting a function that runs in this very process, where it cannot be put into a child of its own.

What it cannot interrupt: one long call into C such as `sum(itertools.count())`, and, on Windows or off the
main thread, a sleep. The notebook's stop button or a restart of the kernel helps then.
"""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any


class Stopped(BaseException):
    """Raised into a function that is over its time; not an Exception, so that few handlers catch it.

    Used from chapter 00.
    """


def alarm(seconds: float, rang: threading.Event, below: CodeType) -> contextlib.AbstractContextManager[None]:
    """Interrupt what `below` has called after `seconds`, again and again until it gives up, and set `rang`.

    The main thread gets Stopped from a signal where there are interval timers, else KeyboardInterrupt;
    another thread gets Stopped. Used from chapter 00.
    """
    main = threading.current_thread() is threading.main_thread()
    if main and hasattr(signal, "setitimer"):
        return _by_signal(seconds, rang, below)
    return _by_thread(seconds, rang, below, main)


@contextlib.contextmanager
def _by_signal(seconds: float, rang: threading.Event, below: CodeType) -> Iterator[None]:
    def tracer(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and _is_theirs(frame, below):
            raise Stopped
        return tracer

    def ring(_: int, frame: FrameType | None) -> None:
        if not _is_theirs(frame, below):
            return
        rang.set()
        # `except: pass` swallows what is raised here, but not what its own next line raises
        while frame is not None and frame.f_code is not below:
            frame.f_trace = tracer
            frame = frame.f_back
        sys.settrace(tracer)
        raise Stopped

    traced, handler = sys.gettrace(), signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.settrace(traced)
        signal.signal(signal.SIGALRM, handler)


@contextlib.contextmanager
def _by_thread(seconds: float, rang: threading.Event, below: CodeType, main: bool) -> Iterator[None]:
    thread, over = ctypes.c_ulong(threading.get_ident()), threading.Event()
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        pause = seconds
        while not over.wait(pause):
            pause = 0.05
            if _is_theirs(sys._current_frames().get(thread.value), below):
                rang.set()
                if main:
                    _thread.interrupt_main()
                else:
                    raise_in(thread, ctypes.py_object(Stopped))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        try:
            over.set()
            watching.join()
        except Stopped:  # it was on its way when the function returned by itself
            over.set()
            watching.join()
            raise


def _is_theirs(frame: FrameType | None, below: CodeType) -> bool:
    """Whether an interruption here lands in what `below` called, and not in code of this folder."""
    if frame is None or frame.f_code.co_filename.startswith(os.path.dirname(__file__)):
        return False
    while frame is not None and frame.f_code is not below:
        frame = frame.f_back
    return frame is not None
