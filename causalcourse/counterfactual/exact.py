"""Exact counterfactuals: every state of finite noise listed, or normal noise conditioned in closed form."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import numpy as np

from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, Event, Variable
from causalcourse.counterfactual.worlds import Parallel, parallel
from causalcourse.errors import CannotAnswer, ModelError, NoSuchUnit
from causalcourse.noise import Finite, Normal
from causalcourse.scm import SCM


def exact(model: SCM, query: Counterfactual) -> float:
    """The exact answer, where noise is all finite, or all Normal with equations that add up multiples of their terms.

    Evidence may be partial, and stand in several worlds. Raises CounterfactualError for a name the model does not
    have, NoSuchUnit where no unit is as given, CannotAnswer where there is no exact way.
    Source: Pearl 2009, theorem 7.1.7, on a twin network (Balke & Pearl 1994). Used from chapter 03, taught in 07.
    """
    query.check(model.equations)
    worlds = parallel(model, query.variables)
    seen = evidence(query, worlds)
    heard = worlds.scm.noise.values()
    if all(isinstance(noise, Finite) for noise in heard):
        return _listed(query, worlds, seen)
    if all(isinstance(noise, Normal) for noise in heard):
        return _normal(query, worlds, seen)
    raise CannotAnswer("The exact answer needs noise that is all finite or all Normal. Use an engine that samples.")


def evidence(query: Counterfactual, worlds: Parallel) -> dict[str, float]:
    """What was seen, by the names of the parallel model. Raises NoSuchUnit where it contradicts itself.

    Used from chapter 07.
    """
    seen: dict[str, float] = {}
    for event in query.given:
        if seen.setdefault(worlds.names[event.variable], event.value) != event.value:
            raise NoSuchUnit(f"{query} has no answer: {event.variable} cannot have two values at once.")
    return seen


def score(query: Counterfactual, values: Mapping[Variable, np.ndarray]) -> np.ndarray:
    """For each unit what is averaged: the sum asked for, or whether all events hold. Used from chapter 03."""
    if query.of:
        return hold(query.of, values)
    return sum(times * np.asarray(values[variable]) for times, variable in query.mean)


def hold(events: Iterable[Event], values: Mapping[Variable, np.ndarray]) -> np.ndarray:
    """For each unit whether all events hold. Used from chapter 03."""
    each = (np.isclose(values[e.variable], e.value, rtol=1e-9, atol=1e-12) for e in events)
    return functools.reduce(np.logical_and, each, np.True_)  # a constant may be one number, for all units


def asked(query: Counterfactual, worlds: Parallel) -> list[str]:
    """The names, in the parallel model, of what the question asks for. Used from chapter 07."""
    return list(dict.fromkeys(worlds.names[v] for v in (*(e.variable for e in query.of), *(v for _, v in query.mean))))


def _listed(query: Counterfactual, worlds: Parallel, seen: dict[str, float]) -> float:
    try:
        rows = worlds.scm.joint(asked(query, worlds), given=seen).reset_index()
    except NoSuchUnit:
        raise NoSuchUnit(f"{query} has no answer: no unit of this model is as it says.") from None
    except ModelError as error:  # too many rows
        raise CannotAnswer(str(error)) from None
    return float(rows["p"] @ score(query, worlds.read({name: rows[name].to_numpy() for name in rows.columns})))


def _normal(query: Counterfactual, worlds: Parallel, seen: dict[str, float]) -> float:
    """Abduction, action, prediction where V = A u + b and u is normal: conditioning is least squares."""
    scm = worlds.scm
    if query.of:
        said = query.of[0].variable
        raise CounterfactualError(
            f"'{said.name}' is continuous, and any single value has probability 0. Ask E[{said} | ...] for its mean."
        )
    at = np.array([term.mean for term in scm.noise.values()], dtype=float)
    spread = np.diag([float(term.sd) ** 2 for term in scm.noise.values()])
    names = list(dict.fromkeys([*seen, *asked(query, worlds)]))
    slopes, base = coefficients(scm, names)
    if seen:
        a, b = slopes[: len(seen)], base[: len(seen)]
        surprise = np.array([*seen.values()]) - b - a @ at
        gain = spread @ a.T @ np.linalg.pinv(a @ spread @ a.T)
        if not np.allclose(a @ gain @ surprise, surprise, atol=1e-8):
            raise NoSuchUnit(f"{query} has no answer: no unit of this model is as it says.")
        at = at + gain @ surprise
    values = dict(zip(names, slopes @ at + base, strict=True))
    return float(score(query, worlds.read(values)))


def coefficients(scm: SCM, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(A, b) with the named variables = A u + b, read off by solving at 0 and at each unit vector.

    Raises CannotAnswer where some curve shows. Used from chapter 07.
    """
    size = len(scm.noise)
    tries = np.random.default_rng(0).normal(size=(3, size))  # where a curve would show
    points = np.vstack([np.zeros((1, size)), np.eye(size), tries])
    values = scm.solve({u: points[:, i] for i, u in enumerate(scm.noise)})
    rows = np.array([values[name] for name in names], dtype=float)
    base = rows[:, 0]
    slopes = rows[:, 1 : size + 1] - base[:, None]
    if not np.allclose(slopes @ tries.T + base[:, None], rows[:, size + 1 :]):
        raise CannotAnswer("The exact answer for Normal noise needs equations that add up multiples of their terms.")
    return slopes, base
