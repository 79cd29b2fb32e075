"""Random graphs, and random structural models for a given graph: what tests, checks and oracles are tried on."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from causalcourse.errors import GraphError, ModelError, is_whole
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.noise import Finite, Noise, Normal
from causalcourse.scm import SCM

_MOST_NODES = 3_000  # every pair of them is looked at


def random_graph(n: int, rng: np.random.Generator, density: float = 0.3, bidirected: float = 0.2) -> CausalGraph:
    """A graph on V1, ..., Vn in which each pair has an arrow with probability `density`, and `<->` with `bidirected`.

    The causal order is random. Raises GraphError for a size or a probability that is none. Used from chapter 02.
    """
    if not isinstance(rng, np.random.Generator):
        raise GraphError(f"random_graph(n, rng) needs a generator, such as causalcourse.rng('my graph'); got {rng!r}.")
    chances = all(isinstance(p, (int, float, np.number)) and 0 <= p <= 1 for p in (density, bidirected))
    if not is_whole(n, 1, _MOST_NODES) or not chances:
        raise GraphError(
            f"random_graph(n, rng, density, bidirected) needs 1 to {_MOST_NODES:,} nodes and probabilities "
            f"from 0 to 1; got {n!r}, {density!r}, {bidirected!r}."
        )
    nodes = [f"V{i + 1}" for i in range(n)]
    pairs = list(combinations(rng.permutation(n).tolist(), 2))
    arrows, arcs = rng.random(len(pairs)) < density, rng.random(len(pairs)) < bidirected
    named = [(nodes[a], nodes[b]) for a, b in pairs]
    return CausalGraph(
        tuple(nodes),
        tuple(sorted(pair for pair, drawn in zip(named, arrows, strict=True) if drawn)),
        tuple(sorted(pair for pair, drawn in zip(named, arcs, strict=True) if drawn)),
    )


@dataclass(frozen=True, eq=False)
class Table:
    """An equation that looks its value up: `table[value of each argument]`, the noise last.

    Used from chapter 02.
    """

    arguments: tuple[str, ...]
    table: np.ndarray

    @property
    def __signature__(self) -> inspect.Signature:
        return _signature(self.arguments)

    def __call__(self, **values: np.ndarray) -> np.ndarray:
        place = tuple(np.asarray(values[a]) for a in self.arguments)
        for a, rows, size in zip(self.arguments, place, self.table.shape, strict=True):
            # NumPy would count a negative row from the end, and answer
            if rows.size and (rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= size):
                odd = next(r for r in rows.flat if r not in range(size))
                raise ModelError(f"This model knows {a} = 0 to {size - 1}; it was given {a} = {odd:g}.")
        return self.table[place]


@dataclass(frozen=True, eq=False)
class Linear:
    """An equation that adds its arguments up, each times its weight. Used from chapter 02."""

    weights: dict[str, float]

    @property
    def __signature__(self) -> inspect.Signature:
        return _signature(self.weights)

    def __call__(self, **values: np.ndarray) -> Any:
        return sum(weight * values[a] for a, weight in self.weights.items())


def random_discrete(graph: Any, rng: np.random.Generator, states: int = 2) -> SCM:
    """A random model with this graph: every variable has the values 0, ..., states - 1, and every combination occurs.

    Each `<->` is a hidden noise term of `states` states that both ends listen to; each variable has noise of its own,
    with states enough that each value has a positive probability whatever its causes are. Raises GraphError for names
    that are no Python names, ModelError for fewer than two states. Used from chapter 02.
    """
    graph = _named(graph)
    if not is_whole(states, 2):
        raise ModelError(f"random_discrete needs at least 2 states for each variable; got {states!r}.")
    own_states = 4 * states  # so many that two rows are rarely alike
    noise: dict[str, Noise] = {}
    hidden = _hidden(graph)
    for u in hidden.values():
        noise[u] = Finite(_probabilities(states, rng))
    equations = {}
    for v in graph.order:
        noise[f"U_{v}"] = Finite(_probabilities(own_states, rng))
        causes = (*graph.parents(v), *(u for edge, u in hidden.items() if v in edge))
        rows = rng.integers(states, size=(states ** len(causes), own_states))
        rows[:, :states] = np.arange(states)  # so that every value can occur
        table = rng.permuted(rows, axis=1).reshape((states,) * len(causes) + (own_states,))
        equations[v] = Table((*causes, f"U_{v}"), table)
    return SCM(noise, {v: equations[v] for v in graph.nodes})


def random_populations(
    graph: Any, rng: np.random.Generator, differs: Mapping[str, Iterable[str]], states: int = 2
) -> dict[str, SCM]:
    """Random models with this graph: "" is one population; each other differs from it in the named variables alone.

    Raises GraphError and ModelError as `random_discrete` does. Source: Pearl & Bareinboim 2014. Used from chapter 05.
    """
    here = random_discrete(graph, rng, states)
    there = random_discrete(graph, rng, states) if differs else here
    worlds = {"": here}
    for population, nodes in differs.items():
        model = {v: there if v in set(nodes) else here for v in here.equations}
        noise = {u: model.get(u.removeprefix("U_"), here).noise[u] for u in here.noise}
        worlds[population] = SCM(noise, {v: model[v].equations[v] for v in here.equations})
    return worlds


def random_linear(graph: Any, rng: np.random.Generator) -> SCM:
    """A random linear-Gaussian model with this graph: weights of size 0.5 to 1.5, noise with mean 0.

    Each `<->` is a hidden standard normal that both ends listen to. The weights are in `equations[v].weights`.
    Raises GraphError for names that are no Python names. Used from chapter 02.
    """
    graph = _named(graph)
    hidden = _hidden(graph)
    noise: dict[str, Noise] = {u: Normal() for u in hidden.values()}
    equations = {}
    for v in graph.order:
        causes = (*graph.parents(v), *(u for edge, u in hidden.items() if v in edge))
        signs, sizes = rng.choice([-1, 1], len(causes)), rng.uniform(0.5, 1.5, len(causes))
        noise[f"U_{v}"] = Normal(sd=rng.uniform(0.5, 1.5))
        equations[v] = Linear(dict(zip(causes, (signs * sizes).tolist(), strict=True)) | {f"U_{v}": 1.0})
    return SCM(noise, {v: equations[v] for v in graph.nodes})


def _named(graph: Any) -> CausalGraph:
    graph = as_graph(graph)
    if not graph.nodes:
        raise GraphError("A model needs at least one variable; this graph has none.")
    if odd := [node for node in graph.nodes if not isinstance(node, str) or not node.isidentifier()]:
        raise GraphError(f"A model's variables need Python names, such as X1; this graph has {odd[0]!r}.")
    return graph


def _hidden(graph: CausalGraph) -> dict[tuple[Node, Node], str]:
    return {(a, b): f"U_{a}_{b}" for a, b in graph.bidirected}


def _probabilities(states: int, rng: np.random.Generator) -> np.ndarray:
    return rng.dirichlet(np.full(states, 5.0))


def _signature(arguments: Any) -> inspect.Signature:
    return inspect.Signature([inspect.Parameter(a, inspect.Parameter.KEYWORD_ONLY) for a in arguments])
