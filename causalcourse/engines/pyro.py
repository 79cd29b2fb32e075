"""The model as a Pyro program: noise is sampled, equations are deterministic sites, and `poutine.do` acts on any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import Step, count, in_worlds, library, steps
from causalcourse.engines.question import Answer, AnyQuestion
from causalcourse.errors import CannotAnswer
from causalcourse.noise import Exponential, Finite, Laplace, Noise, Normal, Uniform
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import torch

    Program = Callable[[int], dict[str, torch.Tensor]]

NAME = "pyro"
_PLATE = "all units"  # with a space, so that no variable can have this name


def to_pyro(model: SCM) -> Program:
    """A Pyro program of `n` units: a sample site for each noise term, a deterministic site for each variable.

    It returns every site's values, tensors that can be broadcast to shape (n,). Gradients do not pass the equations.
    Raises CannotAnswer for noise that Pyro has no distribution for, or no Pyro. Taught in chapter 03.
    """
    pyro = library("pyro")
    distributions = {name: _distribution(name, noise) for name, noise in model.noise.items()}
    plan = steps(model)

    def program(n: int) -> dict[str, torch.Tensor]:
        values: dict[str, torch.Tensor] = {}
        with pyro.plate(_PLATE, n):
            for name, distribution in distributions.items():
                values[name] = pyro.sample(name, distribution)
            for step in plan:
                values[step.variable] = pyro.deterministic(step.variable, _solve(step, values, n), event_dim=0)
        return values

    return program


def answer(model: SCM, question: AnyQuestion, n: int, rng: np.random.Generator) -> Answer:
    """The answer counted from `n` runs of the program, under `poutine.do` for each world, over the same noise.

    Raises CannotAnswer when hardly any unit fits what was seen. Taught in chapter 03.
    """
    program, poutine = to_pyro(model), library("pyro").poutine
    noise: dict[str, torch.Tensor] = {}

    def solve(action: dict[str, Any]) -> dict[str, torch.Tensor]:
        acted = poutine.do(program, data=tensors(action))
        values = poutine.condition(acted, data=noise)(n)
        noise.update({u: values[u] for u in model.noise})  # drawn in the first world, the same in the others
        return values

    with torch_seed(rng):
        values = in_worlds(question, solve)
    return count(question, arrays(values), n)


def arrays(values: Mapping[Any, torch.Tensor]) -> dict[Any, np.ndarray]:
    """Tensors as NumPy arrays. Used from chapter 03."""
    return {name: _to_numpy(tensor) for name, tensor in values.items()}


def tensors(values: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """Numbers as tensors, whole numbers as integers; tensors as they are. Used from chapter 03."""
    torch = library("torch")
    kinds = {name: torch.int64 if isinstance(v, Integral) else torch.float64 for name, v in values.items()}
    return {name: v if torch.is_tensor(v) else torch.tensor(v, dtype=kinds[name]) for name, v in values.items()}


@contextmanager
def torch_seed(rng: np.random.Generator) -> Iterator[None]:
    """Inside, torch draws from a stream that `rng` decides; outside, torch's own stream is as before.

    Used from chapter 03.
    """
    torch = library("torch")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**62)))
        yield


def _solve(step: Step, values: dict[str, torch.Tensor], n: int) -> torch.Tensor:
    """One equation on tensors. Equations are NumPy functions, so gradients stop here: sample, do not differentiate."""
    heard = arrays({name: values[name] for name in (*step.parents, *step.noise)})
    # ChiRho adds axes of worlds on the left of the units
    shape = np.broadcast_shapes((n,), *(array.shape for array in heard.values()))
    return _to_torch(np.array(step(heard, shape)))


# by DLPack, because torch 2.2, the last one for Macs with an Intel processor, was built for NumPy 1
def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return np.from_dlpack(tensor.detach())


def _to_torch(array: np.ndarray) -> torch.Tensor:
    return library("torch").from_dlpack(array)


def _distribution(name: str, noise: Noise) -> Any:
    """The noise term as a distribution of Pyro, in double precision as NumPy has it."""
    dist, torch = library("pyro.distributions"), library("torch")

    def number(value: Any) -> torch.Tensor:
        return torch.tensor(value, dtype=torch.float64)

    match noise:
        case Finite(p):
            return dist.Categorical(probs=number(p))
        case Normal(mean, 0):
            return dist.Delta(number(mean))
        case Normal(mean, sd):
            return dist.Normal(number(mean), number(sd))
        case Uniform(low, high):
            return dist.Uniform(number(low), number(high))
        case Exponential(mean):
            return dist.Exponential(1 / number(mean))
        case Laplace(mean, scale):
            return dist.Laplace(number(mean), number(scale))
    raise CannotAnswer(
        f"The noise '{name}' is {noise}, for which no distribution of Pyro is known here. "
        "Finite, Normal, Uniform, Exponential and Laplace noise have one."
    )
