"""Text about one small world: records, trials and counterfactual pairs; training on it, and asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, is_share, is_whole
from causalcourse.lm.arrays import to_array
from causalcourse.lm.family import NAMES, Question, check_whole
from causalcourse.lm.text import Vocabulary
from causalcourse.randomness import generator

if TYPE_CHECKING:
    from causalcourse.lm.family import Worlds
    from causalcourse.lm.model import GPT

PAD, BEGIN, DO, HAD = 0, 1, 2, 3
_MOST_TEXTS = 10**7  # of 12 words, 1 GB


@dataclass(frozen=True)
class Corpus:
    """How units of n variables are written, each text as long as the longest, with `_` after its end.

    A record is `^ B=1 A=0 C=1`, its variables in random order, so that a model may be asked for any of them given any
    others. A trial is `^ do A=1 C=0 B=1`. A pair is `^ C=0 A=0 had A=1 B=1 C=1`: some of what was, in random order,
    then what would have been. n: 1 to 5 variables. Raises CourseError for another number. Taught in chapter 13.
    """

    n: int

    def __post_init__(self) -> None:
        check_whole("n", self.n, 1, len(NAMES))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words: `_`, `^`, `do`, `had`, then A=0, A=1, B=0, ... Taught in chapter 13."""
        return Vocabulary(("_", "^", "do", "had", *(f"{v}={k}" for v in NAMES[: self.n] for k in (0, 1))))

    @property
    def length(self) -> int:
        """Tokens in the longest text. Taught in chapter 13."""
        return 2 + 2 * self.n

    def records(self, units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Units, shape (units, n), as texts, shape (units, length).

        Raises DataError for units of another shape, or values that are not 0 or 1. Taught in chapter 13.
        """
        return self._written([self._words(self._units(units), rng)])

    def trials(self, units: np.ndarray, cause: int, rng: np.random.Generator) -> np.ndarray:
        """Units, shape (units, n), under do(cause = ...) as texts, shape (units, length), the cause told first.

        Raises DataError as `records` does, CourseError for a number that is no variable's. Taught in chapter 13.
        """
        units = self._units(units, cause)
        return self._written([np.full((len(units), 1), DO), self._words(units, rng, first=cause)])

    def pairs(self, units: np.ndarray, cause: int, rng: np.random.Generator) -> np.ndarray:
        """Units in two worlds, shape (units, 2, n), the second had `cause` been what it is there, as texts.

        Each tells what the cause was, and each other variable in one text of two, in random order. Shape (units,
        length). Raises as `trials` does. Taught in chapter 13.
        """
        units = self._units(units, cause, 2)
        rng = generator(rng, "texts")
        told = rng.random((len(units), self.n)) < 0.5
        told[:, cause] = True
        fact = self._words(units[:, 0], rng)
        fact = np.where(np.take_along_axis(told, (fact - self._word(0, 0)) // 2, axis=1), fact, PAD)
        return self._written([fact, np.full((len(units), 1), HAD), self._words(units[:, 1], rng, first=cause)])

    def mixed(
        self,
        worlds: Worlds,
        world: int,
        units: int,
        share: float,
        rng: np.random.Generator,
        dice: str = "one",
        never: int | None = None,
        copies: int = 4,
    ) -> np.ndarray:
        """Texts about one world: `units` of them, a share of which are trials and pairs, half and half.

        Variables are acted on by turns, but for `never`. Each unit is written `copies` times, its words in another
        order, and the texts are shuffled. Shape (copies * units, length). Raises CourseError for what does not fit.
        Taught in chapter 13.
        """
        self._check_mixed(worlds, units, share, never, copies)
        rng = generator(rng, "texts")
        acted = [(c, value) for c in range(self.n) if c != never for value in (0, 1)]
        each = np.diff(np.linspace(0, round(units * float(share) / 2), len(acted) + 1).astype(int))
        seen = worlds.sample(world, units - 2 * each.sum(), rng)
        trials = [worlds.sample(world, k, rng, do=at) for at, k in zip(acted, each, strict=True)]
        pairs = [worlds.had(world, k, rng, *at, dice) for at, k in zip(acted, each, strict=True)]
        written = []
        for _ in range(copies):
            written.append(self.records(seen, rng))
            for (cause, _), tried, both in zip(acted, trials, pairs, strict=True):
                written += [self.trials(tried, cause, rng), self.pairs(both, cause, rng)]
        return rng.permutation(np.concatenate(written))

    def learn(
        self,
        texts: np.ndarray,
        rng: np.random.Generator,
        steps: int = 600,
        layers: int = 2,
        width: int = 32,
        batch: int = 256,
    ) -> GPT:
        """A GPT trained on such texts, drawn at random again and again.

        Raises DataError for texts of another shape or none, CourseError as `train` does. Taught in chapter 13.
        """
        library("torch")  # where it is missing, this says how to get it
        from causalcourse.lm.model import GPT, Shape
        from causalcourse.lm.train import train

        texts, rng = to_array(texts), generator(rng, "texts")
        if texts.ndim != 2 or not len(texts) or texts.shape[1] != self.length or not (texts != PAD).any():
            raise DataError(
                f"Texts about {self.n} variables have the shape (texts, {self.length}), as records(...) gives them; "
                f"got {texts.shape}."
            )
        texts = texts[:, : (texts != PAD).sum(axis=1).max()]  # what no text fills
        model = GPT(Shape(len(self.vocabulary.words), self.length, layers, 4, width), rng)
        train(model, lambda n: texts[rng.integers(len(texts), size=n)], steps, batch=batch, rng=rng, objective=loss)
        return model

    def ask(self, model: GPT, asked: Iterable[Question], nearest: bool = False) -> np.ndarray:
        """What a model of these texts answers, shape (questions,): P(effect = 1) among its two words for the effect.

        Rung 1 is asked as `^ A=1`, rung 2 as `^ do A=1`, rung 3 as `^ A=0 C=1 had A=1`. nearest: a model that has read
        of no acting is asked the nearest question it has text for, that of rung 1. Raises CourseError for a question
        about other variables, DataError for a model of other words. Taught in chapter 13.
        """
        check_reader(model)
        asked = several(asked, self.n)
        found = np.empty(len(asked))
        texts = [self._prompt(q, nearest) for q in asked]
        for length in {len(t) for t in texts}:
            rows = [k for k, t in enumerate(texts) if len(t) == length]
            chances = model.predict(np.array([texts[k] for k in rows]))
            if chances.shape != (len(rows), len(self.vocabulary.words)):
                raise DataError(
                    f"A model of these texts knows {len(self.vocabulary.words)} words, those about {self.n} variables; "
                    f"this one knows {chances.shape[-1]}."
                )
            effect = np.array([self._word(asked[k].effect, 0) for k in rows])
            off, on = chances[np.arange(len(rows)), effect], chances[np.arange(len(rows)), effect + 1]
            found[rows] = on / (off + on)
        return found

    def _prompt(self, q: Question, nearest: bool) -> list[int]:
        if not isinstance(q, Question) or q.effect >= self.n:
            known = ", ".join(NAMES[: self.n])
            raise CourseError(f"No text about {known} asks {q!s}. questions({self.n}) lists what can be asked.")
        cause = self._word(q.cause, q.value)
        if q.rung == 1 or nearest:
            return [BEGIN, cause]
        if q.rung == 2:
            return [BEGIN, DO, cause]
        return [BEGIN, self._word(q.cause, 1 - q.value), self._word(q.effect, q.seen), HAD, cause]

    @staticmethod
    def _word(variable: Any, value: Any) -> Any:
        return HAD + 1 + 2 * variable + value

    def _units(self, units: Any, cause: Any = 0, worlds: int = 1) -> np.ndarray:
        """Units as whole numbers, shape (units, n), or (units, 2, n) for two worlds."""
        check_whole("cause", cause, 0, self.n - 1)
        units, shape = to_array(units), (self.n,) if worlds == 1 else (worlds, self.n)
        if units.ndim != 1 + len(shape) or units.shape[1:] != shape or not np.isin(units, (0, 1)).all():
            raise DataError(
                f"Units are 0 and 1, of shape (units, {', '.join(map(str, shape))}), as Worlds.sample and Worlds.had "
                f"give them; got {units.dtype} of {units.shape}."
            )
        return units.astype(np.int64)

    def _check_mixed(self, worlds: Worlds, units: Any, share: Any, never: Any, copies: Any) -> None:
        if getattr(worlds, "n", None) != self.n:
            raise CourseError(f"These texts tell of Worlds of {self.n} variables; got {worlds!r:.60}.")
        check_whole("units", units, 1, 10**8)
        check_whole("copies", copies, 1, 10**4)
        if units * copies > _MOST_TEXTS:
            raise CourseError(f"{units:,} units, {copies:,} times each, are too many texts; {_MOST_TEXTS:,} at most.")
        if not is_share(share):
            raise CourseError(f"share= is a share of the units, from 0 to 1; got {share!r}.")
        if never is not None and not is_whole(never, 0, self.n - 1):
            raise CourseError(f"never= is the number of a variable, 0 to {self.n - 1}, or None; got {never!r}.")
        if share and never is not None and self.n == 1:
            raise CourseError("There is one variable, and never= leaves none to act on. Try share=0.")

    def _words(self, units: np.ndarray, rng: np.random.Generator, first: int | None = None) -> np.ndarray:
        """The words of each unit in random order, or with those of one variable first."""
        place = generator(rng, "texts").random(units.shape)
        if first is not None:
            place[:, first] = -1
        return np.take_along_axis(self._word(np.arange(self.n), units), np.argsort(place, axis=1), axis=1)

    def _written(self, parts: list[np.ndarray]) -> np.ndarray:
        """The parts one after the other behind `^`, and all `_` at the end."""
        parts = [np.full((len(parts[0]), 1), BEGIN), *parts]
        tokens = np.hstack(parts)
        tokens = np.pad(tokens, ((0, 0), (0, self.length - tokens.shape[1])), constant_values=PAD)
        return np.take_along_axis(tokens, np.argsort(tokens == PAD, axis=1, kind="stable"), axis=1)


def several(asked: Any, n: int) -> list[Any]:
    """What is asked, as a list. Raises CourseError for a question alone, and for what is none. Used from chapter 13."""
    if not isinstance(asked, Iterable) or isinstance(asked, str):
        raise CourseError(f"asked= is a list of questions, such as questions({n}); got {asked!r}.")
    return list(asked)


def check_reader(model: Any) -> None:
    """Raises CourseError for what does not predict the next word, as a GPT does. Used from chapter 13."""
    if isinstance(model, type) or not callable(getattr(model, "predict", None)):
        raise CourseError(f"This needs a model that was trained on such texts; got {type(model).__name__}.")


def loss(model: GPT, tokens: Any) -> Any:
    """The cross-entropy of each next word, a mean in nats, without those after the end of a text.

    Taught in chapter 13.
    """
    from causalcourse.lm.train import loss as all_tokens

    tokens = tokens if hasattr(tokens, "detach") else to_array(tokens)
    return all_tokens(model, tokens, counted=tokens != PAD)
