"""What a formula in probabilities amounts to: on a table of records, on an exact joint, on a structural model."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from causalcourse.errors import did_you_mean
from causalcourse.expression import Expression, ExpressionError, Probability, Product, Ratio, Sum, Symbol
from causalcourse.graph import Node
from causalcourse.noise import Finite
from causalcourse.notation import UNICODE, read, written
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.factors.discrete import DiscreteFactor

_MOST_CELLS = 20_000_000
_TOLERANCE = 1e-9  # of a joint's sum


class EmptyCells(UserWarning):
    """A formula divides by the share of cases that the data do not have. Taught in chapter 05."""


_Where = tuple[str, frozenset[str]]  # a population, and what is set there


class _Grid(NamedTuple):
    """Numbers over the values of symbols: one axis for each, in the order of `axes`."""

    axes: tuple[Symbol, ...]
    numbers: np.ndarray


class _Source:
    """Shares of cases: the levels of each variable, and tables over any few of them."""

    def __init__(self, given: Any, name: str) -> None:
        import pandas as pd

        self.name, self.given = name, given
        self.tables: dict[Any, np.ndarray] = {}
        self.model = given if isinstance(given, SCM) else None
        self.weights: np.ndarray | None = None
        if isinstance(given, pd.Series):
            self.frame, self.weights = given.index.to_frame(index=False), given.to_numpy(dtype=float)
            if not (self.weights >= 0).all() or abs(self.weights.sum() - 1) > _TOLERANCE:
                raise ExpressionError(f"A joint is probabilities that sum to 1; these sum to {self.weights.sum():.6g}.")
        elif isinstance(given, pd.DataFrame):
            self.frame = given
            if not len(given):
                raise ExpressionError("The table has no rows, so it has no shares. Give it at least one case.")
        elif self.model is None:
            raise ExpressionError(
                "A formula is evaluated on a DataFrame of records, on a joint such as model.joint(), or on an SCM; "
                f"this is {type(given).__name__}."
            )
        self.nodes = list(self.model.equations if self.model else self.frame.columns)
        self.codes: dict[Node, tuple[np.ndarray, np.ndarray]] = {}

    def levels(self, node: Node) -> np.ndarray:
        """The values that a variable takes, in order."""
        return self._coded(node)[0]

    def _coded(self, node: Node) -> tuple[np.ndarray, np.ndarray]:
        if node not in self.codes:
            where = next((n for n in self.nodes if n == node or str(n) == str(node)), None)
            if where is None:
                known = ", ".join(map(str, self.nodes[:20]))
                raise ExpressionError(
                    f"The formula names '{node}', which {self.name} does not have ({known})."
                    + did_you_mean(node, self.nodes)
                )
            column = self.model.joint([where]).index if self.model else self.frame[where]
            values = np.asarray(column)
            if values.ndim > 1:
                raise ExpressionError(f"{self.name} has several columns named '{node}'. Give each its own name.")
            if values.dtype.kind in "fO" and any(v is None or v != v for v in values):
                raise ExpressionError(f"'{node}' has missing values. Drop those rows first, or say what they are.")
            try:
                self.codes[node] = np.unique(values, return_inverse=True)
            except TypeError:
                raise ExpressionError(
                    f"The values of '{node}' cannot be put in order: they are of several kinds, such as "
                    f"{type(values[0]).__name__}. Make them all numbers, or all text."
                ) from None
        return self.codes[node]

    def table(self, do: tuple[Node, ...], nodes: tuple[Node, ...]) -> np.ndarray:
        """P(nodes | do(do)): an axis for each of `do`, then one for each of `nodes`."""
        shape = tuple(len(self.levels(n)) for n in (*do, *nodes))
        if math.prod(shape) > _MOST_CELLS:
            many = max((*do, *nodes), key=lambda n: len(self.levels(n)))
            raise ExpressionError(
                f"A table over {', '.join(map(str, (*do, *nodes)))} has {math.prod(shape):,} cells; '{many}' alone has "
                f"{len(self.levels(many)):,} values. A formula needs few values: group them, such as with pandas.cut."
            )
        key = (do, nodes)
        if key not in self.tables:
            self.tables[key] = self._acted(do, nodes, shape) if self.model else self._counted(do, nodes, shape)
        return self.tables[key]

    def _counted(self, do: tuple[Node, ...], nodes: tuple[Node, ...], shape: tuple[int, ...]) -> np.ndarray:
        if do:
            raise ExpressionError(
                f"do({', '.join(map(str, do))}) is in the formula, and {self.name} says only what was seen. First "
                "identify(graph, query), then evaluate its estimand; or evaluate on an SCM, which can be acted on."
            )
        if not nodes:
            return np.ones(())
        place = np.ravel_multi_index([self._coded(n)[1] for n in nodes], shape)
        counts = np.bincount(place, weights=self.weights, minlength=math.prod(shape)).reshape(shape)
        return counts if self.weights is not None else counts / len(self.frame)

    def _acted(self, do: tuple[Node, ...], nodes: tuple[Node, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Every action at once: each variable in `do` follows a fair die, and is then conditioned on."""
        assert self.model is not None
        if not nodes:
            return np.ones(shape)
        noise, equations = dict(self.model.noise), dict(self.model.equations)
        for node in do:
            values, die = self.levels(node), f"do_{node}"
            while die in noise or die in equations:
                die += "_"
            noise[die] = Finite([1 / len(values)] * len(values))
            equations[node] = _thrown(values, die)
        joint = SCM(noise, equations).joint([*do, *nodes])
        index = [
            np.searchsorted(self.levels(n), joint.index.get_level_values(n) if len(shape) > 1 else joint.index)
            for n in (*do, *nodes)
        ]
        table = np.zeros(shape)
        np.add.at(table, tuple(index), joint.to_numpy() * math.prod(shape[: len(do)]))
        return table


