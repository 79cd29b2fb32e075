"""How long listing adjustment sets takes, beside pgmpy and DoWhy, each stopped after twenty seconds.

Ours lists the first hundred minimal sets. pgmpy's list holds all back-door sets it finds, DoWhy's "exhaustive search"
all valid ones and its "minimal" search minimal ones only; how many sets each returned stands beside its time.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
import warnings
from collections.abc import Callable
from itertools import combinations, islice
from typing import Any

import numpy as np

from causalcourse import rng
from causalcourse.adjustment import is_adjustment_set, minimal_adjustment_sets
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph

LIMIT = 20  # seconds


def question(n: int) -> tuple[CausalGraph, str, str]:
    """A random graph with about two arrows for each node, and the pair in it with the most minimal sets, up to 100."""
    graph = random_graph(n, rng(f"adjustment {n}"), density=4 / (n - 1), bidirected=0)
    pairs = [(x, y) for x, y in combinations(graph.order, 2) if y in graph.children(x)]
    return graph, *max(pairs, key=lambda p: len(list(islice(minimal_adjustment_sets(graph, *p), 100))))


def ours(graph: CausalGraph, x: str, y: str) -> int:
    return len(list(islice(minimal_adjustment_sets(graph, x, y), 100)))


def pgmpy_all(graph: CausalGraph, x: str, y: str) -> int:
    from pgmpy.base import DAG
    from pgmpy.inference import CausalInference

    return len(CausalInference(DAG(list(graph.directed))).get_all_backdoor_adjustment_sets(x, y))


def dowhy(method: str) -> Callable[[CausalGraph, str, str], int]:
    def run(graph: CausalGraph, x: str, y: str) -> int:
        import networkx as nx
        import pandas as pd
        from dowhy import CausalModel

        empty = pd.DataFrame(np.zeros((2, len(graph.nodes))), columns=list(graph.nodes))
        model = CausalModel(empty, x, y, graph=nx.DiGraph(list(graph.directed)))
        found = model.identify_effect(method_name=method, proceed_when_unidentifiable=True)
        return len([name for name in found.backdoor_variables if name.startswith("backdoor")])

    return run


def timed(run: Callable[..., int], *asked: Any) -> str:
    """Seconds and number of sets, in a process of its own that is stopped when it takes too long."""
    fork = multiprocessing.get_context("fork")
    receive, send = fork.Pipe(False)

    def work() -> None:
        logging.disable(logging.CRITICAL)
        warnings.simplefilter("ignore")
        run(CausalGraph.parse("A -> B; C -> A; C -> B"), "A", "B")  # imports are not counted
        send.send("ready")
        begun = time.perf_counter()
        count = run(*asked)
        send.send(f"{time.perf_counter() - begun:7.3f} s ({count} sets)")

    process = fork.Process(target=work)
    process.start()
    receive.recv()
    text = receive.recv() if receive.poll(LIMIT) else f"   > {LIMIT} s"
    process.kill()
    return text


if __name__ == "__main__":
    for n in (15, 20, 30, 100):
        asked = question(n)
        first = list(islice(minimal_adjustment_sets(*asked), 100))
        assert len(set(first)) == len(first) and all(is_adjustment_set(*asked, z) for z in first)
        print(f"n = {n}: {asked[1]} on {asked[2]}")
        print(f"  causalcourse, first 100 minimal  {timed(ours, *asked)}")
        if n <= 30:
            print(f"  pgmpy, all back-door sets        {timed(pgmpy_all, *asked)}")
            print(f"  DoWhy, exhaustive search         {timed(dowhy('exhaustive-search'), *asked)}")
            print(f"  DoWhy, minimal search            {timed(dowhy('minimal-adjustment'), *asked)}")
