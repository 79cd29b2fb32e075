"""The checks of chapter 07, counterfactuals."""

from __future__ import annotations

import numpy as np

from causalcourse.checks.compare import Mistake, array, integers, judge_function, number, probability
from causalcourse.checks.draw import telling
from causalcourse.checks.halves import Half, halves, pair
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.checks.treated import (
    NECESSITY_MISTAKES,
    TREATED_MISTAKES,
    courts,
    necessity_bounds,
    town,
    treated_effect,
)

_QUESTIONS = (
    (3, "A: what is known of her? That she did it, and that it happened. Asked is the world without."),
    (2, "B: somebody acts, on every child. Of no child has anything been seen, and no other past is imagined."),
    (6, "C: over whom is this average taken? Not over everybody. And it compares two outcomes of the same people."),
    (4, "D: what is known of him? He went *without* (X = 0), and Y = 0. Asked is the world with."),
    (1, "E: nobody acts here, and nobody imagines another past. Children are looked at as they are."),
    (
        7,
        "F: the drug is set, and something else is held as it would be in another world. Which number names three things?",
    ),
    (5, "G: has anything been seen of these pupils? No. Yet both outcomes of the same pupil are asked for."),
)


@exercise(
    "07.1",
    why="Two questions sort them: does somebody act, or imagine? And what has been seen, of whom?",
    hints=(
        "Which one only looks? Which one acts, and imagines nobody's other past? These two are on the first two rungs.",
        "For the others ask what is known already. Right of the bar in 3, 4 and 6 stands something else each time; in 5 and 7 nothing.",
        "PN: it was done and happened. PS: it was not done and did not happen. 6: it was done. 7 needs a variable on the way.",
    ),
)
def _which_question(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [question for question, _ in _QUESTIONS]

    def first_slip(given: list[int]) -> str:
        return next(message for (question, message), g in zip(_QUESTIONS, given, strict=True) if question != g)

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=1, high=7), explain=first_slip)


# ---------------------------------------------------------------- 07.2, a model with finite luck


def _would(p: np.ndarray, fx: np.ndarray, fy: np.ndarray, x: int, y: int, other: int) -> float:
    return _share(p * (fx == x) * (fy[x] == y), fy[other])


def _share(weights: np.ndarray, outcome: np.ndarray) -> float:
    return float(weights @ outcome / weights.sum())


_WOULD_MISTAKES = (
    Mistake(
        "no abduction",
        lambda p, fx, fy, x, y, other: p @ fy[other],
        "That is P(Y=1 | do(X=other)): everybody's luck, as though nothing were known of this person. What do X=x and Y=y say "
        "about the luck?",
    ),
    Mistake(
        "conditioning on the other dose",
        lambda p, fx, fy, x, y, other: _share(p * (fx == other), fy[other]),
        "That is P(Y=1 | X=other): other people, who came to that dose by themselves. Asked is about somebody who did not.",
    ),
    Mistake(
        "not normalised",
        lambda p, fx, fy, x, y, other: (p * (fx == x) * (fy[x] == y)) @ fy[other],
        "That is a joint probability, of what was seen *and* what would have been. Given what was seen, the probabilities of the "
        "luck that is left sum to 1.",
    ),
    Mistake(
        "X only",
        lambda p, fx, fy, x, y, other: _share(p * (fx == x), fy[other]),
        "You kept all who got dose x. The outcome was seen as well, and it says more about the luck.",
    ),
    Mistake(
        "Y only",
        lambda p, fx, fy, x, y, other: _share(p * (fy[fx, np.arange(len(p))] == y), fy[other]),
        "You kept all whose outcome was y, whatever their dose. The dose was seen as well: it says something about the luck too.",
    ),
    Mistake(
        "x set, not seen",
        lambda p, fx, fy, x, y, other: _share(p * (fy[x] == y), fy[other]),
        "You kept all whose outcome *would* be y with dose x, whatever dose they got. This person came to dose x without being "
        "set to it. What does that say about the luck?",
    ),
    Mistake(
        "no action",
        lambda p, fx, fy, x, y, other: float(y),
        "Your answer is always y, as though nothing had been changed. What was seen belongs to the world that was; the outcome "
        "is read off in the other one.",
    ),
    Mistake(
        "not weighed",
        lambda p, fx, fy, x, y, other: _share(1.0 * (fx == x) * (fy[x] == y), fy[other]),
        "All luck that is left counts the same in yours. How common is each value?",
    ),
    Mistake(
        "bar turned round",
        lambda p, fx, fy, x, y, other: _share(p * fy[other], (fx == x) * (fy[x] == y)),
        "The bar is the other way round: that is how often X=x and Y=y are seen among those who would have Y=1.",
    ),
)


