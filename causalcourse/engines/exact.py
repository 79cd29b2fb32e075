"""The exact answer to a question: every state of finite noise listed, or normal noise conditioned in closed form."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from causalcourse.engines.question import CannotAnswer, Question, as_question
from causalcourse.errors import ModelError
from causalcourse.noise import Finite, Normal
from causalcourse.scm import SCM

_STAR = "_star"


def truth(model: SCM, question: Question | str) -> float:
    """The exact answer: by listing all states of finite noise, or in closed form for a linear model of normal noise.

    Raises QuestionError, and CannotAnswer for other models and for units that never occur.
    Source: Pearl 2009, theorem 7.1.7 (abduction, action, prediction). Taught in chapter 03.
    """
    question = as_question(question)
    question.check(model)
    acted = model.do(**dict(question.action))
    if all(isinstance(noise, Finite) for noise in model.noise.values()):
        return _listed(_twin(model, acted) if question.rung == 3 else acted, question)
    return _linear_gaussian(model if question.rung == 3 else acted, acted, question)


def _listed(model: SCM, question: Question) -> float:
    """The weighted mean over the rows of P(what was seen, the outcome)."""
    asked = question.outcome + _STAR if question.rung == 3 else question.outcome
    try:
        rows = model.joint([*dict(question.given), asked]).reset_index()
    except ModelError as error:  # too many rows
        raise CannotAnswer(str(error)) from None
    for name, value in question.given:
        rows = rows[rows[name] == value]
    p = rows["p"].to_numpy()
    if p.sum() == 0:
        raise CannotAnswer(f"{question} has no answer: no unit of this model is as it says.")
    return float(p @ question.score(rows[asked].to_numpy()) / p.sum())


def _twin(model: SCM, acted: SCM) -> SCM:
    """Both worlds in one model over the same noise; the acted-on world's variables carry a star (twin network)."""
    twins = {}
    for name, equation in acted.equations.items():
        arguments = acted._arguments[name]

        def twin(equation: Any = equation, arguments: tuple[str, ...] = arguments, **values: np.ndarray) -> Any:
            return equation(**{a: values[a + _STAR if a in acted.equations else a] for a in arguments})

        heard = [a + _STAR if a in acted.equations else a for a in arguments]
        twin.__signature__ = inspect.Signature([inspect.Parameter(a, inspect.Parameter.KEYWORD_ONLY) for a in heard])
        twins[name + _STAR] = twin
    return SCM(model.noise, {**model.equations, **twins})


def _linear_gaussian(seen: SCM, acted: SCM, question: Question) -> float:
    """Abduction, action, prediction where V = A u + b and u is normal: conditioning is least squares."""
    names = list(seen.noise)
    noise = [seen.noise[u] for u in names]
    if not all(isinstance(term, Normal) for term in noise):
        raise CannotAnswer("The exact answer needs noise that is all finite or all Normal. Use an engine that samples.")
    if question.value is not None:
        raise CannotAnswer(f"A continuous outcome takes no exact value: ask E[{question.outcome} | ...] for the mean.")
    at = np.array([term.mean for term in noise], dtype=float)
    covariance = np.diag([float(term.sd) ** 2 for term in noise])
    wanted = [name for name, _ in question.given]
    if wanted:
        slopes, base = _coefficients(seen, names, wanted)
        surprise = np.array([value for _, value in question.given]) - base - slopes @ at
        gain = covariance @ slopes.T @ np.linalg.pinv(slopes @ covariance @ slopes.T)
        if not np.allclose(slopes @ gain @ surprise, surprise, atol=1e-8):
            raise CannotAnswer(f"{question} has no answer: no unit of this model is as it says.")
        at = at + gain @ surprise
    slopes, base = _coefficients(acted, names, [question.outcome])
    return float((slopes @ at + base)[0])


def _coefficients(model: SCM, noise: list[str], wanted: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(A, b) with wanted variables = A u + b, read off by solving at 0 and at each unit vector."""
    size = len(noise)
    tries = np.random.default_rng(0).normal(size=(3, size))  # where a curve would show
    points = np.vstack([np.zeros((1, size)), np.eye(size), tries])
    values = model.solve({u: points[:, i] for i, u in enumerate(noise)})
    rows = np.array([values[name] for name in wanted], dtype=float)
    base = rows[:, 0]
    slopes = rows[:, 1 : size + 1] - base[:, None]
    if not np.allclose(slopes @ tries.T + base[:, None], rows[:, size + 1 :]):
        raise CannotAnswer("The exact answer for Normal noise needs equations that add up multiples of their terms.")
    return slopes, base
