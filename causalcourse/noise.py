"""Where the randomness of a structural model comes from: the distributions of its exogenous variables."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol, runtime_checkable

import numpy as np

from causalcourse.errors import ModelError


@runtime_checkable
class Noise(Protocol):
    """A distribution that units are drawn from: `draw(n, rng)` gives an array of shape (n,). Taught in chapter 03."""

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` independent values. Taught in chapter 03."""


@dataclass(frozen=True)
class Finite:
    """The states 0, 1, ..., k-1 with their probabilities `p`, which sum to 1.

    Raises ModelError for anything else. Taught in chapter 03.
    """

    p: Sequence[float]

    def __post_init__(self) -> None:
        if not _are_probabilities(self.p):
            raise ModelError(
                "Finite noise needs probabilities that are not negative and sum to 1, such as [0.7, 0.3]; "
                f"got {reprlib.repr(self.p)}."
            )
        object.__setattr__(self, "p", tuple(map(float, self.p)))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` states, whole numbers. Taught in chapter 03."""
        uniform = rng.random(n)
        if len(self.p) == 2:  # the same states, several times as fast
            return (uniform >= self._steps[0]).astype(np.int64)
        return self._steps.searchsorted(uniform, side="right")

    @cached_property
    def _steps(self) -> np.ndarray:
        steps = np.cumsum(self.p)
        return steps / steps[-1]


@dataclass(frozen=True)
class Normal:
    """The normal distribution, by its mean and standard deviation. Taught in chapter 03."""

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        _need(
            self,
            lambda: -np.inf < self.mean < np.inf and 0 <= self.sd < np.inf,
            "a finite mean and an sd of at least 0",
        )

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` values. Taught in chapter 03."""
        return rng.normal(self.mean, self.sd, n)


@dataclass(frozen=True)
class Uniform:
    """Any number from `low` to `high`, all equally likely. Taught in chapter 03."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _need(self, lambda: -np.inf < self.low < self.high < np.inf, "a finite low that is smaller than high")

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` values. Taught in chapter 03."""
        return rng.uniform(self.low, self.high, n)


@dataclass(frozen=True)
class Exponential:
    """Waiting times with this mean. Taught in chapter 03."""

    mean: float = 1.0

    def __post_init__(self) -> None:
        _need(self, lambda: 0 < self.mean < np.inf, "a mean above 0")

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` values. Taught in chapter 03."""
        return rng.exponential(self.mean, n)


@dataclass(frozen=True)
class Laplace:
    """A peak at the mean with heavier tails than the normal; `scale` is the mean distance from it.

    Taught in chapter 03.
    """

    mean: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _need(
            self, lambda: -np.inf < self.mean < np.inf and 0 < self.scale < np.inf, "a finite mean and a scale above 0"
        )

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """`n` values. Taught in chapter 03."""
        return rng.laplace(self.mean, self.scale, n)


@dataclass(frozen=True)
class _Scipy:
    """A frozen distribution of scipy.stats."""

    distribution: Any

    def __str__(self) -> str:
        return f"{self.distribution.dist.name} of scipy.stats"

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return self.distribution.rvs(size=n, random_state=rng)


def as_noise(given: Any) -> Noise | None:
    """What `given` means as noise: itself, probabilities, a distribution of scipy.stats; None when nothing.

    Raises ModelError for a list that holds no probabilities. Used from chapter 03.
    """
    if isinstance(given, Noise) and not isinstance(given, type):
        return given
    if hasattr(given, "rvs") and hasattr(given, "freeze"):
        try:
            given = given()
        except TypeError:  # a family such as stats.gamma, whose parameters are still to be given
            return None
    if hasattr(given, "rvs") and hasattr(given, "dist"):
        return _Scipy(given)
    if isinstance(given, (list, tuple, np.ndarray)) or hasattr(given, "to_numpy"):
        return Finite(given)
    return None


def frozen(noise: Noise) -> Any:
    """The same distribution in scipy.stats, with pdf and ppf; None for finite noise and for one nobody knows here.

    Used from chapter 07.
    """
    match noise:
        case _Scipy(distribution):
            return distribution if hasattr(distribution.dist, "pdf") else None
        case Normal(mean, sd):
            return _of_scipy("norm", float(mean), float(sd)) if sd else None
        case Uniform(low, high):
            return _of_scipy("uniform", float(low), float(high - low))
        case Exponential(mean):
            return _of_scipy("expon", 0.0, float(mean))
        case Laplace(mean, scale):
            return _of_scipy("laplace", float(mean), float(scale))
    return None


@lru_cache(maxsize=1_000)  # half a millisecond each: as long as all else that is done to a noise term of 10,000 units
def _of_scipy(family: str, start: float, scale: float) -> Any:
    from scipy import stats

    return getattr(stats, family)(start, scale)


def _need(noise: Any, fits: Callable[[], bool], what: str) -> None:
    try:
        fine = bool(fits())
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise ModelError(f"{type(noise).__name__} needs {what}; this is {noise}.")


def _are_probabilities(given: Any) -> bool:
    try:
        p = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        return False
    return p.ndim == 1 and p.size > 0 and bool(np.isfinite(p).all() and (p >= 0).all() and abs(p.sum() - 1) <= 1e-9)
