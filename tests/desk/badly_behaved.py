"""Functions a learner might write on a bad day, and one call of the sandbox."""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
import time

import numpy as np

from causalcourse.checks import sandbox

LIMIT = 0.6


def swallow_everything(x):
    while True:
        try:  # noqa: SIM105
            x += 1
        except:  # noqa: E722
            pass


def swallow_around_a_loop(x):
    while True:
        try:
            while True:
                x += 1
        except:  # noqa: E722
            pass


def sleep_for_ever(x):
    time.sleep(1e9)


def count_for_ever(x):
    return sum(itertools.count())


def call_itself(x):
    return call_itself(x)


def leave(x):
    sys.exit()


def leave_at_once(x):
    os._exit(3)


def interrupt(x):
    raise KeyboardInterrupt


def crash(x):
    return ctypes.string_at(0)


def take_all_memory(x):
    return np.ones(10**11)


def fill_memory(x):
    return [bytes(2**30) for _ in range(1000)]


def divide_by_zero(x):
    y = x - x
    return 1 / int(y)


def ask(x):
    return input("what is it?")


class CannotBeSaid(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def fail_without_words(x):
    raise CannotBeSaid


def not_filled(x):
    raise NotImplementedError("00.1: your turn")


def misspell(x):
    return nmupy.mean(x)  # noqa: F821


def only_outcome(function, seconds=LIMIT):
    begun = time.monotonic()
    outcomes = sandbox.run(function, [(3,)], seconds)
    assert time.monotonic() - begun < seconds + 5
    assert len(outcomes) == 1
    return outcomes[0]
