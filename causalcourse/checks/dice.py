"""Whom a treatment helps, with one die for both worlds or a die for each; and how one errs about it."""

from __future__ import annotations

import numpy as np

from causalcourse.checks.compare import Mistake


def rolled(zero: float, one: float) -> np.ndarray:
    """[one die, two dice]: the share helped, added up over the parts into which the rates cut what a die may show.

    Used from chapter 08.
    """
    cuts = np.unique([0, zero, one, 1])
    size, middle = np.diff(cuts), (cuts[1:] + cuts[:-1]) / 2
    ill_without, well_with = (middle >= zero), (middle < one)
    return np.array([size @ (ill_without & well_with), size @ np.outer(ill_without, well_with) @ size])


DICE = (
    Mistake(
        "two dice twice",
        lambda zero, one: np.full(2, (1 - zero) * one),
        "Both of yours multiply two chances, as if there were two dice. With one die, what does it mean that it is below `one`, if you know that it is not below `zero`?",
    ),
    Mistake(
        "one die twice",
        lambda zero, one: np.full(2, max(0, one - zero)),
        "Your two shares are the same. With two dice somebody may be helped by luck alone, even if the rates are equal. How likely is it?",
    ),
    Mistake("swapped", lambda zero, one: rolled(zero, one)[::-1], "The two have changed places: one die comes first."),
    Mistake(
        "harmed",
        lambda zero, one: rolled(one, zero),
        "Those are the ones whom X harms: Y = 1 without X, and Y = 0 with it.",
    ),
    Mistake(
        "well in both",
        lambda zero, one: np.array([min(zero, one), zero * one]),
        "Those have Y = 1 in both worlds. X did not help them: they would have been well without.",
    ),
    Mistake(
        "turned die",
        lambda zero, one: np.array([min(1 - zero, one), (1 - zero) * one]),
        "Your first share is the largest that the rates allow: as if one world read the die from its other end. One die reads the same in both. What if it is low?",
    ),
    Mistake(
        "the rate with X",
        lambda zero, one: np.full(2, one),
        "That is P(Y=1 | do(X=1)). Some of them would have had Y = 1 without X as well.",
    ),
)
_SECOND = (
    ("harmed by luck", lambda zero, one: zero * (1 - one), "Y = 1 without X and Y = 0 with it: those whom X harms"),
    ("well by luck", lambda zero, one: zero * one, "Y = 1 in both worlds"),
    ("all who are well", lambda zero, one: one, "Y = 1 with X, whatever they would be without"),
)
DICE += tuple(
    Mistake(
        name,
        lambda zero, one, f=f: np.array([rolled(zero, one)[0], f(zero, one)]),
        f"The first share is right. With two dice yours is the share with {whose}. Who is helped has Y = 0 without X *and* Y = 1 with it.",
    )
    for name, f, whose in _SECOND
)
_BELOW_ZERO = "With one die yours is below 0 where X lowers the rate. A share never is. Where would the die have to fall, to help somebody there?"
FALLING = (
    Mistake("no floor", lambda zero, one: np.array([one - zero, (1 - zero) * one]), _BELOW_ZERO),
    Mistake("no floor, one die twice", lambda zero, one: np.full(2, one - zero), _BELOW_ZERO),
    Mistake(
        "distance of the rates",
        lambda zero, one: np.array([abs(one - zero), (1 - zero) * one]),
        "With one die you took the distance of the rates. Where `one` is the smaller, what lies between them is harmed, not helped.",
    ),
)


def rates(rng: np.random.Generator, rising: bool) -> tuple[float, float]:
    """Two rates, the second the larger or the smaller. Used from chapter 08."""
    low, high = rng.uniform(0.1, 0.5), rng.uniform(0.55, 0.9)
    return (float(low), float(high)) if rising else (float(high), float(low))
