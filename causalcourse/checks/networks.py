"""What a causal transformer's three queries say, put together on all three rungs; and how one errs about it.

13.4: A -> B -> C with an arc A <-> C. qa[u] = P(A=1 | u), qb[a] = P(B=1 | a), qc[b, u] = P(C=1 | b, u), with as many
noise words u as qa is long. 13.5: A -> B -> C without an arc. qb[a], qc[b], and the fact A = 0, C = c.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.checks.distinct import instead
from causalcourse.lm.family import Question, Worlds


def drawn_noise(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the queries say in a model with 3 to 5 noise words, (qa, qb, qc). Used from chapter 13."""
    words = int(rng.integers(3, 6))
    return rng.uniform(0.1, 0.9, words), rng.uniform(0.1, 0.9, 2), rng.uniform(0.05, 0.95, (2, words))


def _all(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> np.ndarray:
    """P(a, b, c, u), shape (2, 2, 2, words)."""
    a, b, c = (np.stack([1 - q, q]) for q in (qa, qb, qc))
    return np.einsum("au,ba,cbu->abcu", a, b, c) / len(qa)


def _rate(p: np.ndarray) -> float:
    """P(C=1) in a table P(a, b, c, u) that need not sum to 1."""
    return float(p[:, :, 1].sum() / p.sum())


def summed_out(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> np.ndarray:
    """[P(C=1 | A=1), P(C=1 | do(A=1)), P(C=1 | do(B=1))], from whole tables. Used from chapter 13."""
    one = np.ones(2)
    return np.array(
        [_rate(_all(qa, qb, qc)[1:]), _rate(_all(np.ones_like(qa), qb, qc)), _rate(_all(qa, one, qc))],
    )


def _first(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> float:
    return float(summed_out(qa, qb, qc)[0])


def _second(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> float:
    return float(summed_out(qa, qb, qc)[1])


def _b_as_it_is(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> float:
    b = float(_all(qa, qb, qc)[:, 1].sum())
    return float((np.array([1 - b, b]) @ qc).mean())


def _given_b(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> float:
    return _rate(_all(qa, qb, qc)[:, 1:])


def _other_way(qa: np.ndarray, qb: np.ndarray, qc: np.ndarray) -> np.ndarray:
    return summed_out(1 - qa, qb[::-1], qc[::-1])


_TOGETHER = (
    "A and C hear the *same* word. Who has A = 1 has some words more often than others, and those words act on C."
)
_change = instead(summed_out)
NOISE_MISTAKES = (
    Mistake(
        "each its own noise",
        _change({0: _second}),
        f"In your first the noise is summed out query by query. {_TOGETHER}",
    ),
    Mistake(
        "seen for done",
        _change({1: _first}),
        "Your second is as your first, so nothing is cut. Where A is set, ?A looks at no noise. How common is each "
        "word then?",
    ),
    Mistake(
        "seen and done swapped",
        lambda *case: summed_out(*case)[[1, 0, 2]],
        "The first two have changed places: seeing A = 1 comes first.",
    ),
    Mistake(
        "not divided",
        _change({0: lambda qa, qb, qc: float(_all(qa, qb, qc)[1, :, 1].sum())}),
        "Your first is P(A=1, C=1), a share of all. It is to be a rate among those with A = 1.",
    ),
    Mistake(
        "B as it is",
        _change({1: _b_as_it_is}),
        "In your second B is as common as in the records. Only ?A is cut: B still listens to A, which is 1.",
    ),
    Mistake(
        "B given as seen",
        _change({2: _given_b}),
        "Your third is P(C=1 | B=1). Who has B = 1 had A = 1 more often or less, and A tells of the noise. Where B "
        "is set, it tells nothing.",
    ),
    Mistake(
        "A set too",
        _change({2: lambda qa, qb, qc: float(qa / qa.sum() @ qc[1])}),
        "Your third weighs the noise as among those with A = 1. There B is set, and A is whatever it is.",
    ),
    Mistake(
        "the third is the second",
        _change({2: _second}),
        "Your third is as your second. There B is set to 1 for everybody, whatever qb says.",
    ),
    Mistake("the other value", _other_way, "Yours are about A = 0 and B = 0. Asked is 1."),
    Mistake(
        "noise added up",
        _change(
            {
                1: lambda qa, qb, qc: len(qa) * summed_out(qa, qb, qc)[1],
                2: lambda qa, qb, qc: len(qa) * summed_out(qa, qb, qc)[2],
            }
        ),
        "Your second and third add up over the words. All words are equally likely: take the mean.",
    ),
    Mistake(
        "always B",
        _change({1: lambda qa, qb, qc: float(qc[1].mean())}),
        "In your second B is 1 for everybody. A is set, and B follows as qb says.",
    ),
)


# ---------------------------------------------------------------- 13.5, the third rung


def chain(rng: np.random.Generator, c: int) -> tuple[np.ndarray, np.ndarray, int]:
    """What the queries of A -> B -> C say, and a fact about C: (qb, qc, c). Used from chapter 13."""
    return rng.uniform(0.1, 0.9, 2), rng.uniform(0.1, 0.9, 2), c


def would(qb: np.ndarray, qc: np.ndarray, c: int) -> np.ndarray:
    """P(C_{A=1} = 1 | A=0, C=c) with a die for each variable, and with one for each state. Used from chapter 13."""
    a, b, _ = np.indices((2, 2, 2)).reshape(3, 8)
    rates = np.stack([np.full(8, 0.5), qb[a], qc[b]])[None, :, :, None]
    arrows = np.eye(3, k=1, dtype=bool)[None]
    world, asked = Worlds(arrows, np.zeros_like(arrows), rates), Question(3, 0, 2, 1, int(c))
    return np.array([float(world.answers(asked, dice)[0]) for dice in ("one", "each")])


def _pair(p: float, q: float, one: bool) -> np.ndarray:
    """P(as it is, as it would be) of one variable, at rates p and q: shape (2, 2)."""
    both = min(p, q) if one else p * q
    return np.array([[1 - p - q + both, q - both], [p - both, both]])


def _through(b: np.ndarray, of_c: Callable[[int, int], np.ndarray], c: int, weighed: bool = True) -> float:
    """P(C'=1 | C=c), where B's two values are as b[i, j], and C's are as of_c(i, j) given these."""
    tables = {(i, j): of_c(i, j)[c] for i in (0, 1) for j in (0, 1)}
    if not weighed:
        return float(sum(b[at] * row[1] / row.sum() for at, row in tables.items()))
    return float(
        sum(b[at] * row[1] for at, row in tables.items()) / sum(b[at] * row.sum() for at, row in tables.items())
    )


def _roll(b_one: bool, c_one: bool, weighed: bool = True) -> Callable[[np.ndarray, np.ndarray, int], float]:
    """The answer with one die or one for each state, for B and C; an unchanged B leaves C its die."""

    def rolled(qb: np.ndarray, qc: np.ndarray, c: int) -> float:
        def of_c(i: int, j: int) -> np.ndarray:
            return _pair(qc[i], qc[j], c_one or i == j)

        return _through(_pair(qb[0], qb[1], b_one), of_c, c, weighed)

    return rolled


def _acted(qb: np.ndarray, qc: np.ndarray, c: int) -> float:
    return float((1 - qb[1]) * qc[0] + qb[1] * qc[1])


def _undivided(one: bool) -> Callable[[np.ndarray, np.ndarray, int], float]:
    def found(qb: np.ndarray, qc: np.ndarray, c: int) -> float:
        rate = (1 - qb[0]) * qc[0] + qb[0] * qc[1]
        return _roll(one, one)(qb, qc, c) * float(rate if c else 1 - rate)

    return found


_turn = instead(would)
CHAIN_MISTAKES = (
    Mistake(
        "rung two",
        lambda *case: np.full(2, _acted(*case)),
        "Yours is P(C=1 | do(A=1)), for everybody. Of this unit you know something: how its dice fell is told in "
        "part by C.",
    ),
    Mistake(
        "fresh luck",
        _turn({1: _acted}),
        "Your first is right. With a die for each state yours is P(C=1 | do(A=1)), as if C had a new die in any "
        "case. Where B is the same in both worlds, C has the same state of its parents, and so the same die.",
    ),
    Mistake(
        "one die twice",
        lambda *case: np.full(2, would(*case)[0]),
        "Both of yours are with one die for each variable. In the second, what does B's die at A = 0 say of its die "
        "at A = 1?",
    ),
    Mistake(
        "a die for each twice",
        lambda *case: np.full(2, would(*case)[1]),
        "Both of yours are with a die for each state. In the first one number decides: B is 1 with both A's if it "
        "is below both rates.",
    ),
    Mistake(
        "swapped",
        lambda *case: would(*case)[::-1],
        "The two have changed places: one die for each variable comes first.",
    ),
    Mistake(
        "B not learned",
        lambda *case: np.array([_roll(one, one, weighed=False)(*case) for one in (True, False)]),
        "You take B's two values as likely as they are in everybody with A = 0. That C is `c` tells of B too: weigh "
        "each pair by how often it gives C = c.",
    ),
    Mistake(
        "not divided",
        lambda *case: np.array([_undivided(one)(*case) for one in (True, False)]),
        "Yours is the share of all units in which C is c *and* would be 1. It is asked among those with C = c.",
    ),
    Mistake(
        "the other fact",
        lambda qb, qc, c: would(qb, qc, 1 - c),
        "You take the other fact: yours is among those with C = 1 - c.",
    ),
    Mistake(
        "the other way",
        lambda qb, qc, c: would(qb[::-1], qc, c),
        "In yours A was 1 and is set to 0. It was 0.",
    ),
    Mistake(
        "mixed for B",
        _turn({0: _roll(False, True)}),
        "In your first B has a die for each state. One die decides B as well, whatever A is.",
    ),
    Mistake(
        "mixed for C",
        _turn({0: _roll(True, False)}),
        "In your first C has a die for each state. One die decides C, whatever B is.",
    ),
    Mistake(
        "C's die for all",
        _turn({1: _roll(False, True)}),
        "Your first is right. In your second C has one die still: where B would be another, C has another die.",
    ),
    Mistake(
        "B's die for all",
        _turn({1: _roll(True, False)}),
        "Your first is right. In your second B has one die still: with another A, B has another die.",
    ),
    Mistake(
        "among all",
        lambda qb, qc, c: np.array([c, c], dtype=float),
        "Yours leaves C as it was. B listens to A, so it may be another, and C with it.",
    ),
)
