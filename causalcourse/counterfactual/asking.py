"""Asking a structural model what would have been: of a kind of unit, or of every unit of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from causalcourse.counterfactual.abduction import Units, abduct, agree, fits, invert
from causalcourse.counterfactual.exact import evidence, exact, score
from causalcourse.counterfactual.query import Counterfactual, CounterfactualError, as_counterfactual
from causalcourse.counterfactual.worlds import parallel
from causalcourse.errors import CannotAnswer, DataError, NoSuchUnit, is_whole
from causalcourse.noise import Finite, Noise
from causalcourse.randomness import generator
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

_ENOUGH = 400  # effective units, so that a probability is known to 2.5 points
_ROUNDS = 8  # each twice as many units as the one before


class Imagined(NamedTuple):
    """An answer, its Monte Carlo standard error, and how many effective units it rests on (inf where it is exact).

    Taught in chapter 07.
    """

    value: float
    error: float = 0.0
    effective: float = math.inf

    def __str__(self) -> str:
        if math.isinf(self.effective):
            return f"{self.value:.6g}, exactly"
        digits = 4 if self.error == 0 else min(9, max(4, 1 - math.floor(math.log10(self.error))))
        return (
            f"{self.value:.{digits}f} ± {self.error:.{digits}f} (standard error; {self.effective:,.0f} effective units)"
        )


def counterfactual(
    model: SCM, query: Counterfactual | str, rng: np.random.Generator | None = None, n: int = 20_000
) -> Imagined:
    """The answer to P(Y_{X=0}=1 | X=1, Y=1), E[Y_{X=1} - Y_{X=0} | Z=2], E[Y_{X=1, M_{X=0}}] or the like.

    Exact for finite noise and for linear models of normal noise. Else by importance sampling of the noise given what
    was seen, begun with `n` units and doubled until 400 effective ones are there. Raises CounterfactualError for a
    question that cannot be read or names what is not there, NoSuchUnit where no unit is as given, CannotAnswer where
    too few units agree with the evidence. Source: Pearl 2009, theorem 7.1.7. Taught in chapter 07.
    """
    query = as_counterfactual(query)
    _need_model(model)
    if not is_whole(n, 2, 1_000_000):
        raise CounterfactualError(f"n is how many units to begin with, a whole number from 2 to 1,000,000; got {n!r}.")
    try:
        return Imagined(exact(model, query))
    except CannotAnswer:
        return _sampled(model, query, int(n), generator(rng, f"counterfactual {query}"))


def _sampled(model: SCM, query: Counterfactual, n: int, rng: np.random.Generator) -> Imagined:
    worlds = parallel(model, query.variables)
    seen = evidence(query, worlds)
    least = doubtful = math.inf  # densities in a weight: units with fewer leave nothing to those with more
    total, effective, shares = np.zeros(5), 0.0, True  # sums of w, w², w·x, w²·x, w²·x²
    for k in range(_ROUNDS):
        units = abduct(worlds.scm, seen, n * 2 ** max(0, k - 1), rng)
        doubtful = min(doubtful, _least(units, units.doubtful))
        if (fewest := _least(units, units.weight > 0)) < least:
            least, total, shares = fewest, np.zeros(5), True
        w = np.where(units.densities == least, units.weight, 0.0)
        x = np.broadcast_to(np.asarray(score(query, worlds.read(units.values)), dtype=float), w.shape)
        shares = shares and bool(((x == 0) | (x == 1) | (w == 0)).all())
        total += [w.sum(), (w**2).sum(), (w * x).sum(), (w**2 * x).sum(), (w**2 * x**2).sum()]
        effective = total[0] ** 2 / total[1] if total[1] else 0.0
        if effective >= _ENOUGH:
            break
    if effective >= _ENOUGH and doubtful > least:
        value = float(total[2] / total[0])
        error = math.sqrt(max(total[4] - 2 * value * total[3] + value**2 * total[1], 0.0)) / total[0]
        if shares:  # a share of 0 or 1 is no proof of 0 or 1: count one more of each (Agresti and Coull 1998)
            p = (value * effective + 1) / (effective + 2)
            error = max(error, math.sqrt(p * (1 - p) / (effective + 2)))
        return Imagined(value, float(error), float(effective))
    if effective >= _ENOUGH:
        raise CannotAnswer(
            f"{query}: some units have what was seen only for certain values of noise that other variables, or other "
            "kinds of unit, need too; drawing never hits these, and leaving such units out would bend the answer. Ask "
            "with less evidence or with more of it, or with a range as a variable of its own, such as lambda Y: Y > 2."
        )
    drawn = n * 2 ** (_ROUNDS - 1)
    raise CannotAnswer(
        f"{query}: of {drawn:,} units drawn, {effective:.0f} effective ones are as given; {_ENOUGH} are needed for an "
        "answer. Either hardly any unit is so, or an equation of what was seen cannot be solved for its noise, and a "
        "measured value is never hit by drawing. Ask with less evidence, or with a range as a variable of its own, "
        "such as lambda Y: Y > 2."
    )


def _least(units: Units, which: np.ndarray) -> float:
    """The fewest densities in a weight of these units."""
    return float(units.densities[which].min()) if which.any() else math.inf


def imagine(model: SCM, units: pd.DataFrame | Mapping[str, Any], /, **actions: Any) -> pd.DataFrame:
    """What every unit of a table would have been under an action: a row for each, a column for each variable.

    units: a table (or a dictionary, for one unit) with every variable of the model. Their noise is solved for
    (abduction), the action taken, and the model solved again (prediction). Raises DataError for a table that does not
    fit, NoSuchUnit for a row that the model never has, and CannotAnswer where a row leaves its noise open: then ask
    `counterfactual`, which weighs all that it may be. Source: Pearl 2009, sec. 1.4.4. Taught in chapter 07.
    """
    import pandas as pd

    _need_model(model)
    seen, index = _columns(model, units)
    if drawn := [v for v, action in actions.items() if isinstance(action, Noise) or hasattr(action, "rvs")]:
        raise CounterfactualError(
            f"imagine sets '{drawn[0]}' to a value for each unit, and a distribution is none. Draw the values first: "
            f"{drawn[0]}=Finite([0.5, 0.5]).draw(len(units), rng)."
        )
    acted = model.do(**actions)
    noise = unit_noise(model, seen)
    changed = model.graph.descendants(actions) if actions else ()
    values = dict(noise)
    for v in acted.graph.order:  # what the action does not reach is as it was
        values[v] = acted.value(v, values, len(index)) if v in changed else seen[v]
    return pd.DataFrame({v: values[v] for v in model.equations}, index=index)


def unit_noise(model: SCM, seen: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The noise of units of which every variable was seen, arrays of shape (units,).

    Raises NoSuchUnit and CannotAnswer as `imagine` does. Used from chapter 07.
    """
    noise: dict[str, np.ndarray] = {}
    for v in model.graph.order:
        free = [u for u in model.arguments[v] if u in model.noise and u not in noise]
        known, n = {a: (noise | seen)[a] for a in model.arguments[v] if a not in free}, len(seen[v])
        if len(free) > 1:
            raise CannotAnswer(
                f"'{v}' listens to {len(free)} noise terms ({', '.join(free)}), and its value alone cannot tell them "
                "apart. Ask counterfactual(model, 'E[... | ...]'), which weighs all that they may be."
            )
        if free:
            noise[free[0]], met = _solved(model, v, free[0], known, seen[v])
        else:
            met = agree(model.value(v, known, n), seen[v], known.values())
        if not met.all():
            k, said = int(np.flatnonzero(~met)[0]), model.value(v, known | noise, n)
            raise NoSuchUnit(f"Unit {k} is none of this model's: there {v} would be {said[k]:g}, not {seen[v][k]:g}.")
    return noise


