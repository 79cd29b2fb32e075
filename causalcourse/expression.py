"""Probabilities as papers write them, P(Y | do(X), Z), with their sums, products and ratios: formulas as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from causalcourse.errors import CourseError, GraphError
from causalcourse.graph import Node

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.factors.discrete import DiscreteFactor

Place = tuple[int, ...]  # which part, of which part, of which part


class ExpressionError(CourseError):
    """Text that is no expression, or an expression that means nothing. Taught in chapter 05."""


class Symbol(NamedTuple):
    """A value of a variable: with primes another value of it, such as the X' that a sum runs over beside a fixed X.

    Taught in chapter 05.
    """

    node: Node
    primes: int = 0


Renaming = Mapping[Symbol, Symbol]


class Expression:
    """A formula in probabilities: a `Probability`, `Sum`, `Product` or `Ratio`. Immutable.

    Two are equal when they differ only in the order of factors and of names, in nested products and sums, and in what
    the variables of their sums are called. Taught in chapter 05.
    """

    @property
    def free(self) -> frozenset[Symbol]:
        """The symbols that the value depends on: those that no sum runs over. Taught in chapter 05."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions directly inside this one. Used from chapter 05."""
        return ()

    def with_parts(self, parts: Iterable[Expression]) -> Expression:
        """The same kind of expression around other parts. Used from chapter 05."""
        return self

    def renamed(self, new: Renaming) -> Expression:
        """The expression about other values: free symbols replaced, and none caught by a sum inside.

        Used from chapter 05.
        """
        return self.with_parts(part.renamed(new) for part in self.parts)

    def relabelled(self, names: Mapping[Node, Node]) -> Expression:
        """The expression with other names for its variables, those that sums run over too. Used from chapter 05."""
        return self.with_parts(part.relabelled(names) for part in self.parts)

    def at(self, place: Place) -> Expression:
        """The part at `place`: (0, 1) is part 1 of part 0. Raises IndexError. Used from chapter 05."""
        return self.parts[place[0]].at(place[1:]) if place else self

    def replaced(self, place: Place, new: Expression) -> Expression:
        """The expression with another part at `place`. Raises IndexError. Used from chapter 05."""
        if not place:
            return new
        parts = list(self.parts)
        parts[place[0]] = parts[place[0]].replaced(place[1:], new)
        return self.with_parts(parts)

    def places(self) -> Iterator[tuple[Place, Expression]]:
        """Every part of the formula with its place: the whole first, and each before its own parts.

        Used from chapter 05.
        """
        yield (), self
        for k, part in enumerate(self.parts):
            yield from (((k, *place), inner) for place, inner in part.places())

    def probabilities(self) -> list[Probability]:
        """Every probability in the formula. Used from chapter 05."""
        return [part for _, part in self.places() if isinstance(part, Probability)]

    def evaluate(self, source: Any, at: Mapping[Node, Any] | None = None, **values: Any) -> float | pd.Series:
        """The number this is, or a Series of numbers over the free symbols that got no value.

        source: a DataFrame of records (plug-in: shares in place of probabilities), a Series such as `SCM.joint()`, an
        SCM, which also answers for do(...), or a dictionary from populations to those. at, values: symbols' values,
        such as X=1. Raises ExpressionError when the source cannot say; warns where it has no case to divide by.
        Taught in chapter 05.
        """
        from causalcourse.evaluate import evaluate

        return evaluate(self, source, {**(at or {}), **values})

    def to_pgmpy(self, source: Any) -> DiscreteFactor:
        """The values of all free symbols as a factor for pgmpy. Raises ExpressionError. Taught in chapter 05."""
        from causalcourse.evaluate import to_pgmpy

        return to_pgmpy(self, source)

    def latex(self) -> str:
        """The formula for LaTeX. Taught in chapter 05."""
        from causalcourse.notation import LATEX, written

        return written(self, LATEX)

    def ascii(self) -> str:
        """The formula in plain letters, with sum in place of Σ. Taught in chapter 05."""
        from causalcourse.notation import ASCII, written

        return written(self, ASCII)

    def __str__(self) -> str:
        from causalcourse.notation import UNICODE, written

        return written(self, UNICODE)

    __repr__ = __str__

    def _repr_latex_(self) -> str | None:
        try:
            return f"$\\displaystyle {self.latex()}$"
        except GraphError:  # a name that LaTeX cannot print: the text is shown
            return None

    @cached_property
    def _identity(self) -> Hashable:
        return self._key({})

    def _key(self, bound: Mapping[Symbol, tuple]) -> Hashable:
        """What equal expressions share; a bound symbol stands for how many sums over its variable are around it."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expression) and self._identity == other._identity)

    def __hash__(self) -> int:
        return hash(self._identity)

    def __mul__(self, other: Expression) -> Expression:
        return product((self, other)) if isinstance(other, Expression) else NotImplemented

    def __truediv__(self, other: Expression) -> Expression:
        return Ratio(self, other) if isinstance(other, Expression) else NotImplemented


@dataclass(frozen=True, eq=False, repr=False)
class Probability(Expression):
    """P(of | do(...), given) in a population; "" is the one that the question is about.

    Raises ExpressionError for a variable named twice, and when `of` is empty. Source: Pearl 2009, sec. 3.4.
    Taught in chapter 05.
    """

    of: tuple[Symbol, ...]
    given: tuple[Symbol, ...] = ()
    do: tuple[Symbol, ...] = ()
    population: str = ""

    def __post_init__(self) -> None:
        if not self.of:
            raise ExpressionError("A probability needs something it is the probability of, such as Y in P(Y | X).")
        nodes = [symbol.node for symbol in (*self.of, *self.given, *self.do)]
        if len(set(nodes)) < len(nodes):
            twice = next(node for node, count in Counter(nodes).items() if count > 1)
            raise ExpressionError(f"'{twice}' is named twice in {self}. Each variable has one place in a probability.")

    @cached_property
    def free(self) -> frozenset[Symbol]:
        """Every symbol that is named, in any of the three places. Used from chapter 05."""
        return frozenset((*self.of, *self.given, *self.do))

    def renamed(self, new: Renaming) -> Probability:
        if self.free.isdisjoint(new):
            return self
        parts = (tuple(new.get(s, s) for s in symbols) for symbols in (self.of, self.given, self.do))
        return Probability(*parts, self.population)

    def relabelled(self, names: Mapping[Node, Node]) -> Probability:
        parts = (_relabelled(symbols, names) for symbols in (self.of, self.given, self.do))
        return Probability(*parts, self.population)

    def _key(self, bound: Mapping[Symbol, tuple]) -> Hashable:
        parts = (frozenset(bound.get(s, s) for s in symbols) for symbols in (self.of, self.given, self.do))
        return ("P", self.population, *parts)


@dataclass(frozen=True, eq=False, repr=False)
class Product(Expression):
    """A product of factors; of none, it is 1. Taught in chapter 05."""

    factors: tuple[Expression, ...] = ()

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The factors. Used from chapter 05."""
        return self.factors

    def with_parts(self, parts: Iterable[Expression]) -> Product:
        return Product(tuple(parts))

    @cached_property
    def free(self) -> frozenset[Symbol]:
        """The symbols of any factor. Used from chapter 05."""
        return frozenset().union(*(factor.free for factor in self.factors))

    def _key(self, bound: Mapping[Symbol, tuple]) -> Hashable:
        flat = product(self.factors)
        if not isinstance(flat, Product):
            return flat._key(bound)
        return ("*", frozenset(Counter(factor._key(bound) for factor in flat.factors).items()))


