"""Errors that speak to a learner: what was wrong, what was expected, what to try."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable
from typing import Any


class CourseError(Exception):
    """An error whose message is written for a learner; notebooks show it without a stack trace.

    Used from chapter 00.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this in place of printing a stack, which would bury the sentence that helps
        return [f"{type(self).__name__}: {self}"]


class ClaimFailed(CourseError):
    """A statement the text relies on turned out false. Used from chapter 00."""


class GraphError(CourseError):
    """A graph that is not a causal graph: a cycle, a self-loop, an unknown node. Used from chapter 00."""


class ModelError(CourseError):
    """A structural causal model that does not hold together. Used from chapter 00."""


class NoSuchUnit(ModelError):
    """Evidence that no unit of a model shows. Used from chapter 07."""


class CannotAnswer(CourseError):
    """There is no honest way to an answer here; the message says why. Used from chapter 03."""


class DataError(CourseError):
    """A data file that is missing or damaged, or a table that does not fit the question. Used from chapter 01."""


class NotebookTooNew(CourseError):
    """The notebook needs a newer package than the one installed. Used from chapter 00."""


def is_whole(given: Any, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether this is a whole number, Python's or NumPy's but no True or False, in that range. Used from chapter 00."""
    return isinstance(given, numbers.Integral) and not isinstance(given, bool) and bool(least <= given <= most)


def is_share(given: Any) -> bool:
    """Whether this is a number from 0 to 1, Python's or NumPy's but no True or False. Used from chapter 13."""
    return isinstance(given, numbers.Real) and not isinstance(given, bool) and bool(0 <= given <= 1)


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """A sentence " Did you mean 'x'?" when one of `known` is close to `word`, else nothing. Used from chapter 00."""
    close = difflib.get_close_matches(str(word), [str(k) for k in known], n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
