"""Vendors who all write the same five sentences about a model with a drawing in its attention; and how one errs.

arrows[i, j]: 1 where i acts on j, for A, B, C, shape (3, 3); p: the records P(a, b, c), shape (2, 2, 2);
said[v, a, b, c]: the model's P(v = 1) when the three values are written before the query, shape (3, 2, 2, 2); again:
what it answers to P(C=1 | do(B=1)) after other trainings; trial: C of everybody in a trial with B = 1; None where
nobody tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from causalcourse.checks.compare import Mistake

SAME, LEARNED, STEADY, RIGHT = 1e-3, 0.01, 0.02, 0.1
"""How far off a model may be: at words it does not look at, in P(a, b, c), after other trainings, in a trial."""

_FULL, _CHAIN = np.triu(np.ones((3, 3), dtype=int), 1), np.eye(3, k=1, dtype=int)
_STRAY = 0.002  # how far what a good model says lies from the truth


class Vendor(NamedTuple):
    """What a vendor shows. Used from chapter 13."""

    arrows: np.ndarray
    p: np.ndarray
    said: np.ndarray
    again: np.ndarray | None
    trial: np.ndarray | None


def _joint(qa: float, qb: np.ndarray, qc: np.ndarray) -> np.ndarray:
    """P(a, b, c) of qb[a] and qc[a, b]."""
    a, b, c = (np.stack([1 - np.asarray(q), q], axis=-1) for q in (qa, qb, qc))
    return a[:, None, None] * b[:, :, None] * c


def _world(rng: np.random.Generator, chain: bool) -> np.ndarray:
    """Records in which A acts on B, and on C too unless it is a chain: then seeing is far from doing."""
    up = rng.random() < 0.5
    low, high = rng.uniform(0.15, 0.25, 2), rng.uniform(0.75, 0.85, 2)
    qb = np.array([low[0], high[0]])
    if chain:
        qc = np.tile([low[1], high[1]] if up else [high[1], low[1]], (2, 1))
    else:
        qc = np.array([[0.05, low[1]], [0.9, high[1]]]) if up else np.array([[0.9, high[1]], [0.05, low[1]]])
    return _joint(rng.uniform(0.45, 0.55), qb, qc)


def _rates(p: np.ndarray, arrows: np.ndarray) -> np.ndarray:
    """P(v=1 | parents of v in the drawing) at every a, b, c, shape (3, 2, 2, 2)."""
    found = np.empty((3, 2, 2, 2))
    for v in range(3):
        others = tuple(k for k in range(3) if k != v and not arrows[k, v])
        family = p.sum(axis=others, keepdims=True)
        chance = family / family.sum(axis=v, keepdims=True)
        found[v] = np.broadcast_to(np.take(chance, [1], axis=v), (2, 2, 2))
    return found


def _heard(said: np.ndarray, arrows: np.ndarray) -> np.ndarray:
    """What is said, where words that are no parents are all 0."""
    found = np.empty_like(said)
    for v in range(3):
        rest = tuple(slice(None) if arrows[k, v] else slice(1) for k in range(3))
        found[v] = np.broadcast_to(said[v][rest], (2, 2, 2))
    return found


def _product(said: np.ndarray) -> np.ndarray:
    on = np.indices((2, 2, 2))
    return np.where(on == 1, said, 1 - said).prod(axis=0)


def acted(said: np.ndarray) -> float:
    """What a model answers to P(C=1 | do(B=1)): B's factor is left out, and B is 1. Used from chapter 13."""
    a = said[0, :, 0, 0]
    return float(np.array([1 - a[0], a[1]]) @ said[2, :, 1, 0])


def _seen(p: np.ndarray) -> float:
    return float(p[:, 1, 1].sum() / p[:, 1].sum())


def _outcomes(rate: float, rng: np.random.Generator) -> np.ndarray:
    units = int(rng.integers(200, 400))
    return (rng.permutation(units) < rate * units).astype(int)


