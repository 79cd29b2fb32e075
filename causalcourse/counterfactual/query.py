"""Counterfactual questions, written as a paper writes them: P(Y_{X=0}=1 | X=1, Y=1) or E[Y_{X=1, M_{X=0}} - Y]."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Union

from causalcourse.errors import CourseError, did_you_mean

_EXAMPLES = "'P(Y_{X=0}=1 | X=1, Y=1)', 'E[Y_{X=1} - Y_{X=0} | X=1]' or 'E[Y_{X=1, M_{X=0}}]'"
_NAME = r"[^\W\d]\w*?"
_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_DEEPEST = 20  # worlds inside worlds


class QuestionError(CourseError):
    """A question that says nothing, or that the model cannot be asked. Used from chapter 03."""


class CounterfactualError(QuestionError):
    """A counterfactual question that cannot be read, or that a model cannot be asked. Used from chapter 07."""


@dataclass(frozen=True)
class Variable:
    """A variable in the world of an action: Y_{X=0}; without an action it is Y itself.

    `action` maps names to what they are set to: a number, or another Variable (M_{X=0}: what M would be there). It is
    given as a dictionary, {"X": 0}, or as pairs, and kept as pairs in one order. Raises CounterfactualError.
    Source: Pearl 2009, def. 7.1.4; nested ones: Correa, Lee, Bareinboim 2021. Taught in chapter 07.
    """

    name: str
    action: tuple[tuple[str, Setting], ...] | Mapping[str, Setting] = ()

    def __post_init__(self) -> None:
        pairs = self.action.items() if isinstance(self.action, Mapping) else self.action
        try:
            pairs = [(name, value) for name, value in pairs]
            action = dict(pairs)
        except (TypeError, ValueError):
            raise CounterfactualError(f"An action is a dictionary, such as {{'X': 0}}; got {self.action!r}.") from None
        for name in (self.name, *action):
            if not isinstance(name, str) or not name:
                raise CounterfactualError(f"A variable is named by text, such as 'X'; got {name!r}.")
        if len(action) < len(pairs):
            raise CounterfactualError(f"An action sets each variable once; got {self.action!r}.")
        for name, value in action.items():
            if not isinstance(value, Variable):
                action[name] = _number(value, f"What '{name}' is set to is a Variable or")
        object.__setattr__(self, "action", in_order(action))

    @property
    def within(self) -> tuple[Variable, ...]:
        """The variables that its action names, innermost first, and itself. Used from chapter 07."""
        inner = [v for _, value in self.action if isinstance(value, Variable) for v in value.within]
        return tuple(dict.fromkeys((*inner, self)))

    def __str__(self) -> str:
        if not self.action:
            return self.name
        short = [isinstance(v, Variable) and v.name == n and bool(v.action) for n, v in self.action]
        said = [str(v) if s else f"{n}={_say(v)}" for s, (n, v) in zip(short, self.action, strict=True)]
        return f"{self.name}_{{{', '.join(said)}}}"


Setting = Union[float, Variable]  # noqa: UP007  X | "Variable" does not work before Python 3.14


def in_order(action: Mapping[str, Setting]) -> tuple[tuple[str, Setting], ...]:
    """An action as a Variable keeps it: what stands in a world of its own last, then by name. Used from chapter 07."""
    nested = {name: isinstance(value, Variable) and value.name == name for name, value in action.items()}
    return tuple(sorted(action.items(), key=lambda pair: (nested[pair[0]], pair[0])))


@dataclass(frozen=True)
class Event:
    """That a variable of some world has a value: Y_{X=0}=1. Raises CounterfactualError. Taught in chapter 07."""

    variable: Variable
    value: float

    def __post_init__(self) -> None:
        if not isinstance(self.variable, Variable):
            raise CounterfactualError(
                f"An event is of a Variable, such as Event(Variable('Y', {{'X': 0}}), 1); got {self.variable!r}."
            )
        object.__setattr__(self, "value", _number(self.value, f"The value of {self.variable} is"))

    def __str__(self) -> str:
        return f"{self.variable}={self.value:g}"


@dataclass(frozen=True)
class Counterfactual:
    """A probability of events, or a mean of a sum of variables, given events, each in a world of its own.

    of: events, for P(...). mean: pairs of a multiple and a variable, for E[...]. given: events. One event needs no
    tuple. Raises CounterfactualError where it asks for nothing, for both, or for what is neither.
    Taught in chapter 07.
    """

    of: tuple[Event, ...] = ()
    mean: tuple[tuple[float, Variable], ...] = ()
    given: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for field in ("of", "given"):
            object.__setattr__(self, field, _events(field, getattr(self, field)))
        object.__setattr__(self, "mean", _terms(self.mean))
        if bool(self.of) == bool(self.mean):
            raise CounterfactualError(
                "A question asks for a probability, of=(Event(...), ...), or for a mean, mean=(...)."
            )

    @classmethod
    def parse(cls, text: str) -> Counterfactual:
        """Read a question such as "P(Y_{X=0}=1 | X=1, Y=1)"; do(X=1) right of the bar acts on all that is not imagined.

        Raises CounterfactualError for anything else. Used from chapter 07.
        """
        return _Reader(text).question()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every variable the question names, each once; what an action names comes before. Used from chapter 07."""
        outer = (*(v for _, v in self.mean), *(e.variable for e in (*self.of, *self.given)))
        return tuple(dict.fromkeys(inner for v in outer for inner in v.within))

    @property
    def parts(self) -> tuple[Counterfactual, ...]:
        """The questions it adds up: the mean of a sum is the sum of the means. Used from chapter 07."""
        return tuple(replace(self, mean=(term,)) for term in self.mean) or (self,)

    @property
    def rung(self) -> int:
        """1 seeing; 2 doing; 3 imagining, where worlds meet in one part that no unit shows together.

        E[Y_{X=1} - Y_{X=0}] has two worlds that do not meet: it is the difference of two means of rung 2.
        Used from chapter 07.
        """
        worlds = [{v.action for v in part.variables} for part in self.parts]
        return max(3 if len(met) > 1 else 1 if met == {()} else 2 for met in worlds)

    def check(self, names: Iterable[str]) -> None:
        """Raise CounterfactualError when the question names what is not among `names`. Used from chapter 07."""
        names = tuple(names)
        for name in dict.fromkeys(n for v in self.variables for n in (v.name, *dict(v.action))):
            if name not in names:
                raise CounterfactualError(
                    f"{self} names '{name}', which is not a variable of this model ({', '.join(names)})."
                    + did_you_mean(name, names)
                )

    def __str__(self) -> str:
        bar = " | " + ", ".join(map(str, self.given)) if self.given else ""
        if self.of:
            return f"P({', '.join(map(str, self.of))}{bar})"
        text = "".join(f" {'-' if k < 0 else '+'} {'' if abs(k) == 1 else f'{abs(k):g} '}{v}" for k, v in self.mean)
        return f"E[{'-' if text[1] == '-' else ''}{text[3:]}{bar}]"