@dataclass(frozen=True, eq=False, repr=False)
class Ratio(Expression):
    """One expression over another. Taught in chapter 05."""

    above: Expression
    below: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """What stands above, then what stands below. Used from chapter 05."""
        return (self.above, self.below)

    def with_parts(self, parts: Iterable[Expression]) -> Ratio:
        return Ratio(*parts)

    @cached_property
    def free(self) -> frozenset[Symbol]:
        """The symbols above and below. Used from chapter 05."""
        return self.above.free | self.below.free

    def _key(self, bound: Mapping[Symbol, tuple]) -> Hashable:
        return ("/", self.above._key(bound), self.below._key(bound))


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Expression):
    """The sum of `body` over all values of the symbols `over`. Raises ExpressionError when `over` names one twice.

    Taught in chapter 05.
    """

    over: tuple[Symbol, ...]
    body: Expression

    def __post_init__(self) -> None:
        if not self.over or len(set(self.over)) < len(self.over):
            raise ExpressionError("A sum runs over one symbol or more, each named once, such as Z in Σ_Z P(Y, Z).")

    @property
    def parts(self) -> tuple[Expression, ...]:
        """What is added up. Used from chapter 05."""
        return (self.body,)

    def with_parts(self, parts: Iterable[Expression]) -> Sum:
        return Sum(self.over, *parts)

    @cached_property
    def free(self) -> frozenset[Symbol]:
        """The symbols of the body that the sum does not run over. Used from chapter 05."""
        return self.body.free.difference(self.over)

    def renamed(self, new: Renaming) -> Sum:
        new = {old: symbol for old, symbol in new.items() if old in self.free}
        if not new:
            return self
        taken = self.free.union(new.values(), self.over)
        caught: dict[Symbol, Symbol] = {}
        for symbol in self.over:
            if symbol in new.values():
                caught[symbol] = fresh_symbol(symbol.node, taken.union(caught.values()))
        return Sum(tuple(caught.get(s, s) for s in self.over), self.body.renamed({**new, **caught}))

    def relabelled(self, names: Mapping[Node, Node]) -> Sum:
        return Sum(_relabelled(self.over, names), self.body.relabelled(names))

    def _key(self, bound: Mapping[Symbol, tuple]) -> Hashable:
        over, body = self.over, self.body
        while isinstance(body, Sum) and not set(body.over).intersection(over):
            over, body = over + body.over, body.body
        around = Counter(key[1] for key in bound.values())
        inside = dict(bound)
        for symbol in sorted(over, key=lambda s: s.primes):
            inside[symbol] = ("bound", symbol.node, around[symbol.node])
            around[symbol.node] += 1
        return ("sum", frozenset(inside[s] for s in over), body._key(inside))


