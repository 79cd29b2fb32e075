"""Small neural causal models of yes-no variables: networks that match P(v), with a drawing imposed or with none."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.progress import progress
from causalcourse.docalculus.identify import as_query
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, GraphError, did_you_mean, is_whole
from causalcourse.expression import Probability, Symbol
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.random_models import Table
from causalcourse.randomness import generator
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd
    import torch

BENCHMARK = {
    "m": "M <-> X; M <-> Y; X -> Y",
    "back door": "Z -> X; Z -> Y; X -> Y",
    "front door": "X -> M -> Y; X <-> Y",
    "napkin": "W -> Z -> X -> Y; W <-> X; W <-> Y",
    "bow": "X -> Y; X <-> Y",
    "extended bow": "X -> Z -> Y; X <-> Z",
    "instrument": "I -> X -> Y; X <-> Y",
    "bad m": "Z -> X -> Y; X <-> Z; Z <-> Y",
}
"""The drawings of Xia et al. 2021, experiment 1: Y | do(X) is identifiable in the first four. Taught in chapter 08."""

_CLOSE = 1e-3  # largest difference of a cell of P(v) that counts as a match
_MOST = {"variables": 6, "hidden causes": 4, "starts": 64, "steps": 100_000, "push": 10}
_POINTS, _GRID = 32, 256  # values of a latent, all equally likely; combinations of those of all latents
_UNITS, _STEEP = 16, 3.0  # of the one hidden layer; steep, so that they differ along a latent, from -1 to 1
_RATE = 0.05  # of Adam
_FADED = 0.003  # what is left of the push when it ends, as a share of it
_RESTRAINT = 1e-3  # on squared log odds, as a share of the push: where a chance is 0 or 1, nothing is learned any more


@dataclass(frozen=True)
class _Wiring:
    """Who listens to whom: the variables `heard`, and in which starts that is `allowed`, shape (starts, heard).

    `latents`: the listeners of each. Latents are independent, and each has the values 0, 1, ..., points - 1.
    """

    nodes: tuple[str, ...]
    heard: dict[str, tuple[str, ...]]
    allowed: dict[str, np.ndarray]
    latents: tuple[tuple[str, ...], ...]

    @property
    def points(self) -> int:
        return min(_POINTS, int(_GRID ** (1 / max(1, len(self.latents))) + 1e-9))

    @classmethod
    def drawn(cls, graph: CausalGraph, starts: int) -> _Wiring:
        """Parents as drawn, and a latent for each maximal clique of `<->`."""
        import networkx as nx

        heard = {v: tuple(n for n in graph.nodes if n in graph.parents(v)) for v in graph.nodes}
        cliques = nx.find_cliques(nx.Graph(list(graph.bidirected)))
        latents = sorted(tuple(n for n in graph.nodes if n in clique) for clique in cliques)
        return cls(graph.nodes, heard, {v: np.ones((starts, len(h)), bool) for v, h in heard.items()}, tuple(latents))

    @classmethod
    def free(cls, nodes: tuple[str, ...], starts: int, rng: np.random.Generator) -> _Wiring:
        """Each variable hears all before it, in a random order for each start, and one latent that all listen to."""
        place = np.array([rng.permutation(len(nodes)) for _ in range(starts)])
        # two starts, of which one is pushed up and one down, have the same order, and the next two have it backwards
        place = np.stack([place[k - k % 4] * (1 if k % 4 < 2 else -1) for k in range(starts)])
        heard = {v: tuple(n for n in nodes if n != v) for v in nodes}
        allowed = {v: np.delete(place, i, axis=1) < place[:, [i]] for i, v in enumerate(nodes)}
        return cls(nodes, heard, allowed, (nodes,))


class _Nets:
    """A network for each variable and start, all side by side: what it hears goes in, log odds of v = 1 come out.

    Every table has the axes starts, variables, latents, and one more; an axis that has no say is of size 1.
    """

    def __init__(self, wiring: _Wiring, rng: np.random.Generator) -> None:
        self.nodes = wiring.nodes
        self.inputs, self.shapes, self.weights = {}, {}, {}
        along = (2 * np.arange(wiring.points) + 1) / wiring.points - 1
        for v in self.nodes:
            heard, hidden = wiring.heard[v], [v in members for members in wiring.latents]
            cells = np.array(list(itertools.product(*[(-1.0, 1.0)] * len(heard), *[along] * sum(hidden))))
            allowed = np.pad(wiring.allowed[v], ((0, 0), (0, sum(hidden))), constant_values=True)
            starts, inputs = allowed.shape
            first = rng.normal(size=(starts, inputs, _UNITS))
            first[:, len(heard) :] *= _STEEP
            bend = rng.uniform(-_STEEP, _STEEP, (starts, 1, _UNITS))
            last = rng.normal(size=(starts, _UNITS, 1)) / math.sqrt(_UNITS)
            self.inputs[v] = _to_torch(cells * allowed[:, None])
            self.weights[v] = [_to_torch(w).requires_grad_() for w in (first, bend, last, np.zeros((starts, 1, 1)))]
            sizes = [2 if n in heard else 1 for n in self.nodes] + [wiring.points if x else 1 for x in hidden]
            self.shapes[v] = [starts, *sizes, 1]

    def odds(self) -> dict[str, torch.Tensor]:
        """The log odds of v = 1, given what it hears, for each variable."""
        hidden = {v: (self.inputs[v] @ first + bend).tanh() for v, (first, bend, _, _) in self.weights.items()}
        return {v: (h @ self.weights[v][2] + self.weights[v][3]).reshape(self.shapes[v]) for v, h in hidden.items()}

    def answers(self, odds: dict[str, torch.Tensor], cause: str, outcome: str) -> tuple[torch.Tensor, torch.Tensor]:
        """P(v), shape (starts, 2, ..., 2), and the effect of the cause on the outcome's mean, shape (starts,)."""
        torch, axis = library("torch"), {v: k for k, v in enumerate(self.nodes, 1)}
        factor = {v: torch.cat([(-z).sigmoid(), z.sigmoid()], axis[v]) for v, z in odds.items()}
        # to act on the cause is to leave out its factor: the truncated factorisation
        done = math.prod(factor[v] for v in axis if v != cause)
        seen, done = (table.flatten(1 + len(axis)).mean(-1) for table in (done * factor[cause], done))
        done = done.unsqueeze(-1).movedim((axis[cause], axis[outcome]), (1, 2)).flatten(3).sum(-1)
        return seen, done[:, -1, 1] - done[:, 0, 1]  # -1: the cause's axis is of size 1 where nothing listens to it