def _thrown(values: np.ndarray, die: str) -> Any:
    import inspect

    def equation(**thrown: np.ndarray) -> np.ndarray:
        return values[thrown[die]]

    equation.__signature__ = inspect.Signature([inspect.Parameter(die, inspect.Parameter.KEYWORD_ONLY)])  # type: ignore[attr-defined]
    return equation


class _Evaluation:
    """A formula on its sources; remembers the first cell that had no case."""

    def __init__(self, sources: Mapping[_Where, _Source]) -> None:
        self.sources, self.empty = sources, ""

    def source(self, population: str, do: tuple[Node, ...] = ()) -> tuple[_Source, bool]:
        """Where a probability is looked up, and whether that is an experiment which itself sets `do`."""
        for acted in (do, ()):
            found = self.sources.get((population, frozenset(map(str, acted))))
            if found is not None and (acted or not do or found.model):
                return found, bool(acted)
        if not population and (found := self.sources.get(("", frozenset()))):
            return found, False
        missing = written_probability(population, do)
        raise ExpressionError(
            f"The formula needs {missing}, and no source for it was given. Give a dictionary with one for each: "
            f"evaluate({{'{missing}': ..., ...}})."
        )

    @property
    def first(self) -> _Source:
        return next(iter(self.sources.values()))

    def grid(self, e: Expression) -> _Grid:
        if isinstance(e, Probability):
            return self.probability(e)
        if isinstance(e, Product):
            return self.product(e)
        if isinstance(e, Ratio):
            above, below = self.grid(e.above), self.grid(e.below)
            self.noted(below.axes, below.numbers, self.first)
            axes = _together([above.axes, below.axes])
            with np.errstate(divide="ignore", invalid="ignore"):
                return _Grid(axes, _spread(above, axes) / _undefined(_spread(below, axes)))
        assert isinstance(e, Sum)
        body = self.grid(e.body)
        inside = [s for s in e.over if s in body.axes]
        total = body.numbers.sum(axis=tuple(body.axes.index(s) for s in inside))
        for symbol in set(e.over).difference(inside):  # a sum over what does not occur counts its values
            total = total * len(self.first.levels(symbol.node))
        return _Grid(tuple(s for s in body.axes if s not in inside), total)

    def probability(self, p: Probability) -> _Grid:
        axes = (*p.do, *p.given, *p.of)
        do, given, of = (tuple(s.node for s in symbols) for symbols in (p.do, p.given, p.of))
        source, experiment = self.source(p.population, do)
        if experiment and not source.model:  # what an experiment sets stands in its table like any column
            do, given = (), do + given
        joint = source.table(do, given + of)
        if not given:
            return _Grid(axes, joint)
        cases = joint.sum(axis=tuple(range(len(do + given), joint.ndim)), keepdims=True)
        self.noted(axes, cases, source)
        with np.errstate(invalid="ignore"):
            return _Grid(axes, joint / _undefined(cases))

    def noted(self, axes: tuple[Symbol, ...], cases: np.ndarray, source: _Source) -> None:
        """Remember the first cell that is divided by, and has no case."""
        if not self.empty and (cases == 0).any():
            where = zip(axes, np.argwhere(cases == 0)[0], cases.shape, strict=False)
            self.empty = ", ".join(f"{written_symbol(s)} = {source.levels(s.node)[i]}" for s, i, n in where if n > 1)

    def product(self, e: Product) -> _Grid:
        grids = [self.grid(factor) for factor in e.factors]
        axes = _together([grid.axes for grid in grids])
        spread = [_spread(grid, axes) for grid in grids]
        numbers = np.ones(np.broadcast_shapes((1,) * len(axes), *(a.shape for a in spread)))
        if numbers.size > _MOST_CELLS:
            raise ExpressionError(f"The formula needs a table of {numbers.size:,} cells, too many to work out.")
        never = np.zeros(numbers.shape, dtype=bool)
        for array in spread:
            numbers = numbers * array
            never |= array == 0
        # what never happens adds nothing, even where another factor has no case to say what it would be
        return _Grid(axes, np.where(never, 0.0, numbers))


