"""Walks through towns: where they end, how well one can foretell them, what can follow; and how one errs about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.lm.coherence import boundary
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


END_MISTAKES = (
    Mistake(
        "bumps counted",
        _added(_rows, lambda moves: moves),
        "Yours walks through walls: after an `x` the walker stands where it stood before.",
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


def _unweighed(told: np.ndarray) -> float:
    heaps = told.reshape(-1, 2)
    heaps = heaps[heaps.sum(1) > 0]
    return float((heaps.max(1) / heaps.sum(1)).mean())


def _early(p: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """The first number for a walker who has not moved yet, the second as it should be."""
    return np.array([_best(_short(two_moves(p, leads, start=True))), counted(p, leads)[1]])


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
        _of(lambda t: t.sum((0, 1, 2)).max(), lambda t: t.sum((0, 1, 2)).max()),
        "Yours makes the same bet for all texts. They are shown a text: let the bet depend on it.",
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
        "Yours bets by lot, as often on `x` as `x` occurs. Asked is the best that can be had: what if each bet is on "
        "the commoner outcome?",
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

# ---------------------------------------------------------------- what can follow

_LENGTH = 5  # tokens of a continuation
_WRONG = 0.2  # how often a predictor's map has something else


def _outcomes(town: Town) -> dict[tuple[int, int], dict[str, int]]:
    """Of each square and direction, what may be told of the move and where it leads."""
    return {
        (s, d): {"x": s} if town.bumps[s, d] else {".": int(town.leads[s, d])}
        for s in range(town.size**2)
        for d in range(4)
    }


def _misled(town: Town, rng: np.random.Generator) -> dict[tuple[int, int], dict[str, int]]:
    """The same with slips: a wall where there is none, none where there is one, or both held possible."""
    found = _outcomes(town)
    for s, d in found:
        row, column = np.divmod(s, town.size)
        row, column = row + (-1, 0, 1, 0)[d], column + (0, 1, 0, -1)[d]
        inside = 0 <= row < town.size and 0 <= column < town.size
        if inside and rng.random() < _WRONG:
            both = {"x": s, ".": int(row * town.size + column)}
            found[s, d] = both if rng.random() < 0.5 else {k: v for k, v in both.items() if k not in found[s, d]}
    return found


def _follow(outcomes: dict[tuple[int, int], dict[str, int]], square: int, left: int = _LENGTH) -> set[str]:
    """All texts of `left` tokens or fewer that may follow on a square, the empty one left out."""
    if left <= 0:
        return set()
    found = set("NESW")
    for d, direction in enumerate("NESW"):
        for outcome, to in outcomes[square, d].items() if left > 1 else ():
            begun = direction + outcome
            found |= {begun} | {begun + rest for rest in _follow(outcomes, to, left - 2)}
    return found


def continuations(rng: np.random.Generator, town: Town) -> tuple[set[str], set[str], set[str], set[str]]:
    """(a, b, true_a, true_b) of a predictor whose map is wrong in places, and another after either walk.

    Used from chapter 12.
    """
    first, second = map(int, rng.choice(town.size**2, 2, replace=False))
    true = _outcomes(town)
    a, b = _follow(_misled(town, rng), first), _follow(_misled(town, rng), second)
    return a, b, _follow(true, first), _follow(true, second)


def _tells(a: set[str], b: set[str]) -> set[str]:
    """What tells a from b, by the course's own `boundary`, whose tokens are those of a tuple."""
    one, other = (frozenset(map(tuple, texts)) for texts in (a, b))
    return {"".join(text) for text in boundary(one, other)}


def _share(of: set[str], hold: Callable[[str], bool]) -> float:
    return sum(map(hold, of)) / len(of) if of else np.nan


def scores(a: set[str], b: set[str], true_a: set[str], true_b: set[str]) -> np.ndarray:
    """[precision, recall] of what tells the first from the second. Source: Vafa et al. 2024. Used from chapter 12."""
    precision = _share(_tells(a, b), lambda s: s in true_a and s not in true_b)
    return np.array([precision, _share(_tells(true_a, true_b), lambda s: s in a and s not in b)])


def _overlap(found: set[str], true: set[str]) -> np.ndarray:
    return len(found & true) / np.array([len(found) or np.nan, len(true) or np.nan])


DISTINCTION_MISTAKES = (
    Mistake("swapped", lambda *case: scores(*case)[::-1], "The two have changed places: precision comes first."),
    Mistake(
        "all that differs",
        lambda a, b, true_a, true_b: _overlap(a - b, true_a - true_b),
        "You took all that is in one set and not in the other. Only the *shortest* count: of each, is it in both "
        "without its last token?",
    ),
    Mistake(
        "the shortest of all",
        lambda a, b, true_a, true_b: _overlap(_fewest(a - b), _fewest(true_a - true_b)),
        "You took only those that are as short as any. Each counts whose own beginning is in both sets, of whatever "
        "length it is.",
    ),
    Mistake(
        "b from a",
        lambda a, b, true_a, true_b: scores(b, a, true_b, true_a),
        "Yours is what tells b from a: in `b`, and not in `a`. Asked is the other way round.",
    ),
    Mistake(
        "either way",
        lambda a, b, true_a, true_b: _overlap(
            _tells(a, b) | _tells(b, a), _tells(true_a, true_b) | _tells(true_b, true_a)
        ),
        "Yours counts what tells b from a as well. What is in `a` and not in `b`?",
    ),
    Mistake(
        "the same boundary",
        lambda a, b, true_a, true_b: _overlap(_tells(a, b), _tells(true_a, true_b)),
        "You count only what is among the shortest for the predictor *and* in truth. A text is right, or known, if it "
        "is in the one set and not in the other, be it the shortest there or not.",
    ),
    Mistake(
        "may follow, whatever b",
        lambda a, b, true_a, true_b: np.array(
            [_share(_tells(a, b), true_a.__contains__), _share(_tells(true_a, true_b), a.__contains__)]
        ),
        "You asked whether a text is in the first set, and not whether it is missing in the second. What is in both "
        "tells nobody apart.",
    ),
    Mistake(
        "one walk at a time",
        lambda a, b, true_a, true_b: _overlap(a, true_a),
        "Yours compares `a` with what can truly follow there. That is about one walk; asked is what tells two apart.",
    ),
)


def _fewest(texts: set[str]) -> set[str]:
    least = min(map(len, texts), default=0)
    return {text for text in texts if len(text) == least}