@dataclass(frozen=True, eq=False, repr=False)
class Networks:
    """What training found from each start: the `effects`, P(Y=1 | do(X=1)) - P(Y=1 | do(X=0)), and the `misfit`, the
    largest difference of a cell of P(v), arrays of shape (starts,). `steps`: how many were taken.

    Taught in chapter 08.
    """

    query: Probability
    effects: np.ndarray
    misfit: np.ndarray
    steps: int
    _wiring: _Wiring
    _chances: dict[str, np.ndarray]

    def scm(self, k: int) -> SCM:
        """The networks of start `k` as a structural model of finite noise, for exact answers.

        Each latent is a noise term; a variable is 1 where a noise term of its own is below what its network says.
        Raises CourseError for a start that is not there. Taught in chapter 08.
        """
        if not is_whole(k, 0, len(self.effects) - 1):
            raise CourseError(f"scm(k) needs the number of a start, 0 to {len(self.effects) - 1}; got {k!r}.")
        wiring, taken = self._wiring, set(self._wiring.nodes)

        def named(*of: str) -> str:
            name = "_".join(("U", *of))
            while name in taken:
                name += "_"
            taken.add(name)
            return name

        shared = {members: named(*members) for members in wiring.latents}
        noise = {u: np.full(wiring.points, 1 / wiring.points) for u in shared.values()}
        equations = {}
        for v in wiring.nodes:
            parents = [n for n, yes in zip(wiring.heard[v], wiring.allowed[v][k], strict=True) if yes]
            latents, own = [u for members, u in shared.items() if v in members], named(v)
            # along what this start does not hear the chance is constant
            chance = self._chances[v][k][tuple(slice(2 if n in parents else 1) for n in wiring.nodes)]
            levels, rank = np.unique(chance, return_inverse=True)
            noise[own] = np.diff([0.0, *levels, 1.0])
            rank = rank.reshape([2] * len(parents) + [wiring.points] * len(latents) + [1])
            equations[v] = Table((*parents, *latents, own), (np.arange(len(levels) + 1) <= rank).astype(int))
        return SCM(noise, equations)

    def __str__(self) -> str:
        worst, low, high = math.ceil(1e4 * self.misfit.max()) / 1e4, self.effects.min(), self.effects.max()
        match = "" if worst <= _CLOSE else " That is no match: take more steps, or the drawing forbids such a table."
        many = f"{len(self.effects)} networks, no cell of P(v) off by more than {worst:.4f}.{match}"
        return f"{many} Effects in {self.query}: from {low:.3f} to {high:.3f}."

    __repr__ = __str__


