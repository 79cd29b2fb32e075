"""Abduction where noise cannot be listed: many draws of the noise, made to agree with what was seen, with weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causalcourse.listing import causes_first
from causalcourse.noise import Finite, frozen
from causalcourse.scm import SCM

_TRIED = 200  # units on which an equation is looked at
_STEPS = 80  # halvings of an interval
_CLOSE = 1e-9  # of a value's size: what counts as the value that was seen
_EDGE = 1e-9  # of probability, beyond which noise is not looked for


@dataclass(frozen=True, eq=False)
class Units:
    """Units as their noise and values, with weights: draws from the noise given what was seen. Used from chapter 07."""

    noise: dict[str, np.ndarray]
    values: dict[str, np.ndarray]
    weight: np.ndarray

    @property
    def effective(self) -> float:
        """How many equally weighted units would say as much: (Σ w)² / Σ w². Used from chapter 07."""
        total = self.weight.sum()
        return float(total**2 / (self.weight**2).sum()) if total else 0.0


def abduct(scm: SCM, seen: Mapping[str, float | np.ndarray], n: int, rng: np.random.Generator) -> Units:
    """`n` units drawn so that each `seen` variable has its value, weighted by how likely their noise is.

    Along the causal order: noise of a seen variable is solved for where its equation can be inverted (weight: its
    density, times the change of variables), picked among the states that agree where it is finite (weight: their
    probability), and else drawn, units that disagree getting weight 0. Source: importance sampling with the evidence
    built into the proposal, as in Fung & Chang 1990. Used from chapter 07.
    """
    noise: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    weight = np.ones(n)
    listeners = {u: sum(u in arguments for arguments in scm.arguments.values()) for u in scm.noise}
    for v in _seen_first(scm, seen):
        fresh = [u for u in scm.arguments[v] if u in scm.noise and u not in noise]
        if v in seen and fresh:
            # its own noise rather than a shared one, and continuous rather than finite
            free = min(fresh, key=lambda u: (isinstance(scm.noise[u], Finite), listeners[u]))
            noise |= {u: scm.noise[u].draw(n, rng) for u in fresh if u != free}
            solve = _finite if isinstance(scm.noise[free], Finite) else _continuous
            noise[free], likely = solve(scm, v, free, {**noise, **values}, np.broadcast_to(seen[v], (n,)), rng)
            weight = weight * likely
        else:
            noise |= {u: scm.noise[u].draw(n, rng) for u in fresh}
        values[v] = scm.value(v, {**noise, **values}, n)
        if v in seen:
            weight = weight * agree(values[v], seen[v])
            values[v] = np.where(weight > 0, seen[v], values[v])
    return Units(noise, values, weight)


def _seen_first(scm: SCM, seen: Mapping[str, object]) -> list[str]:
    """Causes before effects; what was seen as early as can be, so that no other world uses its noise up before."""
    before = scm.graph.ancestors(seen) if seen else frozenset()
    heard = {v: scm.arguments[v] for v in scm.graph.order}
    return list(causes_first(heard, lambda v: (v not in seen, v not in before)))


def agree(found: np.ndarray, seen: float | np.ndarray) -> np.ndarray:
    """Whether values are those that were seen, up to rounding. Used from chapter 07."""
    return np.abs(found - seen) <= _CLOSE * np.maximum(1.0, np.abs(seen))


def _finite(
    scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A state among those that agree, drawn by their probability, and the probability of all of them."""
    n, p = len(value), scm.states(free)
    said = [agree(scm.value(v, known | {free: np.full(n, k)}, n), value) for k in range(len(p))]
    mass = np.cumsum(np.array(said) * p[:, None], axis=0)
    picked = (mass < rng.random(n) * mass[-1]).sum(axis=0)
    return np.minimum(picked, len(p) - 1), mass[-1]


def _continuous(
    scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The noise that makes the equation say the value, and its density in terms of that value; else a draw."""
    inverted = invert(scm, v, free, known, value)
    if inverted is None:
        return scm.noise[free].draw(len(value), rng), np.ones(len(value))
    found, slope = inverted
    with np.errstate(divide="ignore"):
        density = np.nan_to_num(frozen(scm.noise[free]).pdf(found)) / np.abs(slope)
    # where the noise has no say an atom sits, beside which densities count for nothing
    if (slope == 0).any() and (
        atoms := (slope == 0) & agree(scm.value(v, known | {free: found}, len(value)), value)
    ).any():
        return found, atoms.astype(float)
    return found, np.where(slope == 0, 0.0, density)


def invert(
    scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """For each unit the noise at which the equation of `v` says `value`, and the equation's slope there.

    None where the equation is not one-to-one in this noise. Used from chapter 07.
    """
    distribution = frozen(scm.noise[free])
    if distribution is None:
        return None
    n = len(value)

    def said(noise: np.ndarray, few: slice = slice(None)) -> np.ndarray:
        return scm.value(v, {a: k[few] for a, k in known.items()} | {free: noise}, len(noise)).astype(float, copy=False)

    few = slice(0, _TRIED)
    size = len(value[few])
    at = distribution.ppf([_EDGE, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1 - _EDGE])
    curve = np.array([said(np.full(size, u), few) for u in at])
    rises = np.diff(curve, axis=0)
    if np.allclose(rises, (rises.sum(axis=0) / (at[-1] - at[0])) * np.diff(at)[:, None], rtol=1e-6, atol=1e-12):
        base, top = (said(np.broadcast_to(u, (n,))) for u in (0.0, 1.0))
        slope = top - base
        if slope.all():
            return (value - base) / slope, slope
        found = np.divide(value - base, slope, out=np.array(np.broadcast_to(at[5], (n,))), where=slope != 0)
        return found, slope
    if not ((rises > 0).all() or (rises < 0).all()):
        return None
    return _halved(said, value, float(at[0]), float(at[-1]))


def _halved(said, value: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Where a rising or falling curve meets the value, by halving the interval; slope 0 where it never does."""
    n = len(value)
    ends = said(np.full(n, low)), said(np.full(n, high))
    up = np.sign(ends[1] - ends[0])
    a, b = np.full(n, low), np.full(n, high)
    for _ in range(_STEPS):
        middle = (a + b) / 2
        below = up * (said(middle) - value) < 0
        a, b = np.where(below, middle, a), np.where(below, b, middle)
    found = (a + b) / 2
    step = 1e-6 * np.maximum(1.0, np.abs(found))
    slope = (said(found + step) - said(found - step)) / (2 * step)
    return found, np.where(agree(said(found), value), slope, 0.0)
