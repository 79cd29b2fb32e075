"""The model as a discrete Bayesian network of pgmpy: exact on rungs 1 and 2, silent on rung 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.counterfactual.exact import score
from causalcourse.counterfactual.query import Counterfactual, Variable
from causalcourse.engines.mechanism import Step, library, nobody, steps
from causalcourse.engines.question import Answer, AnyQuestion, spelled_out
from causalcourse.errors import CannotAnswer
from causalcourse.noise import Finite
from causalcourse.scm import SCM

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

NAME = "pgmpy"
_MOST_CELLS = 1_000_000


def to_pgmpy(model: SCM) -> DiscreteBayesianNetwork:
    """The model with exact conditional tables: shared noise becomes latent nodes, private noise is summed out.

    Raises CannotAnswer for noise that is not finite, a table of more than a million cells, or no pgmpy.
    Taught in chapter 03.
    """
    network = library("pgmpy.models").DiscreteBayesianNetwork()
    table = library("pgmpy.factors.discrete").TabularCPD
    for name, noise in model.noise.items():
        if not isinstance(noise, Finite):
            raise CannotAnswer(f"pgmpy keeps tables, and the noise '{name}' has more states than fit in one: {noise}.")
    states: dict[str, list[float]] = {u: list(range(len(noise.p))) for u, noise in model.noise.items()}
    network.add_nodes_from(model.latents)
    network.latents = set(model.latents)
    for u in model.latents:
        column = [[p] for p in model.noise[u].p]
        network.add_cpds(table(u, len(column), column, state_names={u: states[u]}))
    for step in steps(model):
        causes = list(step.causes)
        network.add_node(step.variable)
        network.add_edges_from([(cause, step.variable) for cause in causes])
        values, states[step.variable] = _table(step, states)
        network.add_cpds(
            table(
                step.variable,
                len(values),
                values,
                evidence=causes,
                evidence_card=[len(states[cause]) for cause in causes],
                state_names={name: states[name] for name in (step.variable, *causes)},
            )
        )
    return network


def answer(model: SCM, question: AnyQuestion, n: int, rng: np.random.Generator) -> Answer:
    """The exact answer by variable elimination, after `network.do` on rung 2; `n` and `rng` are not needed.

    Raises CannotAnswer on rung 3 and for values that never occur. Taught in chapter 03.
    """
    query = spelled_out(question)
    if query.rung == 3:
        raise CannotAnswer("pgmpy has no counterfactuals: a table keeps how often, not what each unit would have done.")
    network = to_pgmpy(model)
    return Answer(sum(_in_one_world(network, question, part) for part in query.parts), 0.0)


def _in_one_world(network: DiscreteBayesianNetwork, question: AnyQuestion, query: Counterfactual) -> float:
    """The answer to one part of a question."""
    action = query.variables[0].action
    evidence = dict(action)
    for event in query.given:
        if evidence.setdefault(event.variable.name, event.value) != event.value:
            raise nobody(question)
    for name, value in evidence.items():
        if value not in network.get_cpds(name).state_names[name]:
            raise CannotAnswer(f"{name}={value:g} never occurs in this model, so pgmpy's tables have no row for it.")
    # not CausalInference.query(do=..., evidence=...): it needs the parents observed, and is wrong with evidence
    # below the action (docs/known-errors.md). Cutting the arrows first and then conditioning is right for both.
    network = network.do(list(dict(action))) if action else network
    inference = library("pgmpy.inference").VariableElimination(network)
    # asked for first, because elimination may drop evidence that does not matter, possible or not
    if evidence and inference.query(list(evidence), show_progress=False).get_value(**evidence) == 0:
        raise nobody(question)
    values: dict[Variable, Any] = {Variable(name, action): value for name, value in evidence.items()}
    open_ = list(dict.fromkeys(v.name for v in query.variables if v not in values))
    if not open_:
        return float(score(query, values))
    factor = inference.query(open_, evidence=evidence, show_progress=False)
    states = np.meshgrid(*(factor.state_names[name] for name in factor.variables), indexing="ij")
    values |= {Variable(name, action): s.ravel() for name, s in zip(factor.variables, states, strict=True)}
    return float(np.broadcast_to(score(query, values), factor.values.size) @ factor.values.ravel())


def _table(step: Step, states: dict[str, list]) -> tuple[np.ndarray, list[float]]:
    """P(variable | causes), shape (states of the variable, combinations of the causes' states), and those states."""
    names = (*step.causes, *step.private)
    sizes = tuple(len(states[name]) for name in names)
    cells = int(np.prod(sizes, dtype=object))
    if cells > _MOST_CELLS:
        raise CannotAnswer(f"The table of '{step.variable}' would need {cells:,} cells, too many to write down.")
    places = dict(zip(names, np.indices(sizes).reshape(len(sizes), cells), strict=True))
    values = step({name: np.array(states[name])[place] for name, place in places.items()}, (cells,))
    weights = np.ones(cells)
    for u in step.private:
        weights = weights * np.array(step.model.noise[u].p)[places[u]]
    found, rows = np.unique(values, return_inverse=True)
    columns = int(np.prod(sizes[: len(step.causes)]))
    table = np.zeros((len(found), columns))
    # the causes run slowest, so each column of the table is one block of cells
    np.add.at(table, (rows, np.arange(cells) // (cells // columns)), weights)
    return table, found.tolist()
