"""What the engines share: a model cut into steps, answers counted from units, and libraries that may be missing."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from causalcourse.counterfactual.exact import hold, score
from causalcourse.counterfactual.query import Variable
from causalcourse.engines.question import Answer, AnyQuestion, spelled_out
from causalcourse.errors import CannotAnswer
from causalcourse.scm import SCM

_PACKAGE = {"pyro": "pyro-ppl"}  # where a library is installed under another name than it is imported


@dataclass(frozen=True)
class Step:
    """One variable of a model and how it comes about: its parents, and the noise terms it listens to.

    Used from chapter 03.
    """

    model: SCM
    variable: str

    @property
    def parents(self) -> tuple[str, ...]:
        """The variables its equation listens to. Used from chapter 03."""
        return tuple(a for a in self.model.arguments[self.variable] if a in self.model.equations)

    @property
    def noise(self) -> tuple[str, ...]:
        """The noise terms its equation listens to. Used from chapter 03."""
        return tuple(a for a in self.model.arguments[self.variable] if a in self.model.noise)

    @property
    def private(self) -> tuple[str, ...]:
        """The noise terms that no other variable listens to. Used from chapter 03."""
        return tuple(u for u in self.noise if u not in self.model.latents)

    @property
    def causes(self) -> tuple[str, ...]:
        """The parents, and the noise terms shared with other variables. Used from chapter 03."""
        return (*self.parents, *(u for u in self.noise if u in self.model.latents))

    def __call__(self, values: Mapping[str, Any], shape: tuple[int, ...]) -> np.ndarray:
        """The variable's values, of `shape`, from arrays that can be broadcast to it. Used from chapter 03."""
        # an equation is promised arrays of shape (units,): worlds x units is laid out as one long row of units
        row = {a: np.broadcast_to(values[a], shape).reshape(-1) for a in (*self.parents, *self.noise)}
        return self.model.value(self.variable, row, int(np.prod(shape))).reshape(shape)


def steps(model: SCM) -> list[Step]:
    """The model as steps, every cause before its effects. Used from chapter 03."""
    return [Step(model, name) for name in model.graph.order]


def in_worlds(question: AnyQuestion, solve: Callable[[dict[str, Any]], Mapping[str, Any]]) -> dict[Variable, Any]:
    """The values of every variable of the question in its world, for units whose noise is the same in all worlds.

    `solve(action)` gives all variables of one world; an action's values are numbers, or what another world gave.
    Used from chapter 03.
    """
    worlds: dict[Any, Mapping[str, Any]] = {}
    values: dict[Variable, Any] = {}
    for variable in spelled_out(question).variables:  # what an action names comes before
        if variable.action not in worlds:
            action = {name: values[to] if isinstance(to, Variable) else to for name, to in variable.action}
            worlds[variable.action] = solve(action)
        values[variable] = worlds[variable.action][variable.name]
    return values


def count(question: AnyQuestion, values: Mapping[Variable, Any], n: int) -> Answer:
    """The answer from `n` sampled units: keep those of whom all that is given holds, average what is asked for.

    `values` can be broadcast to shape (n,); place i is the same unit in all of them.
    Raises CannotAnswer when fewer than two units fit. Used from chapter 03.
    """
    query = spelled_out(question)
    scores, fit = (np.broadcast_to(a, (n,)) for a in (score(query, values), hold(query.given, values)))
    return mean(question, scores[fit], n)


def mean(question: AnyQuestion, scores: np.ndarray, n: int) -> Answer:
    """The mean of the scores of the units that were kept out of `n`, with its standard error.

    Raises CannotAnswer for fewer than two scores. Used from chapter 03.
    """
    if len(scores) < 2:
        raise CannotAnswer(
            f"{question}: {len(scores)} of {n:,} sampled units are as it says, too few to count. Such units may be "
            "rare (draw more), or never occur, or a continuous variable was given an exact value, which no sample hits."
        )
    scores = scores.astype(float)
    if np.isin(scores, (0, 1)).all():
        # a share of 0 or 1 in a sample is no proof of 0 or 1: count one more of each (Agresti and Coull 1998)
        p, of = (scores.sum() + 1) / (len(scores) + 2), len(scores) + 2
        return Answer(float(scores.mean()), float(np.sqrt(p * (1 - p) / of)))
    return Answer(float(scores.mean()), float(scores.std(ddof=1) / np.sqrt(len(scores))))


def nobody(question: AnyQuestion) -> CannotAnswer:
    """What to raise where no unit is as the question says. Used from chapter 03."""
    return CannotAnswer(f"{question} has no answer: no unit of this model is as it says.")


def library(name: str) -> ModuleType:
    """The library, imported on first use. Raises CannotAnswer, with what to install. Used from chapter 03."""
    top = name.partition(".")[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a library says to its own makers while it loads
            return importlib.import_module(name)
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError) or error.name != top:
            raise CannotAnswer(f"{top} is installed and does not load: {error}. Try `causalcourse doctor`.") from error
        extra = "dowhy" if top == "dowhy" else "engines"
        raise CannotAnswer(
            f"{top} is not installed; it comes with the extra '{extra}'. On your own computer, run `make lab` in the "
            f"folder of the course. Elsewhere, run `%pip install {_PACKAGE.get(top, top)}`, then restart the kernel."
        ) from None
