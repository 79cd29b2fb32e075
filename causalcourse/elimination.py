"""Finite models as tables, one for each equation, and variables summed out of them in whatever order is cheapest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from causalcourse.errors import ModelError, NoSuchUnit

if TYPE_CHECKING:
    from causalcourse.scm import SCM

_MOST_CELLS = 2_000_000
_Factor = tuple[tuple[str, ...], np.ndarray]  # the name of each axis, and the table


def eliminated(
    model: SCM, wanted: list[str], relevant: Iterable[str], seen: Mapping[str, float]
) -> dict[str, np.ndarray] | None:
    """The rows of the distribution of `wanted` given what was `seen`, with their probabilities "p", which sum to 1.

    None where a table of more than two million cells would be needed, or an equation fails on values that never go
    together. `relevant` has both with all their causes. Raises NoSuchUnit where no unit is as seen.
    Source: variable elimination (Zhang & Poole 1994). Used from chapter 07.
    """
    made = _tables(model, relevant, seen)
    if made is None:
        return None
    states, factors = made
    while hidden := sorted({name for names, _ in factors for name in names}.difference(wanted)):
        touched = {name: _together(names for names, _ in factors if name in names) for name in hidden}
        name = min(hidden, key=lambda n: math.prod(len(states[a]) for a in touched[n]))
        if math.prod(len(states[a]) for a in touched[name]) > _MOST_CELLS:
            return None
        table = _product([f for f in factors if name in f[0]], touched[name]).sum(axis=touched[name].index(name))
        rest = tuple(a for a in touched[name] if a != name)
        factors = [f for f in factors if name not in f[0]] + [(rest, table)]
    varying = [a for a in wanted if len(states[a]) > 1]
    if math.prod(len(states[a]) for a in varying) > _MOST_CELLS:
        return None
    p = _product(factors, tuple(varying))
    if not p.sum():
        raise NoSuchUnit(f"No unit of this model is as given: {_say(seen)} never goes together.")
    found = np.nonzero(np.atleast_1d(p))
    place = dict(zip(varying, found, strict=False))  # without any that varies there is one row
    rows = {name: states[name][place.get(name, np.zeros_like(found[0]))] for name in wanted}
    return rows | {"p": np.atleast_1d(p)[found] / (p.sum() if seen else 1)}


def _tables(
    model: SCM, relevant: Iterable[str], seen: Mapping[str, float]
) -> tuple[dict[str, np.ndarray], list[_Factor]] | None:
    """The values that each variable can have, and a table for each noise term and each equation: 1 where it holds.

    What has one value only is no axis of any table: NumPy has 64 axes at most.
    """
    relevant = set(relevant)
    states: dict[str, np.ndarray] = {}
    factors: list[_Factor] = []
    for v in (v for v in model.graph.order if v in relevant):
        heard = model.arguments[v]
        for u in (a for a in heard if a in model.noise and a not in states):
            p = model.states(u)
            states[u] = np.arange(len(p))
            factors.append(((u,), p) if len(p) > 1 else ((), p[0]))
        varying = tuple(a for a in heard if len(states[a]) > 1)
        sizes = tuple(len(states[a]) for a in varying)
        cells = math.prod(sizes)
        if cells > _MOST_CELLS:
            return None
        places = dict(zip(varying, np.unravel_index(np.arange(cells), sizes) if sizes else (), strict=True))
        try:
            with np.errstate(all="ignore"):  # some of these values may never go together
                said = model.value(v, {a: states[a][places.get(a, np.zeros(cells, int))] for a in heard}, cells)
        except ModelError:
            return None
        states[v], which = np.unique(said, return_inverse=True)
        if cells * len(states[v]) > _MOST_CELLS:
            return None
        table = np.zeros((cells, len(states[v])))
        table[np.arange(cells), which] = 1.0
        if v in seen:
            table *= np.isclose(states[v], seen[v], rtol=1e-9, atol=1e-12)
        own = (v,) if len(states[v]) > 1 else ()
        factors.append(((*varying, *own), table.reshape((*sizes, *(len(states[a]) for a in own)))))
    return states, factors


def _together(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in several for name in names))


def _product(factors: list[_Factor], axes: tuple[str, ...]) -> np.ndarray:
    """The tables multiplied, with these axes, all of which some table has."""
    total = np.ones((1,) * len(axes))
    for names, table in factors:
        ordered = table.transpose([names.index(a) for a in axes if a in names])
        shape = iter(ordered.shape)
        total = total * ordered.reshape([next(shape) if a in names else 1 for a in axes])
    return total


def _say(seen: Mapping[str, float]) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in seen.items())
