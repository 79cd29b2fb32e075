"""Structural causal models: noise, one equation per variable, and what follows when you act."""

from __future__ import annotations

import inspect
import itertools
import math
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.errors import GraphError, ModelError, did_you_mean, is_whole
from causalcourse.graph import CausalGraph
from causalcourse.listing import MOST_ROWS, summed_out
from causalcourse.noise import Finite, Noise, as_noise

if TYPE_CHECKING:
    import pandas as pd

Equation = Callable[..., Any]
_MOST_VALUES = 100_000_000  # of eight bytes each: what a small computer holds
_NEEDED = {
    "noise": "probabilities, such as {'U': [0.7, 0.3]}",
    "equations": "functions, such as {'X': lambda U: U}",
}


# eq=False: equations are functions, so two models are equal only if they are one
@dataclass(frozen=True, eq=False)
class SCM:
    """A structural causal model: the textbook tuple (U, V, F, P(U)).

    `noise` gives each exogenous variable its distribution: probabilities over the states 0, 1, ..., k-1 that sum to 1,
    one of `causalcourse.noise` such as Normal(0, 1), or a frozen distribution of scipy.stats.
    `equations` gives each endogenous variable a function of NumPy arrays; its argument names are its parents.
    A shared noise term is a hidden common cause and becomes a bidirected edge of `graph`.
    Raises ModelError for an unknown argument, a cycle, or probabilities that are not probabilities.
    Source: Pearl 2009, Causality, def. 7.1.1. Used from chapter 00, taught in chapter 03.
    """

    noise: Mapping[str, Noise | Sequence[float]]
    equations: Mapping[str, Equation] = field(default_factory=dict)  # none given: the error below says what is needed
    _acted: frozenset[str] = field(default=frozenset(), repr=False)  # variables whose equation an action replaced

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
        # copies: whoever changes their own dictionary later must not change the model
        object.__setattr__(self, "noise", {name: _noise(name, given) for name, given in self.noise.items()})
        object.__setattr__(self, "equations", dict(self.equations))
        self.arguments  # noqa: B018  reading them is how an equation that does not fit is noticed
        try:
            self.graph  # noqa: B018  building it is how a cycle is noticed
        except GraphError as error:
            raise ModelError(f"The equations go round in a circle. {error}") from None

    @cached_property
    def arguments(self) -> dict[str, tuple[str, ...]]:
        """For each variable, the variables and noise terms its equation listens to. Used from chapter 03."""
        known = (*self.equations, *self.noise)
        return {v: _read_arguments(self._called(v), f, known) for v, f in self.equations.items()}

    def _called(self, variable: str) -> str:
        return f"do({variable}=...)" if variable in self._acted else f"The equation for '{variable}'"

    @cached_property
    def latents(self) -> tuple[str, ...]:
        """The noise terms that more than one variable listens to: hidden common causes. Taught in chapter 03."""
        heard = Counter(a for arguments in self.arguments.values() for a in arguments)
        return tuple(u for u in self.noise if heard[u] > 1)

    @cached_property
    def graph(self) -> CausalGraph:
        """The causal graph: an arrow from each parent, a bidirected edge for each shared noise term."""
        directed = [(a, v) for v in self.equations for a in self.arguments[v] if a in self.equations]
        listeners = [[v for v in self.equations if u in self.arguments[v]] for u in self.noise]
        bidirected = [pair for group in listeners for pair in itertools.combinations(group, 2)]
        return CausalGraph(tuple(self.equations), tuple(directed), tuple(bidirected))

    def do(self, /, *unnamed: Any, **actions: Any) -> SCM:
        """A new model in which each named variable obeys an action and not its equation; nothing else changes.

        An action is a value, or an array with one for each unit (hard); a function of other variables (conditional),
        in which the variable's own name stands for what it would have been (shift: `do(X=lambda X: X + 1)`); or a
        distribution such as `Finite([0.5, 0.5])` (stochastic), which brings a noise term of its own.
        Raises ModelError for a variable the model does not have. Source: Pearl 2009, sec. 3.2 and 4.2; Correa &
        Bareinboim 2020. Taught in chapter 03.
        """
        if unnamed:
            raise ModelError("do needs the variable's name and an equals sign, such as do(X=1).")
        noise, equations = dict(self.noise), dict(self.equations)
        for name, action in actions.items():
            if name not in self.equations:
                raise ModelError(
                    f"do({name}=...) acts on '{name}', which is not a variable of this model "
                    f"({', '.join(self.equations)})." + did_you_mean(name, self.equations)
                )
            coin = self._coin(name)
            if isinstance(action, Noise) or hasattr(action, "rvs"):
                noise[coin] = action
                equations[name] = takes([coin], lambda coin=coin, **values: values[coin])
                continue
            if callable(action):
                equations[name] = self._acting(name, action)
            else:
                value = _frozen(action)
                equations[name] = takes([], lambda value=value: value)
            if name in self._acted and coin not in inspect.signature(equations[name]).parameters:
                noise.pop(coin, None)  # the noise of an earlier action goes with it
        return SCM(noise, equations, self._acted.union(actions))

    def _coin(self, name: str) -> str:
        """The noise term of a stochastic action: that of an earlier action again, but never one of the model's own."""
        coin = f"do_{name}"
        others = {a for v, arguments in self.arguments.items() if v != name for a in arguments}
        while coin in others.union(self.equations) or (coin in self.noise and name not in self._acted):
            coin += "_"
        return coin

    def _acting(self, name: str, action: Equation) -> Equation:
        """The action as an equation; where it names its own variable, it is handed what that would have been."""
        wanted = _read_arguments(f"do({name}=...)", action, (*self.equations, *self.noise))
        if name not in wanted:
            return action
        before, natural = self.arguments[name], self.equations[name]

        def shifted(**values: np.ndarray) -> Any:
            if values:  # as every other equation is handed it: whole numbers for yes and no, one value for each unit
                own = self.value(name, values, len(next(iter(values.values()))))
            else:
                own = np.asarray(natural())
                own = own.astype(int) if own.dtype.kind == "b" else own
            return action(**{a: own if a == name else values[a] for a in wanted})

        return takes(dict.fromkeys((*before, *(a for a in wanted if a != name))), shifted)

    def draw_noise(self, n: int, rng: np.random.Generator | None = None) -> dict[str, np.ndarray]:
        """`n` units as their noise: an array of shape (n,) for each noise term, to be handed to `solve`.

        The same noise solved in a model and in its `do(...)` is the same units in two worlds.
        Raises ModelError unless `n` is a whole number, within memory, and `rng` a generator. Taught in chapter 03.
        """
        most = _MOST_VALUES // (len(self.noise) + len(self.equations))
        if not is_whole(n, 0, most):
            raise ModelError(f"sample(n, rng) needs a whole number of units from 0 to {most:,}; got {n!r}.")
        if not isinstance(rng, np.random.Generator):
            got = "none was given" if rng is None else f"got {type(rng).__name__}"
            raise ModelError(f"sample(n, rng) needs a generator, such as causalcourse.rng('my sample'); {got}.")
        return {u: distribution.draw(int(n), rng) for u, distribution in self.noise.items()}

    def solve(self, noise: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Every variable's values, one per unit, from noise arrays of shape (units,).

        Raises ModelError when a noise term is missing, when an equation fails, or returns the wrong shape or a value
        that is not a finite number; with the equation's name and the first units concerned. Taught in chapter 03.
        """
        try:
            given = {u: np.asarray(values) for u, values in noise.items()}
        except (AttributeError, ValueError):
            raise ModelError(
                "solve needs a dictionary from noise names to arrays of numbers. model.draw_noise(n, rng) gives one."
            ) from None
        if missing := [u for u in self.noise if u not in given]:
            raise ModelError(
                f"solve needs an array for the noise '{missing[0]}'. model.draw_noise(n, rng) gives them all."
            )
        if len(shapes := {values.shape for values in given.values()}) > 1 or any(len(shape) != 1 for shape in shapes):
            raise ModelError(f"solve needs noise arrays of one shape (units,); got {sorted(shapes)}.")
        return self._solved(given, len(next(iter(given.values()), [0])))

    def _solved(self, noise: Mapping[str, np.ndarray], units: int) -> dict[str, np.ndarray]:
        values = dict(noise)
        for name in self.graph.order:
            values[name] = self.value(name, values, units)
        return {name: values[name] for name in self.equations}

    def value(self, name: str, values: Mapping[str, np.ndarray], units: int) -> np.ndarray:
        """What one equation says, shape (units,), given its arguments. Raises ModelError as `solve` does.

        Used from chapter 03.
        """
        what = self._called(name)
        try:
            # read-only: an equation that wrote into its arguments would change the unit for all the others
            result = self.equations[name](**{a: _read_only(values[a]) for a in self.arguments[name]})
        except ModelError:  # a shift meets an equation that fails: the equation has said so
            raise
        except Exception as error:
            raise ModelError(f"{what} failed: {type(error).__name__}: {error}.{_advice(error)}") from error
        try:
            array = np.asarray(result)
        except ValueError:
            raise ModelError(f"{what} gave rows of different lengths; expected one value for each unit.") from None
        if array.shape not in ((), (units,)):
            raise ModelError(f"{what} gave shape {array.shape}; expected one value for each of {units} units.")
        if array.dtype.kind not in "biuf" or (array.dtype.kind == "f" and not np.isfinite(array).all()):
            raise ModelError(
                f"{what} gave a value that is not a finite number{_where(array)}. Look for None, text, 0/0 or log(0)."
            )
        return np.broadcast_to(array.astype(int) if array.dtype.kind == "b" else array, (units,))

    def sample(self, n: int, rng: np.random.Generator | None = None) -> pd.DataFrame:
        """`n` units drawn at random: a DataFrame with one column per variable.

        Raises ModelError unless `n` is a whole number, within memory, and `rng` a generator. Taught in chapter 03.
        """
        import pandas as pd

        return pd.DataFrame(self._solved(self.draw_noise(n, rng), n), index=range(n))

    def worlds(self) -> pd.DataFrame:
        """Every state of the noise with its probability "p", and what each variable is in it: exact, no sampling.

        The rows of a model and of its `do(...)` line up, unless the action draws: the same row is the same unit in
        another world. Raises ModelError for noise that is not finite, and for more than a million states.
        Source: Pearl 2009, sec. 7.1. Taught in chapter 07.
        """
        import pandas as pd

        probabilities = {u: self.states(u) for u in self.noise}
        sizes = [len(p) for p in probabilities.values()]
        count = int(np.prod(sizes, dtype=object))
        if count > MOST_ROWS:
            raise ModelError(f"This model has {count:,} noise states, too many to list one by one. Use sample(n, rng).")
        # the states as the digits of a number, one for each noise term, the last one running fastest
        place = count // np.cumprod(sizes, dtype=int)
        noise = {u: np.arange(count) // step % size for u, size, step in zip(self.noise, sizes, place, strict=True)}
        p = np.ones(count)
        for name, states in noise.items():
            p = p * probabilities[name][states]
        return pd.DataFrame({"p": p, **noise, **self._solved(noise, count)}, index=range(count))

    def joint(
        self, variables: str | Iterable[str] | None = None, given: Mapping[str, float] | None = None
    ) -> pd.Series:
        """The exact distribution of `variables` (default: all): a Series indexed by their values, summing to 1.

        `given` says what was seen: only units that are so count. Noise is summed out once nothing listens to it any
        more, so that ten variables and more are no burden. Raises ModelError for an unknown variable, for what is no
        number, for noise that is not finite, and for more than a million rows; NoSuchUnit where no unit is as given.
        Taught in chapter 03.
        """
        import pandas as pd

        one = isinstance(variables, str) or not isinstance(variables, Iterable)
        wanted = list(self.equations) if variables is None else [variables] if one else [*variables]
        if not wanted:
            raise ModelError(
                f"joint(variables) needs at least one variable of this model ({', '.join(self.equations)})."
            )
        seen = _seen(given)
        try:
            relevant = self.graph.ancestors([*wanted, *seen])
        except GraphError as error:
            raise ModelError(f"joint(variables) asks for what is not there. {error}") from None
        table = summed_out(self, wanted, relevant, seen)
        return pd.DataFrame(table).groupby(wanted)["p"].sum()

    def states(self, name: str) -> np.ndarray:
        """The probabilities of a noise term's states. Raises ModelError where it has infinitely many.

        Used from chapter 03.
        """
        if not isinstance(self.noise[name], Finite):
            raise ModelError(
                f"The noise '{name}' is {self.noise[name]}, whose states cannot be listed here. "
                "Exact answers need finite noise; use sample(n, rng)."
            )
        return np.array(self.noise[name].p)


def _seen(given: Any) -> dict[str, float]:
    """What was seen. Raises ModelError for what does not say a number for each variable."""
    try:
        seen = {} if given is None else dict(given)
        said = all(not isinstance(value, str) and math.isfinite(value) for value in seen.values())
    except (TypeError, ValueError):  # no dictionary, or no numbers in it
        said = False
    if not said:
        raise ModelError(f"given= needs a number for each variable that was seen, such as {{'X': 1}}; got {given!r}.")
    return seen


def _noise(name: str, given: Any) -> Noise:
    try:
        noise = as_noise(given)
    except ModelError as error:
        raise ModelError(f"The noise '{name}' does not fit. {error}") from None
    if noise is None:
        raise ModelError(
            f"The noise '{name}' is {reprlib.repr(given)}; expected probabilities that sum to 1, such as [0.7, 0.3], "
            "or a distribution such as Normal(0, 1)."
        )
    return noise


def _read_arguments(what: str, equation: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Which of the `known` names an equation listens to. Raises ModelError for any other, and for no function."""
    if not callable(equation):
        raise ModelError(
            f"{what} is {equation!r}; a function is needed, such as lambda X, U: X + U. For a constant: lambda: 1."
        )
    try:
        parameters = inspect.signature(equation).parameters.values()
    except ValueError:  # compiled functions such as max and np.sin do not name theirs
        parameters = None
    if parameters is None or any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters):
        raise ModelError(
            f"{what} does not say what its arguments are called. Write it as a function with "
            "named arguments, such as lambda X, U: np.maximum(X, U)."
        )
    # a default, as in `lambda X, k=k: ...`, is how Python keeps a number of a loop: it is no parent
    arguments = tuple(p.name for p in parameters if p.default is p.empty or p.name in known)
    for argument in arguments:
        if argument not in known:
            raise ModelError(
                f"{what} names '{argument}', which is not a variable of this model "
                f"({', '.join(known)})." + did_you_mean(argument, known)
            )
    return arguments


def takes(arguments: Iterable[str], function: Equation) -> Equation:
    """The function, saying what its arguments are called. Used from chapter 03."""
    named = [inspect.Parameter(a, inspect.Parameter.KEYWORD_ONLY) for a in arguments]
    function.__signature__ = inspect.Signature(named)
    return function


def _frozen(value: Any) -> Any:
    """A copy that nobody can change, for arrays and lists."""
    if not isinstance(value, (np.ndarray, list, tuple)) and not hasattr(value, "__array__"):
        return value
    if hasattr(value, "index") and hasattr(value, "to_numpy") and list(value.index) != list(range(len(value))):
        raise ModelError(
            "do(...) reads an array by position, one value for each unit, and this Series is not numbered 0, 1, 2, ... "
            "Use .to_numpy(), once its order is that of the units."
        )
    try:
        return _read_only(np.array(value))
    except ValueError:  # rows of different lengths: solving says so
        return value


def _where(array: np.ndarray) -> str:
    if array.dtype.kind != "f" or array.ndim == 0:
        return ""
    units = np.flatnonzero(~np.isfinite(array))
    return f" for {len(units):,} of {len(array):,} units (the first is unit {units[0]})"


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
