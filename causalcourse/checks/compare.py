"""Judging by oracle: what a learner's answer gives, beside the truth and beside what known mistakes give."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalcourse.checks import sandbox
from causalcourse.checks.calling import copied
from causalcourse.checks.kinds import (
    Kind,
    Refused,
    array,
    brief,
    choice,
    findings,
    integers,
    not_a_number,
    number,
    probability,
    table,
    yes_no,
)
from causalcourse.checks.plain import plain, same
from causalcourse.checks.registry import Verdict

__all__ = [
    "Kind",
    "Mistake",
    "array",
    "choice",
    "findings",
    "integers",
    "judge_function",
    "judge_value",
    "number",
    "probability",
    "table",
    "yes_no",
]

Explain = Callable[[Any], str]
_SIMULATED = 1e-3  # a tolerance as wide as this is there for answers found by simulation


@dataclass(frozen=True)
class Mistake:
    """A named misconception: what it would answer (a function like the truth, or a value), and what to say.

    Used from chapter 00.
    """

    name: str
    answer: Any
    message: str


@dataclass(frozen=True)
class _Results:
    """What came back beside what should have: one entry per case, `read` by the kind into comparable form."""

    values: list[Any]
    truths: list[Any]
    kind: Kind
    tolerance: float

    def close(self, a: Any, b: Any) -> bool:
        """Whether two values are the same within the tolerance, for numbers of any type and shape."""
        try:
            if isinstance(a, str) or isinstance(b, str):
                return bool(a == b)
            x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
            return x.shape == y.shape and bool(np.allclose(x, y, self.tolerance, self.tolerance, True))
        except (TypeError, ValueError, OverflowError):
            return type(a) is type(b) and same(a, b)

    def near(self, a: np.ndarray, b: np.ndarray) -> bool:
        """Whether the luck of too small a sample may be all that parts `a` from `b`."""
        return a.shape == b.shape and bool((np.abs(a - b) < 3 * self.tolerance).all())

    def all_close(self, change: Callable[[Any], Any]) -> bool:
        """Whether every value equals `change(truth)`, and the change changes something."""
        changed = [change(truth) for truth in self.truths]
        return all(map(self.close, self.values, changed)) and not all(map(self.close, changed, self.truths))

    @property
    def right(self) -> list[bool]:
        return [self.close(value, truth) for value, truth in zip(self.values, self.truths, strict=True)]


def judge_function(
    answer: object,
    cases: Sequence[tuple],
    truth: Callable[..., Any],
    *,
    returns: Kind,
    mistakes: Sequence[Mistake] = (),
    tolerance: float = 1e-6,
    seconds: float = 5.0,
    explain: Explain | None = None,
    show: Callable[..., str] | None = None,
) -> Verdict:
    """Judge a learner's function by what it returns on `cases`, beside `truth(*case)`.

    cases: argument tuples on freshly drawn models; the function runs in the sandbox on copies of them, at
    most `seconds` for all. tolerance: absolute, and relative for large numbers. explain(value): a sentence on
    the first wrong value, used when neither a named nor a common mistake fits. show(*case): a case in words, where
    its arguments say little. Used from chapter 00.
    """
    if (refused := _not_a_function(answer, cases[0], truth)) is not None:
        return refused
    truths = [truth(*map(copied, case)) for case in cases]
    outcomes = sandbox.run(answer, cases, seconds)  # type: ignore[arg-type]

    def where(k: int) -> str:
        return _inputs(answer, truth, cases[k]) if show is None else show(*cases[k])

    if (unfinished := _unfinished(outcomes, len(cases))) is not None:
        return unfinished
    values = [outcome.value for outcome in outcomes]
    message = _weigh(values, truths, cases, returns, mistakes, tolerance, explain, where)
    if message is None and (changed := next((o.changed for o in outcomes if o.changed), None)):
        name = _parameters(answer, truth, cases[0])[changed[0]]
        message = (
            f"The result is right, but your function changes its argument {name} in place: whoever called it "
            "is left with something else than they had. Work on a copy."
        )
    return Verdict(message is None, message or "")


def judge_made(
    answer: object, cases: Sequence[tuple], stub: Callable[..., str], examine: Callable[..., str]
) -> Verdict:
    """Judge what a function makes by what `examine(made, *case)` finds wrong with it; "" when nothing.

    stub: a function with the parameters that are asked for. Used from chapter 05.
    """
    if not callable(answer):
        return judge_function(answer, cases, stub, returns=findings())
    make: Callable[..., Any] = answer

    @functools.wraps(answer)
    def examined(*case: Any) -> str:
        given = tuple(map(copied, case))  # what it was asked, whatever it does to its arguments
        return examine(make(*case), *given)

    return judge_function(examined, cases, stub, returns=findings(), explain=str)


def judge_value(
    answer: object,
    truth: object,
    *,
    returns: Kind,
    mistakes: Sequence[Mistake] = (),
    tolerance: float = 1e-6,
    explain: Explain | None = None,
) -> Verdict:
    """Judge a plain value beside `truth`; a Mistake's answer is then a value, or a function of nothing.

    tolerance: absolute, and relative for large numbers. explain(value): a sentence used when no known
    mistake fits. Used from chapter 00.
    """
    if answer is ... or answer is NotImplemented or answer is NotImplementedError:
        return Verdict(False, "Put your answer where the blank is.", "unfilled")
    if answer is None:
        return Verdict(False, "Your answer is None. Does the line that computes it return something?")
    if callable(answer) and not isinstance(answer, np.generic):
        return Verdict(False, "That is the function itself; its result is asked for. Call it, with parentheses.")
    message = _weigh([plain(answer, look=False)], [truth], [()], returns, mistakes, tolerance, explain, None)
    return Verdict(message is None, message or "")


# ---------------------------------------------------------------- is it a function, and with what parameters


def _not_a_function(answer: object, case: tuple, truth: Callable[..., Any]) -> Verdict | None:
    if answer is ... or answer is NotImplemented:
        return Verdict(False, "Put your function where the blank is.", "unfilled")
    if inspect.isclass(answer):
        text = f"You passed the class {answer.__name__}; a function is needed, written with def."
    elif answer is None:
        text = "You passed None. Pass the function itself, by its name and without parentheses."
    elif not callable(answer):
        text = (
            f"You passed a result, {brief(plain(answer, look=False))}, and not the function. Pass the "
            "function's name, without parentheses and arguments, so that it can be tried on new cases."
        )
    elif inspect.iscoroutinefunction(answer):
        text = "Your function is written with async def, so that calling it computes nothing. Write def."
    elif inspect.isgeneratorfunction(answer) or inspect.isasyncgenfunction(answer):
        text = "Your function uses yield, so that calling it gives a generator and no result. Use return."
    else:
        return _wrong_parameters(answer, case, truth)
    return Verdict(False, text)


def _wrong_parameters(answer: object, case: tuple, truth: Callable[..., Any]) -> Verdict | None:
    try:
        signature = inspect.signature(answer)  # type: ignore[arg-type]
    except Exception:  # some functions in compiled code do not tell
        return None
    try:
        signature.bind(*case)
    except TypeError:
        mine = ", ".join(signature.parameters) or "no argument at all"
        theirs = ", ".join(_parameters(truth, truth, case)) or "no argument"
        return Verdict(
            False,
            f"Your function takes {mine}; it is called with {theirs}. "
            "The first line, with def, has to name what it receives.",
        )
    return None


def _parameters(answer: object, truth: Callable[..., Any], case: tuple) -> list[str]:
    for function in (answer, truth):
        try:
            found = list(inspect.signature(function).parameters)  # type: ignore[arg-type]
        except Exception:
            continue
        if len(found) >= len(case):
            return found[: len(case)]
    return [f"argument {k + 1}" for k in range(len(case))]


def _unfinished(outcomes: Sequence[sandbox.Outcome], count: int) -> Verdict | None:
    for k, outcome in enumerate(outcomes):
        if outcome.kind == "unfilled":
            return Verdict(False, "Replace the NotImplementedError line by lines of your own.", "unfilled")
        if outcome.kind == "ours":
            return Verdict(False, str(outcome.problem), "ours")
        if outcome.problem is not None:
            on = f" This was on case {k + 1} of {count}, after the others had gone well." if k else ""
            return Verdict(False, f"Your function did not finish its work. {outcome.problem}{on}")
    returned = [outcome.value is not None for outcome in outcomes]
    if all(returned):
        return None
    sometimes = " for some inputs" if any(returned) else ""
    return Verdict(False, f"Your function returned None{sometimes}. Did you forget return?")


def _inputs(answer: object, truth: Callable[..., Any], case: tuple) -> str:
    shown = (f"{name} = {brief(value)}" for name, value in zip(_parameters(answer, truth, case), case, strict=True))
    return ", ".join(shown)


# ---------------------------------------------------------------- what the results say


def _weigh(
    values: list[Any],
    truths: list[Any],
    cases: Sequence[tuple],
    kind: Kind,
    mistakes: Sequence[Mistake],
    tolerance: float,
    explain: Explain | None,
    where: Callable[[int], str] | None,
) -> str | None:
    """None when all is right; else the message that names what is wrong, the most telling first."""
    refusal, read = None, []
    for value, truth in zip(values, truths, strict=True):
        try:
            read.append(kind.take(value, truth))
        except Refused as reason:
            refusal = refusal or str(reason)
            read.append(value)
    results = _Results(read, [kind.read(truth, truth) for truth in truths], kind, tolerance)
    if refusal is None and all(results.right):
        return None
    named = _named(results, truths, cases, mistakes)
    if named or refusal:
        return named or refusal
    return (
        next(filter(None, map(not_a_number, results.values, results.truths)), None)
        or _common(results, fixed=where is None)
        or next(filter(None, map(kind.out_of_range, results.values)), None)
        or (explain(values[results.right.index(False)]) if explain is not None else None)
        or _partly(results, values, where)
    )


def _named(results: _Results, truths: list[Any], cases: Sequence[tuple], mistakes: Sequence[Mistake]) -> str | None:
    for mistake in mistakes:
        try:
            if callable(mistake.answer):
                made = [plain(mistake.answer(*map(copied, case))) for case in cases]
            else:
                made = [plain(mistake.answer)]
        except Exception:  # a mistake may have no answer on some model; then it is not what was done here
            continue
        read = [_read_or_raw(results.kind, m, t) for m, t in zip(made, truths, strict=True)]
        if all(map(results.close, results.values, read)):
            return mistake.message
    return None


def _read_or_raw(kind: Kind, value: Any, truth: Any) -> Any:
    try:
        return kind.take(value, truth)
    except Refused:
        return value


def _common(results: _Results, fixed: bool) -> str | None:
    """Slips that can happen in any exercise, noticed without the exercise's author naming them."""
    values, truths = results.values, results.truths
    if len(values) > 1 and not fixed:
        alike = all(results.close(values[0], value) for value in values[1:])
        if alike and not all(results.close(truths[0], truth) for truth in truths[1:]):
            return (
                "Your function returns the same whatever it is given. The cases differ, and so do their "
                "answers: compute it from the arguments."
            )
    if not any(results.right) and all(isinstance(value, bool) for value in (*values, *truths)) and not fixed:
        return "Every answer is the opposite of what is asked: read again what True should stand for."
    if not results.kind.arithmetic or not all(isinstance(value, np.ndarray) for value in values):
        return None
    percent = "Is this in percent? Yours is 100 times what is asked for: give a proportion, where 1 is all."
    slips: list[tuple[Callable[[np.ndarray], np.ndarray], str]] = [
        (lambda t: -t, "The size is right and the sign is not. Which of the two is subtracted from which?"),
        (lambda t: 1 - t, "Yours is 1 minus what is asked for: the probability of the opposite event."),
        (lambda t: 100 * t, percent),
        (lambda t: t.T, "The numbers are right and the axes are swapped: rows stand where columns should."),
        (
            lambda t: t[::-1] if t.ndim else t,
            "The numbers are right, in the opposite order along the first axis.",
        ),
    ]
    for change, message in slips:
        if results.all_close(change):
            return message
    for digits in (1, 2, 3, 4, 5):
        rounded = all(np.allclose(value, np.round(value, digits), 0, 1e-12) for value in values)
        if rounded and results.all_close(lambda t, digits=digits: np.round(t, digits)):  # type: ignore[misc]
            return f"Right, but rounded to {digits} decimal{'s' * (digits > 1)}. Return the number as it is."
    if results.tolerance >= _SIMULATED and all(map(results.near, values, truths)):
        return (
            f"You are near, and not yet within {results.tolerance:g}. If you simulate, your answer carries the luck "
            "of its sample; a larger sample has less of it."
        )
    return None if fixed else _steadily_off(results)


