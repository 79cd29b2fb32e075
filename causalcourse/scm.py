"""Structural causal models: noise, one equation per variable, and what follows when you act."""

from __future__ import annotations

import inspect
import itertools
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.errors import GraphError, ModelError, did_you_mean
from causalcourse.graph import CausalGraph

if TYPE_CHECKING:
    import pandas as pd

Equation = Callable[..., Any]
_MOST_WORLDS = 1_000_000
_MOST_VALUES = 100_000_000  # of eight bytes each: what a small computer holds
_NEEDED = {
    "noise": "probabilities, such as {'U': [0.7, 0.3]}",
    "equations": "functions, such as {'X': lambda U: U}",
}


# eq=False: equations are functions, so two models are equal only if they are one
@dataclass(frozen=True, eq=False)
class SCM:
    """A structural causal model over finite noise: the textbook tuple (U, V, F, P(U)).

    `noise` gives each exogenous variable its probabilities over the states 0, 1, ..., k-1 (they sum to 1).
    `equations` gives each endogenous variable a function of NumPy arrays; its argument names are its parents.
    A shared noise term is a hidden common cause and becomes a bidirected edge of `graph`.
    Raises ModelError for an unknown argument, a cycle, or probabilities that are not probabilities.
    Source: Pearl 2009, Causality, def. 7.1.1. Used from chapter 00, taught in chapter 03.
    """

    noise: Mapping[str, Sequence[float]]
    equations: Mapping[str, Equation]
    _forced: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for what, given in (("noise", self.noise), ("equations", self.equations)):
            if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
                raise ModelError(f"{what}= needs a dictionary from names to {_NEEDED[what]}; got {given!r}.")
        if not self.equations:
            raise ModelError(f"A model needs at least one variable: equations= needs {_NEEDED['equations']}.")
        if "p" in (*self.noise, *self.equations):
            raise ModelError("'p' is the column of probabilities in worlds(). Give your variable another name.")
        if both := set(self.noise) & set(self.equations):
            raise ModelError(
                f"'{min(both)}' is both noise and a variable with an equation. Give one of them another name."
            )
        self._check_noise()
        # a copy: whoever changes their own dictionary later must not change the model
        object.__setattr__(self, "noise", {name: tuple(map(float, p)) for name, p in self.noise.items()})
        object.__setattr__(self, "equations", dict(self.equations))
        self._arguments  # noqa: B018  reading them is how an equation that does not fit is noticed
        try:
            self.graph  # noqa: B018  building it is how a cycle is noticed
        except GraphError as error:
            raise ModelError(f"The equations go round in a circle. {error}") from None

    def _check_noise(self) -> None:
        for name, probabilities in self.noise.items():
            if not _are_probabilities(probabilities):
                raise ModelError(
                    f"The noise '{name}' needs probabilities that are not negative and sum to 1, such as [0.7, 0.3]; "
                    f"got {reprlib.repr(probabilities)}."
                )

    @cached_property
    def _arguments(self) -> dict[str, tuple[str, ...]]:
        """For each variable, the variables and noise terms its equation listens to; none when it is forced."""
        known = (*self.equations, *self.noise)
        return {v: () if v in self._forced else _read_arguments(v, f, known) for v, f in self.equations.items()}

    @cached_property
    def graph(self) -> CausalGraph:
        """The causal graph: an arrow from each parent, a bidirected edge for each shared noise term."""
        directed = [(a, v) for v in self.equations for a in self._arguments[v] if a in self.equations]
        listeners = [[v for v in self.equations if u in self._arguments[v]] for u in self.noise]
        bidirected = [pair for group in listeners for pair in itertools.combinations(group, 2)]
        return CausalGraph(tuple(self.equations), tuple(directed), tuple(bidirected))

    def do(self, **actions: Any) -> SCM:
        """A new model in which each named variable is set to a value, whatever its causes say; nothing else changes.

        Raises ModelError for a variable the model does not have. Source: Pearl 2009, sec. 3.2. Taught in chapter 03.
        """
        for name in actions:
            if name not in self.equations:
                raise ModelError(
                    f"do({name}=...) acts on '{name}', which is not a variable of this model "
                    f"({', '.join(self.equations)})." + did_you_mean(name, self.equations)
                )
        return SCM(self.noise, self.equations, {**self._forced, **actions})

    def solve(self, noise: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Every variable's values, one per unit, from noise arrays of shape (units,).

        Raises ModelError when an equation fails, or returns the wrong shape or a value that is not finite.
        Taught in chapter 03.
        """
        units = len(next(iter(noise.values()), np.zeros(1)))
        # an equation that wrote into its arguments would change the unit for all the others
        values: dict[str, Any] = {name: _read_only(array) for name, array in noise.items()}
        for name in self.graph.order:
            what = f"do({name}=...)" if name in self._forced else f"The equation for '{name}'"
            if name in self._forced:
                result = self._forced[name]
            else:
                try:
                    result = self.equations[name](**{a: values[a] for a in self._arguments[name]})
                except Exception as error:
                    raise ModelError(f"{what} failed: {type(error).__name__}: {error}.{_advice(error)}") from error
            try:
                array = np.asarray(result)
            except ValueError:
                raise ModelError(f"{what} gave rows of different lengths; expected one value for each unit.") from None
            if array.shape not in ((), (units,)):
                raise ModelError(f"{what} gave shape {array.shape}; expected one value for each of {units} units.")
            if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
                raise ModelError(
                    f"{what} gave a value that is not a finite number. Look for None, text, 0/0 or log(0)."
                )
            values[name] = np.broadcast_to(array.astype(int) if array.dtype.kind == "b" else array, (units,))
        return {name: values[name] for name in self.equations}

    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """`n` units drawn at random: a DataFrame with one column per variable.

        Raises ModelError unless `n` is a whole number, within memory, and `rng` a generator. Taught in chapter 03.
        """
        import pandas as pd

        most = _MOST_VALUES // (len(self.noise) + len(self.equations))
        if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or not 0 <= n <= most:
            raise ModelError(f"sample(n, rng) needs a whole number of units from 0 to {most:,}; got {n!r}.")
        if not isinstance(rng, np.random.Generator):
            raise ModelError(
                f"sample(n, rng) needs a generator, such as causalcourse.rng('my sample'); got {type(rng).__name__}."
            )
        noise = {u: rng.choice(len(p), size=n, p=p) for u, p in self.noise.items()}
        return pd.DataFrame(self.solve(noise), index=range(n))

    def worlds(self) -> pd.DataFrame:
        """Every state of the noise with its probability "p", and what each variable is in it: exact, no sampling.

        The rows of a model and of its `do(...)` line up: the same row is the same unit in another world.
        Raises ModelError when there are more than a million states. Source: Pearl 2009, sec. 7.1. Taught in chapter 07.
        """
        import pandas as pd

        sizes = [len(p) for p in self.noise.values()]
        count = int(np.prod(sizes, dtype=object))
        if count > _MOST_WORLDS:
            raise ModelError(f"This model has {count:,} noise states, too many to list one by one. Use sample(n, rng).")
        # the states as the digits of a number, one for each noise term, the last one running fastest
        place = count // np.cumprod(sizes, dtype=int)
        noise = {u: np.arange(count) // step % size for u, size, step in zip(self.noise, sizes, place, strict=True)}
        p = np.ones(count)
        for name, states in noise.items():
            p = p * np.array(self.noise[name])[states]
        return pd.DataFrame({"p": p, **noise, **self.solve(noise)}, index=range(count))

    def joint(self) -> pd.Series:
        """The exact joint distribution P(v): a Series indexed by the values of all variables, summing to 1.

        Taught in chapter 03.
        """
        return self.worlds().groupby(list(self.equations))["p"].sum()


def _read_arguments(name: str, equation: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Which of the `known` names an equation listens to. Raises ModelError for any other, and for no function."""
    if not callable(equation):
        raise ModelError(
            f"The equation for '{name}' is {equation!r}; a function is needed, such as "
            "lambda X, U: X + U. For a constant: lambda: 1."
        )
    try:
        parameters = inspect.signature(equation).parameters.values()
    except ValueError:  # compiled functions such as max and np.sin do not name theirs
        parameters = None
    if parameters is None or any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters):
        raise ModelError(
            f"The equation for '{name}' does not say what its arguments are called. Write it as a function with "
            "named arguments, such as lambda X, U: np.maximum(X, U)."
        )
    # a default, as in `lambda X, k=k: ...`, is how Python keeps a number of a loop: it is no parent
    arguments = tuple(p.name for p in parameters if p.default is p.empty or p.name in known)
    for argument in arguments:
        if argument not in known:
            raise ModelError(
                f"The equation for '{name}' names '{argument}', which is not a variable of this model "
                f"({', '.join(known)})." + did_you_mean(argument, known)
            )
    return arguments


def _are_probabilities(given: Any) -> bool:
    try:
        p = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        return False
    return p.ndim == 1 and p.size > 0 and bool(np.isfinite(p).all() and (p >= 0).all() and abs(p.sum() - 1) <= 1e-9)


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def _advice(error: Exception) -> str:
    if "truth value of an array" in str(error):
        return " Equations work on all units at once: use np.where(condition, a, b) for if, & for and, | for or."
    if "read-only" in str(error):
        return " An equation may not change what it is given: write X + 1, not X += 1."
    return ""