def _good(rng: np.random.Generator, arrows: np.ndarray = _FULL, chain: bool = False) -> Vendor:
    p = _world(rng, chain)
    exact = _rates(p, arrows)
    said = exact + _heard(rng.uniform(-_STRAY, _STRAY, exact.shape), arrows)
    again = acted(said) + rng.uniform(-0.004, 0.004, 6)
    return Vendor(arrows, p, said, again, _outcomes(acted(exact) + rng.uniform(-0.04, 0.04), rng))


def _looks_elsewhere(rng: np.random.Generator) -> Vendor:
    return _good(rng)._replace(arrows=_CHAIN)  # what it says of C hangs on A, and the drawing has no such arrow


def _looks_at_itself(rng: np.random.Generator) -> Vendor:
    good = _good(rng)
    said = good.said.copy()
    said[1] = 0.8 * said[1] + 0.2 * np.indices((2, 2, 2))[1]  # it has B's own value before it
    return good._replace(said=said)


def _forgets(rng: np.random.Generator) -> Vendor:
    good = _good(rng)
    said = _rates(good.p, _CHAIN)
    again = acted(said) + rng.uniform(-0.004, 0.004, 6)
    return Vendor(_CHAIN, good.p, said, again, _outcomes(acted(said), rng))


def _half_learned(rng: np.random.Generator, by: float) -> Vendor:
    """C is said to hang less on A than it does; by: how far its rate is off for all."""
    good = _good(rng)
    said = good.said.copy()
    said[2] = np.clip((said[2] + said[2].mean(axis=0)) / 2 + by, 0.02, 0.98)
    again = acted(said) + rng.uniform(-0.004, 0.004, 6)
    return good._replace(said=said, again=again)


def _seldom(rng: np.random.Generator, others: tuple[int, ...]) -> Vendor:
    """Hardly anybody has A = 1 and B = 1, so what is said there is left to the start of the training.

    others: of each other training, whether it came to say 0 little, 1 much, or 2 as this one.
    """
    p = _joint(rng.uniform(0.45, 0.55), np.array([0.6, 0.005]), rng.uniform(0.2, 0.8, (2, 2)))
    said = _rates(p, _FULL)
    low, high = said.copy(), said.copy()
    said[2, 1, 1], low[2, 1, 1], high[2, 1, 1] = 0.5, 0.1, 0.9
    again = np.array([acted(low), acted(high), acted(said)])[list(others)] + rng.uniform(-0.004, 0.004, 6)
    return Vendor(_FULL, p, said, again, _outcomes(acted(said), rng))


def _steadily_wrong(rng: np.random.Generator) -> Vendor:
    """The same state is as rare, and every training says the same of it: what the trial refutes."""
    p = _joint(rng.uniform(0.45, 0.55), np.array([0.6, 0.005]), np.array([[0.3, 0.6], [0.4, 0.95]]))
    exact = _rates(p, _FULL)
    said = exact.copy()
    said[2, 1, 1] = 0.5
    again = acted(said) + rng.uniform(-0.004, 0.004, 6)
    return Vendor(_FULL, p, said, again, _outcomes(acted(exact), rng))


def _one_state_off(rng: np.random.Generator) -> Vendor:
    """Where A and B are 0 the model is off, and right elsewhere, so that on average it is near."""
    good = _good(rng)
    said = good.said.copy()
    by = 0.02 / good.p[0, 0].sum()
    said[2, 0, 0] += by if said[2, 0, 0, 0] < 0.5 else -by
    return good._replace(said=said)


def _not_again(rng: np.random.Generator) -> Vendor:
    return _good(rng)._replace(again=None)


def _not_tried(rng: np.random.Generator, **how: bool) -> Vendor:
    return _good(rng, **how)._replace(trial=None)


def _hidden(rng: np.random.Generator, sign: int) -> Vendor:
    """Something that nobody drew acts on B and C: all is well but for the trial."""
    while True:
        good = _good(rng)
        rate = acted(good.said) + sign * 0.25
        if 0.05 < rate < 0.95:
            return good._replace(trial=_outcomes(rate, rng))


