"""A model that has read of thousands of worlds, and meets a new one in its prompt: drawing, records, question."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, is_share
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.lm.corpus import check_reader, several
from causalcourse.lm.family import NAMES, Question, Worlds, check_whole, questions
from causalcourse.lm.text import Vocabulary
from causalcourse.randomness import generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from causalcourse.lm.model import GPT

BINS = 50
"""Into how many answers of equal width 0 to 1 is cut. Taught in chapter 13."""

_PAIRS = ("none", "->", "<->", "both", "?")  # what may be drawn between two variables; "?" is not told
_UNKNOWN = 4
_MOST_COUNT = 1e300  # their sum is still a number


@dataclass(frozen=True)
class Prompts:
    """How a world of n variables is told: drawing, records, question; what follows is one of `BINS` answers.

    drawing: a word for each pair. records: for each variable in order of time the percentage of 1, for each state of
    all before it. question: one word, such as P(C=1 | do(B=1)). n: 2 to 5. Raises CourseError for another number.
    Taught in chapter 13.
    """

    n: int = 3

    def __post_init__(self) -> None:
        check_whole("n", self.n, 2, len(NAMES))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the drawing, then 0% to 100%, those of the question, and the answers. Taught in chapter 13."""
        percent = [f"{k}%" for k in range(101)]
        asked = map(str, questions(self.n))
        answers = [f"answer {(k + 0.5) / BINS:.2f}" for k in range(BINS)]
        return Vocabulary((*_PAIRS, *percent, *asked, *answers))

    @property
    def pairs(self) -> int:
        """How many pairs of variables there are: so many words has the drawing. Taught in chapter 13."""
        return self.n * (self.n - 1) // 2

    @property
    def length(self) -> int:
        """Tokens of a prompt, without the answer. Taught in chapter 13."""
        return self.pairs + 2**self.n

    @property
    def first_answer(self) -> int:
        """The id of the first answer. Taught in chapter 13."""
        return len(self.vocabulary.words) - BINS

    def write(self, records: np.ndarray, asked: Iterable[Question], worlds: Worlds | None = None) -> np.ndarray:
        """A prompt for each world and question, shape (worlds, length).

        records: P(all variables) or counts, shape (worlds, 2**n); worlds: those whose drawings are told, right or
        wrong; without them each pair says "?". Raises DataError for what does not fit, CourseError for questions about
        other variables. Taught in chapter 13.
        """
        records, asked = _numbers(records), self._asked(asked)
        if records.shape != (len(asked), 2**self.n) or not ((records >= 0) & (records < _MOST_COUNT)).all():
            raise DataError(
                f"Prompts need records of shape ({len(asked)}, {2**self.n}), a row for each question, none below 0 or "
                f"endless; got {records.shape}. counted(worlds, units, rng) gives such records."
            )
        if worlds is not None and (_check_worlds(worlds).n, len(worlds)) != (self.n, len(asked)):
            raise DataError(
                f"Prompts need a drawing of {self.n} variables for each of {len(asked)} questions; got {len(worlds)} "
                f"of {worlds.n}. worlds.take([...]) takes the same one many times."
            )
        upper = np.triu_indices(self.n, 1)
        drawn = np.full((len(asked), len(upper[0])), _UNKNOWN)
        if worlds is not None:
            drawn = (worlds.arrows + 2 * worlds.arcs)[:, *upper]
        percent = len(_PAIRS) + np.rint(100 * _chances(records, self.n)).astype(int)
        words = [self.vocabulary.ids[str(q)] for q in asked]
        return np.hstack([drawn, percent, np.array(words)[:, None]])

    def _asked(self, asked: Any) -> list[Question]:
        asked, known = several(asked, self.n), {str(q) for q in questions(self.n)}
        if strange := [q for q in asked if str(q) not in known]:
            raise CourseError(f"No prompt asks {strange[0]!s}. questions({self.n}) lists what can be asked.")
        return asked

    def _written(self, prompts: Any) -> np.ndarray:
        prompts = to_tokens(prompts)
        if prompts.ndim != 2 or prompts.shape[1] != self.length or prompts.dtype.kind != "i":
            raise DataError(
                f"Prompts are whole numbers of shape (prompts, {self.length}), as write(...) gives them; got "
                f"{prompts.dtype} of {prompts.shape}."
            )
        return prompts

    def with_answers(self, prompts: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """The prompts, each followed by the word of its answer, shape (prompts, length + 1); answers: from 0 to 1.

        Raises DataError for what does not fit. Taught in chapter 13.
        """
        prompts, answers = self._written(prompts), _numbers(answers)
        if answers.shape != prompts.shape[:1] or not ((answers >= 0) & (answers <= 1)).all():
            raise DataError(
                f"Each of {len(prompts)} prompts needs an answer from 0 to 1; got {answers.shape}, "
                f"{reprlib.repr(answers.ravel().tolist())}."
            )
        words = self.first_answer + np.minimum((answers * BINS).astype(int), BINS - 1)
        return np.hstack([prompts, words[:, None]])

    def believed(self, model: GPT, prompts: np.ndarray) -> np.ndarray:
        """How likely the model holds each of the `BINS` answers, shape (prompts, BINS).

        Raises DataError for a model of other words, or what is no prompt. Taught in chapter 13.
        """
        check_reader(model)
        chances = model.predict(self._written(prompts))
        if chances.shape[1] != len(self.vocabulary.words):
            raise DataError(
                f"A model that reads these prompts knows {len(self.vocabulary.words):,} words; this one knows "
                f"{chances.shape[1]:,}. A model of worlds of n variables reads Prompts(n)."
            )
        chances = chances[:, self.first_answer :]
        return chances / chances.sum(axis=1, keepdims=True)


def middle(believed: np.ndarray) -> np.ndarray:
    """The mean answer of each row of `Prompts.believed`, shape (prompts,). Raises DataError. Taught in chapter 13."""
    return _belief(believed) @ ((np.arange(BINS) + 0.5) / BINS)


def interval(believed: np.ndarray, share: float = 0.9) -> np.ndarray:
    """The shortest stretch of answers that holds `share` of the belief, shape (prompts, 2).

    Of stretches as short it is the lowest. Raises DataError for rows that do not sum to 1, CourseError for a share that
    is none. Taught in chapter 13.
    """
    if not is_share(share) or share == 0:
        raise CourseError(f"share= is a share of the belief, above 0 and at most 1, such as 0.9; got {share!r}.")
    believed = _belief(believed)
    sums = np.pad(believed.cumsum(axis=1), ((0, 0), (1, 0)))
    held = sums[:, None, :] - sums[:, :, None]
    width = np.arange(BINS + 1)[None, :] - np.arange(BINS + 1)[:, None]
    cost = np.where(held >= share - 1e-9, width, BINS + 1).reshape(len(believed), width.size)
    low, high = np.divmod(cost.argmin(axis=1), BINS + 1)
    return np.stack([low, high], axis=1) / BINS


def counted(worlds: Worlds, units: int, rng: np.random.Generator) -> np.ndarray:
    """How many of `units` drawn in each world are in each state, shape (worlds, 2**n).

    Raises CourseError for a number that is none. Taught in chapter 13.
    """
    check_whole("units", units, 0, 10**9)
    p = _check_worlds(worlds).joint()
    return generator(rng, "counted").multinomial(units, p / p.sum(axis=1, keepdims=True))


def _numbers(given: Any) -> np.ndarray:
    array = to_array(given)
    try:
        return np.asarray(array if array.dtype.kind in "biufO" else "no number", float)
    except (TypeError, ValueError):
        raise DataError(f"Numbers are needed here; got {reprlib.repr(given)}.") from None


def _check_worlds(worlds: Any) -> Worlds:
    if not isinstance(worlds, Worlds):
        raise CourseError(f"This needs Worlds, such as Worlds.draw(...) gives; got {type(worlds).__name__}.")
    return worlds


def _belief(believed: np.ndarray) -> np.ndarray:
    believed = _numbers(believed)
    fits = believed.ndim == 2 and believed.shape[1] == BINS and (believed >= 0).all()
    if not fits or not (np.abs(believed.sum(axis=1) - 1) < 1e-6).all():
        raise DataError(
            f"Beliefs have the shape (prompts, {BINS}), none is below 0, and each row sums to 1, as Prompts.believed "
            f"gives them; got {believed.shape}."
        )
    return believed


def _chances(records: np.ndarray, n: int) -> np.ndarray:
    """P(variable = 1 | all before it), 1/2 where nobody has that state; shape (worlds, 2**n - 1)."""
    found = []
    for k in range(n):
        table = records.reshape(len(records), 2**k, 2, -1).sum(-1)
        total = table.sum(-1)
        found.append(np.where(total > 0, table[..., 1] / np.maximum(total, 1e-300), 0.5))
    return np.hstack(found)


def learn(
    prompts: Prompts,
    worlds: Worlds | Sequence[Worlds],
    rng: np.random.Generator,
    steps: int = 4_000,
    told: float = 0.0,
    units: int = 20_000,
    layers: int = 3,
    width: int = 64,
    batch: int = 128,
    rate: float = 2e-3,
) -> GPT:
    """A GPT trained on prompts about many worlds, each with `units` records, and the answers.

    worlds: some, or several lots of them. A third of the questions is from each rung, and of these any is as likely.
    told: in which share of the prompts the drawing is told. steps, batch, rate: as `train` has them; layers, width: as
    `Shape` has them. Raises CourseError for numbers or worlds that do not fit. Taught in chapter 13.
    """
    torch = library("torch")
    from causalcourse.lm.model import GPT, Shape
    from causalcourse.lm.train import loss, train

    rng = generator(rng, "lessons")
    draw = _lessons(prompts, [worlds] if isinstance(worlds, Worlds) else worlds, rng, told, units)
    model = GPT(Shape(len(prompts.vocabulary.words), prompts.length, layers, 4, width), rng)
    last = torch.arange(prompts.length + 1) == prompts.length
    train(model, draw, steps, batch=batch, rate=rate, rng=rng, objective=lambda m, texts: loss(m, texts, counted=last))
    return model


def _lessons(
    prompts: Prompts, lots: Sequence[Worlds], rng: np.random.Generator, told: float, units: int
) -> Callable[[int], np.ndarray]:
    """What draws so many prompts with their answers."""
    _check_lessons(prompts, lots, told)
    asked = questions(prompts.n)
    answers = np.concatenate([np.stack([lot.answers(q) for q in asked], axis=1) for lot in lots])
    written = [prompts.write(counted(lot, units, rng), [asked[0]] * len(lot), lot) for lot in lots]
    texts = np.concatenate(written)
    words = np.array([prompts.vocabulary.ids[str(q)] for q in asked])
    # most questions are of the third rung; drawn evenly, they would leave the second a quarter
    chance = np.array([1 / 3 / len(questions(prompts.n, q.rung)) for q in asked])

    def draw(n: int) -> np.ndarray:
        world, question = rng.integers(len(texts), size=n), rng.choice(len(asked), size=n, p=chance)
        drawn = texts[world]
        drawn[:, -1] = words[question]
        drawn[rng.random(n) >= told, : prompts.pairs] = _UNKNOWN
        return prompts.with_answers(drawn, answers[world, question])

    return draw


def _check_lessons(prompts: Prompts, lots: Sequence[Worlds], told: Any) -> None:
    if not isinstance(prompts, Prompts):
        raise CourseError(f"prompts= says how a world is told, such as Prompts(3); got {prompts!r:.60}.")
    wanted = f"Prompts({prompts.n}) tell of Worlds of {prompts.n} variables, or of several lots of them"
    if not isinstance(lots, (list, tuple)) or not lots or not all(isinstance(lot, Worlds) for lot in lots):
        raise CourseError(f"{wanted}, in a list; got {reprlib.repr(lots)}.")
    for lot in lots:
        if lot.n != prompts.n or not len(lot):
            raise CourseError(f"{wanted}; got {len(lot)} of {lot.n}.")
    if not is_share(told):
        raise CourseError(f"told= is a share of the prompts, from 0 to 1; got {told!r}.")
