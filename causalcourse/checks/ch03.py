"""The checks of chapter 03, Structural models and the do-operator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake, array, judge_function, number, probability
from causalcourse.checks.draw import telling
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.random_models import random_discrete

_CONFOUNDED = "Z -> X -> Y; Z -> Y"


def _joint(text: str, variables: str, rng: np.random.Generator) -> np.ndarray:
    """The exact joint table of a random binary model, one axis for each variable."""
    return random_discrete(text, rng).joint(list(variables)).to_numpy().reshape((2,) * len(variables))


def _arrows(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """A graph on five variables, numbered at random, and one that has arrows in and arrows out."""
    while True:
        place = rng.permutation(5)
        arrows = np.triu(rng.integers(0, 2, (5, 5)), 1)[np.ix_(place, place)]
        both = np.flatnonzero(arrows.any(axis=0) & arrows.any(axis=1))
        if len(both):
            return arrows, int(rng.choice(both))


def _cut(arrows: np.ndarray, x: int) -> np.ndarray:
    return arrows * (np.arange(len(arrows)) != x)


@exercise(
    "03.1",
    why="The column of x holds the arrows into it. Its equation is replaced, so they go; the arrows out of it stay.",
    hints=(
        "Acting replaces one equation. Whose arrows does that equation draw: those into `x`, or those out of it?",
        "`arrows[i, j]` is an arrow from i to j. Where are all arrows that end in `x`: in a row, or in a column?",
        "Copy the array, set the column `[:, x]` to 0, and return the copy.",
    ),
)
def _surgery(answer: object, rng: np.random.Generator) -> Verdict:
    mistakes = (
        Mistake(
            "nothing cut", lambda arrows, x: arrows, "No arrow is gone. When you set a variable, it no longer listens."
        ),
        Mistake(
            "out instead of in",
            lambda arrows, x: arrows * (np.arange(len(arrows)) != x)[:, None],
            "You cut the arrows *out of* x. Then acting on x would change nothing else. Cut those into it: a column, not a row.",
        ),
        Mistake(
            "both ways",
            lambda arrows, x: _cut(arrows, x) * (np.arange(len(arrows)) != x)[:, None],
            "You took x out of the graph altogether. Other variables still listen to x: keep the arrows out of it.",
        ),
        Mistake(
            "everything cut",
            lambda arrows, x: np.zeros_like(arrows),
            "Every arrow is gone. Acting replaces one equation; the others go on working.",
        ),
        Mistake(
            "the parents' arrows",
            lambda arrows, x: arrows * (arrows[:, x] == 0)[:, None],
            "You cut all arrows that leave the parents of x. Only those that end in x go.",
        ),
    )
    cases = telling(lambda: _arrows(rng), _cut, mistakes, count=4)
    kind = array(0, 1, what="an array of zeros and ones")
    return judge_function(answer, cases, _cut, returns=kind, mistakes=mistakes)


def _seen(p: np.ndarray) -> np.ndarray:
    return p[:, :, 1].sum(0) / p.sum((0, 2))


def _done(p: np.ndarray) -> np.ndarray:
    return p.sum((1, 2)) @ (p[:, :, 1] / p.sum(2))


@exercise(
    "03.2",
    why="Seeing uses the kinds of patient among those with X = x; doing uses the kinds among everybody.",
    hints=(
        "Seeing: add up over z first, then divide. Doing: divide first, for each z, then average over z with P(z).",
        "P(Y=1 | z, x) is `p[:, :, 1] / p.sum(axis=2)`, an array [z, x]. P(z) is `p.sum(axis=(1, 2))`.",
        "Doing is `p_z @ success`: for each x the sum over z of P(z) P(Y=1 | z, x). Return the two rows, seeing first.",
    ),
)
def _two_rows(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray) -> np.ndarray:
        return np.array([_seen(p), _done(p)])

    mistakes = (
        Mistake(
            "seeing twice",
            lambda p: np.array([_seen(p), _seen(p)]),
            "The first row is right. The second is seeing once more: it uses P(z | x), the kinds of those who had x. Use P(z).",
        ),
        Mistake(
            "rows swapped", lambda p: truth(p)[::-1], "Right numbers, wrong order: seeing comes first, then doing."
        ),
        Mistake(
            "joint instead of conditional",
            lambda p: np.array([p[:, :, 1].sum(0), _done(p)]),
            "The second row is right. The first is P(X=x, Y=1): divide by P(X=x) to look among those with x.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p: np.array([_seen(p), (p[:, :, 1] / p.sum(2)).mean(0)]),
            "The first row is right. In the second both kinds count the same. Weigh each by how common it is, P(z).",
        ),
        Mistake(
            "failure instead of success",
            lambda p: 1 - truth(p),
            "These are the probabilities of Y = 0. The question asks for Y = 1.",
        ),
    )
    cases = telling(lambda: (_joint(_CONFOUNDED, "ZXY", rng),), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=array(0, 1, what="two rows of two"), mistakes=mistakes)


def _sum_out(p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum over z, x of weights[z, x] P(y | z, x, m), an array [m, y]."""
    return np.einsum("zx,zxmy->my", weights, p / p.sum(3, keepdims=True))