def _turned(rng: np.random.Generator) -> Vendor:
    """B acts on A, and not A on B, so the trial shows what the records show."""
    good = _good(rng)
    return good._replace(trial=_outcomes(_seen(good.p), rng))


VENDORS: tuple[tuple[Callable[[np.random.Generator], Vendor], int], ...] = (
    (_good, 5),
    (lambda rng: _good(rng, _CHAIN, chain=True), 5),
    (lambda rng: _good(rng, _FULL, chain=True), 5),
    (_looks_elsewhere, 1),
    (_looks_at_itself, 1),
    (_forgets, 2),
    (lambda rng: _half_learned(rng, 0), 2),
    (lambda rng: _half_learned(rng, 0.1), 2),
    (_one_state_off, 2),
    (lambda rng: _seldom(rng, (0, 0, 0, 0, 0, 0)), 3),
    # in these two the first and the last come close, so that it takes a look at all
    (lambda rng: _seldom(rng, (2, 0, 1, 0, 1, 2)), 3),
    (lambda rng: _seldom(rng, (2, 0, 0, 0, 0, 2)), 3),
    (_not_again, 3),
    (_steadily_wrong, 4),
    (_not_tried, 4),
    (lambda rng: _hidden(rng, 1), 4),
    (lambda rng: _hidden(rng, -1), 4),
    (_turned, 4),
)
"""Each vendor, and the first sentence that is not shown."""


def shown(arrows: np.ndarray, p: np.ndarray, said: np.ndarray, again: object, trial: object) -> list[bool]:
    """Whether sentences 1 to 4 are shown. Used from chapter 13."""
    answer = acted(said)
    return [
        bool(np.abs(said - _heard(said, arrows)).max() < SAME),
        bool(np.abs(_product(said) - p).max() < LEARNED),
        again is not None and bool(np.abs(np.asarray(again) - answer).max() < STEADY),
        trial is not None and abs(float(np.mean(trial)) - answer) < RIGHT,
    ]


def first_unshown(arrows: np.ndarray, p: np.ndarray, said: np.ndarray, again: object, trial: object) -> int:
    """The first sentence that is not shown; what is never shown is the fifth. Used from chapter 13."""
    return [*shown(arrows, p, said, again, trial), False].index(False) + 1


def _first(change: Callable[[list[bool], Vendor], list[bool]]) -> Callable[..., int]:
    def found(*vendor: object) -> int:
        return [*change(shown(*vendor), Vendor(*vendor)), False].index(False) + 1

    return found


def _put(sentence: int, judge: Callable[[Vendor], bool]) -> Callable[..., int]:
    """Somebody who judges one sentence in a way of their own."""
    return _first(lambda held, v: [bool(judge(v)) if k == sentence - 1 else h for k, h in enumerate(held)])


def _marginals_fit(v: Vendor) -> bool:
    made = _product(v.said)
    return all(np.abs((made - v.p).sum(axis=tuple({0, 1, 2} - {k}))).max() < LEARNED for k in range(3))


def _fits_on_average(v: Vendor) -> bool:
    return np.abs(_product(v.said) - v.p).mean() < LEARNED


def _adjusted(v: Vendor) -> float:
    """P(C=1 | do(B=1)) by adjusting the records for A."""
    return float(v.p.sum(axis=(1, 2)) @ (v.p[:, 1, 1] / v.p[:, 1].sum(axis=1)))


def _by_records(held: list[bool], v: Vendor) -> list[bool]:
    steady = v.again is not None and bool(np.abs(v.again - _adjusted(v)).max() < STEADY)
    return [*held[:2], steady, _trial_near(_adjusted)(v)]


def _trial_near(rate: Callable[[Vendor], float], signed: bool = False) -> Callable[[Vendor], bool]:
    def near(v: Vendor) -> bool:
        gap = None if v.trial is None else float(v.trial.mean()) - rate(v)
        return gap is not None and (gap if signed else abs(gap)) < RIGHT

    return near


