"""Abduction where noise cannot be listed: many draws of the noise, made to agree with what was seen, with weights."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from causalcourse.listing import causes_first
from causalcourse.noise import Finite, Noise, frozen
from causalcourse.scm import SCM

_Said = Callable[..., np.ndarray]  # what an equation says of each unit, given its noise
_TRIED = 60  # units on which an equation is looked at closely
_STEPS = 80  # halvings of an interval, at most
_CLOSE = 1e-9  # of a value's size: what counts as the value that was seen
_EDGE = 1e-9  # of probability, beyond which noise is not looked for
_RARE = 0.01  # a state less likely than this is drawn more often, and counts less


@dataclass(frozen=True, eq=False)
class Units:
    """Units as their noise and values, with weights: draws from the noise given what was seen. Used from chapter 07.

    densities: how many densities are in each weight. Weights with more of them count for nothing beside weights with
    fewer: what has a probability is infinitely likelier than what has none. doubtful: units of weight 0 that might
    fit for other values of their noise than those drawn, at that many densities.
    """

    noise: dict[str, np.ndarray]
    values: dict[str, np.ndarray]
    weight: np.ndarray
    densities: np.ndarray
    doubtful: np.ndarray

    @property
    def effective(self) -> float:
        """How many equally weighted units would say as much: (Σ w)² / Σ w². Used from chapter 07."""
        total = self.weight.sum()
        return float(total**2 / (self.weight**2).sum()) if total else 0.0


@dataclass(frozen=True, eq=False)
class _Found:
    """Noise for which an equation says what was seen: where (of which units), and how likely it is there."""

    name: str
    noise: np.ndarray
    odds: np.ndarray
    where: np.ndarray
    dense: bool


def abduct(scm: SCM, seen: Mapping[str, float | np.ndarray], n: int, rng: np.random.Generator) -> Units:
    """`n` units drawn so that each `seen` variable has its value, weighted by how likely their noise is.

    Along the causal order: noise of a seen variable is solved for where its equation can be inverted (weight: its
    density, times the change of variables), picked among the states that agree where it is finite (weight: their
    probability), and else drawn, units that disagree getting weight 0. Source: importance sampling with the evidence
    built into the proposal, as in Fung & Chang 1990. Used from chapter 07.
    """
    noise, values, odds = {}, {}, {}
    free: dict[str, np.ndarray] = {}  # units in which no value rests on this noise so far
    loose: dict[str, np.ndarray] = {}  # units in which this was drawn from a continuum, and hits no given value
    alive, doubtful, densities = np.ones(n, bool), np.zeros(n, bool), np.zeros(n, int)
    for v in _seen_first(scm, seen):
        heard = [u for u in scm.arguments[v] if u in scm.noise]
        for u in (u for u in heard if u not in noise):
            noise[u], odds[u] = _drawn(scm.noise[u], n, rng)
            free[u], loose[u] = np.ones(n, bool), np.full(n, not isinstance(scm.noise[u], Finite))
        open_ = {u: free.pop(u) for u in heard if u in free}
        target = np.broadcast_to(seen.get(v, 0.0), (n,))
        found = _solved(scm, v, noise | values, open_, target, rng) if v in seen else None
        rests = _any((loose[a] for a in scm.arguments[v] if not found or a != found.name), n)
        if found:
            u, at = found.name, found.where
            noise[u], odds[u] = np.where(at, found.noise, noise[u]), np.where(at, found.odds, odds[u])
            alive, densities = alive & (odds[u] > 0), densities + (at & found.dense)
            loose[u], free[u] = np.where(at, rests, loose[u]), open_[u] & ~at
            rests = rests | (loose[u] & ~open_[u])
        values[v] = scm.value(v, noise | values, n)
        # a whole number, such as a count or a threshold's 0 or 1, has a probability: drawing does hit it
        loose[v] = rests & (v not in seen) & (values[v] != np.rint(values[v]))
        if v in seen:
            missed = ~agree(values[v], target, [(noise | values)[a] for a in scm.arguments[v]])
            missed &= ~found.where if found else True
            alive = alive & (rests | ~missed)
            doubtful, densities = alive & (doubtful | missed), densities + missed
            values[v] = np.where(alive, target, values[v])
    weight = np.prod([*odds.values()], axis=0) * (alive & ~doubtful)
    return Units(noise, values, weight, densities, alive & doubtful)


def _any(several: Iterable[np.ndarray], n: int) -> np.ndarray:
    return functools.reduce(np.logical_or, several, np.zeros(n, bool))


def _drawn(noise: Noise, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws, and how much likelier each is than it was to be drawn: rare states are not to be missed."""
    if not isinstance(noise, Finite) or min(filter(None, noise.p)) >= _RARE:
        return noise.draw(n, rng), np.ones(n)
    p = np.array(noise.p)
    offered = 0.9 * p + 0.1 * (p > 0) / np.count_nonzero(p)
    states = Finite(offered).draw(n, rng)
    return states, (p / offered)[states]