def _steadily_off(results: _Results) -> str | None:
    """Off by one factor or by one amount on all models, which a formula does and chance does not."""
    given = np.concatenate([value.reshape(-1) for value in results.values])
    wanted = np.concatenate([truth.reshape(-1) for truth in results.truths])
    if len(set(np.round(wanted, 9))) < 3 or not np.isfinite(wanted).all():
        return None
    largest = int(np.argmax(np.abs(wanted)))
    factor = given[largest] / wanted[largest]
    if factor != 0 and results.close(given, factor * wanted):
        return (
            f"On every case yours is {brief(factor)} times what is asked for. One constant factor is too "
            "much or missing: is something divided by the wrong total?"
        )
    if results.close(given, wanted + (given - wanted)[0]):
        return (
            "Yours is off by the same amount, whatever the case. Is a constant added that "
            "should not be there, or left out?"
        )
    if all(t.size > 1 and np.isclose(t.sum(), 1) for t in results.truths) and not all(
        np.isclose(v.sum(), 1) for v in results.values
    ):
        total = brief(results.values[0].sum())
        return f"Your numbers sum to {total}. They are the probabilities of all that can happen: they sum to 1."
    return None


def _partly(results: _Results, values: list[Any], where: Callable[[int], str] | None) -> str:
    right, count = results.right, len(results.right)
    k = right.index(False)
    value, truth = results.values[k], results.truths[k]
    if where is None or count == 1:
        return f"{brief(values[k])} is not it."
    off = ""
    if isinstance(value, np.ndarray) and results.kind.arithmetic:
        apart = np.abs(value - truth)
        most = float(apart[np.isfinite(apart)].max(initial=0))
        off = f", off by about {most:.1g}" if value.size == 1 else f", off by up to about {most:.1g}"
    some = (
        f"Right on {sum(right)} of {count} cases, not on the others."
        if any(right)
        else f"Right on none of {count} cases."
    )
    return f"{some} For example, with {where(k)} your function returned {brief(values[k])}{off}."
