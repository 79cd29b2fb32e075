"""Answers of two numbers, each of which can go wrong in ways of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from causalcourse.checks.compare import Mistake

Half = tuple[str, Callable[..., float]]  # what to say of it, "" of the right one; and the number


def pair(first: Callable[..., float], second: Callable[..., float]) -> Callable[..., np.ndarray]:
    """The function that gives both numbers, as an array of two. Used from chapter 07."""
    return lambda *case: np.array([first(*case), second(*case)])


def halves(firsts: Sequence[Half], seconds: Sequence[Half]) -> tuple[Mistake, ...]:
    """A Mistake for every pair of a first and a second number but the right one. Used from chapter 07."""
    found = []
    for one, first in firsts:
        for two, second in seconds:
            right = "" if one and two else "The second number is right." if one else "The first number is right."
            if one or two:
                said = " ".join(filter(None, (right, one, two)))
                found.append(Mistake(said, pair(first, second), said))
    return tuple(found)
