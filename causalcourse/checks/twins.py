"""Examining the models that the exercises of chapter 08 ask for: twins that a rung does not tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalcourse.checks.kinds import described

_EXACT = 1e-9  # nine digits


def _no_model(made: Any) -> str:
    """What keeps a returned object from being a model (u, x, y); "" when nothing does."""
    if not isinstance(made, (tuple, list)) or len(made) != 3:
        return f"Return three arrays, (u, x, y); this is {described(made)}." + " Is there a return?" * (made is None)
    try:
        u, x, y = (np.asarray(part, dtype=float) for part in made)
    except (TypeError, ValueError):
        return "u, x and y are arrays of numbers."
    k = u.size
    if (u.shape, x.shape, y.shape) != ((k,), (k,), (2, k)):
        shapes = f"u {u.shape}, x {x.shape}, y {y.shape}"
        return f"The shapes do not fit together: {shapes}. With K kinds they are (K,), (K,) and (2, K)."
    for name, part in (("u", u), ("y", y)):
        if (wrong := part[~((part >= -_EXACT) & (part <= 1 + _EXACT))]).size:
            return f"{name} holds {wrong[0]:.3g}, which is no probability."
    if not np.isin(x, (0, 1)).all():
        wrong = x[~np.isin(x, (0, 1))][0]
        return (
            f"x[k] is the X that the kind k has, 0 or 1; yours holds {wrong:.3g}. A kind leaves nothing of X to chance."
        )
    if abs(u.sum() - 1) > _EXACT:
        return f"u sums to {u.sum():.6g}. The kinds are all there is: their shares sum to 1."
    return ""


def _seen(u: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The records of a model, [x, y]."""
    rate = y[x.astype(int), np.arange(u.size)]
    return np.array([[(u * (x == a)) @ (1 - rate), (u * (x == a)) @ rate] for a in (0, 1)])


def _other_records(seen: np.ndarray, p: np.ndarray) -> str:
    """How the records of a model differ from `p`; "" when they do not."""
    if np.abs(seen - p).max() <= _EXACT:
        return ""
    marginal = seen.sum(axis=1)
    if (marginal <= _EXACT).any():
        return f"In your model everybody has X = {int(marginal.argmax())}, whatever the kind. The records have both."
    if np.abs(marginal - p.sum(axis=1)).max() > _EXACT:
        off = abs(marginal[1] - p[1].sum())
        return f"Your model has other records: P(X=1) is off by {off:.1g}. How common are those with X = 1?"
    if np.abs(seen[:, 1] / marginal - p[:, 1]).max() <= _EXACT:
        return "y[x, k] is a rate among those of the kind k. Yours holds p[x, 1], a share of everybody."
    if abs(np.linalg.det(seen)) <= _EXACT:
        return (
            "Your model has other records: in them X tells nothing about Y, and in p it does. X need not act on Y for "
            "that. What else can tie the two?"
        )
    off = np.abs(seen - p).max()
    return f"Your model has other records: P(X) is right, and how often Y=1 goes with each X is off by {off:.1g}."


def not_inert(made: Any, p: np.ndarray) -> str:
    """What keeps a returned model from being the twin of `p` in which nothing acts; "" when nothing does.

    made: (u, x, y), whatever it is; p: records P(x, y), shape (2, 2). Used from chapter 08.
    """
    if problem := _no_model(made):
        return problem
    u, x, y = (np.asarray(part, dtype=float) for part in made)
    if problem := _other_records(_seen(u, x, y), p):
        return problem
    zero, one = y @ u
    if abs(one - zero) > _EXACT:
        return (
            f"The records are the same, and X still acts: P(Y=1 | do(X=0)) is {zero:.3f} and P(Y=1 | do(X=1)) is "
            f"{one:.3f}. In your table y listens to X. To what could it listen instead, that goes along with X?"
        )
    return ""


def _not_of_the_trial(name: str, t: np.ndarray, zero: float, one: float) -> str:
    """What keeps a table from being one with these rates; "" when nothing does."""
    if (odd := ~(t >= -_EXACT)).any():
        a, b = np.argwhere(odd)[0]
        return (
            f"The {name} table has t[{a}, {b}] = {t[a, b]:.3g}, which is no share. The rates leave less room than that."
        )
    if abs(t.sum() - 1) > _EXACT:
        return f"The {name} table sums to {t.sum():.6g}. Its four shares are all there is: they sum to 1."
    given, wanted = np.array([t[1].sum(), t[:, 1].sum()]), np.array([zero, one])
    if np.abs(given - wanted).max() <= _EXACT:
        return ""
    if np.abs(given - wanted[::-1]).max() <= _EXACT:
        return f"In the {name} table the rates have changed places: the first index, a, is Y under do(X=0)."
    arm, off = int(np.argmax(np.abs(given - wanted))), np.abs(given - wanted).max()
    return (
        f"The {name} table has other rates than the trial: its P(Y=1 | do(X={arm})) is off by {off:.1g}. Which two "
        "shares add up to it?"
    )


def not_furthest(made: Any, zero: float, one: float) -> str:
    """What keeps two tables from being as far apart as the rates allow; "" when nothing does.

    made: two tables P(Y_0=a, Y_1=b), shape (2, 2), whatever they are; zero, one: P(Y=1 | do(X=x)).
    Used from chapter 08.
    """
    try:
        tables = np.asarray(made, dtype=float)
    except (TypeError, ValueError):
        tables = np.zeros(0)
    if tables.shape != (2, 2, 2):
        return f"Two tables of numbers, each of shape (2, 2), are needed; this is {described(made)}."
    for name, t in zip(("first", "second"), tables, strict=True):
        if problem := _not_of_the_trial(name, t, zero, one):
            return problem
    few, many = sorted(tables, key=lambda t: t[0, 1])
    # whoever is helped and whoever is harmed can be traded for one who never and one who always has Y=1, and back
    ends = {"smaller": min(few[0, 1], few[1, 0]), "larger": min(many[0, 0], many[1, 1])}
    short = [name for name, left in ends.items() if left > _EXACT]
    if not short:
        return ""
    if np.abs(few - many).max() <= _EXACT:
        return "Your two tables are the same. They have the rates of the trial, and so have others."
    which = "Both can be moved" if len(short) == 2 else f"The {short[0]} one can be made {short[0]} still"
    return (
        f"Both tables have the rates of the trial, and they help {few[0, 1]:.3f} and {many[0, 1]:.3f}. {which}, and no "
        "rate would change."
    )
