"""The model for DoWhy: a graph for `CausalModel`, and a structural model for `dowhy.gcm` with the exact mechanisms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import Step, count, library, steps
from causalcourse.engines.question import Answer, CannotAnswer, Question
from causalcourse.errors import ModelError
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
    kinds = _kinds()
    noise = model.draw_noise(1000, rng)
    example = {**noise, **model.solve(noise)}
    mechanisms = {u: kinds["root"](lambda n, u=u: model.noise[u].draw(n, rng)) for u in model.latents}
    for step in steps(model):
        if step.causes:
            kind = kinds["invertible" if _is_invertible(step, example) else "function"]
            mechanisms[step.variable] = kind(step, example, rng)
        else:
            mechanisms[step.variable] = kinds["root"](
                lambda n, step=step: step({u: model.noise[u].draw(n, rng) for u in step.private}, (n,))
            )
    invertible = not any(type(mechanism) is kinds["function"] for mechanism in mechanisms.values())
    result = (gcm.InvertibleStructuralCausalModel if invertible else gcm.StructuralCausalModel)(to_dowhy(model))
    for name, mechanism in mechanisms.items():
        result.set_causal_mechanism(name, mechanism)
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
    import pandas as pd

    unit = pd.DataFrame([dict(question.given)])
    imagined = gcm.counterfactual_samples(scm, actions, observed_data=unit)
    return Answer(float(question.score(imagined[question.outcome].to_numpy())[0]), 0.0)


def _is_invertible(step: Step, example: dict[str, np.ndarray]) -> bool:
    """Whether the value and the causes give the noise away, judged on a thousand units."""
    if not step.private:
        return True
    if len(step.private) > 1:
        return False
    (u,) = step.private
    causes = {name: example[name] for name in step.causes}
    shape = example[u].shape
    if isinstance(noise := step.model.noise[u], Finite):
        values = np.sort([step({**causes, u: np.array(k)}, shape) for k, p in enumerate(noise.p) if p > 0], axis=0)
        return bool((np.diff(values, axis=0) > 0).all())
    try:
        base, slope = _line(step, causes, shape)
    except ModelError:  # 0 or 1 is no possible noise
        return False
    return bool((slope != 0).all() and np.allclose(base + slope * example[u], example[step.variable]))


def _line(step: Step, causes: dict[str, np.ndarray], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Where noise is added, perhaps after stretching: the equation at noise 0, and how much noise 1 adds."""
    base, top = (step({**causes, step.private[0]: np.array(u)}, shape) for u in (0.0, 1.0))
    return base, top - base


def _noise_of(step: Step, target: np.ndarray, causes: dict[str, np.ndarray]) -> np.ndarray:
    """The noise that makes the target out of its causes, shape (units,). Raises CannotAnswer when none does."""
    impossible = f"No unit of this model has the '{step.variable}' that was seen with the causes that were seen."
    if not step.private:
        if not np.allclose(step(causes, target.shape), target):
            raise CannotAnswer(impossible)
        return np.zeros(target.shape)
    (u,) = step.private
    if not isinstance(noise := step.model.noise[u], Finite):
        base, slope = _line(step, causes, target.shape)
        return (target - base) / slope
    hits = np.array([step({**causes, u: np.array(k)}, target.shape) == target for k in range(len(noise.p))])
    hits &= np.array(noise.p)[:, None] > 0
    if not hits.any(axis=0).all():
        raise CannotAnswer(impossible)
    return hits.argmax(axis=0)


def _kinds() -> dict[str, type]:
    """The classes of mechanism, made here because their bases live in DoWhy."""
    base = library("dowhy.gcm.causal_mechanisms")

    class Root(base.StochasticModel):
        """A node without causes: draws from the model itself."""

        def __init__(self, draw: Any) -> None:
            self.draw = draw

        def fit(self, X: np.ndarray) -> None:
            """Nothing to fit: the model is known."""

        def draw_samples(self, num_samples: int) -> np.ndarray:
            return np.asarray(self.draw(num_samples)).reshape(-1, 1)

        def clone(self) -> Root:
            return self

    class Function(base.FunctionalCausalModel):
        """A node with causes: the model's own equation."""

        def __init__(self, step: Step, example: dict[str, np.ndarray], rng: np.random.Generator) -> None:
            self.step, self.example, self.rng = step, example, rng

        def fit(self, X: np.ndarray, Y: np.ndarray) -> None:
            """Nothing to fit: the model is known."""

        def clone(self) -> Function:
            return self

        def draw_noise_samples(self, num_samples: int) -> np.ndarray:
            drawn = [self.step.model.noise[u].draw(num_samples, self.rng) for u in self.step.private]
            return np.column_stack(drawn) if drawn else np.zeros((num_samples, 1))

        def evaluate(self, parent_samples: np.ndarray, noise_samples: np.ndarray) -> np.ndarray:
            drawn = np.reshape(noise_samples, (len(parent_samples), -1)).T
            private = zip(self.step.private, drawn, strict=False)
            values = self.causes(parent_samples) | {u: _as(self.example[u], noise) for u, noise in private}
            return self.step(values, (len(parent_samples),)).reshape(-1, 1)

        def causes(self, parent_samples: np.ndarray) -> dict[str, np.ndarray]:
            # gcm hands parents over in alphabetical order and as floats; the equation may want its 0/1 as integers
            columns = zip(sorted(self.step.causes), np.asarray(parent_samples).T, strict=True)
            return {name: _as(self.example[name], column) for name, column in columns}

    class Invertible(Function, base.InvertibleFunctionalCausalModel):
        """A node whose one noise term can be read off from its value and its causes."""

        def estimate_noise(self, target_samples: np.ndarray, parent_samples: np.ndarray) -> np.ndarray:
            causes = self.causes(parent_samples)
            return _noise_of(self.step, np.reshape(target_samples, -1), causes).reshape(-1, 1)

    return {"root": Root, "function": Function, "invertible": Invertible}


def _as(example: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The column as whole numbers where the example has them and nothing is lost."""
    whole = example.dtype.kind in "iu" and (column == np.round(column)).all()
    return column.astype(example.dtype) if whole else column.astype(float)
