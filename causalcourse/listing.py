"""All states of finite noise, listed along a model, and summed out as soon as nothing listens to them any more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.elimination import eliminated
from causalcourse.errors import ModelError, NoSuchUnit

if TYPE_CHECKING:
    from causalcourse.scm import SCM

MOST_ROWS = 1_000_000
_FEW_ROWS = 30_000  # that many are listed sooner than tables are made of the equations
_Rows = dict[str, np.ndarray]


def summed_out(
    model: SCM, wanted: Iterable[str], relevant: Iterable[str], seen: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """The rows of the distribution of `wanted` given what was `seen`, with their probabilities "p", which sum to 1.

    `relevant` has both with all their causes. Raises ModelError where that are too many rows, NoSuchUnit where no unit
    is as seen. Used from chapter 03.
    """
    wanted, relevant = list(dict.fromkeys(wanted)), set(relevant)
    ways = (
        lambda: _by_rows(model, set(wanted), relevant, seen, _FEW_ROWS),
        lambda: eliminated(model, wanted, relevant, seen),
        lambda: _by_rows(model, set(wanted), relevant, seen, MOST_ROWS),
    )
    for way in ways:
        if (found := way()) is not None:
            return found
    raise ModelError(f"This model needs more than {MOST_ROWS:,} rows, too many to list one by one. Use sample(n, rng).")


def _by_rows(model: SCM, wanted: set[str], relevant: set[str], seen: Mapping[str, float], most: int) -> _Rows | None:
    """Only what occurs, along the causal order; None where that are more than `most` rows at once."""
    rows: _Rows = {"p": np.ones(1)}
    steps = _thrifty(model, relevant, wanted)
    last = {a: v for v in steps for a in (v, *model.arguments[v])}  # the last to listen
    for v in steps:
        for u in (a for a in model.arguments[v] if a in model.noise and a not in rows):
            if len(rows["p"]) * len(p := model.states(u)) > most:
                return None
            rows = _crossed(rows, u, p)
        rows[v] = model.value(v, rows, len(rows["p"]))
        if v in seen:
            rows = _kept(rows, np.isclose(rows[v], seen[v], rtol=1e-9, atol=1e-12))
            if not rows["p"].sum():
                raise NoSuchUnit(f"No unit of this model is as given: {v}={seen[v]:g} never goes with the rest.")
        rows = _merged({a: array for a, array in rows.items() if a in wanted or last.get(a) != v})
    return rows | {"p": rows["p"] / rows["p"].sum()} if seen else rows


def _thrifty(model: SCM, relevant: set[str], wanted: set[str]) -> list[str]:
    """The relevant variables, causes first; those next after which the fewest rows are likely to be left."""
    heard = {v: model.arguments[v] for v in model.graph.order if v in relevant}
    listeners = Counter(a for arguments in heard.values() for a in arguments)
    bits = {u: math.log2(len(model.states(u))) for u in model.noise if u in listeners}
    brought: set[str] = set()
    steps: list[str] = []

    def growth(v: str) -> tuple[float, float]:
        """Bits that the rows gain by this variable, and at their most while it is worked out; a variable has one."""
        fresh = sum(bits[a] for a in heard[v] if a in bits and a not in brought)
        freed = sum(bits.get(a, 1.0) for a in heard[v] if listeners[a] == 1 and a not in wanted)
        return fresh + (v in wanted or listeners[v] > 0) - freed, fresh

    for best in causes_first(heard, growth):
        steps.append(best)
        brought.update(heard[best])
        listeners.subtract(heard[best])
    return steps


def causes_first(heard: Mapping[str, Iterable[str]], key: Callable[[str], Any]) -> Iterator[str]:
    """The variables after all that they listen to; of those that can be next, the one with the smallest key then.

    Used from chapter 03.
    """
    waits = dict(heard)
    while waits:
        ready = [v for v, arguments in waits.items() if waits.keys().isdisjoint(arguments)]
        best = min(ready, key=key)
        del waits[best]
        yield best


def _crossed(rows: _Rows, name: str, probabilities: np.ndarray) -> _Rows:
    """Every row once for each state of a further noise term."""
    count, states = len(rows["p"]), len(probabilities)
    crossed = {known: np.repeat(array, states) for known, array in rows.items()}
    return crossed | {name: np.tile(np.arange(states), count), "p": crossed["p"] * np.tile(probabilities, count)}


def _kept(rows: _Rows, which: np.ndarray) -> _Rows:
    return {name: array[which] for name, array in rows.items()}


def _merged(rows: _Rows) -> _Rows:
    """Rows that agree in all but their probability become one, with the sum."""
    p, code = rows["p"], np.zeros(len(rows["p"]), dtype=np.int64)
    for name in (a for a in rows if a != "p"):
        values, digit = np.unique(rows[name], return_inverse=True)
        _, code = np.unique(code * len(values) + digit, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return _kept(rows, first) | {"p": np.bincount(code, weights=p)}