@exercise(
    "03.3",
    why="You left out P(m | x), the factor of what is set, and kept P(z), P(x | z) and P(y | m, z).",
    hints=(
        "Write the joint as four factors, one for each variable given its parents. Acting on M removes one of them.",
        "Left over: P(z) P(x | z) P(y | z, m). The first two together are P(z, x): how common is each pair before M happens?",
        "`p.sum(axis=(2, 3))` is P(z, x). Multiply by P(y | z, x, m) = `p / p.sum(axis=3, keepdims=True)` and sum over z and x.",
    ),
)
def _mediator(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray) -> np.ndarray:
        return _sum_out(p, p.sum((2, 3)))

    mistakes = (
        Mistake(
            "seeing m",
            lambda p: p.sum((0, 1)) / p.sum((0, 1, 3))[:, None],
            "That is P(y | m), what is seen among those with M = m. Those with M = 1 are another mix of z than all.",
        ),
        Mistake(
            "acting on x instead",
            lambda p: np.einsum("z,zxy->xy", p.sum((1, 2, 3)), p.sum(2) / p.sum((2, 3))[:, :, None]),
            "That is P(y | do(x)). Here somebody sets M; X stays as it happens.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p: _sum_out(p, np.full((2, 2), 0.25)),
            "Each kind counts the same in your sum. Weigh it by how common it is.",
        ),
        Mistake(
            "axes swapped",
            lambda p: truth(p).T,
            "The numbers are right and the axes are swapped: m first, then y.",
        ),
        Mistake(
            "joint with m",
            lambda p: p.sum((0, 1)),
            "That is P(m, y): each row sums to P(m), not to 1. When M is set, it happens for sure.",
        ),
    )
    cases = telling(lambda: (_joint("Z -> X -> M -> Y; Z -> Y", "ZXMY", rng),), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=array(0, 1, what="an array [m, y]"), mistakes=mistakes)


def _simulated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, Callable]:
    n = 200
    z, u = rng.integers(0, 2, n), rng.random(n)
    x = (rng.random(n) < np.where(z == 1, 0.8, 0.2)).astype(int)
    rate = rng.uniform(0.1, 0.9, (2, 2))
    return x, z, u, lambda x, z, u: (u < rate[np.asarray(x, int), np.asarray(z, int)]).astype(int)


