"""The checks of chapter 12, does a language model learn a world model?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np

from causalcourse.checks.compare import Mistake, array, integers, judge_function, judge_made, number
from causalcourse.checks.draw import telling
from causalcourse.checks.following import DISTINCTION_MISTAKES, SINGLE_TOKENS, continuations, scores
from causalcourse.checks.laboratories import (
    LABORATORIES,
    RELEASE_MISTAKES,
    Data,
    first_unshown,
    laboratory,
    near,
    shares,
)
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.checks.unheard import not_apart
from causalcourse.checks.walks import (
    COUNTING_MISTAKES,
    END_MISTAKES,
    counted,
    crowd,
    ends_in,
    walk,
)
from causalcourse.graph import CausalGraph
from causalcourse.lm.town import Town


@exercise(
    "12.1",
    why="The text tells what came of each move, so its steps add up to the place. Walls are needed only to say what comes next.",
    hints=(
        "Take the text apart with text.split(). Leave out `^`. What is left are moves of two characters.",
        "A move with `x` leaves the walker where it is. A move with `.` adds one of four numbers to the square.",
        'The four are {"N": -size, "E": 1, "S": size, "W": -1}. Begin with start, and add for each move with `.`.',
    ),
)
def _where(answer: object, rng: np.random.Generator) -> Verdict:
    town = Town.random(rng, size=int(rng.integers(4, 7)))
    truth = ends_in(town)
    cases = telling(lambda: walk(rng, town), truth, END_MISTAKES, count=4, apart=0.5)

    def where(size: int, start: int, text: str) -> int:
        return truth(size, start, text)

    returns = number(what="the number of a square (one whole number)")
    return judge_function(answer, cases, where, returns=returns, mistakes=END_MISTAKES)


_FINDINGS = (
    (1, "A: two networks are compared. Is anything inside either of them changed?"),
    (2, "B: is the attention left as it is, or set by somebody?"),
    (1, "C: two sorts of errors go together. Has anybody made them go together, or only seen it?"),
    (3, "D: how many readings does this one speak of? It takes one number from one, and all the rest from another."),
    (1, "E: is something inside put in place of something else here, or is it looked at?"),
    (2, "F: something is added inside, whatever comes of it. That nothing came of it is a finding all the same."),
    (
        3,
        "G: it is a share of many walks, but what is counted in each? Whether *this* reading would have come out otherwise.",
    ),
)

_NO_OTHER_READING = (
    "right answers are counted, over many walks with the change and many without. Is any *one* reading taken up again, "
    "to ask what would have come out of it?"
)


@exercise(
    "12.2",
    why="Who looks, sees; who sets something inside, acts; who puts what another reading would hold into this one, imagines.",
    hints=(
        "First find those in which nothing inside the network is touched. A comparison is not a touch.",
        "In the others something is set. Is it counted what then is said, or is one reading compared with what the same reading would have said?",
        "Three are of rung 1, two of rung 2, two of rung 3. Those of rung 3 say 'had ... been'.",
    ),
)
def _rungs(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [rung for rung, _ in _FINDINGS]

    def first_slip(given: list[int]) -> str:
        rung, words, g = next((*finding, g) for finding, g in zip(_FINDINGS, given, strict=True) if finding[0] != g)
        return words[:3] + _NO_OTHER_READING if (rung, g) == (2, 3) else words

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=1, high=3), explain=first_slip)


@exercise(
    "12.3",
    why="The best bet in each heap of equal texts is the outcome that is commoner there; longer texts make smaller heaps, and a heap may still hold several squares.",
    hints=(
        "How often does each text occur, such as `N. Ex`? There are 64 of them. Make a table of shape (4, 2, 4, 2) and fill it square by square.",
        "From s the move `first` leads to t = leads[s, first], and it bumped if t == s. The second move starts at t. Each of the 16 pairs of directions has p[s] / 16.",
        "In the table the last axis is what is to be foretold. Take the larger entry of each pair and add up: for the long text at once, for the short one after summing over the first two axes.",
    ),
)
def _counting(answer: object, rng: np.random.Generator) -> Verdict:
    towns = [Town.random(rng, size=3, walled=0.4) for _ in range(4)]
    cases = telling(
        lambda: crowd(rng, towns[int(rng.integers(len(towns)))]), counted, COUNTING_MISTAKES, count=3, apart=0.003
    )
    return judge_function(answer, cases, counted, returns=array(0, 1), mistakes=COUNTING_MISTAKES)


@exercise(
    "12.4",
    why="A probe tells what is there, and an answer hears only its own row: either can be moved without the other.",
    hints=(
        "Write down what is demanded of `unheard`: one equation for the probe, and k for the answers. How many unknown numbers are there?",
        "Put the probe and the rows of readout into one matrix, of shape (k + 1, n). What should it give, times `unheard`? And times `unseen`?",
        "The matrix is rows = np.vstack([probe, readout]). np.linalg.pinv(rows) @ wanted solves it, with wanted (1, 0, ..., 0) for the first edit and (0, 1, ..., 1) for the second.",
    ),
)
def _edits(answer: object, rng: np.random.Generator) -> Verdict:
    def draw() -> tuple[np.ndarray, np.ndarray]:
        n, k = int(rng.integers(7, 11)), int(rng.integers(3, 5))
        readout = rng.normal(size=(k, n))
        # the probe leans on what the answers hear, so that its own direction is heard
        return rng.normal(size=n) + readout.sum(axis=0) / 2, readout

    def stub(probe: np.ndarray, readout: np.ndarray) -> str:
        return ""

    return judge_made(answer, [draw() for _ in range(3)], stub, not_apart)


@exercise(
    "12.5",
    why="Each control takes away one other explanation, a control that nobody tried takes away nothing, and no data of one town speak of another.",
    hints=(
        "Write a line for each of the first four sentences: which arrays does it speak of? The mean of an array of 1 and 0 is the share of 1.",
        "A sentence is shown if the arrays it needs are there (`is not None`) and their shares differ by more than 0.2. Which sentence needs which?",
        "2: probe and untrained. 3: probe and control. 4: edited against random, and edited against pushed. Go through 1 to 4, and return the first that is not shown. If all four are, is 5 shown by any of these arrays?",
    ),
)
def _press_release(answer: object, rng: np.random.Generator) -> Verdict:
    rates = [rate for rate, _ in (*LABORATORIES, *near(rng))]
    cases = [laboratory(rates[k], rng) for k in rng.permutation(len(rates))]
    # a sentence is not off by 3
    returns = replace(number(what="the number of a sentence (one whole number)"), arithmetic=False)

    def first_slip(probe: Data, untrained: Data, control: Data, edited: Data, random: Data, pushed: Data) -> int:
        return first_unshown(probe, untrained, control, edited, random, pushed)

    return judge_function(answer, cases, first_slip, returns=returns, mistakes=RELEASE_MISTAKES, show=shares)


@exercise(
    "12.6",
    why="Only the first difference is counted, since everything after it differs too; and what tells two squares apart is rare among all tokens.",
    hints=(
        "Write a helper that gives what tells one set from another. A text t belongs to it if t is in the first, not in the second, and t[:-1] is in both. (The empty beginning counts as in every set, though none lists it.)",
        "If one set holds t, it holds t[:-1] as well. So it is enough that t[:-1] is in the second, or that t is one token long. Use it twice: for a and b, and for true_a and true_b.",
        "Precision: of what tells a from b, the share in true_a - true_b. Recall: of what tells true_a from true_b, the share in a - b.",
    ),
)
def _distinction(answer: object, rng: np.random.Generator) -> Verdict:
    towns = [Town.random(rng, size=4) for _ in range(3)]
    mistakes = (*DISTINCTION_MISTAKES, SINGLE_TOKENS)

    def draw(refused: bool) -> tuple[set[str], set[str], set[str], set[str]]:
        return continuations(rng, towns[int(rng.integers(len(towns)))], refused)

    cases = [
        *telling(lambda: draw(False), scores, DISTINCTION_MISTAKES, count=3),
        *telling(lambda: draw(True), scores, mistakes, count=1),
    ]

    def distinction(a: set[str], b: set[str], true_a: set[str], true_b: set[str]) -> np.ndarray:
        return scores(a, b, true_a, true_b)

    return judge_function(answer, cases, distinction, returns=array(0, 1), mistakes=mistakes)


# ---------------------------------------------------------------- 12.7, one text

DRAWINGS = ("Z -> X -> Y; Z -> Y", "X -> Z -> Y; X -> Y", "Z -> Y -> X; Z -> X")
_NAMES = "ZXY"
_ORDER = ("first", "second", "third")


def _text(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z = rng.uniform(0.25, 0.75)
    return np.array([1 - z, z]), rng.uniform(0.1, 0.9, 2), rng.uniform(0.1, 0.9, (2, 2))


def _joint(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> np.ndarray:
    """P(z, x, y), shape (2, 2, 2)."""
    return np.einsum("z,zx,zxy->zxy", pz, np.stack([1 - px, px], 1), np.stack([1 - py, py], 2))


@cache
def _drawn(drawing: str) -> CausalGraph:
    return CausalGraph.parse(drawing)


def _acted(drawing: str, p: np.ndarray) -> float:
    """P(Y=1 | do(X=1)) in the drawing: the factors of P(z, x, y) but that of X, at X=1, added up."""
    product = np.ones_like(p)
    for node in "ZY":
        family = {*_drawn(drawing).parents(node), node}
        along = tuple(k for k, name in enumerate(_NAMES) if name not in family)
        joint = p.sum(axis=along, keepdims=True)
        product = product * joint / joint.sum(axis=_NAMES.index(node), keepdims=True)
    return float(product[:, 1, 1].sum())


def by_drawings(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> np.ndarray:
    """P(Y=1 | do(X=1)) by each of the three drawings, shape (3,). Used from chapter 12."""
    return np.array([_acted(drawing, _joint(pz, px, py)) for drawing in DRAWINGS])


def _instead(**others: Callable[..., float]) -> Callable[..., np.ndarray]:
    """The truth with some of the three numbers, `first`, `second` and `third`, replaced."""

    def found(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> np.ndarray:
        right = dict(zip(_ORDER, by_drawings(pz, px, py), strict=True))
        return np.array([*(right | {k: f(pz, px, py) for k, f in others.items()}).values()])

    return found


def _weighed(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> float:
    """P(Y=1 | do(X=1)) with severity as it is among those with X=1, not divided by how many these are."""
    return float((pz * px) @ py[:, 1])


def _seen(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> float:
    return _weighed(pz, px, py) / float(pz @ px)


def _closed(pz: np.ndarray, px: np.ndarray, py: np.ndarray) -> float:
    return float(pz @ py[:, 1])


def _evenly() -> Iterator[Mistake]:
    """Both severities counted alike, in one number, in two or in all."""
    for count in (3, 2, 1):
        for some in combinations(_ORDER, count):
            where = "all three" if count == 3 else f"the {' and the '.join(some)}"
            yield Mistake(
                f"evenly in {where}",
                _instead(**{name: _with_even_severity(k) for k, name in enumerate(_ORDER) if name in some}),
                f"In {where} both severities count the same in yours, as if `pz` were one half. How common is each?",
            )


def _with_even_severity(k: int) -> Callable[..., float]:
    return lambda pz, px, py: float(by_drawings(np.full(2, 0.5), px, py)[k])


_FIRST_IS_SEEN = "There the back door X <- Z -> Y is open in what is seen."
_SECOND_IS_CLOSED = "In the second drawing treatment acts on severity: had everybody X = 1, would Z be as it is now?"
_THIRD_IS_STILL = "There nothing leads from X to Y. What does acting on X change?"
_TEXT_MISTAKES = (
    Mistake(
        "what is seen, three times",
        _instead(first=_seen, third=_seen),
        "All three of yours are P(Y=1 | X=1), what the text says. What each doctor's drawing does to it is asked.",
    ),
    Mistake(
        "closed, three times",
        _instead(second=_closed, third=_closed),
        f"You used the first doctor's drawing for all three. {_SECOND_IS_CLOSED}",
    ),
    Mistake(
        "third as first",
        _instead(third=_closed),
        f"Two are right. In the third drawing you adjusted for Z. {_THIRD_IS_STILL}",
    ),
    Mistake(
        "third as seen", _instead(third=_seen), f"Two are right. In the third you gave P(Y=1 | X=1). {_THIRD_IS_STILL}"
    ),
    Mistake(
        "second closed",
        _instead(second=_closed),
        f"Two are right. For the second you let Z be as it is, P(z). {_SECOND_IS_CLOSED}",
    ),
    Mistake(
        "first seen",
        _instead(first=_seen),
        f"Two are right. In the first drawing you gave P(Y=1 | X=1). {_FIRST_IS_SEEN}",
    ),
    Mistake(
        "first and second swapped",
        _instead(first=_seen, second=_closed),
        f"The first two have changed places. {_SECOND_IS_CLOSED}",
    ),
    Mistake(
        "not divided",
        _instead(second=_weighed),
        "Two are right. Your second is P(X=1, Y=1), a share of all records. Had everybody X = 1, of whom would it be a share?",
    ),
    Mistake(
        "the other arm",
        lambda pz, px, py: by_drawings(pz, 1 - px, py[:, ::-1]),
        "Yours is P(Y=1 | do(X=0)): in py[z, x] the treatment is the second index.",
    ),
    Mistake(
        "axes",
        _instead(
            first=lambda pz, px, py: float(pz @ py[1]), second=lambda pz, px, py: float(pz * px / (pz @ px) @ py[1])
        ),
        "You read py[1] as X = 1. In py[z, x] the treatment is the second index.",
    ),
    *_evenly(),
    Mistake(
        "the effect",
        lambda pz, px, py: by_drawings(pz, px, py) - by_drawings(pz, 1 - px, py[:, ::-1]),
        "Yours are effects, the difference between X = 1 and X = 0. Asked is the rate of recovery under X = 1.",
    ),
)


@exercise(
    "12.7",
    why="All three drawings fit the same text, and their answers differ: what the text cannot say, its perfect reader does not know.",
    hints=(
        "Which of P(z), P(x | z), P(y | z, x) would stay as they are in each drawing, were X set to 1 for everybody?",
        "First: Z comes before X, so P(z) stays. Second: Z comes after X, so it follows X = 1 as in the records. Third: does anything lead from X to Y?",
        "First: pz @ py[:, 1]. Second: the same with P(z | X=1) in place of pz, which is pz * px / (pz @ px). Third: P(Y=1), over all records.",
    ),
)
def _answers(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: _text(rng), by_drawings, _TEXT_MISTAKES, count=3, apart=0.02)
    return judge_function(answer, cases, by_drawings, returns=array(0, 1), mistakes=_TEXT_MISTAKES)
