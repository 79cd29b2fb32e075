"""The model for DoWhy: a graph for `CausalModel`, and a structural model for `dowhy.gcm` with the exact mechanisms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import count, library, steps
from causalcourse.engines.question import Answer, Question
from causalcourse.errors import CannotAnswer
from causalcourse.noise import Finite
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import networkx as nx
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


def answer(model: SCM, question: Question, n: int, rng: np.random.Generator) -> Answer:
    """Rungs 1 and 2 counted from `n` samples; rung 3 by gcm's own abduction, where it is exact for a fully seen unit.

    Raises QuestionError, and CannotAnswer for counterfactuals outside of gcm's reach. Taught in chapter 03.
    """
    question.check(model)
    gcm = library("dowhy.gcm")
    scm = to_gcm(model, rng)
    actions = {name: lambda x, value=value: value for name, value in question.action}
    if question.rung == 3:
        return _counterfactual(model, question, scm, actions)
    if question.rung == 2:
        units = gcm.interventional_samples(scm, actions, num_samples_to_draw=n)
    else:
        units = gcm.draw_samples(scm, n)
    return count(question, units, units, n)


def _counterfactual(model: SCM, question: Question, scm: Any, actions: dict[str, Any]) -> Answer:
    gcm = library("dowhy.gcm")
    if model.latents:
        raise CannotAnswer(
            f"dowhy.gcm imagines only where every cause is seen, and the hidden cause '{model.latents[0]}' is not."
        )
    if unseen := [name for name in model.equations if name not in dict(question.given)]:
        raise CannotAnswer(
            f"dowhy.gcm imagines for a unit of which every variable was seen; {question} has not seen '{unseen[0]}'."
        )
    if not isinstance(scm, gcm.InvertibleStructuralCausalModel):
        raise CannotAnswer(
            "dowhy.gcm works out a unit's noise from what was seen, so each equation must give another value for each "
            "value of its noise (invertible); in this model one does not."
        )
    seen = dict(question.given)
    for step in steps(model):
        known = not step.causes and all(isinstance(model.noise[u], Finite) for u in step.private)
        # gcm takes any value of a root for granted
        if known and model.joint(step.variable).get(seen[step.variable], 0) == 0:
            raise CannotAnswer(f"No unit of this model has the '{step.variable}' that was seen.")
    import pandas as pd

    unit = pd.DataFrame([seen])
    imagined = gcm.counterfactual_samples(scm, actions, observed_data=unit)
    return Answer(float(question.score(imagined[question.outcome].to_numpy())[0]), 0.0)
