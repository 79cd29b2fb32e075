"""Whether a predictor's map hangs together: the right outcomes, one continuation for one state, and detours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from causalcourse.bridge.progress import progress
from causalcourse.errors import CourseError, DataError, did_you_mean, is_whole
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.lm.ngram import Predictor
from causalcourse.lm.share import Share
from causalcourse.lm.town import MOVES, WORDS, Town, check_town, check_walks, shaped
from causalcourse.randomness import generator

Suffixes = frozenset[tuple[int, ...]]
_POOL = 4_000  # walks of a length, from which those that end on a square are taken
_MOST = 1_000_000  # continuations that are looked at together
_WORDS = len(WORDS.words)
_LONGEST = 8  # tokens of a continuation; there are about 4 times as many with every two more


def right(predictor: Predictor, walks: np.ndarray) -> np.ndarray:
    """Whether each outcome told is the token held likeliest, shape (n, moves), bool; walks: (n, 1 + 2 * moves).

    Raises DataError for walks without a move. Taught in chapter 12.
    """
    walks = _whole(walks)
    told = range(2, walks.shape[1], 2)
    return np.stack([_said(predictor, walks[:, :t], _WORDS).argmax(1) == walks[:, t] for t in told], axis=1)


def legality(predictor: Predictor, town: Town, walks: np.ndarray) -> Share:
    """How often the likeliest outcome of a move is the true one, over all moves of the walks.

    walks: shape (n, 1 + 2 * moves). Raises DataError for walks that are none in this town. Taught in chapter 12.
    """
    check_town(town)
    town.positions(walks)
    return Share.of(right(predictor, walks))


def accepted(predictor: Predictor, texts: np.ndarray, length: int = 5, epsilon: float = 0.01) -> list[Suffixes]:
    """The continuations of `length` tokens or fewer that each text may have, none of whose tokens is held unlikely.

    texts: shape (n, tokens). A token is accepted when its probability, after the text and the tokens before it, is
    above `epsilon`. Raises CourseError for a length or an epsilon that is none, or where too many are accepted to be
    listed; DataError for what are no probabilities. Source: Vafa et al. 2024, sec. 2.
    Taught in chapter 12.
    """
    _check(length, epsilon)
    texts = to_tokens(texts)
    if texts.ndim != 2 or texts.dtype.kind != "i":
        raise DataError(f"Texts are whole numbers of shape (n, tokens); got {texts.dtype} of shape {texts.shape}.")
    found: list[set[tuple[int, ...]]] = [set() for _ in texts]
    rows, ends = np.arange(len(texts)), np.empty((len(texts), 0), int)
    for _ in range(length):
        parent, token = np.nonzero(_said(predictor, np.hstack([texts[rows], ends])) > epsilon)
        if len(parent) > _MOST:
            raise CourseError(
                f"{len(parent):,} continuations are accepted after {len(texts)} texts, too many to look at. Try a "
                "shorter length=, a larger epsilon=, or fewer texts: a predictor with no idea accepts nearly all."
            )
        rows, ends = rows[parent], np.hstack([ends[parent], token[:, None]])
        for row, end in zip(rows.tolist(), ends.tolist(), strict=True):
            found[row].add(tuple(end))
        if not len(rows):
            break
    return [frozenset(suffixes) for suffixes in found]


def boundary(first: Suffixes, second: Suffixes) -> Suffixes:
    """The shortest continuations accepted in the first place and not in the second: what tells the two apart.

    A continuation counts when all of it but its last token is accepted in both.
    Source: Vafa et al. 2024 (Myhill-Nerode boundary). Taught in chapter 12.
    """
    try:
        return frozenset(s for s in first - second if len(s) == 1 or s[:-1] in second)
    except TypeError:
        raise DataError("A boundary is found between two sets of continuations, such as accepted(...) gives.") from None


@dataclass(frozen=True)
class Coherence:
    """`compression`: pairs of walks to one square after which the same is accepted. `precision` and `recall`: for
    walks to two squares, how much of what tells them apart is true, and how much of the truth is told; with their
    standard errors. `told_apart`: pairs of squares that the predictor tells apart by anything. Taught in chapter 12.
    """

    compression: Share
    precision: float
    precision_error: float
    recall: float
    recall_error: float
    told_apart: Share

    def __str__(self) -> str:
        return (
            f"compression {self.compression}; distinction precision {self.precision:.3f} ± {self.precision_error:.3f}, "
            f"recall {self.recall:.3f} ± {self.recall_error:.3f}"
        )


def coherence(
    predictor: Predictor,
    town: Town,
    rng: np.random.Generator | None = None,
    pairs: int = 100,
    moves: int = 20,
    length: int = 5,
    epsilon: float = 0.01,
    walks: Callable[[int, int, np.random.Generator], np.ndarray] | None = None,
) -> Coherence:
    """Compression and distinction: is one square one state, and are two squares two?

    For each of `pairs`, two different walks of 2 to `moves` moves to one square, and two walks to two squares that
    some continuation of `length` tokens tells apart; squares are drawn evenly. Continuations are not sampled, as in the
    paper, but all looked at. An empty boundary has precision 1, as there. Longest text read: 2 * moves + length.
    walks(n, moves, rng): what draws n walks, where they are to be other than random, such as those a model has read.
    Raises CourseError for numbers that are none. Source: Vafa, Chen, Rambachan, Kleinberg & Mullainathan 2024
    (arXiv 2406.03689). Taught in chapter 12.
    """
    rng = generator(rng, "coherence")
    _check_pairs(town, pairs, moves, length, epsilon)
    _said(predictor, town.walks(1, 2, generator(None, "a look")), _WORDS)
    merged, scores = [], []
    with progress("Comparing walks", 2 * pairs) as tick:
        for two, truth in _pairs(town, rng, pairs, moves, length, walks or town.walks, same=True):
            told = [accepted(predictor, two[:, side], length, epsilon) for side in (0, 1)]
            merged += [not boundary(a, b) for a, b in zip(*told, strict=True)]
            tick(len(truth))
        for two, truth in _pairs(town, rng, pairs, moves, length, walks or town.walks, same=False):
            told = [accepted(predictor, two[:, side], length, epsilon) for side in (0, 1)]
            scores += [_distinction(a, b, *true) for a, b, true in zip(*told, truth, strict=True)]
            tick(len(truth))
    told_apart, *both = np.array(scores).T
    precision, recall = ((float(x.mean()), float(x.std(ddof=1) / pairs**0.5)) for x in both)
    return Coherence(Share.of(np.array(merged)), *precision, *recall, Share.of(told_apart == 1))


def _distinction(a: Suffixes, b: Suffixes, true_a: Suffixes, true_b: Suffixes) -> tuple[bool, float, float]:
    """Whether the predictor tells two walks apart at all; precision and recall of what it tells them apart by."""
    found, true = boundary(a, b), boundary(true_a, true_b)
    precision = sum(s in true_a and s not in true_b for s in found) / len(found) if found else 1.0
    return bool(found), precision, sum(s in a and s not in b for s in true) / len(true)


def _pairs(
    town: Town, rng: np.random.Generator, pairs: int, moves: int, length: int, walks: Callable, same: bool
) -> Iterator[tuple[np.ndarray, list[tuple[Suffixes, Suffixes]]]]:
    """Pairs of walks of one length, shape (n, 2, tokens), and what may truly follow each."""
    for k, n in zip(*np.unique(rng.integers(2, moves + 1, size=pairs), return_counts=True), strict=True):
        pool = np.unique(walks(_POOL, int(k), rng), axis=0)
        ends = town.positions(pool)[:, -1]
        rows = {int(q): np.flatnonzero(ends == q) for q in np.unique(ends)}
        truth = dict(zip(rows, accepted(town.oracle, pool[[r[0] for r in rows.values()]], length), strict=True))
        if same:
            squares = [(q, q) for q, r in rows.items() if len(r) > 1]
        else:
            squares = [(p, q) for p in rows for q in rows if boundary(truth[p], truth[q])]
        if not squares:
            raise CourseError(
                f"No two walks of {k} moves in this town end on {'one square' if same else 'squares that differ'} "
                f"within {length} tokens. Try a longer length=, other walks=, or a larger town."
            )
        drawn = [squares[i] for i in rng.integers(len(squares), size=n)]
        picked = [
            rng.choice(rows[p], 2, replace=False) if same else (rng.choice(rows[p]), rng.choice(rows[q]))
            for p, q in drawn
        ]
        yield pool[np.array(picked)], [(truth[p], truth[q]) for p, q in drawn]


DETOURS = ("again", "back", "across")
"""What a walker may do that a random walk seldom does, see `detours`. Taught in chapter 12."""


def detours(
    predictor: Predictor,
    town: Town,
    rng: np.random.Generator | None = None,
    share: float = 1.0,
    kind: str = "again",
    n: int = 200,
    moves: int = MOVES,
) -> Share:
    """How often the likeliest outcome is the true one on walks that are, for a share of their moves, no random walks.

    kind: "again", the direction of the move before, so that the walker pushes against walls; "back", the opposite of
    it, so that the walker stays about one place; "across", the next step of a shortest way to a corner, then to the
    next corner. Other moves, and the first, are drawn evenly: share=0 is a random walk.
    Raises CourseError for another kind or a share that is none. Source: after Vafa et al. 2024, sec. 4.
    Taught in chapter 12.
    """
    return legality(predictor, town, detour_walks(town, rng, share, kind, n, moves))


def detour_walks(
    town: Town, rng: np.random.Generator | None, share: float, kind: str, n: int = 200, moves: int = MOVES
) -> np.ndarray:
    """The walks that `detours` looks at, as tokens, shape (n, 1 + 2 * moves); raises CourseError as it does.

    Taught in chapter 12.
    """
    rng = generator(rng, "detours")
    check_town(town)
    check_walks("detours", n, moves)
    if kind not in DETOURS:
        raise CourseError(f"kind={kind!r} is no detour: they are {', '.join(DETOURS)}.{did_you_mean(kind, DETOURS)}")
    if not isinstance(share, (int, float, np.number)) or isinstance(share, bool) or not 0 <= share <= 1:
        raise CourseError(f"share= is a share of the moves, 0 to 1; got {share!r}.")
    directions = rng.integers(4, size=(n, moves))
    off = rng.random((n, moves)) < share
    off[:, :1] &= kind == "across"  # the others need a move before
    if kind != "across":
        for k in range(1, moves):
            before = directions[:, k - 1] if kind == "again" else (directions[:, k - 1] + 2) % 4
            directions[:, k] = np.where(off[:, k], before, directions[:, k])
        return town.told(directions)
    ways, goal = _ways(town), rng.integers(4, size=n)
    corners = np.array([0, town.size - 1, town.size**2 - 1, town.size * (town.size - 1)])
    square = np.full(n, town.start)
    for k in range(moves):
        goal = np.where(square == corners[goal], (goal + rng.integers(1, 4, size=n)) % 4, goal)
        directions[:, k] = np.where(off[:, k], ways[corners[goal], square], directions[:, k])
        square = town.leads[square, directions[:, k]]
    return town.told(directions)


def _ways(town: Town) -> np.ndarray:
    """The first direction of a shortest way, shape (squares to, squares from)."""
    squares = town.size**2
    far = np.where(np.eye(squares, dtype=bool), 0, squares)
    for _ in range(squares):  # one more step of every way
        far = np.minimum(far, 1 + far[:, town.leads].min(-1))
    return far[:, town.leads].argmin(-1)


def _whole(walks: np.ndarray) -> np.ndarray:
    walks = shaped(walks)
    if walks.shape[1] < 3 or walks.shape[1] % 2 == 0:
        raise DataError(
            "Outcomes are looked at in whole walks, of shape (n, 1 + 2 * moves) and at least one move, such as "
            f"town.walks(...) gives; got shape {walks.shape}."
        )
    return walks


def _said(predictor: Predictor, texts: np.ndarray, words: int | None = None) -> np.ndarray:
    """What a predictor says, if these are probabilities: anything else would be taken for a map."""
    if not callable(predictor) or hasattr(predictor, "predict"):
        raise DataError(
            "A predictor is a function from texts to probabilities, such as model.predict, town.oracle or ngram(...); "
            f"got {type(predictor).__name__}."
        )
    said = to_array(predictor(texts))
    fits = said.ndim == 2 and len(said) == len(texts) and said.shape[1] == (words or said.shape[1])
    if not fits:
        raise DataError(
            f"A predictor gives probabilities of shape (n, vocabulary), here {(len(texts), words or '...')}; this one "
            f"gave {said.shape}."
        )
    if said.dtype.kind not in "fiu" or not ((said >= 0).all() and (np.abs(said.sum(1) - 1) < 1e-3).all()):
        raise DataError(
            "A predictor gives probabilities, none below 0, that sum to 1 for each text; what this one gave does not. "
            "Logits need a softmax: model.predict has it."
        )
    return said


def _check_pairs(town: Town, pairs: int, moves: int, length: int, epsilon: float) -> None:
    check_town(town)
    for name, given, most in (("pairs", pairs, 10_000), ("moves", moves, 1_000)):
        if not is_whole(given, 2, most):
            raise CourseError(f"coherence({name}=...) needs a whole number from 2 to {most:,}; got {given!r}.")
    _check(length, epsilon)
    if length < 2 or epsilon >= 1 / 4:
        raise CourseError(
            "What tells squares apart is a move and what comes of it, so length= is at least 2; and each direction has "
            f"the probability 1/4, so epsilon= is below that; got length={length}, epsilon={epsilon}."
        )


def _check(length: int, epsilon: float) -> None:
    if not is_whole(length, 1, _LONGEST):
        raise CourseError(f"length= is how many tokens a continuation has, 1 to {_LONGEST}; got {length!r}.")
    if not isinstance(epsilon, (int, float, np.number)) or isinstance(epsilon, bool) or not 0 <= epsilon < 1:
        raise CourseError(
            f"epsilon= is the probability above which a token is accepted, 0 to below 1; got {epsilon!r}."
        )
