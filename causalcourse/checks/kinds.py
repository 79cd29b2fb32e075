"""What an exercise asks for (a number, an array ...), and what to say when it gets something else."""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causalcourse.checks.plain import Opaque
from causalcourse.errors import did_you_mean
from causalcourse.graph import CausalGraph


class Refused(Exception):
    """A value of the wrong type or shape; the message is for the learner. Used from chapter 00."""


@dataclass(frozen=True)
class Kind:
    """What an exercise asks for.

    what: in words ("a probability"); read(value, truth): the value in one comparable form, or Refused;
    low, high: the range it must lie in; arithmetic: whether a sign or a factor can be wrong in it.
    Used from chapter 00.
    """

    what: str
    read: Callable[[Any, Any], Any]
    low: float | None = None
    high: float | None = None
    arithmetic: bool = True

    def take(self, value: object, truth: object) -> Any:
        """`value` read, or Refused, whatever oddity it is."""
        try:
            return self.read(value, truth)
        except Refused:
            raise
        except Exception:
            raise Refused(f"{_capital(self.what)} is needed; this is {described(value)}.") from None

    def problem(self, value: object, truth: object) -> str | None:
        """What is wrong with the type, shape or range of `value`, in words; None when nothing is."""
        try:
            read = self.take(value, truth)
        except Refused as refusal:
            return str(refusal)
        return not_a_number(read, self.read(truth, truth)) or self.out_of_range(read)

    def out_of_range(self, read: Any) -> str | None:
        """A sentence when some number lies outside [low, high]; None when none does."""
        if not isinstance(read, np.ndarray):
            return None
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        outside = read[(read < low - 1e-9) | (read > high + 1e-9)]
        if not outside.size:
            return None
        few = not self.arithmetic and high - low < 5
        limits = (
            f"is {_either(range(int(low), int(high) + 1))}"
            if few
            else f"lies between {low:g} and {high:g}"
            if math.isfinite(low) and math.isfinite(high)
            else f"is at least {low:g}"
            if math.isfinite(low)
            else f"is at most {high:g}"
        )
        return f"{brief(outside[0])} cannot be right: every number here {limits}."


def number(low: float | None = None, high: float | None = None, what: str = "a number") -> Kind:
    """One real number in [low, high]: int, float, NumPy scalar, array of one. Used from chapter 00."""
    return Kind(what, lambda value, _: np.array(_one_number(value, what)), low, high)


def probability() -> Kind:
    """One number between 0 and 1. Used from chapter 00."""
    return number(0, 1, "a probability (one number)")


def array(low: float | None = None, high: float | None = None, what: str = "an array") -> Kind:
    """Numbers in the shape of the truth: an array, a list (of lists) or a Series. Used from chapter 00."""
    return Kind(what, lambda value, truth: _array(value, truth, what), low, high)


def integers(
    length: int | None = None,
    low: int | None = None,
    high: int | None = None,
    what: str = "a list of whole numbers",
) -> Kind:
    """Whole numbers in order, `length` of them where that is given. Used from chapter 00."""

    def read(value: object, truth: object) -> np.ndarray:
        if (low, high) == (0, 1) and isinstance(value, (list, tuple)):  # yes and no
            value = [int(v) if isinstance(v, (bool, np.bool_)) else v for v in value]
        flat = _array(value, None, what)
        if length is not None and flat.shape != (length,):
            raise Refused(f"{_in_words(length)} whole numbers are needed, in a list; this is {described(value)}.")
        fractions = flat[np.isfinite(flat) & (flat != np.round(flat))]
        if flat.ndim != 1 or fractions.size:
            odd = f"{brief(fractions[0])} is not whole" if fractions.size else f"this is {described(value)}"
            raise Refused(f"{_capital(what)} is needed; {odd}.")
        return flat

    return Kind(what, read, low, high, arithmetic=False)


def table(low: float | None = None, high: float | None = None, what: str = "a table") -> Kind:
    """A DataFrame or Series with the labels of the truth, in any order. Used from chapter 01."""
    return Kind(what, lambda value, truth: _table(value, truth), low, high)


def choice(options: Sequence[str], what: str = "one of the options") -> Kind:
    """One of some words, upper or lower case. Used from chapter 00."""
    words = ", ".join(repr(option) for option in options)

    def read(value: object, truth: object) -> str:
        if not isinstance(value, str):
            raise Refused(f"The answer is one of {words}, in quotation marks; this is {described(value)}.")
        found = [option for option in options if option.casefold() == value.strip().casefold()]
        if not found:
            raise Refused(f"'{value[:40]}' is not among the options: {words}.{did_you_mean(value, options)}")
        return found[0]

    return Kind(what, read, arithmetic=False)


