"""Fresh cases on which the truth and every known mistake can be told apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np


def telling(
    draw: Callable[[], tuple], answers: Sequence[Callable[..., float]], count: int, apart: float = 0.01
) -> list[tuple]:
    """`count` cases (argument tuples) from `draw`, on each of which all `answers` differ by more than `apart`.

    answers: the truth and the mistakes, functions of a case that return one number. On a case where a mistake
    happens to give the right number, a check would pass it. Raises RuntimeError when 10,000 draws do not suffice.
    Used from chapter 00.
    """
    cases: list[tuple] = []
    for case in itertools.islice(iter(draw, None), 10_000):
        values = np.sort([answer(*case) for answer in answers])
        if np.diff(values).min(initial=np.inf) > apart:  # False for NaN too: such a case teaches nothing
            cases.append(case)
        if len(cases) == count:
            return cases
    raise RuntimeError(f"10,000 draws gave {len(cases)} of {count} cases on which the answers differ by {apart}.")