def _need_model(model: Any) -> None:
    if not isinstance(model, SCM):
        raise CounterfactualError(f"A counterfactual is asked of a model, an SCM(noise, equations); got {model!r}.")


def _solved(
    model: SCM, v: str, free: str, known: dict[str, np.ndarray], value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each unit's noise, and whether there is any that makes the equation say the value."""
    if isinstance(model.noise[free], Finite):
        fit = fits(model, v, free, known, value) & (model.states(free) > 0)[:, None]
        open_ = fit.sum(axis=0) > 1
        if not open_.any():
            return fit.argmax(axis=0), fit.any(axis=0)
        k, what = int(np.flatnonzero(open_)[0]), "several states"
    elif inverted := invert(model, v, free, known, value):
        if inverted[1].all():
            return inverted[0], ~np.isinf(inverted[1])
        k, what = int(np.flatnonzero(inverted[1] == 0)[0]), "any value, or none,"
    else:
        k, what = 0, "many values"
    raise CannotAnswer(
        f"With what was seen of unit {k}, {what} of '{free}' would make '{v}' what it is. Ask "
        "counterfactual(model, 'E[... | ...]'), which weighs all that it may be."
    )


def _columns(model: SCM, units: Any) -> tuple[dict[str, np.ndarray], Any]:
    """Each variable's values, and the index of the units."""
    import pandas as pd

    if isinstance(units, Mapping):
        try:
            units = pd.DataFrame({name: np.atleast_1d(values) for name, values in units.items()})
        except ValueError:
            raise DataError("The columns are of different lengths; each needs one value for each unit.") from None
    if not isinstance(units, pd.DataFrame):
        raise DataError(f"Units are a table with a column for each variable; this is {type(units).__name__}.")
    if missing := [v for v in model.equations if v not in units.columns]:
        raise DataError(
            f"'{missing[0]}' was not seen of these units. With less than everything seen, ask counterfactual(model, "
            "'E[... | ...]'), which weighs all that it may have been."
        )
    seen = {}
    for v in model.equations:
        column = units[v]
        if column.ndim != 1 or column.dtype.kind not in "biuf" or not np.isfinite(column.to_numpy(dtype=float)).all():
            raise DataError(f"The column '{v}' needs one finite number for each unit; drop or mend other rows first.")
        # as the rest of the course counts: a column of int8 would begin again at -128
        seen[v] = column.to_numpy(dtype=np.float64 if column.dtype.kind == "f" else np.int64)
    return seen, units.index