_SLIPS: tuple[tuple[str, Callable[..., int], str], ...] = (
    (
        "not tried, so not refuted",
        _first(lambda held, v: [*held[:2], held[2] or v.again is None, held[3] or v.trial is None]),
        "You let a sentence pass where nobody tried. What was not tried shows nothing.",
    ),
    (
        "not trained again",
        _put(3, lambda v: v.again is None or shown(*v)[2]),
        "You let sentence 3 pass where nobody trained again.",
    ),
    (
        "no trial",
        _put(4, lambda v: v.trial is None or shown(*v)[3]),
        "You let sentence 4 pass where there was no trial. The records cannot stand in for it.",
    ),
    (
        "compared with what is seen",
        _put(4, _trial_near(lambda v: _seen(v.p))),
        "For sentence 4 you compared the trial with P(C=1 | B=1) of the records. The *model's* answer is asked for: "
        "cut ?B, put B = 1, multiply, and add up over A.",
    ),
    (
        "adjusted records",
        _first(_by_records),
        "You take the answer from the records, adjusted for A. What the *model* says can be another where hardly any "
        "record is: use `said`.",
    ),
    (
        "only too high",
        _put(4, _trial_near(lambda v: acted(v.said), signed=True)),
        "For sentence 4 you look at one direction alone. A trial may come out lower than the model said, or higher: "
        "take the distance.",
    ),
    (
        "others among themselves",
        _put(3, lambda v: v.again is not None and np.ptp(v.again) < STEADY),
        "For sentence 3 you compare the other trainings with each other. Do they give *this* model's answer?",
    ),
    (
        "any of the others",
        _put(3, lambda v: v.again is not None and np.abs(v.again - acted(v.said)).min() < STEADY),
        "For sentence 3 you let one training that agrees suffice. It says *always*: look at all of them.",
    ),
    (
        "mean of the others",
        _put(3, lambda v: v.again is not None and abs(v.again.mean() - acted(v.said)) < STEADY),
        "For sentence 3 you take the mean of the other trainings. Their answers may lie far apart and have a mean "
        "that fits.",
    ),
    (
        "itself never looked at",
        _put(1, lambda v: shown(v.arrows | np.eye(3, dtype=int), *v[1:])[0]),
        "For sentence 1 you let a query look at its own variable's value. It is no parent of itself.",
    ),
    (
        "earlier words",
        _put(1, lambda v: shown(_FULL, *v[1:])[0]),
        "For sentence 1 you let a query look at all earlier variables. Which of them are parents, says `arrows`.",
    ),
    (
        "children",
        _put(1, lambda v: shown(v.arrows.T, *v[1:])[0]),
        "For sentence 1 you let a query look at what its variable acts on. arrows[i, j] says that i acts on j.",
    ),
    (
        "one at a time",
        _put(2, _marginals_fit),
        "For sentence 2 you compare how common A, B and C are one by one. The records hold all three together.",
    ),
    (
        "on average",
        _put(2, _fits_on_average),
        "For sentence 2 you take the mean distance. It says *each*: one state may be far off where the others fit.",
    ),
    (
        "nothing wrong",
        lambda *v: 0 if all(shown(*v)) else first_unshown(*v),
        "Where the four went well you find no slip. Sentence 5 is of rung 3: which of these data speak of one unit "
        "in two worlds?",
    ),
    (
        "last that holds",
        lambda *v: first_unshown(*v) - 1,
        "That is the last sentence that the data still show. Asked is the first that they do not.",
    ),
    *(
        (f"sentence {k} taken for granted", _put(k, lambda v: True), f"Yours always lets sentence {k} pass. {asked}")
        for k, asked in (
            (1, "There is a vendor whose model looks at more than the drawing has."),
            (2, "There is a vendor whose model is not what the records are."),
            (3, "There is a vendor whose model answers otherwise when it is trained again."),
            (4, "It says that the drawing is right. A wrong drawing is obeyed as well as a right one."),
        )
    ),
)
VENDOR_MISTAKES = tuple(Mistake(*slip) for slip in _SLIPS)
