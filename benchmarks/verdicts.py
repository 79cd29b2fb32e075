"""Every adjustment verdict on 1,000 random graphs against enumeration: ours, pgmpy's and DoWhy's, as a table for docs/.

Each graph has 4 to 8 nodes, about a third of the pairs joined by an arrow and a tenth by a hidden common cause, a
treatment and an outcome that it affects. Two questions: "may I adjust for this set?", of a random set; "which set?",
where no answer is right only if there is none. Truth: in two random models with every combination possible, the formula
either gives P(y | do(x)) to 1e-9, or it does not.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from causalcourse import rng
from causalcourse.adjustment import NotAdjustable, adjustment_set, is_adjustment_set
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_discrete, random_graph

Nodes = Iterable[str]


class Truth:
    """Which sets give the effect of x on y by adjustment in random models of the graph."""

    def __init__(self, graph: CausalGraph, x: str, y: str, draw: np.random.Generator, models: int = 2) -> None:
        self.place = {node: i for i, node in enumerate(graph.nodes)}
        self.x, self.y = self.place[x], self.place[y]
        drawn = [random_discrete(graph, draw) for _ in range(models)]
        self.tables = [model.joint().to_numpy().reshape((2,) * len(graph.nodes)) for model in drawn]
        self.effects = [model.do(**{x: 1}).joint(y).to_numpy() for model in drawn]

    def __call__(self, given: Nodes) -> bool:
        z = {self.place[node] for node in given}
        pairs = zip(self.tables, self.effects, strict=True)
        return all(np.allclose(self._adjusted(table, z), effect, atol=1e-9, rtol=0) for table, effect in pairs)

    def _adjusted(self, table: np.ndarray, z: set[int]) -> np.ndarray:
        kept = table.sum(tuple(i for i in range(table.ndim) if i not in {self.x, self.y, *z}), keepdims=True)
        conditional = np.take(kept / kept.sum(self.y, keepdims=True), [1], axis=self.x)
        weighted = conditional * kept.sum((self.x, self.y), keepdims=True)
        return weighted.sum(tuple(i for i in range(table.ndim) if i != self.y))


def our_verdict(graph: CausalGraph, x: str, y: str, given: list[str]) -> bool:
    return bool(is_adjustment_set(graph, x, y, given))


def our_set(graph: CausalGraph, x: str, y: str) -> Nodes | None:
    try:
        return adjustment_set(graph, x, y)
    except NotAdjustable:
        return None


def pgmpy_graph(graph: CausalGraph, x: str, y: str, given: Nodes = ()) -> Any:
    from pgmpy.base import DAG

    explicit, latents = graph.with_latents()
    dag = DAG(list(explicit.directed), latents=set(latents))
    dag.add_nodes_from(graph.nodes)
    for role, nodes in (("exposures", [x]), ("outcomes", [y]), ("adjustment", list(given))):
        dag = dag.with_role(role, nodes)
    return dag


def pgmpy_verdict(graph: CausalGraph, x: str, y: str, given: list[str]) -> bool:
    from pgmpy.identification import Adjustment

    return bool(Adjustment().validate(pgmpy_graph(graph, x, y, given)))


def pgmpy_inference_verdict(graph: CausalGraph, x: str, y: str, given: list[str]) -> bool:
    from pgmpy.inference import CausalInference

    return bool(CausalInference(pgmpy_graph(graph, x, y)).is_valid_adjustment_set(x, y, given))


def pgmpy_set(graph: CausalGraph, x: str, y: str) -> Nodes | None:
    from pgmpy.identification import Adjustment

    found, success = Adjustment(variant="minimal").identify(pgmpy_graph(graph, x, y))
    return found.get_role("adjustment") if success else None


def dowhy_set(graph: CausalGraph, x: str, y: str) -> Nodes | None:
    import networkx as nx
    from dowhy import CausalModel

    explicit, latents = graph.with_latents()
    drawn = nx.DiGraph(list(explicit.directed))
    drawn.add_nodes_from((node, {"observed": "no" if node in latents else "yes"}) for node in explicit.nodes)
    empty = pd.DataFrame(np.zeros((2, len(graph.nodes))), columns=list(graph.nodes))
    found = CausalModel(empty, x, y, graph=drawn).identify_effect(proceed_when_unidentifiable=True)
    return found.get_backdoor_variables() if found.estimands.get("backdoor") is not None else None


def tally(ask: Callable[[], str], counts: Counter) -> None:
    try:
        counts[ask()] += 1
    except Exception as error:  # a library that fails is counted, and the table goes on
        counts["no answer"] += 1
        counts[f"  {type(error).__name__}"] += 1


def judged(said: bool, true: bool) -> str:
    return f"{'yes' if said else 'no'}, {'right' if said == true else 'wrong'}"


def offered(found: Nodes | None, truth: Truth, exists: bool) -> str:
    if found is None:
        return "none, wrong" if exists else "none, right"
    return "a set, right" if truth(found) else "a set, wrong"


VERDICTS = {
    "causalcourse": our_verdict,
    "pgmpy Adjustment.validate": pgmpy_verdict,
    "pgmpy CausalInference": pgmpy_inference_verdict,
}
SETS = {"causalcourse": our_set, "pgmpy Adjustment, minimal": pgmpy_set, "DoWhy identify_effect": dowhy_set}


def questions(count: int) -> Iterable[tuple[CausalGraph, str, str, list[str], np.random.Generator]]:
    draw = rng("verdicts")
    while count:
        graph = random_graph(int(draw.integers(4, 9)), draw, density=0.35, bidirected=0.1)
        pairs = [(x, y) for x in graph.nodes for y in graph.descendants(x) - {x}]
        if pairs:
            x, y = sorted(pairs)[int(draw.integers(len(pairs)))]
            yield graph, x, y, [n for n in graph.nodes if n not in (x, y) and draw.random() < 0.4], draw
            count -= 1


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    verdicts, sets = ({name: Counter() for name in asked} for asked in (VERDICTS, SETS))
    for graph, x, y, given, draw in questions(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000):
        truth = Truth(graph, x, y, draw)
        rest = [node for node in graph.nodes if node not in (x, y)]
        exists = any(truth(z) for k in range(len(rest) + 1) for z in combinations(rest, k))
        for name, ask in VERDICTS.items():
            tally(lambda ask=ask: judged(ask(graph, x, y, given), truth(given)), verdicts[name])  # noqa: B023
        for name, find in SETS.items():
            tally(lambda find=find: offered(find(graph, x, y), truth, exists), sets[name])  # noqa: B023
    for title, counts in (("May I adjust for this set?", verdicts), ("Which set?", sets)):
        table = pd.DataFrame(counts).fillna(0).astype(int).T
        print(f"{title}\n{table.to_string()}\n")
