"""The four things a learner calls: check, hint, progress, predict. None of them ends in a stack of frames."""

from __future__ import annotations

import html
import itertools
import re
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

from causalcourse.checks import record, registry, sandbox
from causalcourse.checks.registry import Exercise, UnknownExercise, Verdict
from causalcourse.errors import CourseError
from causalcourse.randomness import rng
from causalcourse.speaking import tell

P = ParamSpec("P")
_NOTHING: Any = object()
_calls: defaultdict[str, itertools.count] = defaultdict(itertools.count)
_GREEN, _RED, _GREY = "#2a9d5c", "#d1605e", "#8a8f98"  # readable on white and on black


def judge(id: str, answer: object) -> Verdict:
    """What the judge of exercise `id` says of `answer`, without showing or remembering it.

    Each call judges on freshly drawn models, from the stream `check <id> #<k>`. A judge that fails gives a
    verdict of kind "ours". Raises UnknownExercise. Used from chapter 00.
    """
    return _judge(registry.find(id), answer)


def _judge(exercise: Exercise, answer: object) -> Verdict:
    stream = rng(f"check {exercise.id} #{next(_calls[exercise.id])}")
    try:
        verdict = exercise.judge(answer, stream)
        if not isinstance(verdict, Verdict):
            raise TypeError(f"the judge gave {type(verdict).__name__}, not a Verdict")
    except Exception as error:
        return Verdict(False, _our_fault(error), "ours")
    return verdict


