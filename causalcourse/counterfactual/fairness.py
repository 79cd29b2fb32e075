"""Whether a prediction would have been the same, had the person been of another group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from causalcourse.counterfactual.query import CounterfactualError, Variable
from causalcourse.counterfactual.worlds import parallel
from causalcourse.errors import did_you_mean
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd


def fairness(model: SCM, protected: str, prediction: str, seen: Iterable[str] | None = None) -> pd.DataFrame:
    """For each kind of person: what is predicted, and what would have been predicted, had `protected` been otherwise.

    seen: what is known of a person besides the protected attribute (default: all but the prediction). One row for each
    kind and each other value: their share p, E[prediction | kind], E[prediction_{protected=other} | kind], and their
    `gap`, the largest difference of any probability of the prediction. The prediction is counterfactually fair where
    every gap is 0; so it is in every model in which it does not descend from the protected attribute.
    Raises CounterfactualError for names that are not there, ModelError for noise that is not finite.
    Source: Kusner, Loftus, Russell & Silva 2017, def. 5 and lemma 1. Taught in chapter 07.
    """
    import numpy as np
    import pandas as pd

    kind = [v for v in model.equations if v != prediction] if seen is None else [protected, *seen]
    kind = list(dict.fromkeys([protected, *kind]))
    for name in (prediction, *kind):
        if name not in model.equations:
            raise CounterfactualError(f"'{name}' is no variable of this model." + did_you_mean(name, model.equations))
    if prediction in kind:
        raise CounterfactualError(f"'{prediction}' is what is predicted, so it is not among what is seen beforehand.")
    groups = model.joint(protected).index
    others = {a: Variable(prediction, ((protected, a),)) for a in groups}
    worlds = parallel(model, [Variable(v) for v in (*kind, prediction)] + list(others.values()))
    here = worlds.names[Variable(prediction)]
    rows = []
    joint = worlds.scm.joint([*kind, *dict.fromkeys((here, *(worlds.names[v] for v in others.values())))]).reset_index()
    for values, group in joint.groupby(kind):
        share = group["p"].sum()
        for other in (a for a in groups if a != values[0]):
            there = worlds.names[others[other]]
            p, q = (group.groupby(name)["p"].sum() / share for name in (here, there))
            means = [float(np.dot(each.index, each)) for each in (p, q)]
            rows.append([*values, share, other, *means, float(p.sub(q, fill_value=0).abs().max())])
    return pd.DataFrame(rows, columns=[*kind, "p", f"{protected} instead", "predicted", "would be predicted", "gap"])
