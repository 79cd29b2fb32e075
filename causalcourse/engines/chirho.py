"""The model as a program for ChiRho, which runs it in several worlds at once over the same noise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from causalcourse.engines.mechanism import count, library
from causalcourse.engines.pyro import arrays, tensors, to_pyro, torch_seed
from causalcourse.engines.question import Answer, Question
from causalcourse.errors import CannotAnswer
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import torch

    from causalcourse.engines.pyro import Program

NAME = "chirho"


def to_chirho(model: SCM) -> Program:
    """The same program as `to_pyro`: act on it with ChiRho's `do`, inside `MultiWorldCounterfactual` for two worlds.

    The noise terms are sites of their own, sampled before any action, so all worlds share them. Two worlds of a
    variable are one tensor: act with its kind of number, torch.tensor(1) on 0/1 and torch.tensor(1.0).double() else.
    Raises CannotAnswer as `to_pyro` does. Taught in chapter 07, used from chapter 03.
    """
    return to_pyro(model)


def answer(model: SCM, question: Question, n: int, rng: np.random.Generator) -> Answer:
    """The answer counted from `n` units; on rung 3 each unit lives in two worlds, and we look at it in one of them.

    Raises QuestionError, and CannotAnswer when hardly any unit fits what was seen. Taught in chapter 03.
    """
    question.check(model)
    act = library("chirho.interventional.handlers").do
    worlds = library("chirho.counterfactual.handlers").MultiWorldCounterfactual
    indexed = library("chirho.indexed.ops")
    program, action = to_chirho(model), dict(question.action)
    with torch_seed(rng):
        if question.rung < 3:
            with act(actions=tensors(question.action)):
                values = arrays(program(n))
            return count(question, values, values, n)
        set_to = {name: partial(_in_kind, name, value) for name, value in action.items()}
        with worlds(first_available_dim=-2), act(actions=set_to):
            values = program(n)
            # index 0 of each acted-on variable is the world as it was, index 1 the world in which we acted
            factual = indexed.IndexSet(**{name: {0} for name in action})
            acted = indexed.IndexSet(**{name: {1} for name in action})
            seen, asked = (
                arrays({name: indexed.gather(values[name], world).reshape(-1) for name in model.equations})
                for world in (factual, acted)
            )
    return count(question, seen, asked, n)


def _in_kind(name: str, value: float, natural: torch.Tensor) -> torch.Tensor:
    """The value in the kind of number that the variable has by nature: both worlds are kept in one tensor."""
    if isinstance(value, float) and not natural.dtype.is_floating_point:
        raise CannotAnswer(
            f"ChiRho keeps both worlds of '{name}' in one tensor, which here holds whole numbers: {value:g} is none."
        )
    return natural.new_tensor(value)