def _our_fault(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({last[0].filename.rpartition('/')[2]}, line {last[0].lineno})" if last else ""
    try:
        words = str(error)[:200]
    except Exception:
        words = ""
    return (
        f"That is a mistake of ours and does not count against you: {type(error).__name__}: {words}{place}. "
        "Please go on with the next exercise, and tell us."
    )


def _kindly(function: Callable[P, None]) -> Callable[P, None]:
    """Whatever goes wrong inside is shown as a sentence; the stop button still stops."""

    @wraps(function)
    def kind(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except CourseError as error:
            _show(str(error), _box(_GREY, _marked(str(error))))
        except Exception as error:
            _show(f"! {_our_fault(error)}", _box(_GREY, _marked(_our_fault(error))))

    return kind


@_kindly
def check(id: str = _NOTHING, answer: object = _NOTHING) -> None:
    """Judge `answer` to exercise `id` ("01.2"), show what the judge says, and remember when it passed.

    answer: what the exercise asks for: mostly your function, by its name. Used from chapter 00.
    """
    exercise = _the_exercise("check", id, answer)
    with sandbox.session() as held:
        verdict = _judge(exercise, answer)
    if verdict.passed:
        record.passed(exercise.id)
    elif verdict.kind == "judged":
        record.attempted(exercise.id)
    sign, colour, title, message = _told(exercise, verdict)
    text, page = (
        f"{sign} {exercise.id} {title}. {message}",
        f"<b>{sign} {exercise.id} {title}.</b> {_marked(message)}",
    )
    if held.printed:
        lines = [*held.printed, *([f"… and {held.unseen} more lines"] if held.unseen else [])]
        text += "\nYour function printed:\n" + "\n".join(f"  {line}" for line in lines)
        page += (
            f'<details style="margin-top:6px"><summary>Your function printed</summary>'
            f'<pre style="margin:4px 0 0">{html.escape(chr(10).join(lines))}</pre></details>'
        )
    _show(text, _box(colour, page))


def _told(exercise: Exercise, verdict: Verdict) -> tuple[str, str, str, str]:
    if verdict.passed:
        return "✓", _GREEN, "passed", " ".join(filter(None, (exercise.why, verdict.message)))
    if verdict.kind == "unfilled":
        return "·", _GREY, "your turn", verdict.message
    if verdict.kind == "ours":
        return "!", _GREY, "could not be judged", verdict.message
    return "✗", _RED, "not yet", f'{verdict.message} (`hint("{exercise.id}")` has three hints)'


def _the_exercise(verb: str, id: object, answer: object = None) -> Exercise:
    """The exercise meant, or UnknownExercise with a sentence on how to write the call."""
    example = f'{verb}("01.2", your_function)' if verb == "check" else f'{verb}("01.2")'
    if id is _NOTHING:
        raise UnknownExercise(f"Say which exercise is meant: {example}.")
    if not isinstance(id, str):
        swapped = isinstance(answer, str) and re.fullmatch(r"\s*\d\d\.\d+\s*", answer)
        what = f"{id!r} stands" if isinstance(id, (int, float)) else f"a {type(id).__name__} stands"
        if swapped:
            raise UnknownExercise(
                f"The number comes first, then your answer: {example.replace('01.2', answer.strip())}."
            )
        raise UnknownExercise(f"The exercise's number comes first, in quotation marks: {example}. Here {what} there.")
    exercise = registry.find(id)
    if answer is _NOTHING:
        raise UnknownExercise(f'Your answer is missing: check("{exercise.id}", your_function).')
    return exercise


@_kindly
def hint(id: str = _NOTHING) -> None:
    """Show the next of the three hints of exercise `id`, below those already given. Used from chapter 00."""
    exercise = _the_exercise("hint", id)
    given = min(record.hints_given(exercise.id) + 1, len(exercise.hints))
    record.hinted(exercise.id, given)
    lines = [f"Hint {k} of {len(exercise.hints)}: {h}" for k, h in enumerate(exercise.hints[:given], start=1)]
    if given == len(exercise.hints):
        slug = next((c.slug for c in _chapters() if c.number == exercise.id[:2]), None)
        book = f"solutions/{slug}.ipynb" if slug else "the folder solutions"
        lines.append(f"These are all. When you have tried, the answer and its reason are in {book}.")
    _show(
        "\n".join([f"{exercise.id}", *lines]),
        _box(_GREY, "<br>".join([f"<b>{exercise.id}</b>", *map(_marked, lines)])),
    )


@_kindly
def progress() -> None:
    """Show chapters and exercises done, as a small table. Used from chapter 00."""
    done = record.done()
    rows = [(f"{c.number} {c.title}", [e.id for e in c.exercises]) for c in _chapters() if c.exercises]
    if not rows:  # no syllabus in this copy of the package: go by what is remembered
        rows = [(number, sorted(i for i in done if i[:2] == number)) for number in sorted({i[:2] for i in done})]
    if not rows:
        _show("Nothing done yet.", _box(_GREY, "Nothing done yet."))
        return
    wide = max(len(name) for name, _ in rows)
    text, page = [], []
    for name, ids in rows:
        count = f"{sum(i in done for i in ids)} of {len(ids)}"
        marks = [f"{'✓' if i in done else '·'} {i}" for i in ids]
        text.append(f"{name:<{wide}}  {count:>7}  {'  '.join(marks)}")
        page.append(
            "<tr>"
            + "".join(
                f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in (name, count, "  ".join(marks))
            )
            + "</tr>"
        )
    every = [i for _, ids in rows for i in ids]
    total = f"{sum(i in done for i in every)} of {len(every)} exercises done"
    _show("\n".join([*text, total]), _box(_GREY, f"<table>{''.join(page)}</table>{total}"))


@_kindly
def predict(id: str, answer: str | None = None, options: Mapping[str, str] | None = None) -> None:
    """Commit to a prediction before seeing the answer; it is remembered and not judged.

    options: key -> what it stands for. With None in place of an answer the options are shown.
    Used from chapter 00.
    """
    if not isinstance(id, str) or not isinstance(options, Mapping) or not options:
        raise CourseError(
            'Write predict("00.a", "b", options={"a": "...", "b": "..."}): the name, your key, the options.'
        )
    keys = {str(key): str(text) for key, text in options.items()}
    if answer is None:
        lines = [
            f"Your prediction {id}: which one?",
            *(f"  {key}: {text}" for key, text in keys.items()),
            f'Put the key you choose in place of None, as in "{next(iter(keys))}", and run the cell again.',
        ]
        _show("\n".join(lines), _box(_GREY, "<br>".join(_marked(line) for line in lines)))
        return
    chosen = str(answer).strip().casefold() if isinstance(answer, str) else None
    key = next((key for key in keys if key.casefold() == chosen), None)
    if key is None:
        given = f"'{answer[:40]}'" if isinstance(answer, str) else f"a {type(answer).__name__}"
        raise CourseError(f"Choose one of {', '.join(map(repr, keys))}, in quotation marks; this is {given}.")
    record.predicted(id, key)
    text = f"Noted for {id}: {key}, {keys[key]} Read on to see."
    _show(text, _box(_GREY, _marked(text)))


def _chapters() -> tuple[Any, ...]:
    from causalcourse.syllabus import chapters  # read only where it is shown: a check needs no syllabus

    return chapters()


# ---------------------------------------------------------------- showing


def _marked(text: str) -> str:
    """Escaped for HTML, with what stands between backticks or stars set as code or emphasis."""
    safe = html.escape(text)
    return re.sub(r"(?<!\w)\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>", re.sub(r"`([^`]+)`", r"<code>\1</code>", safe))


def _box(colour: str, page: str) -> str:
    # no background and no text colour of its own: it takes both from the notebook's theme, dark or light
    return (
        f'<div role="status" style="border-left:4px solid {colour};padding:6px 12px;margin:4px 0;'
        f'max-width:46em;line-height:1.45">{page}</div>'
    )


def _show(text: str, page: str) -> None:
    heard = record.notices()
    text = "\n".join([text.replace("`", ""), *heard])
    page += "".join(_box(_GREY, _marked(notice)) for notice in heard)
    tell(text, html=page)