def train(
    graph: Any,
    table: pd.Series | pd.DataFrame,
    query: Probability | str = "Y | do(X)",
    starts: int = 8,
    push: float = 1.0,
    steps: int = 1_500,
    rng: np.random.Generator | None = None,
) -> Networks:
    """Networks trained to have the P(v) of a table, from many starts, and pushed apart on the effect in a question.

    graph: a drawing of up to 6 variables, each with a network that hears its parents and its latents; or None, for
    networks that know none: each variable hears all before it, in a random order, and one latent that all share.
    table: P(v) as a Series with a level for each variable, or rows of data, all 0 and 1. In the first third of at most
    `steps`, half of the starts gain by a larger effect and half by a smaller one: `push` times the effect is taken off
    the cross-entropy, or added, and fades. Then cross-entropy alone, until no cell is off by more than 0.001. push=0
    only fits. Raises GraphError, DataError, ExpressionError, and CourseError for what does not fit.
    Source: Xia, Lee, Bengio & Bareinboim 2021, algorithm 1 (neural causal models). Taught in chapter 08.
    """
    for name, given, least in (("starts", starts, 2), ("push", push, 0), ("steps", steps, 1)):
        _check(name, given, least)
    rng = generator(rng, "neural")
    drawing = CausalGraph(tuple(_names(table))) if graph is None else as_graph(graph)
    asked = _asked(drawing, query)
    wiring = _Wiring.free(drawing.nodes, starts, rng) if graph is None else _Wiring.drawn(drawing, starts)
    _check_size("hidden causes", len(wiring.latents))
    shares, question = _shares(drawing.nodes, table), (asked.do[0].node, asked.of[0].node)
    nets, torch = _Nets(wiring, rng), library("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # faster for tables this small
    try:
        taken = _trained(nets, question, shares, push, steps)
    finally:
        torch.set_num_threads(threads)
    seen, effects = nets.answers(odds := nets.odds(), *question)
    chances = {v: _to_numpy(z.sigmoid()) for v, z in odds.items()}
    return Networks(asked, _to_numpy(effects), _misfit(seen, shares), taken, wiring, chances)


def _trained(nets: _Nets, question: tuple[str, str], shares: np.ndarray, push: float, steps: int) -> int:
    """Change the weights until every start has the shares; and say how many steps that took."""
    wanted, pushed = _to_torch(shares.copy()), steps // 3 if push else 0
    optimizer = library("torch").optim.Adam([*itertools.chain(*nets.weights.values())], lr=_RATE, betas=(0.9, 0.99))
    with progress("Training networks", steps) as tick:
        for step in range(steps):
            odds = nets.odds()
            seen, effects = nets.answers(odds, *question)
            if step >= pushed and _misfit(seen, shares).max() < _CLOSE:
                return step
            loss = -(wanted * seen.clamp_min(1e-12).log()).sum()
            if step < pushed:
                gained = effects[::2].sum() - effects[1::2].sum()
                restrained = sum((z**2).flatten(1).mean(1).sum() for z in odds.values())
                loss = loss - push * _FADED ** (step / pushed) * (gained - _RESTRAINT * restrained)
            else:  # ever smaller steps, until they come to rest
                left = (steps - step) / (steps - pushed)
                optimizer.param_groups[0]["lr"] = _RATE * math.sin(left * math.pi / 2) ** 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            tick(1)
    return steps


def _misfit(seen: torch.Tensor, shares: np.ndarray) -> np.ndarray:
    return np.abs(_to_numpy(seen) - shares).max(axis=tuple(range(1, seen.ndim)))


# by DLPack, because torch 2.2, the last one for Macs with an Intel processor, was built for NumPy 1
def _to_torch(array: np.ndarray) -> torch.Tensor:
    return library("torch").from_dlpack(array)


def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return np.from_dlpack(tensor.detach())


def _asked(drawing: CausalGraph, query: Probability | str) -> Probability:
    """The question, once drawing and question are of a kind that networks take."""
    if odd := [v for v in drawing.nodes if not isinstance(v, str) or not v.isidentifier() or v == "p"]:
        raise GraphError(f"A network's variable needs a Python name other than p, such as X1; this one is {odd[0]!r}.")
    _check_size("variables", len(drawing.nodes))
    asked = as_query(drawing, query)
    if len(asked.of) != 1 or len(asked.do) != 1 or asked.given:
        raise DataError(f"An effect is of one action on one outcome, nothing given, as in 'Y | do(X)'; got {asked}.")
    return asked


def _check(name: str, given: Any, least: int) -> None:
    kind, kinds = ("number", (int, float, np.number)) if name == "push" else ("whole number", (int, np.integer))
    if not isinstance(given, kinds) or isinstance(given, bool) or not least <= given <= _MOST[name]:
        raise CourseError(f"{name}= needs a {kind} from {least} to {_MOST[name]:,}; got {given!r}.")


def _check_size(what: str, count: int) -> None:
    if count > _MOST[what]:
        raise GraphError(f"{count} {what} are too many: networks take {_MOST[what]}. Try it with fewer variables.")


def _names(table: Any) -> list[Any]:
    """The variables of a table, sorted, so that the order of its columns has no say. Raises DataError."""
    import pandas as pd

    if not isinstance(table, (pd.Series, pd.DataFrame)):
        raise DataError(f"The table is a Series such as model.joint(), or a DataFrame; got {type(table).__name__}.")
    return sorted(set(table.columns if isinstance(table, pd.DataFrame) else table.index.names), key=str)


def _shares(nodes: tuple[str, ...], table: pd.Series | pd.DataFrame) -> np.ndarray:
    """P(v) as an array of shape (2, ..., 2), axes in the order of `nodes`. Raises DataError and ExpressionError."""
    known = _names(table)
    if missing := [v for v in nodes if v not in known]:
        listed = f"{', '.join(map(str, known))}.{did_you_mean(missing[0], known)}"
        raise DataError(f"The drawing has '{missing[0]}', and the table has not. The table has {listed}")
    found = Probability(tuple(map(Symbol, nodes))).evaluate(table).reorder_levels(nodes)
    for v in nodes:
        if odd := [x for x in found.index.unique(v) if x not in (0, 1)]:
            raise DataError(f"'{v}' has the value {odd[0]!r}; networks know 0 and 1. Make two groups of its values.")
    shares = np.zeros([2] * len(nodes))
    shares[tuple(found.index.to_frame().to_numpy(int).T)] = found
    return shares
