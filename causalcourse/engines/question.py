"""A question on one of the three rungs, written as a paper writes it, and what an engine may say to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from causalcourse.counterfactual.query import (
    Counterfactual,
    CounterfactualError,
    Event,
    QuestionError,
    Variable,
    in_order,
)
from causalcourse.errors import did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from causalcourse.scm import SCM

Values = tuple[tuple[str, float], ...]

_EXAMPLES = "'P(Y=1 | X=1)', 'P(Y=1 | do(X=1), Z=0)', 'P(Y_{X=0}=1 | X=1, Y=1)' or 'E[Y | do(X=1)]'"
_WHOLE = re.compile(r"(?P<kind>[PE])\s*(?:\((?P<round>.*)\)|\[(?P<square>.*)\])", re.DOTALL)
_OUTCOME = re.compile(r"(?P<name>[^=|{}()]+?)\s*(?:_\{(?P<imagine>[^{}]*)\}\s*)?(?:=\s*(?P<value>[^=]+))?")
_DO = re.compile(r"do\s*\(([^()]*)\)")


class Answer(NamedTuple):
    """A number and its Monte Carlo standard error, which is 0 when the number is exact. Used from chapter 03."""

    value: float
    error: float


@dataclass(frozen=True)
class Question:
    """The mean of an outcome E[Y | ...] or, with a `value`, the probability P(Y=value | ...), on one of three rungs.

    `given` is what was seen. `do` is an action in whose world it was seen (rung 2); `imagine` is an action in another
    world than the one it was seen in (rung 3). Each is a dictionary from names to numbers, kept as pairs.
    Raises QuestionError for a question that contradicts itself. Source: Pearl 2009, ch. 1 and 7. Used from chapter 03.
    """

    outcome: str
    value: float | None = None
    given: Mapping[str, float] | Values = ()
    do: Mapping[str, float] | Values = ()
    imagine: Mapping[str, float] | Values = ()

    def __post_init__(self) -> None:
        if not isinstance(self.outcome, str) or not self.outcome:
            raise QuestionError(f"The outcome is the name of a variable, such as 'Y'; got {self.outcome!r}.")
        for field in ("given", "do", "imagine"):
            object.__setattr__(self, field, _pairs(field, getattr(self, field)))
        if self.value is not None:
            object.__setattr__(self, "value", _number(self.outcome, self.value))
        if self.imagine and not self.given and not self.do:
            # with nothing seen there is no other world to differ from: P(Y_{X=0}=1) is P(Y=1 | do(X=0))
            object.__setattr__(self, "do", self.imagine)
            object.__setattr__(self, "imagine", ())
        self._check()

    def _check(self) -> None:
        if self.do and self.imagine:
            raise QuestionError(
                "A question here acts once: write do(...) for an action in the world you look at, or Y_{...} for an "
                "action in another world, not both."
            )
        action, seen = dict(self.action), dict(self.given)
        if self.outcome in action:
            raise QuestionError(f"The question acts on its own outcome '{self.outcome}', so the answer is known.")
        if self.rung < 3 and self.outcome in seen:
            raise QuestionError(f"'{self.outcome}' is both asked for and given. Ask for a variable you have not seen.")
        if self.do and (both := action.keys() & seen.keys()):
            name = min(both)
            raise QuestionError(
                f"'{name}' is both set by do(...) and seen in the same world. To act otherwise than what was seen, "
                f"imagine: {self.outcome}_{{{name}={action[name]:g}}}."
            )

    @classmethod
    def parse(cls, text: str) -> Question:
        """Read a question such as "P(Y=1 | do(X=1), Z=0)", "P(Y_{X=0}=1 | X=1, Y=1)" or "E[Y | X=1]".

        Raises QuestionError for anything else. Used from chapter 03.
        """
        whole = _WHOLE.fullmatch(text.strip()) if isinstance(text, str) else None
        if not whole:
            raise QuestionError(f"Cannot read the question {text!r}. Write it like {_EXAMPLES}.")
        left, bar, right = (whole["round"] or whole["square"] or "").partition("|")
        head = _OUTCOME.fullmatch(left.strip())
        if not head or (bar and not right.strip()):
            raise QuestionError(f"Cannot read the question {text!r}. Write it like {_EXAMPLES}.")
        if whole["kind"] == "P" and head["value"] is None:
            raise QuestionError(
                f"{text!r} does not say a probability of what. Write P({head['name']}=1 | ...) for one value, or "
                f"E[{head['name']} | ...] for the mean."
            )
        if whole["kind"] == "E" and head["value"] is not None:
            raise QuestionError(f"{text!r} asks for the mean of a statement. Write P(...) for its probability.")
        acted = _read(", ".join(_DO.findall(right)), text)
        seen = _read(_DO.sub("", right), text)
        value = None if head["value"] is None else _number(head["name"], head["value"])
        return cls(head["name"], value, seen, acted, _read(head["imagine"] or "", text))

    @property
    def rung(self) -> int:
        """1 seeing, 2 doing, 3 imagining. Used from chapter 03."""
        return 3 if self.imagine else 2 if self.do else 1

    @property
    def action(self) -> Values:
        """What is set, in whichever world; nothing on rung 1. Used from chapter 03."""
        return self.imagine or self.do

    @property
    def counterfactual(self) -> Counterfactual:
        """The same question with a world for each variable. Used from chapter 07."""
        asked = Variable(self.outcome, in_order(dict(self.action)))
        seen = in_order(dict(self.do))
        given = tuple(Event(Variable(name, seen), value) for name, value in self.given)
        if self.value is None:
            return Counterfactual(mean=((1.0, asked),), given=given)
        return Counterfactual(of=(Event(asked, self.value),), given=given)

    def check(self, model: SCM) -> None:
        """Raise QuestionError when a name is not a variable of the model. Used from chapter 03."""
        _need_model(model)
        for name in (self.outcome, *dict(self.given), *dict(self.action)):
            if name not in model.equations:
                raise QuestionError(
                    f"{self} names '{name}', which is not a variable of this model ({', '.join(model.equations)})."
                    + did_you_mean(name, model.equations)
                )

    def score(self, outcome: np.ndarray) -> np.ndarray:
        """What is averaged over units: the outcome, or whether it has the value asked for. Used from chapter 03."""
        return outcome if self.value is None else outcome == self.value

    def __str__(self) -> str:
        outcome = self.outcome + (f"_{{{_say(self.imagine)}}}" if self.imagine else "")
        seen = [f"do({_say(self.do)})"] * bool(self.do) + [_say(self.given)] * bool(self.given)
        bar = " | " + ", ".join(seen) if seen else ""
        return f"E[{outcome}{bar}]" if self.value is None else f"P({outcome}={self.value:g}{bar})"


AnyQuestion = Question | Counterfactual


def as_question(given: AnyQuestion | str) -> AnyQuestion:
    """The question itself, or what its text says: a Question where one can say it, else a Counterfactual.

    Raises QuestionError. Used from chapter 03.
    """
    if isinstance(given, AnyQuestion):
        return given
    try:
        query = Counterfactual.parse(given)
    except CounterfactualError:
        if isinstance(given, str) and given.count("_{") > 1:
            raise  # a Question has no two worlds to imagine
        return Question.parse(given)
    return query if _says_more(query, given) else Question.parse(given)


def checked(given: AnyQuestion | str, model: SCM) -> AnyQuestion:
    """The question, once the model has every variable that it names. Raises QuestionError. Used from chapter 03."""
    question = as_question(given)
    if isinstance(question, Question):
        question.check(model)
    else:
        _need_model(model)
        question.check(model.equations)
    return question


def spelled_out(question: AnyQuestion) -> Counterfactual:
    """The question with a world for each variable. Used from chapter 03."""
    return question.counterfactual if isinstance(question, Question) else question


def _says_more(query: Counterfactual, text: str) -> bool:
    """Whether a Question has no room for it: one outcome, one action, evidence in one world, and numbers in both."""
    (times, asked), *more = [*query.mean, *((1, event.variable) for event in query.of)]
    nested = len(asked.within) > 1
    elsewhere = not {event.variable.action for event in query.given} <= {(), asked.action}
    return bool(more) or times != 1 or nested or elsewhere or "_{" in text.partition("|")[2]


def _need_model(model: Any) -> None:
    if not hasattr(model, "equations"):
        raise QuestionError(f"A question is put to a model, an SCM(noise, equations); got a {type(model).__name__}.")


def _pairs(field: str, given: Any) -> Values:
    items = given.items() if isinstance(given, Mapping) else given
    if not isinstance(items, Iterable) or isinstance(items, str):
        raise QuestionError(f"{field}= needs a dictionary such as {{'X': 1}}; got {given!r}.")
    pairs = [pair for pair in items if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)]
    if len(pairs) < len(list(items)):
        raise QuestionError(f"{field}= needs a dictionary such as {{'X': 1}}; got {given!r}.")
    return tuple((name, _number(name, value)) for name, value in pairs)


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise QuestionError(f"'{name}' needs a number, such as {name}=1; got {value!r}.") from None
    if not -float("inf") < number < float("inf"):
        raise QuestionError(f"'{name}' needs a finite number, such as {name}=1; got {value!r}.")
    return int(number) if number.is_integer() else number


def _read(text: str, whole: str) -> dict[str, float]:
    """The values in "X=1, Z=0"; empty parts, left where a do(...) stood, are skipped."""
    values: dict[str, float] = {}
    for part in filter(str.strip, text.split(",")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value or re.search(r"[=|{}()\[\]]", name + value):
            raise QuestionError(f"Cannot read '{part.strip()}' in {whole!r}. Write it like {_EXAMPLES}.")
        if name in values:
            raise QuestionError(f"{whole!r} gives '{name}' twice. Give each variable one value.")
        values[name] = _number(name, value)
    return values


def _say(values: Values) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in values)
