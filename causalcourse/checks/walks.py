"""Walks through towns: where they end, how well one can foretell them; and how one errs about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.lm.town import Town

# ---------------------------------------------------------------- where a walk ends


def walk(rng: np.random.Generator, town: Town) -> tuple[int, int, str]:
    """(size, start, text) of a walk through a town from any of its squares. Used from chapter 12."""
    start = int(rng.integers(town.size**2))
    here = Town(town.size, town.walls, start)
    return town.size, start, here.text(here.walks(1, int(rng.integers(6, 10)), rng))


def ends_in(town: Town) -> Callable[[int, int, str], int]:
    """The function that finds where a walk ends by going it, walls and all. Used from chapter 12."""

    def end(size: int, start: int, text: str) -> int:
        here = Town(size, town.walls, start)
        return int(here.positions(here.read(text))[0, -1])

    return end


def _added(
    steps: Callable[[int], tuple[int, int, int, int]], kept: Callable[[list[str]], list[str]], from_: int | None = None
) -> Callable[[int, int, str], int]:
    """A walk's end by adding `steps`, N, E, S, W, of the moves that are `kept`."""

    def end(size: int, start: int, text: str) -> int:
        of = dict(zip("NESW", steps(size), strict=True))
        return (start if from_ is None else from_) + sum(of[move[0]] for move in kept(text.split()[1:]))

    return end


def _rows(size: int) -> tuple[int, int, int, int]:
    return -size, 1, size, -1


def _moved(moves: list[str]) -> list[str]:
    return [move for move in moves if move[1] == "."]


def _before_a_bump(moves: list[str]) -> list[str]:
    bumped = [k for k, move in enumerate(moves) if move[1] == "x"]
    return moves[: bumped[0]] if bumped else moves


def _clipped(size: int, start: int, text: str) -> int:
    """A walk's end with no wall but the town's edge, whatever its outcomes."""
    row, column = divmod(start, size)
    for direction, _ in text.split()[1:]:
        row = min(max(row + "N S".find(direction) - 1, 0), size - 1) if direction in "NS" else row
        column = min(max(column + "W E".find(direction) - 1, 0), size - 1) if direction in "WE" else column
    return row * size + column


END_MISTAKES = (
    Mistake(
        "bumps counted",
        _added(_rows, lambda moves: moves),
        "Yours walks through walls: after an `x` the walker stands where it stood before.",
    ),
    Mistake(
        "the edge is the only wall",
        _clipped,
        "Yours stops at the edge of the town, and walks through the walls inside. Which moves bumped is in the text: "
        "what do `.` and `x` say?",
    ),
    Mistake(
        "bumps alone",
        _added(_rows, lambda moves: [move for move in moves if move[1] == "x"]),
        "You added up the moves that bumped, and left out those that led somewhere. What do `.` and `x` say?",
    ),
    Mistake(
        "upside down",
        _added(lambda n: (n, 1, -n, -1), _moved),
        "Yours is upside down. The numbers begin in the north-west: is a square further south a larger number?",
    ),
    Mistake(
        "mirrored",
        _added(lambda n: (-n, -1, n, 1), _moved),
        "East and west have changed places. One square further east is `+ 1`.",
    ),
    Mistake(
        "by columns",
        _added(lambda n: (-1, n, 1, -n), _moved),
        "You numbered the squares column by column. Row by row, the square south of 0 is `size`, not 1.",
    ),
    Mistake(
        "stopped at a bump",
        _added(_rows, _before_a_bump),
        "Your walk ends at the first bump. The walker turns and goes on.",
    ),
    Mistake(
        "last move missing",
        _added(_rows, lambda moves: _moved(moves[:-1])),
        "The last move is missing. Asked is where the walk ends, after all of them.",
    ),
    Mistake(
        "last move alone",
        _added(_rows, lambda moves: _moved(moves[-1:])),
        "Yours takes one move from the start, the last. Where did the others lead?",
    ),
    Mistake(
        "from 0",
        _added(_rows, _moved, from_=0),
        "You add up the steps right, and begin on square 0. The walk began on `start`.",
    ),
    Mistake(
        "counted from 1",
        lambda size, start, text: _added(_rows, _moved)(size, start, text) + 1,
        "Yours is one too many. The first square, in the north-west, has the number 0.",
    ),
)

# ---------------------------------------------------------------- how far counting goes


def crowd(rng: np.random.Generator, town: Town) -> tuple[np.ndarray, np.ndarray]:
    """(p, leads): how likely the walker stands on each square of a town, unevenly. Used from chapter 12."""
    return rng.dirichlet(np.full(town.size**2, 0.5)), town.leads.copy()


def two_moves(p: np.ndarray, leads: np.ndarray, start: bool = False) -> np.ndarray:
    """P(first direction, its outcome, second direction, its outcome), shape (4, 2, 4, 2).

    start: whether the second move starts, wrongly, where the first did. Used from chapter 12.
    """
    squares = np.arange(len(p))
    bumped = np.eye(2)[(leads == squares[:, None]).astype(int)]  # [square, direction, outcome], one of them 1
    second = bumped[np.repeat(squares[:, None], 4, axis=1) if start else leads]  # [square, first, second, outcome]
    return np.einsum("s,sfo,sfdq->fodq", p / 16, bumped, second)


