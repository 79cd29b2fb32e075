"""How long one m-separation query takes, beside pgmpy, networkx and, where installed, y0, on the same random graphs.

The graphs have 1.5 arrows for each node and no `<->`, which networkx and pgmpy do not take; every answer is compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
from pgmpy.base import DAG

from causalcourse import rng
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph
from causalcourse.separation import separated

Query = tuple[str, str, list[str]]


def queries(graph: CausalGraph, count: int) -> list[Query]:
    draw = rng(f"queries {len(graph.nodes)}")
    chosen = (draw.permutation(graph.nodes).tolist() for _ in range(count))
    return [(x, y, rest[: int(draw.integers(0, 4))]) for x, y, *rest in chosen]


def peers(graph: CausalGraph) -> dict[str, Callable[[Query], bool]]:
    """The same question asked of each library, its graph already built."""
    plain = nx.DiGraph(list(graph.directed))
    plain.add_nodes_from(graph.nodes)
    dag = DAG(list(graph.directed))
    dag.add_nodes_from(graph.nodes)
    found = {
        "causalcourse": lambda q: bool(separated(graph, *q)),
        "pgmpy": lambda q: not dag.is_dconnected(q[0], q[1], observed=q[2]),
        "networkx": lambda q: nx.is_d_separator(plain, {q[0]}, {q[1]}, set(q[2])),
    }
    try:
        from y0.algorithm.conditional_independencies import are_d_separated
        from y0.dsl import Variable
        from y0.graph import NxMixedGraph
    except ImportError:
        return found
    theirs = NxMixedGraph.from_str_edges(nodes=list(graph.nodes), directed=list(graph.directed))

    def ask_y0(q: Query) -> bool:
        x, y, given = Variable(q[0]), Variable(q[1]), [Variable(z) for z in q[2]]
        return bool(are_d_separated(theirs, x, y, conditions=given).separated)

    return {**found, "y0": ask_y0}


def milliseconds(ask: Callable[[Query], Any], asked: list[Query]) -> tuple[float, list[bool]]:
    answers, times = [], []
    for query in asked:
        begun = time.perf_counter()
        answers.append(ask(query))
        times.append(time.perf_counter() - begun)
    return 1e3 * statistics.mean(times), answers


if __name__ == "__main__":
    print("one query, mean milliseconds over 300 (in brackets: that library's time / ours)")
    for n in (20, 100, 500):
        graph = random_graph(n, rng(f"separation {n}"), density=3 / (n - 1), bidirected=0)
        asked = queries(graph, 300)
        timed = {name: milliseconds(ask, asked) for name, ask in peers(graph).items()}
        (ours, truth) = timed["causalcourse"]
        assert all(answers == truth for _, answers in timed.values()), "the libraries do not agree"
        print(f"n = {n:3d}  " + "  ".join(f"{name} {t:.3f} ({t / ours:.1f})" for name, (t, _) in timed.items()))