@exercise(
    "07.2",
    why="You kept the luck that fits all that was seen, let it sum to 1 again, and ran the other dose on the same luck.",
    hints=(
        "Abduction first. For which u is fx[u] the dose that was seen, and the outcome of that dose the one that was seen?",
        "Set p[u] to 0 for all other u, and divide by the sum of what is left. That is P(u | X=x, Y=y).",
        "fits = p * (fx == x) * (fy[x] == y). Then weigh the row fy[other] by fits / fits.sum().",
    ),
)
def _would_have(answer: object, rng: np.random.Generator) -> Verdict:
    def draw() -> tuple:
        k = int(rng.integers(8, 13))
        while True:
            p, fx, fy = rng.dirichlet(np.full(k, 2.0)), rng.integers(0, 3, k), rng.integers(0, 2, (3, k))
            (x, other), y = map(int, rng.permutation(3)[:2]), int(rng.integers(2))
            if (p * (fx == x) * (fy[x] == y)).sum() > 0.05 and (fx == other).any() and fy[other].any():
                return p, fx, fy, x, y, other

    cases = telling(draw, _would, _WOULD_MISTAKES, count=4)
    return judge_function(answer, cases, _would, returns=probability(), mistakes=_WOULD_MISTAKES)


# ---------------------------------------------------------------- 07.3, noise that is added


def _pressure(a: float, b: float, c: float, x: float, m: float, y: float, new: float) -> float:
    return y + (b + a * c) * (new - x)


_PRESSURE_MISTAKES = (
    Mistake(
        "mediator left",
        lambda a, b, c, x, m, y, new: y + b * (new - x),
        "You left her weight as it was measured: that is the direct way only. With another dose she would have had another weight.",
    ),
    Mistake(
        "indirect only",
        lambda a, b, c, x, m, y, new: y + a * c * (new - x),
        "Only her weight has changed in yours. The dose acts on the pressure directly as well.",
    ),
    Mistake(
        "no noise",
        lambda a, b, c, x, m, y, new: (b + a * c) * new,
        "That is a patient whose noise is 0 in both equations. Hers is not, and x, m and y tell it.",
    ),
    Mistake(
        "noise of M left out",
        lambda a, b, c, x, m, y, new: y - b * x - c * m + (b + a * c) * new,
        "You gave her the noise of Y, and not the noise of M. What weight would she have had, being who she is?",
    ),
    Mistake(
        "noise of Y left out",
        lambda a, b, c, x, m, y, new: b * new + c * (m + a * (new - x)),
        "You gave her the noise of M, and not the noise of Y. Her pressure y has not been used.",
    ),
    Mistake(
        "wrong way",
        lambda a, b, c, x, m, y, new: y - (b + a * c) * (new - x),
        "The size of the change is right and its sign is not: from which dose to which?",
    ),
    Mistake(
        "a left out",
        lambda a, b, c, x, m, y, new: y + (b + c) * (new - x),
        "In yours the weight changes by as much as the dose. How much weight comes with one unit of the dose?",
    ),
    Mistake(
        "a plus c",
        lambda a, b, c, x, m, y, new: y + (b + a + c) * (new - x),
        "You added a and c. One arrow after the other: so much weight for each mg, and so much pressure for each kg of it.",
    ),
    Mistake(
        "from zero",
        lambda a, b, c, x, m, y, new: y + (b + a * c) * new,
        "You added the effect of the whole new dose to a pressure that has the old dose in it already.",
    ),
    Mistake(
        "seen once more",
        lambda a, b, c, x, m, y, new: float(y),
        "That is the pressure that was measured. What changes when the dose does?",
    ),
)


@exercise(
    "07.3",
    why="She kept both noises, and not her weight: what the dose acts on would have been otherwise.",
    hints=(
        "Abduction: solve each equation for its noise. U_M is m less what the dose explains; and U_Y?",
        "u_m = m - a * x and u_y = y - b * x - c * m. Now put the new dose into the first equation. Which M comes out?",
        "m_new = a * new + u_m; then the second equation, with new, m_new and u_y.",
    ),
)
def _one_patient(answer: object, rng: np.random.Generator) -> Verdict:
    def draw() -> tuple:
        a, b, c = (float(k) / 10 for k in rng.choice([-1, 1], 3) * rng.integers(5, 30, 3))
        x, new = map(float, rng.choice(10, 2, replace=False))
        return a, b, c, x, float(rng.integers(50, 100)), float(rng.integers(100, 170)), new

    cases = telling(draw, _pressure, _PRESSURE_MISTAKES, count=4, apart=0.4)
    return judge_function(answer, cases, _pressure, returns=number(), mistakes=_PRESSURE_MISTAKES)


