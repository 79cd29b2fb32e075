"""A share of right answers, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from causalcourse.errors import DataError
from causalcourse.lm.arrays import to_array

_Z = 1.959964  # standard errors to either side that hold 95 % of a normal distribution


@dataclass(frozen=True)
class Share:
    """How many of `n` answers are right: the share, and its 95 % interval. `float(share)` is the share.

    Used from chapter 12.
    """

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, right: Any) -> Share:
        """The share of True in an array of any shape, its answers taken as independent.

        Raises DataError for an empty one, and for anything but True and False. Source: Wilson 1927 (an interval that
        stays within 0 and 1, and has a width at both). Used from chapter 12.
        """
        right = to_array(right)
        if not right.size or right.dtype != bool:
            raise DataError(
                f"A share needs at least one answer, each True or False; got {right.dtype}, {right.size} of them."
            )
        n, p, z2 = right.size, float(right.mean()), _Z**2
        middle, wide = p + z2 / (2 * n), _Z * sqrt(p * (1 - p) / n + z2 / (4 * n**2))
        # at 0 and 1 rounding must not push the end of the interval past the share
        low, high = (middle - wide) / (1 + z2 / n), (middle + wide) / (1 + z2 / n)
        return cls(p, max(0.0, min(p, low)), min(1.0, max(p, high)), n)

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.1%} of {self.n:,}, 95 % interval [{self.low:.1%}, {self.high:.1%}]"
