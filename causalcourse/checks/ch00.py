"""The checks of chapter 00, The ladder."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from causalcourse.checks.compare import Mistake, integers, judge_function, number, probability
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.scm import SCM
from causalcourse.worlds import clinic

_QUESTIONS = (
    ("A", 1, "Nobody acts here, and nobody imagines another past: two groups are compared as they are found."),
    ("B", 2, "The city means to change something. That is more than looking at cities as they are."),
    ("C", 3, "This headache has already gone. The question is about the same headache in a world that did not happen."),
    ("D", 1, "The e-mail is what it is; nobody puts the word there to see what follows. One observation helps predict another."),
    ("E", 3, "One loan, one person, one past that is already known. The question changes a part of that past."),
    ("F", 2, "A price is set by you, for customers in general. It is neither a pattern found nor one customer's other past."),
)


@exercise(
    "00.1",
    why="A and D compare what is found, B and F ask what an action brings, C and E ask about one case that already ended one way.",
    hints=(
        "For each question ask: does anybody *change* something? If not, it is rung 1.",
        "If somebody does: is it about the future of many, or about one case whose end is already known?",
        "Two questions stand on each rung. Look for the word 'would have', and for 'if we'.",
    ),
)
def _rungs(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [rung for _, rung, _ in _QUESTIONS]
    mistakes = []
    for i, (letter, _, reason) in enumerate(_QUESTIONS):

        def first_slip_here(i: int = i) -> list[int]:
            return truth[:i]

        mistakes.append((letter, reason, first_slip_here))
    return judge_function(
        answer, [()], lambda: truth, returns=integers(6, low=1, high=3), explain=_first_slip
    )


def _first_slip(given: list[int]) -> str:
    letter, reason = next((letter, why) for (letter, rung, why), g in zip(_QUESTIONS, given, strict=True) if rung != g)
    return f"Question {letter}: {reason}"


def _random_joint(rng: np.random.Generator) -> np.ndarray:
    """The joint table P(z, x, y) of a random clinic, shape (2, 2, 2)."""
    return clinic.random_model(rng).joint().to_numpy().reshape(2, 2, 2)


def _observed(p: np.ndarray, x: int) -> float:
    return p[:, x, 1].sum() / p[:, x].sum()