def _seen_first(scm: SCM, seen: Mapping[str, object]) -> list[str]:
    """Causes before effects; what was seen as early as can be, so that no other world uses its noise up before."""
    before = scm.graph.ancestors(seen) if seen else frozenset()
    heard = {v: scm.arguments[v] for v in scm.graph.order}
    return list(causes_first(heard, lambda v: (v not in seen, v not in before)))


def agree(found: np.ndarray, seen: float | np.ndarray, heard: Iterable[np.ndarray]) -> np.ndarray:
    """Whether values are those that were seen, up to rounding; `heard` is what the equation worked them out from.

    Used from chapter 07.
    """
    # near 0 rounding is as large as what it comes from
    size = min(1.0, 1e-3 * max((float(np.abs(a).max(initial=0.0)) for a in heard), default=0.0))
    return np.abs(found - seen) <= _CLOSE * np.maximum(size, np.abs(seen))


def _solved(
    scm: SCM,
    v: str,
    known: dict[str, np.ndarray],
    free: dict[str, np.ndarray],
    value: np.ndarray,
    rng: np.random.Generator,
) -> _Found | None:
    """The continuous noise that settles the most units, else finite noise; its own rather than a shared one."""
    listeners = {u: sum(u in arguments for arguments in scm.arguments.values()) for u in free}
    best, finite = None, None
    for u in sorted(free, key=listeners.__getitem__):
        if isinstance(scm.noise[u], Finite):
            finite = finite or u
        elif inverted := invert(scm, v, u, known, value):
            at = free[u] & (inverted[1] != 0)
            if at.any() and (best is None or at.sum() > best.where.sum()):
                likely = np.nan_to_num(frozen(scm.noise[u]).pdf(inverted[0])) / np.abs(np.where(at, inverted[1], 1.0))
                best = _Found(u, inverted[0], likely, at, dense=True)
            if at.all():
                return best
    if best is None and finite:
        states, mass = _finite(scm, v, finite, known, value, rng)
        return _Found(finite, states, mass, free[finite] & (mass > 0), dense=False)
    return best


