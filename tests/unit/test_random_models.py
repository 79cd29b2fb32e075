"""Random models have the graph they were asked for, and everything can happen in them."""

from __future__ import annotations

import numpy as np
import pytest

from causalcourse.errors import GraphError, ModelError
from causalcourse.random_models import random_discrete, random_graph, random_linear


@pytest.mark.parametrize("make", [random_discrete, random_linear])
def test_a_random_model_has_the_graph_it_was_drawn_for(make):
    rng = np.random.default_rng(0)
    for _ in range(30):
        graph = random_graph(6, rng)
        drawn = make(graph, rng).graph
        assert (drawn.nodes, set(drawn.directed), set(drawn.bidirected)) == (
            graph.nodes,
            set(graph.directed),
            set(graph.bidirected),
        )


@pytest.mark.parametrize("states", [2, 3])
def test_every_combination_of_values_can_occur(states):
    rng = np.random.default_rng(1)
    for _ in range(10):
        joint = random_discrete(random_graph(4, rng), rng, states).joint()
        assert len(joint) == states**4
        assert joint.min() > 0
        assert joint.sum() == pytest.approx(1, abs=1e-12)


def test_density_is_the_share_of_pairs_with_an_arrow():
    rng = np.random.default_rng(2)
    graphs = [random_graph(10, rng, 0.3, 0.1) for _ in range(100)]
    assert np.mean([len(g.directed) / 45 for g in graphs]) == pytest.approx(0.3, abs=0.03)
    assert np.mean([len(g.bidirected) / 45 for g in graphs]) == pytest.approx(0.1, abs=0.03)


def test_the_same_generator_gives_the_same_model():
    one, other = (random_discrete(random_graph(5, r), r) for r in (np.random.default_rng(3), np.random.default_rng(3)))
    assert one.joint().equals(other.joint())


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda r: random_graph(0, r), GraphError),
        (lambda r: random_graph(2.5, r), GraphError),
        (lambda r: random_graph(3, r, density=2), GraphError),
        (lambda r: random_graph(3, r, bidirected="half"), GraphError),
        (lambda r: random_graph(3, 7), GraphError),
        (lambda r: random_discrete("A -> B", r, states=1), ModelError),
        (lambda r: random_discrete("", r), GraphError),
        (lambda r: random_linear("p53 mutant -> B", r), GraphError),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, error):
    with pytest.raises(error):
        call(np.random.default_rng(0))