@exercise(
    "03.4",
    why="You put the new X into the equation and let Y come about again, for the same patients.",
    hints=(
        "To pick out rows with X = 1 is to see. What would it be to act, with the equation in your hands?",
        "Give the equation a treatment of your choice in place of `x`, the same for everybody, and the same `z` and `u`.",
        "`recovers(np.ones_like(x), z, u).mean() - recovers(np.zeros_like(x), z, u).mean()`",
    ),
)
def _act_in_code(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(x: np.ndarray, z: np.ndarray, u: np.ndarray, recovers: Callable) -> float:
        return float(recovers(np.ones_like(x), z, u).mean() - recovers(np.zeros_like(x), z, u).mean())

    def picked(x: np.ndarray, z: np.ndarray, u: np.ndarray, recovers: Callable) -> float:
        y = recovers(x, z, u)
        return float(y[x == 1].mean() - y[x == 0].mean())

    def on_the_treated(x: np.ndarray, z: np.ndarray, u: np.ndarray, recovers: Callable) -> float:
        t = x == 1
        return float(recovers(x[t], z[t], u[t]).mean() - recovers(0 * x[t], z[t], u[t]).mean())

    def against_today(x: np.ndarray, z: np.ndarray, u: np.ndarray, recovers: Callable) -> float:
        return float(recovers(np.ones_like(x), z, u).mean() - recovers(x, z, u).mean())

    mistakes = (
        Mistake(
            "picks out rows",
            picked,
            "That is her mistake: those with X = 1 are picked out, and they are another mix of severities. Act: change x in the equation.",
        ),
        Mistake(
            "overwrites the column",
            lambda x, z, u, recovers: 0.0,
            "Your effect is 0 whatever the model. If Y is not computed again after X has changed, nothing downstream notices.",
        ),
        Mistake(
            "on the treated only",
            on_the_treated,
            "That is the effect on those who were treated. Everybody is to be treated, and then nobody.",
        ),
        Mistake(
            "against today",
            against_today,
            "You compare treating everybody with what the doctors do today. Compare it with treating nobody.",
        ),
        Mistake(
            "arms swapped",
            lambda *case: -truth(*case),
            "The sign is turned round: everybody treated minus nobody treated.",
        ),
    )
    cases = telling(lambda: _simulated(rng), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)


@exercise(
    "03.5",
    why="A rule replaces the factor P(x | z) by its own and leaves the others alone.",
    hints=(
        "Of the three factors P(z) P(x | z) P(y | x, z), which one does the rule replace?",
        "For a patient of kind z the rule gives a mixture: g[z] times the rate if treated, 1 - g[z] times the rate if not.",
        "Sum over z of P(z) times ((1 - g[z]) P(Y=1 | z, x=0) + g[z] P(Y=1 | z, x=1)).",
    ),
)
def _rule(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray, g: np.ndarray) -> float:
        success = p[:, :, 1] / p.sum(2)
        return float(p.sum((1, 2)) @ ((1 - g) * success[:, 0] + g * success[:, 1]))

    def averaged_rule(p: np.ndarray, g: np.ndarray) -> float:
        share = p.sum((1, 2)) @ g
        return float((1 - share) * _done(p)[0] + share * _done(p)[1])

    mistakes = (
        Mistake(
            "today's share",
            lambda p, g: float(p[:, :, 1].sum()),
            "That is the share that recovers today, by the doctors' choices. The rule has not been used.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p, g: float(((1 - g) * p[:, 0, 1] / p[:, 0].sum(1) + g * p[:, 1, 1] / p[:, 1].sum(1)).mean()),
            "Both kinds count the same in your answer. Weigh each by P(z).",
        ),
        Mistake(
            "one rate for all",
            averaged_rule,
            "You treat a share of everybody, the same for either kind. The rule looks at z: multiply before you average.",
        ),
        Mistake(
            "rule turned round",
            lambda p, g: truth(p, 1 - g),
            "You treat with probability 1 - g[z]. g[z] is the probability of being treated.",
        ),
        Mistake(
            "seen rates",
            lambda p, g: float(p.sum((1, 2)) @ ((1 - g) * _seen(p)[0] + g * _seen(p)[1])),
            "You use P(Y=1 | x), one rate for all kinds. Use P(Y=1 | z, x): the rule gives each kind its own treatment.",
        ),
    )
    cases = telling(lambda: (_joint(_CONFOUNDED, "ZXY", rng), rng.uniform(0.05, 0.95, 2)), truth, mistakes, count=4)
    return judge_function(answer, cases, truth, returns=probability(), mistakes=mistakes)


@exercise(
    "03.6",
    why="Before: compare like with like. After: the plain comparison, since Z is part of how the treatment works.",
    hints=(
        "Draw both graphs. In which of them does Z point into X?",
        'Z "before" is a common cause: average the difference within each kind over P(z). Z "after" lies on a causal path.',
        'If z_is is "after" return P(Y=1 | X=1) - P(Y=1 | X=0); else the sum over z of P(z) times the difference within z.',
    ),
)
def _advice(answer: object, rng: np.random.Generator) -> Verdict:
    def effect(rates: np.ndarray) -> float:
        return float(rates[1] - rates[0])

    def truth(p: np.ndarray, z_is: str) -> float:
        return effect(_done(p) if z_is == "before" else _seen(p))

    def both() -> list[tuple[np.ndarray, str]]:
        before, after = _joint(_CONFOUNDED, "ZXY", rng), _joint("X -> Z -> Y; X -> Y", "ZXY", rng)
        return [(before, "before"), (after, "after")]

    mistakes = (
        Mistake(
            "always splits",
            lambda p, z_is: effect(_done(p)),
            "You split by Z in both cases. When Z comes after the treatment, that leaves out what the treatment does through Z.",
        ),
        Mistake(
            "never splits",
            lambda p, z_is: effect(_seen(p)),
            "You never split by Z. When Z comes before and decides who is treated, the plain comparison mixes up two kinds of patient.",
        ),
        Mistake(
            "the other way round",
            lambda p, z_is: effect(_seen(p) if z_is == "before" else _done(p)),
            "The two cases are swapped: split by what comes *before* the treatment, not by what it brings about.",
        ),
        Mistake(
            "kinds weighted equally",
            lambda p, z_is: effect((p[:, :, 1] / p.sum(2)).mean(0)) if z_is == "before" else effect(_seen(p)),
            'Right for "after". For "before" both kinds count the same; weigh each by P(z).',
        ),
        Mistake(
            "arms swapped",
            lambda p, z_is: -truth(p, z_is),
            "The sign is turned round: treated minus untreated.",
        ),
    )
    cases = [case for _ in range(3) for case in both()]
    return judge_function(answer, cases, truth, returns=number(-1, 1), mistakes=mistakes)
