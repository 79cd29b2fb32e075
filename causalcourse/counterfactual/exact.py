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
        p = worlds.scm.joint(asked(query, worlds), given=seen)
    except NoSuchUnit:
        raise NoSuchUnit(f"{query} has no answer: no unit of this model is as it says.") from None
    except ModelError as error:  # too many rows
        raise CannotAnswer(str(error)) from None
    values = {name: p.index.get_level_values(name).to_numpy() for name in p.index.names}
    return float(p.to_numpy() @ score(query, worlds.read(values)))


def _normal(query: Counterfactual, worlds: Parallel, seen: dict[str, float]) -> float:
    """Abduction, action, prediction where V = A z + b and z is standard normal: conditioning is least squares."""
    scm, size = worlds.scm, len(worlds.scm.noise)
    names = list(dict.fromkeys([*seen, *asked(query, worlds)]))
    slopes, base, blur = line = coefficients(scm, names)
    if query.of:
        said = query.of[0].variable
        raise CounterfactualError(
            f"'{said.name}' is continuous, and any single value has probability 0. Ask E[{said} | ...] for its mean."
        )
    at = np.zeros(size)
    if seen:
        a, blur = slopes[: len(seen)], blur[: len(seen)]
        surprise = np.array([*seen.values()]) - base[: len(seen)]
        length = np.linalg.norm(a, axis=1)
        # rows of length 1: no scale of measurement counts for more than another
        unit = a / np.where(length > blur, length, np.inf)[:, None]
        back = np.linalg.pinv(unit, rcond=1e-11)
        at = back @ (surprise / np.maximum(length, blur))
        if (np.abs(a @ at - surprise) > 1e-8 * np.maximum(length, np.abs(surprise)) + blur).any():
            raise NoSuchUnit(f"{query} has no answer: no unit of this model is as it says.")
        _need_straight(scm, names, line, at + _tries(size) @ (np.eye(size) - back @ unit))
    values = dict(zip(names, slopes @ at + base, strict=True))
    return float(score(query, worlds.read(values)))


def coefficients(scm: SCM, names: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(A, b, r): the named variables are A z + b, up to rounding by r, for noise that is z standard deviations off.

    A: shape (names, noise terms), read off by solving at the means and one standard deviation from each; b, r: shape
    (names,). Raises CannotAnswer where some curve shows. Used from chapter 07.
    """
    size = len(scm.noise)
    rows, blur = _solved(scm, names, np.vstack([np.zeros((1, size)), np.eye(size)]))
    line = rows[:, 1:] - rows[:, :1], rows[:, 0], blur
    _need_straight(scm, names, line, _tries(size))
    return line


@functools.lru_cache(maxsize=4)
def _tries(size: int) -> np.ndarray:
    """Where a curve would show, in standard deviations: usual units and unusual ones, shape (points, size)."""
    draw = np.random.default_rng(0)
    usual, far = draw.normal(size=(800, size)), 3 * draw.normal(size=(200, size))
    return np.vstack([usual, far, 4 * np.eye(size), -4 * np.eye(size)])


def _need_straight(scm: SCM, names: list[str], line: tuple[np.ndarray, ...], points: np.ndarray) -> None:
    slopes, base, _ = line
    rows, blur = _solved(scm, names, points)
    straight = slopes @ points.T + base[:, None]
    # measured by how much the values differ and not by how large they are: 50,000 + 0.1 X² is no line
    if (np.abs(rows - straight) > (1e-7 * np.ptp(straight, axis=1) + blur)[:, None]).any():
        raise CannotAnswer("The exact answer for Normal noise needs equations that add up multiples of their terms.")


def _solved(scm: SCM, names: list[str], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The named variables where noise is so many standard deviations off, and how far rounding may move each."""
    noise = {u: term.mean + term.sd * points[:, i] for i, (u, term) in enumerate(scm.noise.items())}
    try:
        with np.errstate(all="ignore"):
            values = noise | scm.solve(noise)
    except ModelError as error:  # no line fails anywhere
        raise CannotAnswer(str(error)) from None
    rows = np.array([values[name] for name in names], dtype=float)
    blur = [8e-16 * max(np.abs(values[a]).max() for a in (name, *scm.arguments[name])) for name in names]
    return rows, np.array(blur)
