"""What may come back from a learner's function: plain values. Anything else is named, never carried."""

from __future__ import annotations

import io
import numbers
import pickle
import sys
from dataclasses import dataclass
from typing import Any

LARGEST = 50 * 2**20  # bytes of a result worth sending back
_DEEPEST, _LONGEST = 8, 200_000


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that is not plain: its type's name and a short picture. Used from chapter 00."""

    type: str
    text: str


def plain(value: object, look: bool = True) -> Any:
    """`value` with nothing of the learner's own classes in it.

    Numbers, text, None, NumPy, pandas, torch tensors (as NumPy), objects of this course, and list, tuple,
    dict, set of those stay; a range becomes a list; anything else becomes Opaque, with its repr only if
    `look`, since a repr is the learner's code too. Used from chapter 00.
    """
    try:
        return _plain(value, look, 0, [_LONGEST])
    except Exception as error:
        return Opaque(type(value).__name__, f"cannot be read: {type(error).__name__}")


def _plain(value: object, look: bool, depth: int, room: list[int]) -> Any:
    room[0] -= 1
    if depth > _DEEPEST or room[0] < 0:
        return Opaque(type(value).__name__, "nested too deeply or too long")

    def inner(part: object) -> Any:
        return _plain(part, look, depth + 1, room)

    kind = type(value)
    if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > room[0]:
        return Opaque(kind.__name__, "too long")
    if value is None or value is ... or kind in (bool, int, float, complex, str, bytes):
        return value
    if kind in (list, tuple, set, frozenset):
        return kind(inner(part) for part in value)  # type: ignore[attr-defined]
    if kind is range:
        return list(value)[:_LONGEST]  # type: ignore[call-overload]
    if isinstance(value, dict):
        return {inner(key): inner(part) for key, part in dict.items(value)}
    if isinstance(value, tuple):  # a named tuple
        return tuple(inner(part) for part in tuple.__iter__(value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):  # an enum's member, say
        return int.__int__(value)
    if isinstance(value, float) and kind.__module__.partition(".")[0] != "numpy":
        return float.__float__(value)
    if isinstance(value, numbers.Rational) and kind.__module__ == "fractions":
        return float(value)
    if kind.__module__ == "decimal":
        return float(value)  # type: ignore[arg-type]
    library = _library(value, inner)
    if library is not None:
        return library
    if kind.__module__.startswith("causalcourse."):
        pickle.dumps(value)
        return value
    return Opaque(kind.__name__, _picture(value) if look else "")


def _library(value: object, inner: Any) -> Any:
    np, pd, torch = (sys.modules.get(name) for name in ("numpy", "pandas", "torch"))
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if np is not None and isinstance(value, np.generic):
        return value if value.dtype.kind in "biufcSU" else inner(value.item())
    if np is not None and isinstance(value, np.ndarray):
        if value.nbytes > LARGEST:
            return Opaque("array", "of more than 50 MB")
        array = np.ma.filled(value, np.nan) if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
        return _objects(np, array, inner) if array.dtype.kind in "OV" else array
    if pd is not None and isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
        if isinstance(value, pd.DataFrame):
            made = pd.DataFrame(value)
            columns = [made.iloc[:, k] for k in range(made.shape[1])]
        else:
            made = pd.Series(value)
            columns = [made]
        for column in columns:
            if column.dtype == object and any(isinstance(inner(part), Opaque) for part in column):
                return Opaque(type(value).__name__, "with other things than numbers and text in it")
        made.attrs = {}
        return made
    return None


def _objects(np: Any, array: Any, inner: Any) -> Any:
    if array.size > _LONGEST:
        return Opaque("array", "of too many objects")
    made = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        made[place] = inner(array[place])
    return made


def _picture(value: object) -> str:
    try:
        text = " ".join(repr(value)[:400].split())
    except Exception:
        return ""
    return text[:60] + " …" if len(text) > 60 else text


def same(before: object, after: object) -> bool:
    """Whether a plain value is as it was; True for kinds that cannot be compared. Used from chapter 00."""
    if before is after:
        return True
    np, pd = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pd is not None and isinstance(before, (pd.DataFrame, pd.Series, pd.Index)):
        return (
            type(before) is type(after)
            and before.equals(after)
            and (not isinstance(before, pd.DataFrame) or before.columns.equals(after.columns))
        )
    if np is not None and isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or before.shape != after.shape:
            return False
        if before.dtype.kind in "fc":
            return bool(np.array_equal(before, after, equal_nan=True))
        return bool(np.array_equal(before, after))
    if isinstance(before, (list, tuple)):
        return type(before) is type(after) and len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(same(before[key], after[key]) for key in before)
    if isinstance(before, (set, frozenset, str, int, float, bytes, Opaque)):
        return before == after
    return True


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        roots = ("numpy", "pandas", "pyarrow", "causalcourse", "datetime", "_codecs")
        builtin = ("complex", "set", "frozenset", "slice", "bytearray", "Ellipsis", "getattr")
        if module.partition(".")[0] in roots or (module == "builtins" and name in builtin):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not plain")


def unpickle(data: bytes) -> Any:
    """The message in `data`; an empty tuple when anything in it is not plain. Used from chapter 00."""
    try:
        return _PlainUnpickler(io.BytesIO(data)).load()
    except Exception:
        return ()
