"""Worlds as text: a vocabulary, and the units of a structural model as records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.errors import DataError, did_you_mean, is_whole
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

_MOST = 1_000  # values of a variable


@dataclass(frozen=True)
class Vocabulary:
    """The words a model knows; the id of a word is its place. Raises DataError for words that repeat.

    Taught in chapter 12.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", _many(self.words, "words"))
        if not self.words or not all(isinstance(word, str) and word for word in self.words):
            raise DataError(f"A vocabulary needs words, such as Vocabulary(('^', 'N', 'E')); got {self.words!r}.")
        if len(self.ids) < len(self.words):
            twice = next(word for word in self.words if self.words.count(word) > 1)
            raise DataError(f"The word {twice!r} is in this vocabulary twice. Each word needs an id of its own.")

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each word. Taught in chapter 12."""
        return {word: k for k, word in enumerate(self.words)}

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """The ids of the words, shape (words,). Raises DataError for one it does not know. Taught in chapter 12."""
        words = _many(words, "words")
        for place, word in enumerate(words):
            if not isinstance(word, str) or word not in self.ids:
                raise DataError(
                    f"Word {place + 1} of the text, {word!r}, is not one of the {len(self.words)} this model knows "
                    f"({' '.join(self.words)})." + did_you_mean(word, self.words)
                )
        return np.array([self.ids[word] for word in words], dtype=np.int64)

    def decode(self, tokens: Any) -> list[str]:
        """The words with these ids; tokens: shape (words,). Raises DataError for other ids. Taught in chapter 12."""
        tokens = to_array(tokens)
        if tokens.ndim != 1 or (tokens.size and tokens.dtype.kind not in "iu"):
            raise DataError(f"decode takes the ids of one text, shape (words,); got {tokens.dtype} of {tokens.shape}.")
        if wrong := [t for t in tokens.tolist() if not 0 <= t < len(self.words)]:
            raise DataError(f"The ids of this vocabulary are 0 to {len(self.words) - 1}; got {wrong[0]}.")
        return [self.words[t] for t in tokens.tolist()]


@dataclass(frozen=True)
class Records:
    """Units of a model as text, a word for each variable and value: `Z=1 X=0 Y=1`. Causes come before effects.

    `variables`: in the order in which a record tells of them; `values`: how many each can take, 0, 1, ....
    Raises DataError where the two do not fit. Taught in chapter 12, used from chapter 13.
    """

    variables: tuple[str, ...]
    values: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", _many(self.variables, "variables"))
        if not all(isinstance(v, str) and v for v in self.variables):
            raise DataError(f"Variables have names, such as Records(('X', 'Y')); got {self.variables!r}.")
        if not is_whole(self.values, 1, _MOST):
            raise DataError(f"values= is how many values a variable can take, 1 to {_MOST:,}; got {self.values!r}.")
        self.vocabulary  # noqa: B018  making it is how variables that repeat are noticed

    @classmethod
    def of(cls, model: SCM, values: int = 2) -> Records:
        """The form of a model's records: its variables in causal order. Taught in chapter 12."""
        if not isinstance(model, SCM):
            raise DataError(f"Records.of(model) needs an SCM, whose units they tell of; got {type(model).__name__}.")
        return cls(model.graph.order, values)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """`^`, which begins a record, then the words of each variable. Taught in chapter 12."""
        return Vocabulary(("^", *(f"{v}={k}" for v in self.variables for k in range(self.values))))

    def write(self, units: pd.DataFrame) -> np.ndarray:
        """Units as tokens, shape (units, 1 + variables); units: a table with a column for each variable.

        Raises DataError for a missing column, or a value that has no word. Taught in chapter 12.
        """
        import pandas as pd

        if not isinstance(units, pd.DataFrame):
            raise DataError(
                f"Units are a table with a column for each of {', '.join(self.variables)}, such as model.sample(...) "
                f"gives; got {type(units).__name__}."
            )
        if missing := [v for v in self.variables if v not in units]:
            raise DataError(f"The table has no column '{missing[0]}'. A record tells of {', '.join(self.variables)}.")
        if twice := [v for v in self.variables if list(units.columns).count(v) > 1]:
            raise DataError(f"The table has two columns '{twice[0]}'. Keep one.")
        table = units[list(self.variables)].to_numpy()
        if units[list(self.variables)].isna().any(axis=None) or not np.isin(table, range(self.values)).all():
            raise DataError(f"A record has words for the values 0 to {self.values - 1} and for no others.")
        return self._tokens(table.astype(np.int64))

    def _tokens(self, table: np.ndarray) -> np.ndarray:
        words = 1 + np.arange(len(self.variables)) * self.values + table
        return np.pad(words, ((0, 0), (1, 0)))

    def read(self, tokens: np.ndarray) -> pd.DataFrame:
        """What tokens of shape (units, 1 + variables) tell of: a table with a column for each variable.

        Raises DataError for a text that is no record, with what it says. Taught in chapter 12.
        """
        import pandas as pd

        tokens = to_tokens(tokens)
        if tokens.ndim != 2 or tokens.shape[1] != 1 + len(self.variables) or tokens.dtype.kind != "i":
            raise DataError(
                f"Records of {', '.join(self.variables)} are whole numbers of shape (units, "
                f"{1 + len(self.variables)}); got {tokens.dtype} of shape {tokens.shape}."
            )
        table = tokens[:, 1:] - 1 - np.arange(len(self.variables)) * self.values
        wrong = (tokens[:, 0] != 0) | ~((table >= 0) & (table < self.values)).all(axis=1)
        if wrong.any():
            row = int(wrong.argmax())
            said = " ".join(self.vocabulary.decode(tokens[row]))
            raise DataError(f"Text {row} is no record: it says '{said}', not '{self._example()}'.")
        return pd.DataFrame(table, columns=list(self.variables))

    def _example(self) -> str:
        return " ".join(["^", *(f"{v}=..." for v in self.variables)])


def records(model: SCM, n: int, rng: np.random.Generator, values: int = 2) -> np.ndarray:
    """`n` units drawn from a model, as tokens of shape (n, 1 + variables); `Records.of(model)` has the words.

    Raises DataError for values without a word, ModelError as `SCM.sample` does. Taught in chapter 12.
    """
    return Records.of(model, values).write(model.sample(n, rng))


def _many(given: Any, what: str) -> tuple:
    if not isinstance(given, Iterable):
        raise DataError(f"This needs several {what}, such as ('X', 'Y'); got {given!r}.")
    return tuple(given)
