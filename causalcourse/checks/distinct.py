"""Answers of several numbers, some of them replaced by what a mistake gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Numbers = Callable[..., np.ndarray]


def instead(truth: Numbers) -> Callable[[Mapping[int, Callable[..., float]]], Numbers]:
    """A maker of wrong answers: the truth, with the numbers at some places replaced. Used from chapter 13."""

    def change(others: Mapping[int, Callable[..., float]]) -> Numbers:
        def found(*case: object) -> np.ndarray:
            numbers = np.array(truth(*case), dtype=float)
            for place, other in others.items():
                numbers[place] = other(*case)
            return numbers

        return found

    return change
