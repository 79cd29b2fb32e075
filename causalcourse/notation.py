"""Formulas read and written: plain letters, unicode, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, NoReturn

from causalcourse.expression import (
    Expression,
    ExpressionError,
    Probability,
    Product,
    Ratio,
    Sum,
    Symbol,
    factors,
    product,
)
from causalcourse.tex import name as tex_name

_SIGNS = re.compile(r"[,|(){}\[\]\"'^=/·*Σ∑]|^\s|\s$|^$|[\x00-\x1f]")
_EXAMPLES = "'P(Y | do(X), Z)', 'Σ_Z P(Y | X, Z) P(Z)' or '[P(Y, X | Z)] / [P(X | Z)]'"


class Style(NamedTuple):
    """How one notation writes each kind of formula. Used from chapter 05."""

    sum_sign: str
    bar: str
    act: str
    times: str
    brackets: tuple[str, str]
    ratio: str


UNICODE = Style("Σ_", " | ", "do", " ", ("[", "]"), "[{}] / [{}]")
ASCII = UNICODE._replace(sum_sign="sum_")
LATEX = Style(r"\sum_", r" \mid ", r"\mathrm{do}", r"\,", (r"\Bigl[", r"\Bigr]"), r"\frac{{{}}}{{{}}}")


def written(expression: Expression, style: Style, inside: bool = False) -> str:
    """The formula in a notation; `inside` a product, a sum that more factors follow stands in brackets.

    Used from chapter 05.
    """
    if isinstance(expression, Probability):
        return _probability(expression, style)
    if isinstance(expression, Ratio):
        return style.ratio.format(written(expression.above, style), written(expression.below, style))
    if isinstance(expression, Sum):
        over = ", ".join(_name(s, style) for s in expression.over)
        plain = style is not LATEX and re.fullmatch(r"\w+'*", over)
        text = f"{style.sum_sign}{over if plain else f'{{{over}}}'} {written(expression.body, style)}"
        return text.join(style.brackets) if inside else text
    # a fraction first and a sum last, so that both can do without brackets
    parts = sorted(factors(expression), key=lambda f: (Ratio, Probability, Sum).index(type(f)))
    texts = [written(f, style, inside=k < len(parts)) for k, f in enumerate(parts, 1)]
    later = [k > 0 and isinstance(f, Ratio) and style is not LATEX for k, f in enumerate(parts)]
    return style.times.join(t.join(style.brackets) if b else t for t, b in zip(texts, later, strict=True)) or "1"


def _probability(p: Probability, style: Style) -> str:
    population = f"^{{{p.population}}}" if p.population else ""
    acted = [f"{style.act}({_names(p.do, style)})"] if p.do else []
    bar = ", ".join([*acted, *(_name(s, style) for s in p.given)])
    return f"P{population}({_names(p.of, style)}{style.bar + bar if bar else ''})"


def _names(symbols: Iterable[Symbol], style: Style) -> str:
    return ", ".join(_name(s, style) for s in symbols)


def _name(symbol: Symbol, style: Style) -> str:
    if style is LATEX:
        return tex_name(symbol.node) + "'" * symbol.primes
    text = str(symbol.node)
    return (f'"{text}"' if _SIGNS.search(text) else text) + "'" * symbol.primes


def read(text: str) -> Expression:
    """The formula in `text`. Raises ExpressionError. Used from chapter 05."""
    reader = _Reader(text)
    try:
        expression = reader.formula()
    except RecursionError:
        raise ExpressionError("The formula has too many brackets inside brackets to be read.") from None
    if reader.rest:
        reader.fail()
    return expression


def read_probability(inside: str) -> Probability:
    """The probability with `inside` between its brackets. Raises ExpressionError. Used from chapter 05."""
    if isinstance(inside, str) and re.match(r"\s*P\s*[(^]", inside):
        raise ExpressionError(f"P(...) is around it already: write P({inside.strip()[2:-1]!r}).")
    reader = _Reader(inside)
    reader.text = f"{inside})"
    probability = reader.probability("")
    if reader.rest:
        reader.fail()
    return probability


class _Reader:
    """What is left of a text, read from the left."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ExpressionError(f"A formula is text such as {_EXAMPLES}; this is {type(text).__name__}.")
        self.whole, self.text = text, text

    @property
    def rest(self) -> str:
        return self.text.strip()

    def take(self, pattern: str) -> re.Match | None:
        found = re.match(r"\s*" + pattern, self.text)
        if found:
            self.text = self.text[found.end() :]
        return found

    def fail(self, why: str = "") -> NoReturn:
        where = f" at '{self.rest[:30]}'" if self.rest else " at its end"
        raise ExpressionError(f"Cannot read {self.whole!r}{where}.{why} Write it like {_EXAMPLES}.")

    def formula(self) -> Expression:
        done: Expression | None = None
        while self.rest and self.rest[0] not in ")]":
            over = bool(self.take(r"/"))
            if not over and done is not None:
                self.take(r"[·*]")
            factor = self.factor()
            if over:
                done = Ratio(done, factor) if done is not None else self.fail()
            else:
                done = factor if done is None else product((done, factor))
        return self.fail() if done is None else done

    def factor(self) -> Expression:
        if self.take(r"(?:Σ|∑|sum)_?"):
            over = self.symbols(r"\}") if self.take(r"\{") else (self.symbol(r"(\w+)('*)"),)
            return Sum(over, self.formula())
        if found := self.take(r"P(?:\^(?:\{([^{}]*)\}|(\w+|\*)))?\s*\("):
            return self.probability(found[1] or found[2] or "")
        if opened := self.take(r"[\[(]"):
            inside = self.formula()
            if not self.take(r"\]" if opened[0].strip() == "[" else r"\)"):
                self.fail(" A bracket is not closed.")
            return inside
        if self.take(r"1(?!\w)"):
            return Product()
        self.fail()

    def probability(self, population: str) -> Probability:
        """What follows P( up to its closing bracket."""
        sides: dict[str, list[Symbol]] = {"of": [], "given": [], "do": []}
        side = "of"
        while True:
            if side == "given" and self.take(r"do\s*\("):
                sides["do"] += self.symbols(r"\)")
            elif re.match(r"\s*do\s*\(", self.text):
                self.fail(" do(...) stands to the right of the bar.")
            else:
                sides[side].append(self.symbol())
            if self.take(r"\)"):
                return Probability(**{k: tuple(v) for k, v in sides.items()}, population=population)
            if side == "of" and self.take(r"\|"):
                side = "given"
            elif not self.take(r","):
                self.fail(" A comma, a bar or a closing bracket is missing.")

    def symbols(self, end: str) -> tuple[Symbol, ...]:
        found = [self.symbol()]
        while self.take(r","):
            found.append(self.symbol())
        if not self.take(end):
            self.fail(" A bracket is not closed.")
        return tuple(found)

    def symbol(self, pattern: str = r"([^,|(){}\[\]\"'=]*[^,|(){}\[\]\"'=\s])('*)") -> Symbol:
        found = self.take(r'"([^"]*)"(\'*)') or self.take(pattern)
        if not found:
            self.fail(" A name is missing.")
        if self.take(r"="):
            self.fail(" Give values when you evaluate: .evaluate(data, X=1).")
        return Symbol(found[1], len(found[2]))
