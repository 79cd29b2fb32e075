"""Fresh cases on which the truth and every known mistake can be told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from causalcourse.checks.compare import Mistake

_MOST_DRAWS = 20_000


def telling(
    draw: Callable[[], tuple], truth: Callable[..., Any], mistakes: Sequence[Mistake], count: int, apart: float = 0.01
) -> list[tuple]:
    """`count` cases (argument tuples) from `draw` on which a check can tell what was done.

    On each case every mistake is more than `apart` away from the truth, or a wrong answer could pass; and any two
    mistakes are so on at least one case, or the wrong one could be named. For answers of several numbers the
    distance is the largest over them. Raises RuntimeError when 20,000 draws do not suffice. Used from chapter 00.
    """
    answers = [truth, *(mistake.answer for mistake in mistakes)]
    cases: list[tuple] = []
    given: list[list[np.ndarray]] = []
    for _ in range(_MOST_DRAWS):
        case = draw()
        values = [np.asarray(answer(*case), dtype=float) for answer in answers]
        if all(_distance(values[0], wrong) > apart for wrong in values[1:]):  # False for NaN: such a case is no use
            cases.append(case)
            given.append(values)
        if len(cases) == count:
            if all(any(_distance(v[i], v[j]) > apart for v in given) for i, j in combinations(range(len(answers)), 2)):
                return cases
            cases, given = [], []
    raise RuntimeError(f"{_MOST_DRAWS:,} draws gave no {count} cases on which the answers differ by {apart}.")


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).max())


def covering(
    draw: Callable[[], tuple], truth: Callable[..., bool], mistakes: Sequence[Mistake], count: int
) -> list[tuple]:
    """`count` cases or more from `draw` for a yes-or-no answer, on which every mistake errs at least once.

    Any two mistakes differ on some case as well, so that the right one is named.
    Raises RuntimeError when 20,000 draws do not suffice. Used from chapter 02.
    """
    answers = [truth, *(mistake.answer for mistake in mistakes)]
    pairs = set(combinations(range(len(answers)), 2))
    cases: list[tuple] = []
    for _ in range(_MOST_DRAWS):
        case = draw()
        given = [bool(answer(*case)) for answer in answers]
        fresh = {(i, j) for i, j in pairs if given[i] != given[j]}
        if fresh or len(cases) < count:
            cases.append(case)
            pairs -= fresh
        if len(cases) >= count and not pairs:
            return cases
    raise RuntimeError(f"{_MOST_DRAWS:,} draws gave no {count} cases on which all answers differ.")
