"""The same question put to pyAgrum and to y0: for the benchmark, and for the tests that hold the verdicts together."""

from __future__ import annotations

import warnings
from typing import Any

from causalcourse.graph import CausalGraph, Node


def agrum_model(graph: CausalGraph) -> Any:
    """The graph for pyAgrum, every variable binary with chances drawn at random."""
    import pyagrum

    network = pyagrum.BayesNet()
    for node in graph.nodes:
        network.add(pyagrum.LabelizedVariable(str(node), str(node), 2))
    for a, b in graph.directed:
        network.addArc(str(a), str(b))
    network.generateCPTs()
    hidden = [(f"hidden {k}", [str(a), str(b)]) for k, (a, b) in enumerate(graph.bidirected)]
    return pyagrum.CausalModel(network, hidden, True)  # True: the arrow between two nodes with a hidden cause stays


def agrum(graph: CausalGraph, of: set[Node], do: set[Node], model: Any = None) -> bool:
    """Whether pyAgrum finds the effect identifiable."""
    import pyagrum

    model = agrum_model(graph) if model is None else model
    _, table, _ = pyagrum.causalImpact(model, on=set(map(str, of)), doing=set(map(str, do)))
    return table is not None


def y0_identify(model: Any, of: set[Node], do: set[Node]) -> Any:
    """y0's estimand, or None when it finds none. Raises what y0 raises."""
    from y0.algorithm.identify import identify_outcomes
    from y0.dsl import Variable

    outcomes, treatments = ({Variable(str(node)) for node in nodes} for nodes in (of, do))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return identify_outcomes(model, treatments=treatments, outcomes=outcomes)