def _relabelled(symbols: tuple[Symbol, ...], names: Mapping[Node, Node]) -> tuple[Symbol, ...]:
    return tuple(Symbol(names.get(s.node, s.node), s.primes) for s in symbols)


def fresh_symbol(node: Node, taken: Iterable[Symbol]) -> Symbol:
    """The symbol of `node` with the fewest primes that is not taken. Used from chapter 05."""
    used = {symbol.primes for symbol in taken if symbol.node == node}
    return Symbol(node, next(k for k in range(len(used) + 1) if k not in used))


def product(factors: Iterable[Expression]) -> Expression:
    """The product of the factors: those of products inside taken out, one factor left as it is.

    Used from chapter 05.
    """
    flat: list[Expression] = []
    for factor in factors:
        inner = product(factor.factors) if isinstance(factor, Product) else factor
        flat += inner.factors if isinstance(inner, Product) else (inner,)
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def factors(e: Expression) -> tuple[Expression, ...]:
    """The factors of a product, those of products inside taken out; of anything else, itself. Used from chapter 05."""
    flat = product([e])
    return flat.factors if isinstance(flat, Product) else (flat,)


def P(inside: str) -> Probability:
    """The probability that is written P(`inside`), such as P("Y | do(X), Z").

    Names with signs of the notation in them stand in double quotes; `X'` is another value of X.
    Raises ExpressionError. Taught in chapter 05.
    """
    from causalcourse.notation import read_probability

    return read_probability(inside)


def parse(text: str) -> Expression:
    """The formula in `text`, such as "Σ_Z P(Y | X, Z) P(Z)" or "[P(Y, X)] / [P(X)]"; `sum_{Z}` does for Σ_Z.

    A sum reaches as far to the right as it can. Raises ExpressionError. Taught in chapter 05.
    """
    from causalcourse.notation import read

    return read(text)
