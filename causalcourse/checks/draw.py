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