def findings() -> Kind:
    """A text that says what is wrong with what the learner made, "" when nothing is. Used from chapter 00."""
    return Kind(
        "findings",
        lambda value, _: value if isinstance(value, str) else _refuse_finding(value),
        arithmetic=False,
    )


def _refuse_finding(value: object) -> str:
    raise Refused(f"What came back cannot be used here: it is {described(value)}.")


def yes_no(what: str = "True or False") -> Kind:
    """True or False, Python's or NumPy's. Used from chapter 00."""

    def read(value: object, truth: object) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise Refused(f"The answer is True or False; this is {described(value)}.")
        return bool(value)

    return Kind(what, read, arithmetic=False)


def not_a_number(read: Any, truth: Any) -> str | None:
    """A sentence when `read` has NaN or infinity where `truth` has none. Used from chapter 00."""
    if not isinstance(read, np.ndarray) or np.shape(read) != np.shape(truth):
        return None
    bad = read[~np.isfinite(read) & np.isfinite(truth)]
    if not bad.size:
        return None
    name = "NaN (not a number)" if np.isnan(bad[0]) else "infinite"
    where = "It is" if read.size == 1 else f"{bad.size} of its {read.size} numbers {'is' if bad.size == 1 else 'are'}"
    return f"{where} {name}. Is something divided by zero, or the mean of nothing taken?"


def brief(value: object) -> str:
    """`value` in a few characters: numbers with four digits, long things by shape. Used from chapter 00."""
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        text = repr(value.item() if isinstance(value, np.generic) else value)
        return text if len(text) <= 50 else text[:50] + "…"
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (numbers.Real, np.number)) and not isinstance(value, np.complexfloating):
        try:
            return f"{float(value):.4g}"
        except OverflowError:
            return "a huge number"
    if isinstance(value, np.ndarray) and value.size <= 8:
        return brief(value.tolist())
    if isinstance(value, (list, tuple)) and _leaves(value) <= 8:
        inside = ", ".join(f"{part:.3g}" if type(part) is float else brief(part) for part in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, CausalGraph):
        return f"the graph {value}"
    if isinstance(value, (set, frozenset)) and len(value) <= 8:
        return "{" + ", ".join(sorted(brief(part) for part in value)) + "}" if value else "set()"
    if isinstance(value, dict) and len(value) <= 8 and all(isinstance(v, (list, tuple, set)) for v in value.values()):
        return "{" + ", ".join(f"{brief(key)}: {brief(part)}" for key, part in value.items()) + "}"
    return described(value)


def _leaves(value: object) -> int:
    return sum(map(_leaves, value)) if isinstance(value, (list, tuple)) else 1


def described(value: object) -> str:
    """What sort of thing `value` is: "a list of 3", "an array of shape (2, 2)". Used from chapter 00."""
    pd = sys.modules.get("pandas")
    if isinstance(value, Opaque):
        return _article(value.type)
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, str):
        return f"the text {brief(value)}"
    if isinstance(value, (complex, np.complexfloating)):
        return "a complex number"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, (numbers.Real, np.number, np.ndarray)):
        return f"the number {brief(value)}" if not isinstance(value, np.ndarray) else "an array without axes"
    if pd is not None and isinstance(value, pd.DataFrame):
        return f"a table of {len(value)} rows and {value.shape[1]} columns"
    if pd is not None and isinstance(value, pd.Series):
        return f"a Series of {len(value)}"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return f"{_article(type(value).__name__)} of {len(value)}"
    return _article(type(value).__name__)


