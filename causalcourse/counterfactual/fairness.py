"""Whether a prediction would have been the same, had the person been of another group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from causalcourse.counterfactual.query import CounterfactualError, Variable
from causalcourse.counterfactual.worlds import parallel
from causalcourse.errors import did_you_mean
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_ROUNDING = 1e-9  # of the largest value: numbers no further apart are one


def fairness(model: SCM, protected: str, prediction: str, seen: str | Iterable[str] | None = None) -> pd.DataFrame:
    """For each kind of person: what is predicted, and what would have been predicted, had `protected` been otherwise.

    seen: what is known of a person besides the protected attribute (default: all but the prediction). One row for each
    kind that there is and each other value: their share p, E[prediction | kind], E[prediction_{protected=other} | kind]
    and their `gap`, the largest difference of any probability of the prediction; values that agree to rounding are one.
    The prediction is counterfactually fair where every gap is 0; so it is in every model in which it does not descend
    from the protected attribute.
    Raises CounterfactualError for names that are not there, ModelError for noise that is not finite.
    Source: Kusner, Loftus, Russell & Silva 2017, def. 5 and lemma 1. Taught in chapter 07.
    """
    import numpy as np
    import pandas as pd

    kind = _kind(model, protected, prediction, seen)
    groups = _occurring(model.joint(protected), [[protected]])[protected]
    others = {a: Variable(prediction, {protected: a}) for a in groups}
    worlds = parallel(model, [Variable(v) for v in (*kind, prediction)] + list(others.values()))
    here = worlds.names[Variable(prediction)]
    predicted = list(dict.fromkeys((here, *(worlds.names[v] for v in others.values()))))
    rows = []
    joint = _occurring(worlds.scm.joint([*kind, *predicted]), [*([v] for v in kind), predicted])
    for values, group in joint.groupby(kind):
        share = group["p"].sum()
        for other in (a for a in others if a != values[0]):
            there = worlds.names[others[other]]
            p, q = (group.groupby(name)["p"].sum() / share for name in (here, there))
            means = [float(np.dot(each.index, each)) for each in (p, q)]
            rows.append([*values, share, other, *means, float(p.sub(q, fill_value=0).abs().max())])
    return pd.DataFrame(rows, columns=[*kind, "p", f"{protected} instead", "predicted", "would be predicted", "gap"])


def _kind(model: Any, protected: str, prediction: str, seen: Any) -> list[str]:
    """What makes a kind of person: the protected attribute, then what else was seen of them."""
    if not isinstance(model, SCM):
        raise CounterfactualError(f"Fairness is judged in a model, an SCM(noise, equations); got {model!r}.")
    if seen is None:
        seen = [v for v in model.equations if v != prediction]
    seen = [seen] if isinstance(seen, str) or not isinstance(seen, Iterable) else list(seen)
    for name in (prediction, protected, *seen):
        if not isinstance(name, str) or name not in model.equations:
            raise CounterfactualError(f"'{name}' is no variable of this model." + did_you_mean(name, model.equations))
    if prediction in (protected, *seen):
        raise CounterfactualError(f"'{prediction}' is what is predicted, so it is not among what is seen beforehand.")
    return list(dict.fromkeys([protected, *seen]))


def _occurring(joint: pd.Series, alike: Iterable[list[str]]) -> pd.DataFrame:
    """The rows that occur, their probability "p"; in columns that are alike, values that agree to rounding are one."""
    rows = joint[joint > 0].reset_index()
    for columns in alike:
        rows[columns] = _as_one(rows[columns].to_numpy())
    return rows


def _as_one(values: np.ndarray) -> np.ndarray:
    import numpy as np

    levels = np.unique(values)
    first = levels[np.diff(levels, prepend=-np.inf) > _ROUNDING * np.abs(levels).max()]
    return first[np.searchsorted(first, values, side="right") - 1]
