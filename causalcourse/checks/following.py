"""What can follow on a walk through a town, in truth and by a predictor; and how one errs in telling two apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.lm.coherence import boundary
from causalcourse.lm.town import Town

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


def continuations(
    rng: np.random.Generator, town: Town, refused: bool = False
) -> tuple[set[str], set[str], set[str], set[str]]:
    """(a, b, true_a, true_b) of a predictor whose map is wrong in places, and another after either walk.

    refused: whether it holds one direction impossible after the second walk. Used from chapter 12.
    """
    first, second = map(int, rng.choice(town.size**2, 2, replace=False))
    true = _outcomes(town)
    a, b = _follow(_misled(town, rng), first), _follow(_misled(town, rng), second)
    if refused:
        direction = str(rng.choice(list("NESW")))
        b = {text for text in b if text[0] != direction}
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


def _no_single_tokens(a: set[str], b: set[str], true_a: set[str], true_b: set[str]) -> np.ndarray:
    """The scores of somebody who looks for the empty text in a set, and does not find it."""
    found, true = ({s for s in _tells(*pair) if len(s) > 1} for pair in ((a, b), (true_a, true_b)))
    return np.array([_share(found, (true_a - true_b).__contains__), _share(true, (a - b).__contains__)])


# only where a direction alone tells two walks apart
SINGLE_TOKENS = Mistake(
    "single tokens left out",
    _no_single_tokens,
    'You leave out a text of one token, such as "N", that is in one set and not in the other. Without its last token '
    "the empty one is left, which counts as being in both. What is `text[:-1]` here, and do the sets list it?",
)
