"""How long drawing a graph takes, beside networkx drawing the same graph with a layout of its own."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import networkx as nx

from causalcourse import rng, show
from causalcourse.graph import CausalGraph


def random_graph(nodes: int, seed: int) -> CausalGraph:
    """About 1.5 directed and 0.3 bidirected edges for each node."""
    draw, names = rng(f"benchmark {nodes} {seed}"), [f"V{i}" for i in range(nodes)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    directed, bidirected = ([p for p in pairs if draw.random() < 2 * rate / (nodes - 1)] for rate in (1.5, 0.3))
    return CausalGraph(tuple(names), tuple(directed), tuple(bidirected))


def with_networkx(graph: CausalGraph) -> None:
    picture = nx.DiGraph(graph.directed)
    picture.add_nodes_from(graph.nodes)
    plt.figure()
    nx.draw(picture, nx.kamada_kawai_layout(picture), with_labels=True)


def seconds(draw: Callable[[CausalGraph], object], graph: CausalGraph) -> float:
    begun = time.perf_counter()
    draw(graph)
    plt.gcf().canvas.draw()
    plt.close("all")
    return time.perf_counter() - begun


if __name__ == "__main__":
    print("nodes  show.graph / networkx  (median of 5 graphs)")
    for nodes in (4, 8, 12, 24):
        graphs = [random_graph(nodes, seed) for seed in range(5)]
        seconds(show.graph, graphs[0]), seconds(with_networkx, graphs[0])  # fonts are loaded once
        ours, theirs = ([seconds(draw, g) for g in graphs] for draw in (show.graph, with_networkx))
        print(f"{nodes:5d}  {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):10.1f}")
