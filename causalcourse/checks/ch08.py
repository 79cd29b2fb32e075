"""The checks of chapter 08, the hierarchy theorem."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake, array, integers, judge_function, judge_made
from causalcourse.checks.dice import DICE, FALLING, rates, rolled
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.checks.twins import not_furthest, not_inert
from causalcourse.counterfactual import bounds
from causalcourse.random_models import Table, random_discrete
from causalcourse.scm import SCM

_MET = 1e-5  # how near the ends of an interval are that a linear program finds to be one point
_BOW, _BACK_DOOR = "X -> Y; X <-> Y", "Z -> X -> Y; Z -> Y"


# what to ask of a wrong answer
_ASKED = {
    "A": "A: which rung is this question on? And on which rung are records?",
    "B": "B: this question is a rung above what is at hand. Chapter 00 had two hospitals with the same records.",
    "C": "C: which back door is open in this drawing, and can it be closed with what was recorded?",
    "D": "D: there is a drawing. But what does do-calculus say of this one?",
    "E": "E: it asks for both outcomes of one and the same unit. Does any arm of a trial show them?",
    "F": "F: if nobody is harmed, whose outcome changes? Then compare the two rates of the trial.",
    "G": "G: do you need both outcomes of one unit? Or two means, one of which the records hold?",
}


def _harmless(rng: np.random.Generator) -> SCM:
    """A random world of the bow in which X harms nobody: a hidden state for each way to have X and answer it."""
    shares = rng.dirichlet(np.full(8, 3.0)).reshape(2, 2, 2)  # [X, Y under do(X=0), Y under do(X=1)]
    shares[:, 1, 0] = 0
    x, *y = np.indices((2, 2, 2)).reshape(3, 8)
    equations = {"X": Table(("U",), x), "Y": Table(("X", "U"), np.array(y))}
    return SCM({"U": (shares / shares.sum()).ravel()}, equations)


def _fixed(rng: np.random.Generator) -> list[int]:
    """For A to G whether the bounds meet, in a random world."""
    world, open_door = _harmless(rng), random_discrete(_BACK_DOOR, rng)
    trial = [({"X": x}, world) for x in (0, 1)]
    acted, helped = "P(Y_{X=1}=1)", "P(Y_{X=0}=0, Y_{X=1}=1)"
    found = (
        bounds(_BOW, "P(Y=1 | X=1)", world),
        bounds(_BOW, acted, world),  # no drawing: any hidden cause is possible
        bounds(_BACK_DOOR, acted, open_door),
        bounds(_BOW, acted, world),
        bounds(_BOW, helped, world, trial),
        bounds(_BOW, helped, world, trial, monotone=[("X", "Y")]),
        bounds(_BOW, "E[Y_{X=1} - Y_{X=0} | X=1]", world, trial),
    )
    return [int(each.high - each.low < _MET) for each in found]


@exercise(
    "08.1",
    why="What is at hand must reach the rung of the question: a trial or a fitting drawing for doing, an assumption about units for imagining. The effect on the treated needs less than it seems.",
    hints=(
        "For each, find the rung of the question, and the rung of what is at hand. Where the question is above, ask what lifts you.",
        "A drawing lifts you where do-calculus says yes. A trial lifts you to rung 2 and no further. An assumption about every unit is of rung 3.",
        "Four are fixed. One of them asks about two worlds, and chapter 07 had it in its table: what is left of all, once the untreated are taken away?",
    ),
)
def _fixed_or_open(answer: object, rng: np.random.Generator) -> Verdict:
    truth = _fixed(rng)

    def first_slip(given: list[int]) -> str:
        return next(words for words, t, g in zip(_ASKED.values(), truth, given, strict=True) if t != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=0, high=1), explain=first_slip)


def _records(rng: np.random.Generator) -> tuple[np.ndarray]:
    """A joint table p[x, y] in which X tells something about Y."""
    x, y = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.9, 2)
    while abs(y[1] - y[0]) < 0.2:
        y = rng.uniform(0.1, 0.9, 2)
    return (np.array([1 - x, x])[:, None] * np.stack([1 - y, y], axis=1),)


@exercise(
    "08.2",
    why="A hidden kind decides both who has X and how often Y follows; with that, any records can come about without any action of X.",
    hints=(
        "In the records X and Y go together. If X does not act on Y, what else can make them go together? The kind decides X. Let it decide more.",
        "Two kinds are enough: those who have X = 0 and those who have X = 1. How common is each? How often does each have Y = 1 in the records?",
        "u is p.sum(axis=1), x is [0, 1]. The rate of the kind k is P(Y=1 | X=k) from the records, and it is the same for either x.",
    ),
)
def _twin(answer: object, rng: np.random.Generator) -> Verdict:
    def stub(p: np.ndarray) -> str:
        return ""

    return judge_made(answer, [_records(rng) for _ in range(3)], stub, not_inert)


def _both_ways(
    draw: Callable[[bool], tuple], truth: Callable, always: tuple[Mistake, ...], rising: tuple, falling: tuple
) -> list[tuple]:
    """Cases of both directions: in either, the mistakes that differ from the truth there."""
    upward = telling(lambda: draw(True), truth, (*always, *rising), count=2)
    return upward + telling(lambda: draw(False), truth, (*always, *falling), count=2)


@exercise(
    "08.3",
    why="One die helps where it falls between the rates; two dice multiply. No trial tells the two hospitals apart.",
    hints=(
        "Draw the numbers from 0 to 1 as a line, and mark `zero` and `one` on it. Where must the one die fall, so that Y is 0 without X and 1 with it?",
        "Not below `zero`, and below `one`. For two dice these are two events that know nothing of each other.",
        "With one die it is the stretch from `zero` to `one`, where there is such a stretch. With two dice it is a product of two chances.",
    ),
)
def _helped(answer: object, rng: np.random.Generator) -> Verdict:
    cases = _both_ways(lambda rising: rates(rng, rising), rolled, DICE, (), FALLING)
    return judge_function(answer, cases, rolled, returns=array(0, 1), mistakes=(*FALLING, *DICE))


def _arm(q: np.ndarray) -> np.ndarray:
    """P(Y=1 | do(X=1)), and the ends of what the records leave: those with X=0 all one way, then all the other."""
    x, _, b = np.indices(q.shape)
    return np.array([q[b == 1].sum(), *(q[np.where(x == 1, b, unseen) == 1].sum() for unseen in (0, 1))])


def _ends(low: Callable, high: Callable) -> Callable[[np.ndarray], np.ndarray]:
    return lambda q: np.array([q[:, :, 1].sum(), low(q), high(q)])


def _low(q: np.ndarray) -> float:
    return q[1, :, 1].sum()


def _high(q: np.ndarray) -> float:
    return _low(q) + q[0].sum()


def _among_takers(q: np.ndarray) -> float:
    return _low(q) / q[1].sum()


_OTHER_ARM = "That is about do(X=0). In q[x, a, b] it is b, the last index, that is Y under do(X=1)."
_OPEN = (
    Mistake(
        "order",
        lambda q: _arm(q)[[1, 0, 2]],
        "The three are right, in another order: first the truth, then the smallest and the largest.",
    ),
    Mistake(
        "axis",
        lambda q: _arm(q.transpose(2, 1, 0)),
        "You took the first index for b. In q[x, a, b] it is the last, that is Y under do(X=1).",
    ),
    Mistake("other arm", lambda q: _arm(q[::-1].transpose(0, 2, 1)), _OTHER_ARM),
    Mistake("a for b", lambda q: _arm(q.transpose(0, 2, 1)), _OTHER_ARM),
    Mistake(
        "what is seen",
        lambda q: np.array([_among_takers(q), _low(q), _high(q)]),
        "Your first number is P(Y=1 | X=1), a rate among those who had X = 1. The question asks about everybody.",
    ),
    Mistake(
        "no records",
        _ends(lambda q: 0.0, lambda q: 1.0),
        "From 0 to 1 is what is left without any records. Those who had X = 1 show what X = 1 does to them.",
    ),
    Mistake(
        "looked behind",
        _ends(lambda q: q[:, :, 1].sum(), lambda q: q[:, :, 1].sum()),
        "You let both ends be the truth. The records do not hold b of those who had X = 0.",
    ),
    Mistake(
        "no hidden cause",
        _ends(_among_takers, _among_takers),
        "You took P(Y=1 | X=1) for both ends, as if those with X = 1 were like everybody. Nothing at hand says so.",
    ),
    Mistake(
        "a rate for a share",
        _ends(_among_takers, lambda q: _among_takers(q) + q[0].sum()),
        "Your smallest value is a rate among those who had X = 1. They are only a part of everybody: what do they bring to a rate of all?",
    ),
    Mistake(
        "nobody harmed",
        _ends(lambda q: _low(q) + q[0, 1].sum(), _high),
        "You let those with X = 0 who are well stay well with X = 1. That X harms nobody is an assumption, of the third rung. The records do not hold it.",
    ),
    Mistake(
        "nobody helped",
        _ends(_low, lambda q: _low(q) + q[0, 1].sum()),
        "You let at most those be well under do(X=1) who were well with X = 0. Might X = 1 not help some of the others?",
    ),
    Mistake(
        "the other group open",
        _ends(_low, lambda q: _low(q) + q[1].sum()),
        "You let those with X = 1 be open. Of them the records show what X = 1 does. Of whom do they not?",
    ),
    Mistake("turned", lambda q: _arm(q)[[0, 2, 1]], "The smallest value comes before the largest."),
)


@exercise(
    "08.4",
    why="Who had X=0 never shows what X=1 would have done: between none and all of them, whatever the records.",
    hints=(
        "For the first number you may look at everything: add q up over all with b = 1. For the other two, ask which entries of q a record shows.",
        "Whoever had X = 1 shows b. Whoever had X = 0 shows a, and b might be anything. What if it were 0 for all of them? And 1?",
        "The smallest is q[1, :, 1].sum(). The largest has all those with X = 0 on top.",
    ),
)
def _how_open(answer: object, rng: np.random.Generator) -> Verdict:
    def draw() -> tuple[np.ndarray]:
        return (rng.dirichlet(np.full(8, 2.0)).reshape(2, 2, 2),)

    cases = telling(draw, _arm, _OPEN, count=3)
    return judge_function(answer, cases, _arm, returns=array(0, 1), mistakes=_OPEN)


@exercise(
    "08.5",
    why="Trading one helped and one harmed for one who never and one who always recovers changes no rate; you traded until nobody was left to trade.",
    hints=(
        "Four shares sum to 1, and the rates fix two more sums: t[1, 0] + t[1, 1] is zero, t[0, 1] + t[1, 1] is one. How much freedom is left?",
        "Move a little from t[0, 1] and from t[1, 0] to t[0, 0] and to t[1, 1]. No rate changes. How far can you go, and how far the other way?",
        "Start from two dice, the product of the rates. Fewest helped: trade min(t[0, 1], t[1, 0]). Most helped: trade min(t[0, 0], t[1, 1]) the other way.",
    ),
)
def _far_apart(answer: object, rng: np.random.Generator) -> Verdict:
    def stub(zero: float, one: float) -> str:
        return ""

    # rates that sum to less than 1 and to more, rising and falling: another share is the first to be 0 in each
    low, high = rng.uniform(0.1, 0.25, 2), rng.uniform(0.35, 0.48, 2)
    rising = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
    cases = [rising[0], (1 - rising[1][1], 1 - rising[1][0]), rising[1][::-1], (1 - rising[0][0], 1 - rising[0][1])]
    return judge_made(answer, cases, stub, not_furthest)


def _best(a: float, b: float, w: float) -> np.ndarray:
    low, high = min(a, b), max(a, b)
    return np.array([low + (high - low) / 2, (high - low) / 2, b + w * (a - b)])


_NO_WEIGHTS = "The worse of two errors does not ask how common each kind of hospital is. Which answer is as far from `a` as from `b`?"
_DISTANCE = "An error is a distance: it is never below 0, whichever of `a` and `b` is larger."
_ANSWERS = (
    Mistake(
        "weighed first", lambda a, b, w: np.array([_best(a, b, w)[2], abs(a - b) / 2, _best(a, b, w)[2]]), _NO_WEIGHTS
    ),
    Mistake(
        "weighed first, its error",
        lambda a, b, w: np.array([_best(a, b, w)[2], max(w, 1 - w) * abs(a - b), _best(a, b, w)[2]]),
        _NO_WEIGHTS,
    ),
    Mistake(
        "weights swapped",
        lambda a, b, w: _best(a, b, 1 - w),
        "In the third the weights have changed places: `w` is the share of hospitals whose answer is `a`.",
    ),
    Mistake(
        "no weights",
        lambda a, b, w: np.array([*_best(a, b, w)[:2], (a + b) / 2]),
        "Your third is in the middle again. Over *all* hospitals an error in the more common kind counts more often.",
    ),
    Mistake(
        "whole distance",
        lambda a, b, w: _best(a, b, w) * [1, 2, 1],
        "Your error is the distance of `a` and `b`. How far is your answer from either?",
    ),
    Mistake(
        "squared error",
        lambda a, b, w: np.array([(a + b) / 2, (a - b) ** 2 / 4, _best(a, b, w)[2]]),
        "Your second is squared. The error that is asked for is a distance; only the third is about squares.",
    ),
    Mistake(
        "the likelier kind",
        lambda a, b, w: np.array([*_best(a, b, w)[:2], a if w > 0.5 else b]),
        "Your third bets on the more common kind. That is best if the mean *distance* counts. Squares punish being far off in the rarer kind.",
    ),
    Mistake(
        "the error, not the answer",
        lambda a, b, w: np.array([*_best(a, b, w)[:2], w * (1 - w) * (a - b) ** 2]),
        "Your third is the mean squared error itself. Which answer has it?",
    ),
    Mistake("turned", lambda a, b, w: _best(a, b, w)[[2, 1, 0]], "The first and the third have changed places."),
)
_A_FIRST = Mistake("a - b", lambda a, b, w: np.array([(a + b) / 2, (a - b) / 2, _best(a, b, w)[2]]), _DISTANCE)
_B_FIRST = Mistake("b - a", lambda a, b, w: np.array([(a + b) / 2, (b - a) / 2, _best(a, b, w)[2]]), _DISTANCE)


@exercise(
    "08.6",
    why="Half the distance is at risk whatever the method; only a belief about which worlds are common moves the answer from the middle, and no record holds it.",
    hints=(
        "Draw `a` and `b` on a line and put your answer between them. What happens to the two errors as you move it?",
        "The worse error is smallest where both are equal. For the squares: which one number is nearest in squares to a heap of numbers?",
        "The middle of a and b; half their distance; the mean of all the truths, each hospital counted once.",
    ),
)
def _one_answer(answer: object, rng: np.random.Generator) -> Verdict:
    def draw(rising: bool) -> tuple[float, float, float]:
        share = rng.uniform(0.15, 0.4)
        return (*rates(rng, rising), float(share if rng.random() < 0.5 else 1 - share))

    cases = _both_ways(draw, _best, _ANSWERS, (_A_FIRST,), (_B_FIRST,))
    mistakes = (_A_FIRST, _B_FIRST, *_ANSWERS)
    return judge_function(answer, cases, _best, returns=array(0, 1), mistakes=mistakes)


_SENTENCES = {
    0: "The sentences are numbered from 1.",
    1: "Sentence 1 says what is given. We take it as it stands.",
    2: "Sentence 2 follows: to predict records as well as anything can is to know how common each kind is.",
    4: "Sentence 4 is true: who knows the equations can act on them. The slip comes before.",
    5: "Sentence 5 would follow, were all before it true. Look for the step from one rung to the next.",
}
_PLACES = {
    0: "The places are numbered from 1.",
    1: "The model has read nothing new: its data are the same records as before. What did she change?",
    2: "The network is built as before. What did she change?",
    3: "No weight has changed: she left the model as it is. What did she change?",
    5: "There are four places. Which of them did she change?",
}


@exercise(
    "08.7",
    why="Hospitals that work otherwise leave the same records, so the records do not say how this one works. Her drawing does, from the prompt, and she answers for it.",
    hints=(
        "Give each sentence its rung. Where does the argument climb without a reason?",
        "Sentence 2 is about records. Sentence 4 is about whoever knows how a hospital works. What would take you from one to the other?",
        "Try the argument on the twin of 08.2: same records, another hospital. Which sentence is false there? And the repair: where do her words stand?",
    ),
)
def _first_slip(answer: object, rng: np.random.Generator) -> Verdict:
    def slip(given: list[int]) -> str:
        sentence, place = map(int, given)
        return _SENTENCES[sentence] if sentence != 3 else "That is the sentence. " + _PLACES[place]

    return judge_function(answer, [()], lambda: [3, 4], returns=integers(2, low=0, high=5), explain=slip)