def _finite(
    scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A state among those that agree, drawn by their probability, and the probability of all of them."""
    n, p = len(value), scm.states(free)
    said = fits(scm, v, free, known, value)
    mass = np.cumsum(np.array(said) * p[:, None], axis=0)
    picked = (mass < rng.random(n) * mass[-1]).sum(axis=0)
    return np.minimum(picked, len(p) - 1), mass[-1]


def fits(scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray) -> np.ndarray:
    """For each state of finite noise, of which units it makes the equation of `v` say `value`: shape (states, units).

    Used from chapter 07.
    """
    n, heard = len(value), [known[a] for a in scm.arguments[v] if a != free]
    states = range(len(scm.states(free)))
    return np.array([agree(scm.value(v, known | {free: np.full(n, k)}, n), value, [*heard, states]) for k in states])


def invert(
    scm: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """For each unit the noise at which the equation of `v` says `value`, and the equation's slope there.

    The slope is 0 for units whose noise has no say, and inf where the value is never met.
    None where for some unit the equation is neither one-to-one in this noise nor flat. Used from chapter 07.
    """
    distribution = frozen(scm.noise[free])
    if distribution is None:
        return None
    known = {a: known[a] for a in scm.arguments[v] if a != free}

    def said(noise: np.ndarray, of: Any = slice(None)) -> np.ndarray:
        return scm.value(v, {a: k[of] for a, k in known.items()} | {free: noise}, len(noise)).astype(float, copy=False)

    shape = _shape(said, distribution, _kinds(known, len(value)))
    if shape is None:
        return None
    line = _on_a_line(said, distribution, value) if shape == "line" else None
    return line or _halved(said, distribution, value)


def _kinds(known: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """The units to look at closely: some from all over, and those in which what is known is smallest and largest."""
    ends = [pick(k) for k in known.values() for pick in (np.argmin, np.argmax)] if n else []
    return np.unique([*np.linspace(0, n - 1, min(n, _TRIED)), *ends]).astype(int)


@functools.lru_cache(maxsize=1_000)
def _points(distribution: Any) -> np.ndarray:
    """From one end of the noise to the other, 193 places as likely to lie between, and the ends themselves."""
    return distribution.ppf([_EDGE, *np.linspace(0.001, 0.999, 193), 1 - _EDGE])


def _shape(said: _Said, distribution: Any, units: np.ndarray) -> str | None:
    """How the equation of these units runs along the noise: "line" or "curve", and None where it turns or has steps."""
    at = _points(distribution)
    at = np.sort([*at, *(at[10:-10:5] + 1e-6 * (at[150] - at[50]))])  # a step shows next to it, however small it is
    curve = said(np.tile(at, len(units)), np.repeat(units, len(at))).reshape(len(units), len(at))
    whole = curve[:, -1:] - curve[:, :1]
    if (np.sign(np.diff(curve)) != np.sign(whole)).any():
        return None
    line = curve[:, :1] + whole * ((at - at[0]) / (at[-1] - at[0]))
    return "line" if (np.abs(curve - line) <= 1e-9 * np.abs(whole) + 1e-14 * np.abs(curve)).all() else "curve"


def _on_a_line(said: _Said, distribution: Any, value: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Where a straight line meets the value, and its slope; None where for some unit it is no line."""
    n = len(value)
    low, median, high = _points(distribution)[[1, 97, -4]]  # uneven: a curve is not to cross its chord in between
    base, slope = said(np.broadcast_to(low, (n,))), said(np.broadcast_to(high, (n,))) / (high - low)
    slope -= base / (high - low)  # in place where it can be: tables are long
    if (flat := slope == 0).any():
        found, value = (
            np.where(flat, median, low + (value - base) / np.where(flat, 1.0, slope)),
            np.where(flat, base, value),
        )
    else:
        found = value - base
        found /= slope
        found += low
    off, spread = said(found) - value, np.abs(slope)
    np.abs(off, out=off)
    if off.max(initial=0.0) <= _CLOSE * (high - low) * spread.min(initial=np.inf):
        return found, slope
    met = off <= _CLOSE * np.maximum(np.abs(value), (high - low) * spread)
    return (found, slope) if met.all() else None


def _halved(said: _Said, distribution: Any, value: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Where a rising or falling curve meets the value, by halving an interval; None where it turns."""
    n = len(value)
    at = _points(distribution)[[0, *range(1, 195, 12), -1]]
    curve = [said(np.full(n, u)) for u in at]
    up = np.sign(curve[-1] - curve[0])
    if any((np.sign(after - before) != up).any() for before, after in pairwise(curve)):
        return None
    steps = sum((up * (here - value) < 0).astype(int) for here in curve[1:-1])
    a, b = at[steps], at[steps + 1]
    for _ in range(_STEPS):
        middle = (a + b) / 2
        below = up * (said(middle) - value) < 0
        a, b = np.where(below, middle, a), np.where(below, b, middle)
        if (b - a <= 4e-16 * np.abs(middle)).all():
            break
    found = (a + b) / 2
    met = np.abs(said(found) - value) <= _CLOSE * np.maximum(np.abs(value), np.abs(curve[13] - curve[5]))
    step = 1e-6 * np.maximum(at[13] - at[5], np.abs(found))
    right, left = np.minimum(found + step, at[-1]), np.maximum(found - step, at[0])
    slope = (said(right) - said(left)) / (right - left)
    if (met & (up != 0) & (slope == 0)).any():
        return None
    return found, np.where(up == 0, 0.0, np.where(met, slope, np.inf))
