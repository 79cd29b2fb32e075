"""The checks of chapter 06, latent variables and probabilistic programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalcourse.checks.compare import Mistake, array, integers, judge_function, judge_made
from causalcourse.checks.draw import telling
from causalcourse.checks.kinds import described
from causalcourse.checks.registry import Verdict, exercise
from causalcourse.docalculus import is_identifiable

_DRAWINGS = {
    "A": "Z -> X -> Y; Z -> Y",
    "B": "X -> Y; X <-> Y",
    "C": "X -> M -> Y; X <-> Y",
    "D": "X -> M -> Y; X <-> M",
    "E": "Z -> X -> Y; X <-> Y",
    "F": "W -> Z -> X -> Y; W <-> X; W <-> Y",
    "G": "X -> M -> Y; M <-> Y",
}
_APART = 0.1  # by how much two programs' effects differ at least in 06.5


@exercise(
    "06.1",
    why="A perfect fit is enough exactly where do-calculus says yes: there the effect is a function of what is seen.",
    hints=(
        "The theorem has one condition about the drawing. Which question do you put to `identify`?",
        "Four of the seven are identifiable. Look for an arc that joins X to something it acts on directly.",
        "from causalcourse.docalculus import identify; then identify(drawing, 'Y | do(X)') for each.",
    ),
)
def _guaranteed(answer: object, rng: np.random.Generator) -> Verdict:
    truth = [int(is_identifiable(drawing, "Y | do(X)")) for drawing in _DRAWINGS.values()]

    def slip(given: list[int]) -> str:
        name = next(n for n, t, g in zip(_DRAWINGS, truth, given, strict=True) if t != g)
        if truth[list(_DRAWINGS).index(name)]:
            return f"{name}: there is a formula for this effect in terms of what is seen. Which?"
        return f"{name}: two programs can fit this one equally well and disagree. What does identify say?"

    return judge_function(answer, [()], lambda: truth, returns=integers(7, low=0, high=1), explain=slip)


def _town(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """u[k], x[k, x], m[x, m], y[m, k, y] of a program for the front door, with three kinds of people."""
    u = rng.dirichlet([2, 2, 2])
    return u, rng.dirichlet([1, 1], 3), rng.dirichlet([1, 1], 2), rng.dirichlet([1, 1], (2, 3))


def _predicted_joint(u: np.ndarray, x: np.ndarray, m: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.einsum("k,kx,xm,mky->xmy", u, x, m, y)


@exercise(
    "06.2",
    why="One factor for each line of the program, and one sum over the latent outside the product.",
    hints=(
        "For one kind k of person: how likely is it to see x, m and y? Multiply along the drawing.",
        "Then add up over k, weighed by u[k]. The same k stands in the table of X and in that of Y.",
        "np.einsum('k,kx,xm,mky->xmy', ...) or three loops.",
    ),
)
def _predicted(answer: object, rng: np.random.Generator) -> Verdict:
    def even(u: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        return _predicted_joint(np.full(len(u), 1 / len(u)), *rest)

    def truth(u: np.ndarray, x: np.ndarray, m: np.ndarray, y: np.ndarray) -> np.ndarray:
        return _predicted_joint(u, x, m, y)

    mistakes = (
        Mistake(
            "two latents",
            lambda u, x, m, y: np.einsum("x,xm,my->xmy", u @ x, m, np.einsum("k,mky->my", u, y)),
            "You summed over the latent twice, once for X and once for Y. Then nothing hidden joins the two. It is one person.",
        ),
        Mistake(
            "not weighed", even, "All kinds of people count the same in your sum. How common is each? That is u[k]."
        ),
        Mistake(
            "one kind",
            lambda u, x, m, y: np.einsum("x,xm,my->xmy", x[0], m, y[:, 0]),
            "That is the distribution among people with k = 0 only. Nobody sees k: sum over all of them.",
        ),
        Mistake(
            "a sum, not a mean",
            lambda u, x, m, y: np.einsum("kx,xm,mky->xmy", x, m, y),
            "Your table does not sum to 1: u[k] is missing from the product.",
        ),
        Mistake(
            "no mechanism of M",
            lambda u, x, m, y: np.einsum("k,kx,mky->xmy", u, x, y),
            "P(m | x) is missing from the product: the program has a line for M as well.",
        ),
        Mistake(
            "turned",
            lambda *tables: truth(*tables).T,
            "The axes have changed places: the table is p[x, m, y], in that order.",
        ),
        Mistake(
            "acted",
            lambda u, x, m, y: np.einsum("xm,k,mky->xmy", m, u, y) / 2,
            "P(x | k) is missing: that is what one sees when X is set by a coin, not what the records show.",
        ),
    )
    cases = telling(lambda: _town(rng), truth, mistakes, count=3)
    return judge_function(answer, cases, truth, returns=array(0), mistakes=mistakes)


@exercise(
    "06.3",
    why="Acting cuts the factor P(x | k) out and leaves the latent with its own distribution.",
    hints=(
        "Write the product of 06.2 once more. Which factor says how X comes about? It goes when X is set.",
        "Then sum over everything but x and y: over m and over k. Which weights does k get, u[k] or P(k | x)?",
        "Sum over m of m[x, m] times the sum over k of u[k] * y[m, k, 1].",
    ),
)
def _acted(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(u: np.ndarray, x: np.ndarray, m: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.einsum("k,xm,mk->x", u, m, y[:, :, 1])

    def seen(u: np.ndarray, x: np.ndarray, m: np.ndarray, y: np.ndarray) -> np.ndarray:
        p = _predicted_joint(u, x, m, y)
        return p[..., 1].sum(1) / p.sum((1, 2))

    def chained(u: np.ndarray, x: np.ndarray, m: np.ndarray, y: np.ndarray) -> np.ndarray:
        p = _predicted_joint(u, x, m, y).sum(0)
        return m @ (p[:, 1] / p.sum(1))

    mistakes = (
        Mistake(
            "chained",
            chained,
            "You chained P(m | x) and P(Y=1 | m), which weighs the kinds of people by P(k | m). In the records k joins X, M "
            "and Y: among those with M = m some kinds are more common. Setting X leaves u[k] as it is.",
        ),
        Mistake(
            "conditioning",
            seen,
            "That is P(Y=1 | x): you weighed the kinds of people by P(k | x). Whoever *sets* X learns nothing about k.",
        ),
        Mistake(
            "not weighed",
            lambda u, x, m, y: np.einsum("xm,mk->x", m, y[:, :, 1]) / len(u),
            "All kinds of people count the same in your sum. How common is each?",
        ),
        Mistake("swapped", lambda *t: truth(*t)[::-1], "The two numbers have changed places: x = 0 comes first."),
        Mistake("Y = 0", lambda *t: 1 - truth(*t), "That is the probability of Y = 0."),
        Mistake(
            "joint",
            lambda u, x, m, y: np.einsum("k,kx,xm,mk->x", u, x, m, y[:, :, 1]),
            "You left P(x | k) in the product: that is P(x, Y=1), what is seen. When X is set, that factor is gone.",
        ),
        Mistake(
            "mediator set",
            lambda u, x, m, y: np.einsum("k,mk->m", u, y[:, :, 1]),
            "That is P(Y=1 | do(M=m)). How much M is there when X is set?",
        ),
    )
    cases = telling(lambda: _town(rng), truth, mistakes, count=3)
    return judge_function(answer, cases, truth, returns=array(0, 1), mistakes=mistakes)


@exercise(
    "06.4",
    why="What those with the other x would have done is never seen: between nobody and all of them.",
    hints=(
        "Split P(Y=1 | do(X=1)) by the x that people had by themselves. Which part is seen, and which is not?",
        "It lies between p[1, 1] and p[1, 1] + P(x=0). Write the same for P(Y=1 | do(X=0)).",
        "The largest effect takes do(X=1) at its largest and do(X=0) at its smallest.",
    ),
)
def _bounds(answer: object, rng: np.random.Generator) -> Verdict:
    def truth(p: np.ndarray) -> np.ndarray:
        return np.array([-p[1, 0] - p[0, 1], p[1, 1] + p[0, 0]])

    def gap(p: np.ndarray) -> float:
        return p[1, 1] / p[1].sum() - p[0, 1] / p[0].sum()

    both_arms = "One cell for each end is not enough: both arms have people whose other outcome was never seen."
    mistakes = (
        Mistake(
            "no data",
            lambda p: np.array([-1.0, 1.0]),
            "Any effect lies there. The data rule out half of it: those who had X=1 show what X=1 does to them.",
        ),
        Mistake(
            "what is seen",
            lambda p: np.repeat(gap(p), 2),
            "That is the difference that is seen, P(Y=1 | X=1) - P(Y=1 | X=0), at both ends. The arc may hide much more.",
        ),
        Mistake(
            "only one arm",
            lambda p: np.array([p[1, 1], p[1, 1] + p[0].sum()]),
            "Those bound P(Y=1 | do(X=1)). The effect takes off P(Y=1 | do(X=0)), which has bounds of its own.",
        ),
        Mistake(
            "one cell for each end",
            lambda p: np.array([-p[1, 0], p[1, 1]]),
            both_arms,
        ),
        Mistake(
            "no second arm",
            lambda p: np.array([-p[0, 1], p[0, 0]]),
            both_arms,
        ),
        Mistake(
            "ends alike",
            lambda p: np.array([p[1, 1] - p[0, 1], p[1, 1] + p[0].sum() - p[0, 1] - p[1].sum()]),
            "You took both arms at their smallest, and both at their largest. The effect is largest with one large and the other small.",
        ),
        Mistake(
            "given, not joint",
            lambda p: truth(p / p.sum(1, keepdims=True)),
            "Those are P(y | x). Whoever has x = 1 is only a part of all: the bounds are made of joint cells p[x, y].",
        ),
        Mistake("turned", lambda p: truth(p)[::-1], "The smallest comes first."),
        Mistake(
            "signs",
            lambda p: -truth(p)[::-1],
            "Those are the bounds on the effect of X=0 against X=1: the signs are turned.",
        ),
    )

    def draw() -> tuple[np.ndarray]:
        return (rng.dirichlet([2, 2, 2, 2]).reshape(2, 2),)

    cases = telling(draw, truth, mistakes, count=3)
    return judge_function(answer, cases, truth, returns=array(-1, 1), mistakes=mistakes)


def _seen(u: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.einsum("k,kx,xky->xy", u, x, y)


def _effect(u: np.ndarray, y: np.ndarray) -> float:
    return float(u @ (y[1, :, 1] - y[0, :, 1]))


def _same(one: np.ndarray, other: Any) -> bool:
    return bool(np.abs(one - other).max() <= 1e-9)  # nine digits


def _near_end(rng: np.random.Generator, high: bool) -> tuple[np.ndarray, ...]:
    """A program close to one end of what its data allow, so that this end is not far enough from it."""
    x = np.array([[0.97, 0.03], [0.03, 0.97]])
    y = rng.dirichlet([2, 2], (2, 2))
    for k in (0, 1):
        y[1 - k, k] = [0.03, 0.97] if (k == 0) == high else [0.97, 0.03]
    return rng.dirichlet([9, 9]), x, y


def _another(made: Any, u: np.ndarray, x: np.ndarray, y: np.ndarray) -> str:
    """What keeps a returned triple from being the other program; "" when nothing does."""
    if not isinstance(made, (tuple, list)) or len(made) != 3:
        return f"Return three tables, (u, x, y); this is {described(made)}." + " Is there a return?" * (made is None)
    try:
        a, b, c = (np.asarray(table, dtype=float) for table in made)
    except (TypeError, ValueError):
        return "The three tables are arrays of numbers."
    k = a.size
    if a.shape != (k,) or b.shape != (k, 2) or c.shape != (2, k, 2):
        return (
            f"The shapes do not fit together: u {a.shape}, x {b.shape}, y {c.shape}. With k values of the latent they are "
            "(k,), (k, 2) and (2, k, 2)."
        )
    for name, table in (("u", a), ("x", b), ("y", c)):
        if not np.isfinite(table).all() or (table < 0).any():
            return f"{name} holds {table[~(table >= 0) | ~np.isfinite(table)][0]:g}, which is no probability."
        if not _same(table.sum(axis=-1), 1):
            return f"{name} does not hold probabilities that sum to 1 over the last index."
    if not _same(_seen(a, b, c), _seen(u, x, y)):
        return "Your program shows other data: its p[x, y] is not that of the first. Which entries of the tables are never seen?"
    if (apart := abs(_effect(a, c) - _effect(u, y))) < _APART - 1e-9:
        return (
            f"The data are the same, and the effects differ by {apart:.3f} only; {_APART} at least is asked for. What does Y "
            "do where latent and X never meet? What you write there may depend on the first program."
        )
    return ""


@exercise(
    "06.5",
    why="The same data to the last digit, another effect: nothing that is seen decides between the two programs.",
    hints=(
        "Make the latent tell X for sure: k = 0 for those with x = 0, k = 1 for those with x = 1. What are u and x then?",
        "u = P(x), x = the identity. y[x, k] for x = k must be P(y | x). And the entries with x different from k?",
        "Those two rows of y are free. Try (1, 0) and (0, 1) in them, and take what differs more from the first program.",
    ),
)
def _other_program(answer: object, rng: np.random.Generator) -> Verdict:
    cases = [
        (rng.dirichlet([3, 3]), rng.dirichlet([2, 2], 2), rng.dirichlet([2, 2], (2, 2))),
        _near_end(rng, high=False),
        _near_end(rng, high=True),
    ]

    def stub(u: np.ndarray, x: np.ndarray, y: np.ndarray) -> str:
        return ""

    return judge_made(answer, cases, stub, _another)


@exercise(
    "06.6",
    why="A drawing that forbids nothing fits every table perfectly, the right towns and the wrong ones.",
    hints=(
        "Sentences 1 to 3 are sentences of the chapter. Which of the last two goes beyond them?",
        "Which tables P(x, m, y) could the front-door program *not* fit?",
        "None. So what does a perfect fit say about the drawing, with however many rows?",
    ),
)
def _first_slip(answer: object, rng: np.random.Generator) -> Verdict:
    def slip(given: list[int]) -> str:
        step = int(given[0])
        if step == 4:
            return "That is the sentence. But would more rows of the same three columns show it? What would they look like?"
        if step == 5:
            return "Sentence 5 would follow, were 4 true."
        return f"Sentence {step} holds: the chapter shows it." if step else "The sentences are numbered from 1."

    return judge_function(answer, [()], lambda: [4, 0], returns=integers(2, low=0, high=5), explain=slip)