def _best(told: np.ndarray) -> float:
    """The share right of the commoner outcome, whatever stands before; the last axis is the outcome."""
    return float(sum(max(heap) for heap in told.reshape(-1, 2)))


def _short(told: np.ndarray) -> np.ndarray:
    return told.sum(axis=(0, 1))


def counted(p: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """The best share right from the second direction, and from the text before it too. Used from chapter 12."""
    told = two_moves(p, leads)
    return np.array([_best(_short(told)), _best(told)])


def _of(first: Callable, second: Callable, **how: bool) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def found(p: np.ndarray, leads: np.ndarray) -> np.ndarray:
        told = two_moves(p, leads, **how)
        return np.array([first(told), second(told)])

    return found


def _matched(told: np.ndarray) -> float:
    heaps = told.reshape(-1, 2)
    heaps = heaps[heaps.sum(1) > 0]
    return float((heaps**2).sum(1) @ (1 / heaps.sum(1)))


def _same_bet(told: np.ndarray) -> float:
    return float(told.reshape(-1, 2).sum(0).max())


def _same_lot(told: np.ndarray) -> float:
    return float((told.reshape(-1, 2).sum(0) ** 2).sum())


def _unweighed(told: np.ndarray) -> float:
    heaps = told.reshape(-1, 2)
    heaps = heaps[heaps.sum(1) > 0]
    return float((heaps.max(1) / heaps.sum(1)).mean())


def _early(p: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """The first number for a walker who has not moved yet, the second as it should be."""
    return np.array([_best(_short(two_moves(p, leads, start=True))), counted(p, leads)[1]])


_WHAT_IF = "Asked is the best that can be had: what if each bet is on the commoner outcome?"
COUNTING_MISTAKES = (
    Mistake("swapped", lambda p, leads: counted(p, leads)[::-1], "The two have changed places: the short text first."),
    Mistake(
        "where it stood",
        _of(lambda t: _best(_short(t)), _best, start=True),
        "Your second move starts where the first one did. By then the walker may stand on another square.",
    ),
    Mistake(
        "short text too early",
        _early,
        "Your second number is right. For the first you let the walker stand where `p` says. That is before the first "
        "move, and somebody who is not shown it must reckon with it all the same.",
    ),
    Mistake(
        "evenly",
        lambda p, leads: counted(np.full(len(p), 1 / len(p)), leads),
        "Yours counts every square the same. `p[s]` says how often the walker stands on each.",
    ),
    Mistake(
        "always moved",
        _of(lambda t: t[..., 0].sum(), lambda t: t[..., 0].sum()),
        "Yours always bets on `.`, whatever is shown. For some texts `x` is the commoner outcome.",
    ),
    Mistake(
        "one bet for all",
        _of(_same_bet, _same_bet),
        "Yours makes the same bet for all texts. They are shown a text: let the bet depend on it.",
    ),
    Mistake(
        "one bet for all directions",
        _of(_same_bet, _best),
        "Your second number is right. The first bets the same on N, E, S and W. The direction is shown.",
    ),
    Mistake(
        "second always moved",
        _of(lambda t: _short(t)[:, 0].sum(), _best),
        "Your second number is right. For the first, is `.` the commoner outcome in *each* direction?",
    ),
    Mistake(
        "outcome not shown",
        _of(lambda t: _best(_short(t)), lambda t: _best(t.sum(1))),
        "Your first number is right. In the second you make one heap of `N.` and `Nx`: the first outcome is shown too.",
    ),
    Mistake(
        "first direction not shown",
        _of(lambda t: _best(_short(t)), lambda t: _best(t.sum(0))),
        "Your first number is right. In the second you made one heap of all first directions: which it was is shown.",
    ),
    Mistake(
        "bets by lot",
        _of(lambda t: _matched(_short(t)), _matched),
        f"Yours bets by lot, as often on `x` as `x` occurs. {_WHAT_IF}",
    ),
    Mistake(
        "first by lot",
        _of(lambda t: _matched(_short(t)), _best),
        f"Your second number is right. The first bets by lot, as often on `x` as `x` occurs. {_WHAT_IF}",
    ),
    Mistake(
        "second by lot",
        _of(lambda t: _best(_short(t)), _matched),
        f"Your first number is right. The second bets by lot, as often on `x` as `x` occurs. {_WHAT_IF}",
    ),
    Mistake(
        "one lot for all",
        _of(_same_lot, _same_lot),
        f"Yours bets by lot, as often on `x` as `x` occurs among all moves, whatever is shown. {_WHAT_IF}",
    ),
    Mistake(
        "one lot for all directions",
        _of(_same_lot, _best),
        "Your second number is right. The first bets by lot, and the same on N, E, S and W. The direction is shown. "
        + _WHAT_IF,
    ),
    Mistake(
        "long text not weighed",
        _of(lambda t: _best(_short(t)), _unweighed),
        "Your first number is right. Your second is a mean over texts, in which a rare one counts as much as a common "
        "one. How often does each occur?",
    ),
    Mistake(
        "all known",
        _of(lambda t: _best(_short(t)), lambda t: 1.0),
        "Your first number is right. Your second is 1, which needs the square. A text of one move does not say it.",
    ),
    Mistake(
        "no bet",
        _of(lambda t: _short(t)[:, 1].sum(), lambda t: t[..., 1].sum()),
        "That is how often the move bumps. How often is the best bet right?",
    ),
)
