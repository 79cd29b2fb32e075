"""The model as a program for ChiRho, which runs it in several worlds at once over the same noise."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.query import Counterfactual, Setting, Variable
from causalcourse.engines.mechanism import count, in_worlds, library
from causalcourse.engines.pyro import arrays, tensors, to_pyro, torch_seed
from causalcourse.engines.question import Answer, AnyQuestion, spelled_out
from causalcourse.errors import CannotAnswer
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import torch

    from causalcourse.engines.pyro import Program

NAME = "chirho"
_MOST_VALUES = 20_000_000  # of one variable, in all worlds together


def to_chirho(model: SCM) -> Program:
    """The same program as `to_pyro`: act on it with ChiRho's `do`, inside `MultiWorldCounterfactual` for two worlds.

    The noise terms are sites of their own, sampled before any action, so all worlds share them. Two worlds of a
    variable are one tensor: act with its kind of number, torch.tensor(1) on 0/1 and torch.tensor(1.0).double() else.
    Raises CannotAnswer as `to_pyro` does. Taught in chapter 07, used from chapter 03.
    """
    return to_pyro(model)


def answer(model: SCM, question: AnyQuestion, n: int, rng: np.random.Generator) -> Answer:
    """The answer counted from `n` units, each of which lives in all the worlds of the question at once.

    Raises CannotAnswer when hardly any unit fits what was seen, for an action that ChiRho has no room for, and for too
    many worlds. Taught in chapter 03.
    """
    query, program = spelled_out(question), to_chirho(model)
    act = library("chirho.interventional.handlers").do

    def solve(action: dict[str, float]) -> dict[str, torch.Tensor]:
        with act(actions=tensors(action)):
            return program(n)

    with torch_seed(rng):
        one_world = len({variable.action for variable in query.variables}) == 1
        values = in_worlds(query, solve) if one_world else _side_by_side(program, query, n)
    return count(question, arrays(values), n)


def _side_by_side(program: Program, query: Counterfactual, n: int) -> dict[Variable, torch.Tensor]:
    """Every variable of the query in its world, from one run in which each action splits the worlds once more."""
    act = library("chirho.interventional.handlers").do
    worlds = library("chirho.counterfactual.handlers").MultiWorldCounterfactual
    indexed = library("chirho.indexed.ops")
    settings: dict[str, list[Setting]] = {}  # all that any world sets a variable to
    for name, to in (pair for variable in query.variables for pair in variable.action):
        if to not in settings.setdefault(name, []):
            settings[name].append(to)
    if n * math.prod(len(to) + 1 for to in settings.values()) > _MOST_VALUES:
        raise CannotAnswer("ChiRho keeps all combinations of these actions in one tensor, too many. Draw fewer units.")

    def look(variable: Variable, values: torch.Tensor) -> torch.Tensor:
        action = dict(variable.action)  # index 0 of a variable is what it is by nature, then come its settings
        place = {name: {1 + to.index(action[name]) if name in action else 0} for name, to in settings.items()}
        return indexed.gather(values, indexed.IndexSet(**place))

    def set_to(name: str, to: Setting) -> Any:
        if not isinstance(to, Variable):
            return partial(_in_kind, name, to)
        if to.name != name or name in dict(to.action):
            raise CannotAnswer(
                f"ChiRho sets '{name}' to a number, or to what '{name}' itself would be in a world where it is left "
                f"alone; {to} is neither."
            )
        return partial(look, to)  # of the natural values in all worlds, those of that world

    actions = {name: tuple(set_to(name, to) for to in each) for name, each in settings.items()}
    with worlds(first_available_dim=-2), act(actions=actions):
        values = program(n)
        return {variable: look(variable, values[variable.name]).reshape(-1) for variable in query.variables}


def _in_kind(name: str, value: float, natural: torch.Tensor) -> torch.Tensor:
    """The value in the kind of number that the variable has by nature: all worlds are kept in one tensor."""
    if not (natural.dtype.is_floating_point or float(value).is_integer()):
        raise CannotAnswer(
            f"ChiRho keeps all worlds of '{name}' in one tensor, which here holds whole numbers: {value:g} is none."
        )
    return natural.new_tensor(value)