def as_counterfactual(given: Counterfactual | str) -> Counterfactual:
    """The question itself, or what its text says. Raises CounterfactualError. Used from chapter 07."""
    return given if isinstance(given, Counterfactual) else Counterfactual.parse(given)


class _Reader:
    """What is left of a text, read from the left."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise CounterfactualError(f"A question is text such as {_EXAMPLES}; this is {type(text).__name__}.")
        self.whole, self.at = text, 0

    def take(self, pattern: str) -> re.Match | None:
        found = re.compile(rf"\s*(?:{pattern})").match(self.whole, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: str, what: str) -> re.Match:
        return self.take(pattern) or self.fail(f" Here {what} is expected.")

    def fail(self, why: str = "") -> NoReturn:
        rest = self.whole[self.at :].strip()
        where = f"at '{rest[:30]}'" if rest else "at its end"
        raise CounterfactualError(f"Cannot read {self.whole!r} {where}.{why} Write it like {_EXAMPLES}.")

    def question(self) -> Counterfactual:
        kind = self.need(r"(P|E)\s*([(\[])", "P(...) or E[...]")
        end = r"\)" if kind[2] == "(" else r"\]"
        of, mean = (self.events(), ()) if kind[1] == "P" else ((), self.terms())
        given, done = self.conditions() if self.take(r"\|") else ((), {})
        self.need(end, "the closing bracket")
        if self.whole[self.at :].strip():
            self.fail(" The question has ended here.")
        return Counterfactual(
            tuple(Event(_acted(e.variable, done), e.value) for e in of),
            tuple((k, _acted(v, done)) for k, v in mean),
            tuple(Event(_acted(e.variable, done), e.value) for e in given),
        )

    def events(self) -> tuple[Event, ...]:
        found = [self.event()]
        while self.take(","):
            found.append(self.event())
        return tuple(dict.fromkeys(found))

    def event(self) -> Event:
        variable = self.variable()
        if not self.take("="):
            self.fail(f" P(...) is of a statement: which value of {variable}? For a mean write E[...].")
        return Event(variable, self.number())

    def conditions(self) -> tuple[tuple[Event, ...], dict[str, Setting]]:
        given: list[Event] = []
        done: dict[str, Setting] = {}
        while True:
            if self.take(r"do\s*\("):
                for name, value in self.action(r"\)"):
                    if name in done:
                        self.fail(f" '{name}' is set twice.")
                    done[name] = value
            else:
                given.append(self.event())
            if not self.take(","):
                return tuple(dict.fromkeys(given)), done

    def terms(self) -> tuple[tuple[float, Variable], ...]:
        found, sign = [], -1.0 if self.take("-") else 1.0
        while True:
            times = self.take(_NUMBER)
            self.take(r"[*·]")
            found.append((sign * (float(times[1]) if times else 1.0), self.variable()))
            if not (more := self.take(r"([+-])")):
                return tuple(found)
            sign = -1.0 if more[1] == "-" else 1.0

    def variable(self, deep: int = 0) -> Variable:
        if deep > _DEEPEST:
            self.fail(f" More than {_DEEPEST} worlds inside one another.")
        name = self.need(rf"({_NAME})(?=_\{{|[^\w]|$)", "a variable's name")[1]
        return Variable(name, self.action(r"\}", deep + 1)) if self.take(r"_\{") else Variable(name)

    def action(self, end: str, deep: int = 0) -> tuple[tuple[str, Setting], ...]:
        found: dict[str, Setting] = {}
        while True:
            inner = self.variable(deep)
            value: Setting = inner
            if not inner.action:
                self.need("=", f"a value, such as {inner.name}=0,")
                number = self.take(_NUMBER)
                value = float(number[1]) if number else self.variable(deep)
            if inner.name in found:
                self.fail(f" '{inner.name}' is set twice.")
            found[inner.name] = value
            if not self.take(","):
                self.need(end, "a comma or the closing bracket")
                return in_order(found)

    def number(self) -> float:
        found = self.take(_NUMBER)
        return float(found[1]) if found else self.fail(" Here a number is expected.")


def _acted(variable: Variable, done: Mapping[str, Setting]) -> Variable:
    """The variable in the world of do(...): what was imagined for it otherwise stays as it is."""
    return Variable(variable.name, in_order({**done, **dict(variable.action)}))


def _events(field: str, given: Any) -> tuple[Event, ...]:
    events = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(event, Event) for event in events):
        raise CounterfactualError(f"{field}= needs events, such as (Event(Variable('Y'), 1),); got {given!r}.")
    return tuple(events)


def _terms(given: Any) -> tuple[tuple[float, Variable], ...]:
    terms = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(t, tuple) and len(t) == 2 and isinstance(t[1], Variable) for t in terms):
        raise CounterfactualError(
            f"mean= needs pairs of a multiple and a Variable, such as ((1, Variable('Y')),); got {given!r}."
        )
    return tuple((_number(times, f"The multiple of {variable} is"), variable) for times, variable in terms)


def _number(given: Any, what: str) -> float:
    """The finite number that is given; a whole one as such: equations may look a value up in a table."""
    try:
        number = math.nan if isinstance(given, str) else float(given)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise CounterfactualError(f"{what} a finite number, such as 1; got {given!r}.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _say(value: Setting) -> str:
    return str(value) if isinstance(value, Variable) else f"{value:g}"
