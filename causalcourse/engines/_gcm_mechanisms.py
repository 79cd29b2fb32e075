"""A model's own equations as mechanisms of dowhy.gcm; imported only where DoWhy is, since its classes are the bases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from dowhy.gcm.causal_mechanisms import FunctionalCausalModel, InvertibleFunctionalCausalModel, StochasticModel

from causalcourse.engines.mechanism import Step
from causalcourse.errors import CannotAnswer, ModelError
from causalcourse.noise import Finite

Arrays = Mapping[str, np.ndarray]


class Root(StochasticModel):
    """A node without causes: its values come from the model itself."""

    def __init__(self, draw: Callable[[int], np.ndarray]) -> None:
        self.draw = draw

    def fit(self, X: np.ndarray) -> None:
        """Nothing to fit: the model is known."""

    def draw_samples(self, num_samples: int) -> np.ndarray:
        return self.draw(num_samples).reshape(-1, 1)

    def clone(self) -> Root:
        return self


class Function(FunctionalCausalModel):
    """A node with causes: the model's own equation. `example` holds sampled values, for their types."""

    def __init__(self, step: Step, example: Arrays, rng: np.random.Generator) -> None:
        self.step, self.example, self.rng = step, example, rng

    def fit(self, X: np.ndarray, Y: np.ndarray) -> None:
        """Nothing to fit: the model is known."""

    def clone(self) -> Function:
        return self

    def draw_noise_samples(self, num_samples: int) -> np.ndarray:
        drawn = [self.step.model.noise[u].draw(num_samples, self.rng) for u in self.step.private]
        return np.column_stack(drawn) if drawn else np.zeros((num_samples, 1))

    def evaluate(self, parent_samples: np.ndarray, noise_samples: np.ndarray) -> np.ndarray:
        units = len(parent_samples)
        noise = np.reshape(noise_samples, (units, -1)).T
        values = self.causes(parent_samples) | self._typed(dict(zip(self.step.private, noise, strict=False)))
        return self.step(values, (units,)).reshape(-1, 1)

    def causes(self, parent_samples: np.ndarray) -> dict[str, np.ndarray]:
        # gcm hands the parents over as columns in alphabetical order
        return self._typed(dict(zip(sorted(self.step.causes), np.asarray(parent_samples).T, strict=True)))

    def _typed(self, columns: Arrays) -> dict[str, np.ndarray]:
        """Whole numbers where the model has them and nothing is lost: gcm keeps floats, which `&` and tables refuse."""
        return {
            name: column.astype(self.example[name].dtype if (column == np.round(column)).all() else float)
            for name, column in columns.items()
        }


class Invertible(Function, InvertibleFunctionalCausalModel):
    """A node whose one noise term can be read off from its value and its causes."""

    def estimate_noise(self, target_samples: np.ndarray, parent_samples: np.ndarray) -> np.ndarray:
        """Shape (units, 1). Raises CannotAnswer where no noise makes that value of those causes."""
        return self._noise(np.reshape(target_samples, -1), self.causes(parent_samples)).reshape(-1, 1)

    def _noise(self, target: np.ndarray, causes: Arrays) -> np.ndarray:
        step, shape = self.step, target.shape
        if not step.private:
            candidates = np.zeros((1, 1))
        elif isinstance(noise := step.model.noise[step.private[0]], Finite):
            candidates = np.flatnonzero(noise.p)[:, None]
        else:
            base, slope = _line(step, causes, shape)
            candidates = ((target - base) / slope)[None]
        found = [step(_with(step, causes, u), shape) for u in candidates]
        hits = np.isclose(found, target)
        if not hits.any(axis=0).all():
            raise CannotAnswer(f"No unit of this model has the '{step.variable}' that was seen, given its causes.")
        return np.broadcast_to(candidates, hits.shape)[hits.argmax(axis=0), np.arange(len(target))]


def mechanism(step: Step, example: Arrays, rng: np.random.Generator) -> Any:
    """The mechanism of one variable: a root, an invertible function where the noise can be read off, or a function."""
    if not step.causes:
        return Root(lambda n: step({u: step.model.noise[u].draw(n, rng) for u in step.private}, (n,)))
    return (Invertible if _is_invertible(step, example) else Function)(step, example, rng)


def _is_invertible(step: Step, example: Arrays) -> bool:
    """Whether the value and the causes give the noise away, judged on the units of the example."""
    if len(step.private) != 1:
        return not step.private
    noise, seen = step.model.noise[step.private[0]], example[step.private[0]]
    if isinstance(noise, Finite):
        values = [step(_with(step, example, np.array(u)), seen.shape) for u in np.flatnonzero(noise.p)]
        return bool((np.diff(np.sort(values, axis=0), axis=0) > 0).all())
    try:
        base, slope = _line(step, example, seen.shape)
    except ModelError:  # 0 or 1 is noise that the equation cannot take
        return False
    return bool((slope != 0).all() and np.allclose(base + slope * seen, example[step.variable]))


def _line(step: Step, causes: Arrays, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Where noise is added, perhaps after stretching: the value at noise 0, and how much more it is at noise 1."""
    base, top = (step(_with(step, causes, np.array(u)), shape) for u in (0.0, 1.0))
    return base, top - base


def _with(step: Step, causes: Arrays, noise: np.ndarray) -> dict[str, np.ndarray]:
    return {**causes, **dict.fromkeys(step.private, noise)}
