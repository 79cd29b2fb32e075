"""The model for DoWhy: a graph for `CausalModel`, and a structural model for `dowhy.gcm` with the exact mechanisms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.exact import hold, score
from causalcourse.engines.mechanism import count, in_worlds, library, nobody, steps
from causalcourse.engines.question import Answer, AnyQuestion, spelled_out
from causalcourse.errors import CannotAnswer
from causalcourse.noise import Finite
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from dowhy import gcm

NAME = "dowhy.gcm"


def to_dowhy(model: SCM) -> nx.DiGraph:
    """The model's graph for `CausalModel(graph=...)`, each shared noise term an unobserved node of its own.

    Give `CausalModel` data without those nodes: to DoWhy a node is unobserved when the data have no such column.
    Taught in chapter 04.
    """
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(model.latents, observed="no")
    graph.add_nodes_from(model.equations, observed="yes")
    for step in steps(model):
        graph.add_edges_from((cause, step.variable) for cause in step.causes)
    return graph


def to_gcm(model: SCM, rng: np.random.Generator) -> gcm.StructuralCausalModel:
    """The model with its own equations as mechanisms, nothing fitted; shared noise as root nodes.

    Where each mechanism below a root can be solved for its noise, an `InvertibleStructuralCausalModel`.
    All randomness comes from `rng`. Raises CannotAnswer when DoWhy is not installed. Taught in chapter 03.
    """
    gcm = library("dowhy.gcm")
    fitted = library("dowhy.gcm.causal_models").PARENTS_DURING_FIT
    from causalcourse.engines._gcm_mechanisms import Function, Invertible, Root, mechanism

    noise = model.draw_noise(1000, rng)
    example = {**noise, **model.solve(noise)}
    mechanisms = {u: Root(lambda n, u=u: model.noise[u].draw(n, rng)) for u in model.latents}
    mechanisms |= {step.variable: mechanism(step, example, rng) for step in steps(model)}
    invertible = all(isinstance(made, Invertible) for made in mechanisms.values() if isinstance(made, Function))
    result = (gcm.InvertibleStructuralCausalModel if invertible else gcm.StructuralCausalModel)(to_dowhy(model))
    for name, made in mechanisms.items():
        result.set_causal_mechanism(name, made)
        # gcm asks whether each mechanism was fitted to these parents: ours are known, not fitted
        result.graph.nodes[name][fitted] = sorted(result.graph.predecessors(name))
    return result


def answer(model: SCM, question: AnyQuestion, n: int, rng: np.random.Generator) -> Answer:
    """Rungs 1 and 2 counted from `n` samples; rung 3 by gcm's own abduction, where it is exact for a fully seen unit.

    A mean of a sum is answered term by term. Raises CannotAnswer for counterfactuals outside of gcm's reach.
    Taught in chapter 03.
    """
    scm, parts = to_gcm(model, rng), spelled_out(question).parts
    told = [_part(model, part, scm, n) for part in (parts if len(parts) > 1 else [question])]
    return Answer(sum(part.value for part in told), math.hypot(*(part.error for part in told)))


def _part(model: SCM, question: AnyQuestion, scm: Any, n: int) -> Answer:
    if question.rung == 3:
        return _imagined(model, question, scm)
    gcm = library("dowhy.gcm")

    def solve(action: dict[str, float]) -> pd.DataFrame:
        if action:
            return gcm.interventional_samples(scm, _constant(action), num_samples_to_draw=n)
        return gcm.draw_samples(scm, n)

    return count(question, in_worlds(question, solve), n)


def _imagined(model: SCM, question: AnyQuestion, scm: Any) -> Answer:
    gcm, given = library("dowhy.gcm"), spelled_out(question).given
    seen = {event.variable.name: event.value for event in given if not event.variable.action}
    if model.latents:
        raise CannotAnswer(
            f"dowhy.gcm imagines only where every cause is seen, and the hidden cause '{model.latents[0]}' is not."
        )
    if unseen := [name for name in model.equations if name not in seen]:
        raise CannotAnswer(
            f"dowhy.gcm imagines for a unit of which every variable was seen; {question} has not seen '{unseen[0]}'."
        )
    if not isinstance(scm, gcm.InvertibleStructuralCausalModel):
        raise CannotAnswer(
            "dowhy.gcm works out a unit's noise from what was seen, so each equation must give another value for each "
            "value of its noise (invertible); in this model one does not."
        )
    for step in steps(model):
        known = not step.causes and all(isinstance(model.noise[u], Finite) for u in step.private)
        # gcm takes any value of a root for granted
        if known and model.joint(step.variable).get(seen[step.variable], 0) == 0:
            raise CannotAnswer(f"No unit of this model has the '{step.variable}' that was seen.")
    import pandas as pd

    unit = pd.DataFrame([seen])
    values = in_worlds(question, lambda action: gcm.counterfactual_samples(scm, _constant(action), observed_data=unit))
    if not hold(given, values).all():
        raise nobody(question)
    return Answer(float(np.ravel(score(spelled_out(question), values))[0]), 0.0)


def _constant(action: dict[str, Any]) -> dict[str, Any]:
    """Numbers, or the one value of a column, as functions of what a variable would have been."""
    return {name: lambda _, value=value: np.asarray(value).item() for name, value in action.items()}
