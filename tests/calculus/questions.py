"""Random graphs with random questions, and what a formula is worth on a random model: what these tests share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as count_up

import numpy as np

from causalcourse.expression import Expression, Probability, Ratio, Symbol
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph
from causalcourse.scm import SCM

LISTED = 15  # variables and hidden causes up to which a model's worlds can be listed one by one


def asked(of, do=(), given=()) -> Probability:
    return Probability(*(tuple(map(Symbol, nodes)) for nodes in (of, given, do)))


def nodes_of(query: Probability) -> tuple[set, set, set]:
    """The outcomes, treatments and conditions of a question."""
    of, do, given = ({s.node for s in part} for part in (query.of, query.do, query.given))
    return of, do, given


def random_questions(
    count: int, seed: int, sizes=(4, 7), conditional: bool = False
) -> Iterator[tuple[CausalGraph, Probability]]:
    """Random ADMGs with a question about one or two treatments and outcomes and, if conditional, conditions."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        size = int(rng.integers(sizes[0], sizes[1] + 1))
        drawn = (random_graph(size, rng, rng.uniform(0.2, 0.7), rng.uniform(0.1, 0.5)) for _ in count_up())
        graph = next(g for g in drawn if len(g.nodes) + len(g.bidirected) <= LISTED)
        nodes = rng.permutation(graph.nodes).tolist()
        y, x, w = (int(rng.integers(1, 3)) for _ in range(3))
        if y + x + w * conditional > len(nodes):
            y = x = w = 1
        yield graph, asked(nodes[:y], nodes[y : y + x], nodes[y + x : y + x + w] if conditional else ())


def wrong_by(estimand: Expression, query: Expression, worlds: SCM | dict) -> float:
    """How far the estimand is from the truth in a model: the largest relative error over all values."""
    return float(np.abs(np.asarray(Ratio(estimand, query).evaluate(worlds)) - 1).max())