def _article(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word[:40]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _either(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}" if most else last


def _in_words(count: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    return words[count] if 0 <= count < len(words) else str(count)


def _listed(labels: Sequence[object]) -> str:
    shown = ", ".join(repr(label) for label in labels[:6])
    return shown + (f" and {len(labels) - 6} more" if len(labels) > 6 else "")


def _one_number(value: object, what: str) -> float:
    if isinstance(value, np.ndarray) and value.size == 1 and value.ndim <= 1:
        value = value.reshape(-1)[0]
    elif type(value).__name__ == "Series" and len(value) == 1:  # type: ignore[arg-type]
        value = value.iloc[0]  # type: ignore[attr-defined]
    if isinstance(value, (bool, np.bool_)):
        raise Refused(f"{value} is a truth value; {what} is needed.")
    if isinstance(value, str):
        try:
            raise Refused(f"'{value[:40]}' is text; give the number {float(value):g}, without quotation marks.")
        except ValueError:
            raise Refused(f"'{value[:40]}' is text; {what} is needed.") from None
    if isinstance(value, (complex, np.complexfloating)):
        raise Refused(f"{what[:1].upper()}{what[1:]} is needed; this is a complex number.")
    if isinstance(value, (int, float, np.number)):
        try:
            return float(value)
        except OverflowError:
            raise Refused(f"The number is too large: {what} is needed.") from None
    raise Refused(f"{_capital(what)} is needed; this is {described(value)}.")


def _array(value: object, truth: object, what: str) -> np.ndarray:
    """`value` as an array of floats, in the shape of `truth` unless that is None."""
    wanted = None if truth is None else np.asarray(truth)
    needed = _capital(what) if wanted is None else f"{_capital(what)} of shape {wanted.shape}"
    if isinstance(value, (Opaque, dict, set, frozenset, str)) or value is None:
        raise Refused(f"{needed} is needed; this is {described(value)}.")
    try:
        made = np.asarray(value)
    except Exception:
        raise Refused(
            f"{_capital(what)} is needed; the rows of this {type(value).__name__} differ in length."
        ) from None
    if made.dtype.kind == "b" and wanted is not None and np.isin(wanted, (0, 1)).all():
        made = made.astype(float)
    if made.dtype.kind == "b":
        raise Refused(f"{_of_numbers(what)} is needed; this one holds True and False.")
    if made.dtype.kind == "c":
        raise Refused(f"{_capital(what)} of real numbers is needed; this one holds complex numbers.")
    try:
        made = made.astype(float) if made.dtype.kind != "U" else _no_text(made)
    except (TypeError, ValueError):
        raise Refused(f"{_of_numbers(what)} is needed; this one holds other things too.") from None
    if wanted is not None and made.shape != wanted.shape:
        raise Refused(f"{needed} is needed; yours has shape {made.shape}.")
    return made


def _of_numbers(what: str) -> str:
    return _capital(what) if "numbers" in what else f"{_capital(what)} of numbers"


def _no_text(made: np.ndarray) -> np.ndarray:
    raise Refused(f"Numbers are needed; {brief(str(made.reshape(-1)[0]))} is text.")


def _same_labels(what: str, given: Any, wanted: Any) -> None:
    missing = [label for label in wanted if label not in set(given)]
    extra = [label for label in given if label not in set(wanted)]
    if missing:
        raise Refused(
            f"The {what} {_listed(missing)} is missing." + (f" Yours are {_listed(list(given))}." if extra else "")
        )
    if extra:
        raise Refused(f"The {what} {_listed(extra)} is too much; {_listed(list(wanted))} are asked for.")


def _table(value: Any, truth: Any) -> np.ndarray:
    import pandas as pd

    needed = "DataFrame" if isinstance(truth, pd.DataFrame) else "Series"
    if not isinstance(value, type(truth)):
        raise Refused(f"A pandas {needed} is needed; this is {described(value)}.")
    if len(value) != len(truth):
        raise Refused(f"A {needed} of {len(truth)} rows is needed; yours has {len(value)}.")
    if isinstance(truth, pd.DataFrame):
        _same_labels("column", list(value.columns), list(truth.columns))
        if not value.columns.is_unique:
            raise Refused("Two columns have the same name.")
        value = value[list(truth.columns)]
    if not isinstance(truth.index, pd.RangeIndex) and not value.index.equals(truth.index):
        _same_labels("row", list(value.index), list(truth.index))
        if value.index.is_unique and truth.index.is_unique:
            value = value.reindex(truth.index)
    mine, theirs = (t.to_frame("") if isinstance(t, pd.Series) else t for t in (truth, value))
    columns = [_column(theirs.iloc[:, k], mine.iloc[:, k]) for k in range(mine.shape[1])]
    return np.column_stack(columns) if columns else np.zeros((len(truth), 0))


def _column(given: Any, wanted: Any) -> np.ndarray:
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(wanted.dtype):
        # words are read as "differs from the truth here" (1) or not (0), so that a table stays one array
        return np.array([float(str(a) != str(b)) for a, b in zip(given, wanted, strict=True)])
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise Refused(f"Column {given.name!r} holds other things than numbers.") from None