def _undefined(cases: np.ndarray) -> np.ndarray:
    return np.where(cases == 0, np.nan, cases)


def _together(lists: Iterable[tuple[Symbol, ...]]) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(symbol for axes in lists for symbol in axes))


def _spread(grid: _Grid, axes: tuple[Symbol, ...]) -> np.ndarray:
    """The grid's numbers with an axis for each of `axes`, of length 1 where it does not depend on one."""
    order = sorted(range(len(grid.axes)), key=lambda i: axes.index(grid.axes[i]))
    numbers = grid.numbers.transpose(order)
    lengths = dict(zip((grid.axes[i] for i in order), numbers.shape, strict=True))
    return numbers.reshape([lengths.get(symbol, 1) for symbol in axes])


def _evaluated(expression: Expression, source: Any, values: Mapping[Any, Any]) -> tuple[_Grid, dict, _Evaluation]:
    """The numbers over the free symbols without a value, and the levels of those."""
    named = source if isinstance(source, Mapping) else {"": source}
    evaluation = _Evaluation({_where(k): _Source(s, f"'{k}'" if k else "the data") for k, s in named.items()})
    grid = evaluation.grid(expression)
    names = {written_symbol(s): s for s in sorted(expression.free, key=lambda s: (str(s.node), s.primes))}
    fixed = {}
    for name, value in values.items():
        symbol = names.get(str(name))
        if symbol is None:
            raise ExpressionError(
                f"{expression} does not depend on '{name}' (it does on: {', '.join(names) or 'nothing'})."
            )
        fixed[symbol] = value
    levels = {}
    numbers, axes = grid.numbers, list(grid.axes)
    for symbol in grid.axes:
        known = evaluation.first.levels(symbol.node)
        if symbol not in fixed:
            levels[symbol] = known
            continue
        at = np.flatnonzero(known == fixed[symbol])
        if not len(at):
            listed = ", ".join(map(str, known[:10].tolist())) + ", ..." * (len(known) > 10)
            raise ExpressionError(f"'{symbol.node}' never has the value {fixed[symbol]!r} here (it has: {listed}).")
        numbers = numbers.take(at[0], axis=axes.index(symbol))
        axes.remove(symbol)
    return _Grid(tuple(axes), numbers), levels, evaluation


def _where(key: str) -> _Where:
    """The population and the action of a source's name: "trial", "P(v | do(Z))" or "P^trial(v | do(Z))"."""
    if not re.match(r"\s*P\s*[(^]", str(key)):
        return str(key), frozenset()
    p = read(key)
    assert isinstance(p, Probability)
    return p.population, frozenset(str(s.node) for s in p.do)


def written_probability(population: str, do: tuple[Node, ...]) -> str:
    """The name of a source, such as P^{trial}(v | do(Z)). Used from chapter 05."""
    return str(Probability((Symbol("v"),), (), tuple(map(Symbol, do)), population))


def written_symbol(symbol: Symbol) -> str:
    """A symbol as formulas print it, such as X or X'. Used from chapter 05."""
    return str(symbol.node) + "'" * symbol.primes


def evaluate(expression: Expression, source: Any, values: Mapping[Any, Any]) -> float | pd.Series:
    """See `Expression.evaluate`. Taught in chapter 05."""
    import pandas as pd

    grid, levels, evaluation = _evaluated(expression, source, values)
    if evaluation.empty and np.isnan(grid.numbers).any():
        warnings.warn(
            f"No case has {evaluation.empty}, and {written(expression, UNICODE)} divides by how many there are. "
            "The answer there is NaN: these data cannot say (no overlap).",
            EmptyCells,
            stacklevel=3,
        )
    if not grid.axes:
        return float(grid.numbers)
    ordered = sorted(grid.axes, key=lambda s: (str(s.node), s.primes))
    numbers = _spread(grid, tuple(ordered))
    index = pd.MultiIndex.from_product([levels[s] for s in ordered], names=[written_symbol(s) for s in ordered])
    if len(ordered) == 1:
        index = index.get_level_values(0)
    return pd.Series(numbers.ravel(), index=index, name=str(expression))


def to_pgmpy(expression: Expression, source: Any) -> DiscreteFactor:
    """See `Expression.to_pgmpy`. Taught in chapter 05."""
    from pgmpy.factors.discrete import DiscreteFactor

    grid, levels, _ = _evaluated(expression, source, {})
    if not grid.axes:
        raise ExpressionError(f"{expression} is one number, {float(grid.numbers):.6g}; a factor needs a variable.")
    names = [written_symbol(s) for s in grid.axes]
    states = {name: levels[s].tolist() for name, s in zip(names, grid.axes, strict=True)}
    return DiscreteFactor(names, list(grid.numbers.shape), grid.numbers, state_names=states)