# ---------------------------------------------------------------- 07.4, records and an experiment


@exercise(
    "07.4",
    why="Everybody's Y_0 is in the experiment, the untreated ones' in the records: the difference is the treated ones'.",
    hints=(
        "E[Y_1 | X=1] is seen in the records. For E[Y_0 | X=1], split `zero` by what people chose.",
        "zero = P(Y_0=1, X=0) + P(Y_0=1, X=1). The first of these is seen: whoever chose X=0 shows Y_0. What is left?",
        "P(Y_0=1, X=1) = zero - p[0, 1]. Divide by P(X=1), and take it off P(Y=1 | X=1).",
    ),
)
def _on_the_treated(answer: object, rng: np.random.Generator) -> Verdict:
    cases = telling(lambda: town(rng), treated_effect, TREATED_MISTAKES, count=3)
    return judge_function(answer, cases, treated_effect, returns=number(-1, 1), mistakes=TREATED_MISTAKES)


# ---------------------------------------------------------------- two numbers, each with mistakes of its own


# ---------------------------------------------------------------- 07.5, two ways


def _factors(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """m[x, m] = P(m | x) and y[x, m] = P(Y=1 | x, m)."""
    return p.sum(axis=2) / p.sum(axis=(1, 2))[:, None], p[..., 1] / p.sum(axis=2)


def _way(p: np.ndarray, of_y: int, of_m: int) -> float:
    """E[Y_{x, M_x'}]: Y hears that X is `of_y`, M hears that it is `of_m`."""
    m, y = _factors(p)
    return float(y[of_y] @ m[of_m])


def _gap(p: np.ndarray) -> np.ndarray:
    return np.diff(_factors(p)[1], axis=0)[0]


def _total(p: np.ndarray) -> float:
    return _way(p, 1, 1) - _way(p, 0, 0)


_DIRECT: tuple[Half, ...] = (
    ("", lambda p: _way(p, 1, 0) - _way(p, 0, 0)),
    (
        "For the direct effect you left M as it is *with* X (total less indirect does the same). It is to stay as it is without.",
        lambda p: _way(p, 1, 1) - _way(p, 0, 1),
    ),
    (
        "For the direct effect you weighed by P(m), M as it is among all. In which world is M to stay?",
        lambda p: _gap(p) @ p.sum(axis=(0, 2)),
    ),
    ("For the direct effect all values of M count the same in yours. How common is each?", lambda p: _gap(p).mean()),
    (
        "For the direct effect you set M to 0 for everybody, which is a *controlled* direct effect. In the natural one everybody "
        "keeps their own M.",
        lambda p: _gap(p)[0],
    ),
    ("For the direct effect you gave the total one: M has heard of X as well.", _total),
    ("For the direct effect you gave E[Y_{1, M_0}]. Nothing has been taken off.", lambda p: _way(p, 1, 0)),
)
_INDIRECT: tuple[Half, ...] = (
    ("", lambda p: _way(p, 0, 1) - _way(p, 0, 0)),
    (
        "For the indirect effect you let Y hear that X is 1 (total less direct does the same). Only M is to hear of it.",
        lambda p: _way(p, 1, 1) - _way(p, 1, 0),
    ),
    (
        "For the indirect effect you took P(Y=1 | m), in which the back door M <- X -> Y is open. Which X does Y hear of?",
        lambda p: (p[..., 1].sum(axis=0) / p.sum(axis=(0, 2))) @ np.diff(_factors(p)[0], axis=0)[0],
    ),
    (
        "For the indirect effect you averaged over X in the equation of Y. There X is the same for everybody. Which?",
        lambda p: (p.sum(axis=(1, 2)) @ _factors(p)[1]) @ np.diff(_factors(p)[0], axis=0)[0],
    ),
    ("For the indirect effect you gave the total one: Y has heard of X directly as well.", _total),
    ("For the indirect effect you gave E[Y_{0, M_1}]. Nothing has been taken off.", lambda p: _way(p, 0, 1)),
)
_ways = pair(_DIRECT[0][1], _INDIRECT[0][1])
_WAYS_MISTAKES = (
    Mistake(
        "changed places", lambda p: _ways(p)[::-1], "The two numbers have changed places: the direct effect first."
    ),
    *halves(_DIRECT, _INDIRECT),
)


@exercise(
    "07.5",
    why="For the direct way only the x that Y hears of changes, for the indirect way only the x that M hears of.",
    hints=(
        "Nothing is hidden, so two tables of the records are enough: P(m | x) and P(Y=1 | x, m).",
        "E[Y_{x, M_x'}] is the sum over m of P(Y=1 | x, m) P(m | x'). Which x and x' has each of the three terms?",
        "NDE: sum over m of (y[1, m] - y[0, m]) * P(m | X=0). NIE: y[0, m], times the change of P(m | x).",
    ),
)
def _by_which_way(answer: object, rng: np.random.Generator) -> Verdict:
    def draw() -> tuple[np.ndarray]:
        x, m, y = rng.dirichlet([4, 4]), rng.dirichlet([2, 2, 2], 2), rng.uniform(0.05, 0.95, (2, 3))
        return (x[:, None, None] * m[:, :, None] * np.stack([1 - y, y], axis=-1),)

    def by_which_way(p: np.ndarray) -> np.ndarray:
        return _ways(p)

    cases = telling(draw, by_which_way, _WAYS_MISTAKES, count=3)
    kind = array(-1, 1, what="a list of two numbers")
    return judge_function(answer, cases, by_which_way, returns=kind, mistakes=_WAYS_MISTAKES)


# ---------------------------------------------------------------- 07.6 and 07.7, bounds


@exercise(
    "07.6",
    why="The takers who would be hit anyway are known in number; how they are spread over those hit and those not is not.",
    hints=(
        "How many takers would have had the harm anyway, as a share of all? `zero` counts all such people, takers and others.",
        "It is zero - p[0, 1]. They are spread over two cells: p[1, 1] and p[1, 0]. How many can be in p[1, 1] at most? At least?",
        "At most min(anyway, p[1, 1]), at least max(0, anyway - p[1, 0]). PN is 1 less their part of p[1, 1].",
    ),
)
def _before_the_court(answer: object, rng: np.random.Generator) -> Verdict:
    kind = array(0, 1, what="a list of two numbers")
    return judge_function(answer, courts(rng), necessity_bounds, returns=kind, mistakes=NECESSITY_MISTAKES)


_RECOVERED = 0.6  # in either arm of the trial of 07.7
_HOLDS = {
    1: "Sentence 1 says what was done and what was seen.",
    2: "Sentence 2 holds: that is what a lot does, if there are a great many.",
    3: "Sentence 3 holds: two groups alike, the same share recovered. Mind the word average.",
    5: "Sentence 5 would follow, were 4 true.",
}
_PERCENTS = {
    0: "0 is what the colleague says. The trial leaves room for more: could some be helped, and as many be harmed?",
    40: "40 % would not recover without treatment. That is of everybody: asked is about those who recovered with it.",
    60: "60 % recover with treatment. Which share of *these* might not have recovered without?",
    100: "Not all of those who recovered with treatment can owe it to the treatment: how many recover without?",
    33: "That is who would have recovered anyway, at least. Asked is the opposite, at most.",
    0.667: "Is the second number in percent?",
}


@exercise(
    "07.7",
    why="An average of zero leaves room for many who are helped, provided that as many are harmed.",
    hints=(
        "Sentence 3 speaks of an average over all, sentence 5 of single people. Where does it go from one to the other?",
        "Four kinds of people: helped, harmed, recover anyway, never do. In both arms 60 % recover: what does it say about the shares?",
        "The helped are no more than those who do not recover untreated, 40 in 100. Of the 60 who recover treated, which part is that?",
    ),
)
def _nobody_helped(answer: object, rng: np.random.Generator) -> Verdict:
    trial = np.full((2, 1), 0.5) * [1 - _RECOVERED, _RECOVERED]  # a lot: p[x, y] = P(x) P(y | do(x))
    truth = [4.0, 100 * float(necessity_bounds(trial, _RECOVERED)[1])]

    def slip(given: list[float]) -> str:
        sentence, percent = map(float, given)
        if sentence != 4:
            return _HOLDS.get(int(sentence), "The sentences are numbered from 1 to 5.")
        near = next((said for value, said in _PERCENTS.items() if abs(percent - value) < 0.4), "")
        return "That is the sentence. " + (near or f"{percent:g} % is not the largest. Count in a hundred patients.")

    kind = array(0, 100, what="a list of two numbers")
    return judge_function(answer, [()], lambda: truth, returns=kind, tolerance=0.0075, explain=slip)
