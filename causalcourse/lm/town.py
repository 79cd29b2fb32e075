"""A walled town and its walks as text: a world that a model reads of and never sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causalcourse.errors import DataError, ModelError, is_whole
from causalcourse.lm.arrays import to_tokens
from causalcourse.lm.text import Vocabulary

MOVES = 24
"""How many moves a training text tells of: its length is 1 + 2 * MOVES tokens. Taught in chapter 12."""

WORDS = Vocabulary(("^", "N", "E", "S", "W", ".", "x"))
"""`^` begins a walk; a direction follows; then what came of it: `.` moved, `x` bumped. Taught in chapter 12."""

START, NORTH, MOVED, BUMPED = 0, 1, 5, 6  # ids; E, S, W are NORTH + 1, 2, 3
_LARGEST, _LONGEST, _MOST = 30, 10_000, 20_000_000  # squares along a side, moves of a walk, moves of all


@dataclass(frozen=True)
class Town:
    """A square town of size * size squares, numbered row by row from the north-west, with a wall all round.

    `walls`: pairs of neighbouring squares (a, b), a < b, with a wall between them; `start`: the fountain, where every
    walk begins, so that a text says where the walker is. Raises ModelError for a wall between squares that are no
    neighbours, or a square that cannot be reached. Taught in chapter 12.
    """

    size: int
    walls: frozenset[tuple[int, int]]
    start: int

    def __post_init__(self) -> None:
        _check_size(self.size)
        if not is_whole(self.start, 0, self.size**2 - 1):
            raise ModelError(f"The fountain stands on a square, 0 to {self.size**2 - 1}; got {self.start!r}.")
        try:
            walls = frozenset((min(a, b), max(a, b)) for a, b in self.walls)
        except (TypeError, ValueError):
            raise ModelError(
                f"walls= are pairs of neighbouring squares, such as {{(0, 1)}}; got {self.walls!r}."
            ) from None
        # the town's own numbers, which are equal to 1.0 and True where somebody wrote these
        object.__setattr__(self, "size", int(self.size))
        object.__setattr__(self, "start", int(self.start))
        object.__setattr__(self, "walls", frozenset(edge for edge in _edges(self.size) if edge in walls))
        if wrong := walls - self.walls:
            odd = min(wrong, key=str)
            raise ModelError(f"There is no edge between the squares {odd}: they are no neighbours in this town.")
        if missing := set(range(self.size**2)) - _reached(self.leads, self.start):
            raise ModelError(f"Nobody can reach square {min(missing)} from the fountain. Take away a wall of it.")

    @classmethod
    def random(cls, rng: np.random.Generator, size: int = 6, walled: float = 0.25) -> Town:
        """A town with walls on a share `walled` of its inner edges, in which every square can be reached.

        Edges get a wall in random order, unless it would cut the town in two; where too few are left, there are
        fewer walls. Raises ModelError. Taught in chapter 12.
        """
        if not isinstance(walled, (int, float, np.number)) or isinstance(walled, bool) or not 0 <= walled <= 1:
            raise ModelError(f"walled= is a share of the inner edges, 0 to 1; got {walled!r}.")
        _check_stream(rng)
        _check_size(size)
        start = size // 2 * size + size // 2
        edges, walls = _edges(size), set()
        for k in rng.permutation(len(edges)).tolist():
            if len(walls) == round(walled * len(edges)):
                break
            if len(_reached(_leads(size, {*walls, edges[k]}), start)) == size**2:
                walls.add(edges[k])
        return cls(size, frozenset(walls), start)

    @cached_property
    def leads(self) -> np.ndarray:
        """The square where each move ends, shape (squares, 4) for N, E, S, W: its own at a wall.

        Taught in chapter 12.
        """
        return _leads(self.size, self.walls)

    @cached_property
    def bumps(self) -> np.ndarray:
        """Whether each move meets a wall, shape (squares, 4) for N, E, S, W. Taught in chapter 12."""
        return self.leads == np.arange(self.size**2)[:, None]

    def walks(self, n: int, moves: int, rng: np.random.Generator) -> np.ndarray:
        """Walks as tokens, shape (n, 1 + 2 * moves): every direction is drawn evenly, walls or not.

        Raises ModelError for a number that is none. Taught in chapter 12.
        """
        check_walks("walks", n, moves)
        _check_stream(rng)
        return self.told(rng.integers(4, size=(n, moves)))

    def told(self, directions: np.ndarray) -> np.ndarray:
        """The walks with these directions, 0 to 3 for N, E, S, W, shape (n, moves), as tokens. Used from chapter 12.

        Raises DataError for directions that are none.
        """
        directions = to_tokens(directions)
        whole = directions.dtype.kind == "i" or not directions.size
        if directions.ndim != 2 or not whole or not ((directions >= 0) & (directions < 4)).all():
            raise DataError(
                "Directions are 0 to 3 for N, E, S, W, of shape (n, moves), such as [[0, 0, 1]]; got "
                f"{directions.dtype} of shape {directions.shape}."
            )
        directions = directions.astype(np.int64)
        n, moves = directions.shape
        tokens = np.full((n, 1 + 2 * moves), START)
        square = np.full(n, self.start)
        for k in range(moves):
            tokens[:, 1 + 2 * k] = NORTH + directions[:, k]
            tokens[:, 2 + 2 * k] = np.where(self.bumps[square, directions[:, k]], BUMPED, MOVED)
            square = self.leads[square, directions[:, k]]
        return tokens

    def positions(self, tokens: np.ndarray) -> np.ndarray:
        """The square before the first move and after each, shape (n, moves + 1), as the text tells of them.

        A last direction whose outcome is not told is no move yet. Raises DataError for tokens that are no walk in this
        town, with the first move that could not be. Taught in chapter 12.
        """
        tokens = shaped(tokens)
        moves = (tokens.shape[1] - 1) // 2
        squares = np.full((len(tokens), moves + 1), self.start)
        for k in range(moves):
            direction, outcome = tokens[:, 1 + 2 * k] - NORTH, tokens[:, 2 + 2 * k]
            wrong = self.bumps[squares[:, k], direction] != (outcome == BUMPED)
            if wrong.any():
                row = int(wrong.argmax())
                raise DataError(
                    f"Walk {row} is not one of this town: its move {k + 1}, {WORDS.words[tokens[row, 1 + 2 * k]]} from "
                    f"square {squares[row, k]}, says {WORDS.words[outcome[row]]!r}."
                )
            squares[:, k + 1] = self.leads[squares[:, k], direction]
        return squares

    def oracle(self, tokens: np.ndarray) -> np.ndarray:
        """The true probabilities of the next token after each walk, shape (n, 7): a predictor without an error.

        tokens: shape (n, tokens). After a direction what comes of it is certain; after that, each direction has 1/4.
        Raises DataError for tokens that are no walk in this town. Taught in chapter 12.
        """
        tokens = shaped(tokens)
        squares = self.positions(tokens)[:, -1]
        chances = np.zeros((len(tokens), len(WORDS.words)))
        if tokens.shape[1] % 2:
            chances[:, NORTH : NORTH + 4] = 1 / 4
        else:
            bumped = self.bumps[squares, tokens[:, -1] - NORTH]
            chances[np.arange(len(tokens)), np.where(bumped, BUMPED, MOVED)] = 1
        return chances

    def text(self, tokens: np.ndarray) -> str:
        """Walks for people, a line each: `^ N. E. Sx`. Raises DataError for what is no walk. Taught in chapter 12."""
        lines = []
        for row in shaped(tokens):
            words = [WORDS.words[t] for t in row]
            lines.append(" ".join(["^", *("".join(words[k : k + 2]) for k in range(1, len(words), 2))]))
        return "\n".join(lines)

    def read(self, text: str) -> np.ndarray:
        """Lines such as `^ N. E. Sx` as tokens, shape (n, tokens); spaces do not matter. Taught in chapter 12.

        Raises DataError for other signs, lines of several lengths, and walks that are none in this town.
        """
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"A walk is text such as '^ N. E. Sx'; got {text!r}.")
        rows = [WORDS.encode("".join(line.split())) for line in text.strip().splitlines()]
        if len(lengths := {len(row) for row in rows}) > 1:
            raise DataError(f"Walks that are read together have one length; got lines of {sorted(lengths)} tokens.")
        tokens = np.array(rows)
        self.positions(tokens)
        return tokens


def _check_size(size: Any) -> None:
    if not is_whole(size, 2, _LARGEST):
        raise ModelError(f"A town has 2 to {_LARGEST} squares along each side, a whole number; got {size!r}.")


def check_town(town: Any) -> None:
    """Raises ModelError for what is no town. Used from chapter 12."""
    if not isinstance(town, Town):
        raise ModelError(f"This needs a town, such as Town.random(rng('town')); got {type(town).__name__}.")


def check_walks(of: str, n: Any, moves: Any) -> None:
    """Raises ModelError for numbers of walks and moves that are none, or too large. Used from chapter 12."""
    for name, given, most in (("n", n, _MOST), ("moves", moves, _LONGEST)):
        if not is_whole(given, 0, most):
            raise ModelError(f"{of}({name}=...) needs a whole number from 0 to {most:,}; got {given!r}.")
    if int(n) * int(moves) > _MOST:
        raise ModelError(f"{n:,} walks of {moves:,} moves are too many to hold. Try n={_MOST // int(moves)} or fewer.")


def _check_stream(rng: Any) -> None:
    if not isinstance(rng, np.random.Generator):
        raise ModelError(f"A town is drawn, and walked through, with a generator, such as rng('town'); got {rng!r}.")


def _edges(size: int) -> list[tuple[int, int]]:
    squares = np.arange(size**2).reshape(size, size)
    across = zip(squares[:, :-1].flat, squares[:, 1:].flat, strict=True)
    down = zip(squares[:-1].flat, squares[1:].flat, strict=True)
    return [(int(a), int(b)) for a, b in (*across, *down)]


def _leads(size: int, walls: Any) -> np.ndarray:
    leads = np.repeat(np.arange(size**2)[:, None], 4, axis=1)
    for a, b in set(_edges(size)) - set(walls):
        there, back = (1, 3) if b == a + 1 else (2, 0)
        leads[a, there], leads[b, back] = b, a
    return leads


def _reached(leads: np.ndarray, start: int) -> set[int]:
    reached, new = set(), {start}
    while new:
        reached |= new
        new = set(leads[list(new)].flat) - reached
    return reached


def shaped(tokens: Any) -> np.ndarray:
    """Tokens of shape (n, tokens) in the order of a walk: `^`, then directions and outcomes by turns.

    Raises DataError for others. Used from chapter 12.
    """
    tokens = to_tokens(tokens)
    if tokens.ndim != 2 or not tokens.shape[1] or tokens.dtype.kind != "i":
        raise DataError(f"Walks are whole numbers of shape (n, tokens); got {tokens.dtype} of shape {tokens.shape}.")
    directions, outcomes = tokens[:, 1::2], tokens[:, 2::2]
    fits = (
        (tokens[:, 0] == START).all()
        and ((directions >= NORTH) & (directions < NORTH + 4)).all()
        and ((outcomes == MOVED) | (outcomes == BUMPED)).all()
    )
    if not fits:
        raise DataError("A walk is '^', then by turns a direction (N, E, S or W) and what came of it ('.' or 'x').")
    return tokens
