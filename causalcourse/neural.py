"""Small neural causal models of yes-no variables: networks that match P(v), with a drawing imposed or with none."""

from __future__ import annotations

import itertools
import keyword
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.bridge.progress import progress
from causalcourse.docalculus.identify import as_query
from causalcourse.engines.mechanism import library
from causalcourse.errors import CourseError, DataError, GraphError, did_you_mean
from causalcourse.expression import Probability
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
"""The eight drawings of Xia et al. 2021, experiment 1: Y | do(X) is identifiable in the first four. In chapter 08."""

_CLOSE = 1e-3  # largest difference of a cell of P(v) that counts as a match
_MOST_NODES, _MOST_LATENTS, _MOST_STARTS, _MOST_STEPS = 6, 4, 64, 100_000
_POINTS = 32  # that a latent takes, all equally likely
_GRID = 256  # points of all latents together, at the most
_UNITS = 16  # of the one hidden layer
_STEEP = 3.0  # so that units of the first layer differ along a latent, which runs from -1 to 1
_RATE = 0.05  # of Adam
_FADED = 0.007  # what is left of the push when it ends, as a share of it


@dataclass(frozen=True)
class _Wiring:
    """Who listens to whom. `heard`: the variables before it, for some start at least; `allowed`: for which starts,
    shape (starts, heard). `latents`: the listeners of each. The latents are independent, each with `points` values.
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
        heard = {v: tuple(n for n in graph.nodes if n in graph.parents(v)) for v in graph.nodes}
        cliques: list[tuple[str, ...]] = []
        for size in range(len(graph.nodes), 1, -1):
            for group in itertools.combinations(graph.nodes, size):
                tied = all(b in graph.siblings(a) for a, b in itertools.combinations(group, 2))
                if tied and not any(set(group) <= set(larger) for larger in cliques):
                    cliques.append(group)
        return cls(graph.nodes, heard, {v: np.ones((starts, len(h)), bool) for v, h in heard.items()}, tuple(cliques))

    @classmethod
    def free(cls, nodes: tuple[str, ...], starts: int, rng: np.random.Generator) -> _Wiring:
        """Every variable after all before it, in an order for each start, and one latent that all listen to."""
        order = np.array([rng.permutation(len(nodes)) for _ in range(starts)])
        # two starts, which are pushed up and down, have one order; the next two have it backwards
        for k in range(starts):
            order[k] = order[k - k % 4] if k % 4 < 2 else order[k - k % 4][::-1]
        place = dict(zip(nodes, order.argsort(axis=1).T, strict=True))
        heard = {v: tuple(n for n in nodes if n != v) for v in nodes}
        allowed = {v: np.stack([place[n] < place[v] for n in heard[v]], axis=1) for v in nodes}
        return cls(nodes, heard, allowed, (nodes,))


class _Nets:
    """A network for each variable and start: what it hears in, P(v = 1 | that) out; and what they say together.

    Every table has the same axes: starts, variables, latents; of size 1 where it does not depend on one.
    """

    def __init__(self, wiring: _Wiring, rng: np.random.Generator) -> None:
        self.wiring = wiring
        self.inputs: dict[str, torch.Tensor] = {}
        self.weights: dict[str, list[torch.Tensor]] = {}
        self.shapes: dict[str, list[int]] = {}
        along = (2 * np.arange(wiring.points) + 1) / wiring.points - 1
        for v in wiring.nodes:
            heard, latents = wiring.heard[v], [v in members for members in wiring.latents]
            cells = np.array(list(itertools.product(*[(-1.0, 1.0)] * len(heard), *[along] * sum(latents))))
            allowed = np.pad(wiring.allowed[v], ((0, 0), (0, sum(latents))), constant_values=True)
            starts, inputs = allowed.shape
            first = rng.normal(size=(starts, inputs, _UNITS))
            first[:, len(heard) :] *= _STEEP
            bend = rng.uniform(-_STEEP, _STEEP, (starts, 1, _UNITS))
            last = rng.normal(size=(starts, _UNITS, 1)) / math.sqrt(_UNITS)
            self.inputs[v] = _to_torch(cells * allowed[:, None])
            self.weights[v] = [_to_torch(w).requires_grad_() for w in (first, bend, last, np.zeros((starts, 1, 1)))]
            sizes = [2 if n in heard else 1 for n in wiring.nodes] + [wiring.points if x else 1 for x in latents]
            self.shapes[v] = [starts, *sizes, 1]  # so that there is an axis to average over, with no latent too

    def chance(self, v: str) -> torch.Tensor:
        """The logit of P(v = 1 | what it hears)."""
        first, bend, last, base = self.weights[v]
        return ((self.inputs[v] @ first + bend).tanh() @ last + base).reshape(self.shapes[v])

    def answers(self, treatment: str, outcome: str) -> tuple[torch.Tensor, torch.Tensor]:
        """P(v), shape (starts, 2, ..., 2), and the effect of the treatment on the outcome's mean, shape (starts,)."""
        torch, nodes = library("torch"), self.wiring.nodes
        axis = {v: k for k, v in enumerate(nodes, 1)}
        factor = {v: torch.cat([(-z).sigmoid(), z.sigmoid()], axis[v]) for v in nodes for z in [self.chance(v)]}
        # to act on the treatment is to leave out its factor: the truncated factorisation
        done = math.prod(factor[v] for v in nodes if v != treatment)
        seen = (done * factor[treatment]).flatten(len(nodes) + 1).mean(-1)
        done = done.flatten(len(nodes) + 1).mean(-1, keepdim=True)
        done = done.movedim((axis[treatment], axis[outcome]), (1, 2)).flatten(3).sum(-1)
        return seen, done[:, -1, 1] - done[:, 0, 1]  # -1: where nobody listens to the treatment its axis has one place


@dataclass(frozen=True, eq=False, repr=False)
class Networks:
    """What training found from each start, as arrays of shape (starts,): `effects`, which is P(Y=1 | do(X=1)) -
    P(Y=1 | do(X=0)); and `misfit`, the largest difference of a cell of P(v). `steps`: how many were taken.

    Taught in chapter 08.
    """

    query: Probability
    effects: np.ndarray
    misfit: np.ndarray
    steps: int
    _wiring: _Wiring
    _chances: dict[str, np.ndarray]

    @property
    def gap(self) -> float:
        """The largest effect minus the smallest. Taught in chapter 08."""
        return float(np.ptp(self.effects))

    def scm(self, k: int) -> SCM:
        """The networks of start `k` as a structural model of finite noise, for exact answers on every rung.

        Latents have equally likely values; a variable is 1 where noise of its own is below what its network says.
        Raises CourseError for a start that is not there. Taught in chapter 08.
        """
        if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or not 0 <= k < len(self.effects):
            raise CourseError(f"scm(k) needs the number of a start, 0 to {len(self.effects) - 1}; got {k!r}.")
        wiring, taken = self._wiring, set(self._wiring.nodes)
        shared = {members: _fresh("_".join(("U", *members)), taken) for members in wiring.latents}
        noise = {u: np.full(wiring.points, 1 / wiring.points) for u in shared.values()}
        equations = {}
        for v in wiring.nodes:
            own, heard = _fresh(f"U_{v}", taken), zip(wiring.heard[v], wiring.allowed[v][k], strict=True)
            arguments = [n for n, allowed in heard if allowed]
            latents = [u for members, u in shared.items() if v in members]
            sizes = [2 if n in arguments else 1 for n in wiring.nodes]  # what an order forbids changes nothing
            chance = self._chances[v][k][tuple(slice(size) for size in sizes)]
            levels, rank = np.unique(chance, return_inverse=True)
            noise[own] = np.diff([0.0, *levels, 1.0])
            rank = rank.reshape([2] * len(arguments) + [wiring.points] * len(latents))
            value = np.arange(len(levels) + 1) <= rank[..., None]
            equations[v] = Table((*arguments, *latents, own), value.astype(int))
        return SCM(noise, equations)

    def __str__(self) -> str:
        worst = self.misfit.max()
        text = (
            f"{len(self.effects)} networks, none further than {worst:.1g} from P({', '.join(self._wiring.nodes)}): "
            f"effects in {self.query} from {self.effects.min():.3f} to {self.effects.max():.3f}."
        )
        if worst <= _CLOSE:
            return text
        return text + f" Over {_CLOSE:g} is no match: take more steps; or no model with this drawing has this table."

    __repr__ = __str__


def train(
    graph: Any,
    table: pd.Series | pd.DataFrame,
    query: Probability | str = "Y | do(X)",
    starts: int = 8,
    push: float = 0.3,
    steps: int = 1_200,
    rng: np.random.Generator | None = None,
) -> Networks:
    """Networks trained to have the P(v) of a table, from many starts, and pushed apart on the effect in a question.

    graph: a drawing of up to 6 variables, a network for each that hears its parents and its latents; or None, for
    networks that know none: each variable hears all before it, in a random order, and a latent that all share. table:
    P(v) as a Series with a level for each variable, or rows of data, all 0 and 1. In the first third of at most
    `steps` the loss is cross-entropy minus `push` times the effect, plus in every other start, the push fading; then
    cross-entropy alone, until no cell is off by more than 0.001. push=0 only fits. The same rng gives the same result.
    Raises GraphError, DataError, ExpressionError, CourseError for what does not fit.
    Source: Xia, Lee, Bengio & Bareinboim 2021, algorithm 1 (neural causal models). Taught in chapter 08.
    """
    _check(starts, push, steps)
    rng = generator(rng, "neural")
    drawing = CausalGraph(_columns(table)) if graph is None else as_graph(graph)
    _check_drawing(drawing)
    asked = as_query(drawing, query)
    if len(asked.of) != 1 or len(asked.do) != 1 or asked.given:
        raise DataError(f"The networks are asked for one effect on one outcome, such as 'Y | do(X)'; got {asked}.")
    shares = _shares(drawing.nodes, table)
    wiring = _Wiring.free(drawing.nodes, starts, rng) if graph is None else _Wiring.drawn(drawing, starts)
    if len(wiring.latents) > _MOST_LATENTS:
        raise GraphError(
            f"This drawing has {len(wiring.latents)} hidden causes, and the networks take {_MOST_LATENTS} at the most."
        )
    with _one_thread():
        nets = _Nets(wiring, rng)
        taken = _trained(nets, asked.do[0].node, asked.of[0].node, shares, float(push), steps)
        with library("torch").no_grad():
            seen, effects = map(_to_numpy, nets.answers(asked.do[0].node, asked.of[0].node))
            chances = {v: _to_numpy(nets.chance(v).sigmoid()) for v in wiring.nodes}
    return Networks(asked, effects, _misfit(seen, shares), taken, wiring, chances)


def _trained(nets: _Nets, treatment: str, outcome: str, shares: np.ndarray, push: float, steps: int) -> int:
    """Change the weights until all starts have the shares; and how many steps that took."""
    torch = library("torch")
    wanted = _to_torch(np.array(shares))
    pushed = steps // 3 if push else 0
    optimizer = torch.optim.Adam([w for ws in nets.weights.values() for w in ws], lr=_RATE, betas=(0.9, 0.99))
    with progress("Training networks", steps) as tick:
        for step in range(steps):
            seen, effects = nets.answers(treatment, outcome)
            if step >= pushed and _misfit(_to_numpy(seen), shares).max() < _CLOSE:
                return step
            loss = -(wanted * seen.clamp_min(1e-12).log()).sum()
            if step < pushed:
                up, down = effects[::2].sum(), effects[1::2].sum()
                loss = loss - push * _FADED ** (step / pushed) * (up - down)
            else:  # ever smaller steps, until they come to rest
                left = (steps - step) / (steps - pushed)
                optimizer.param_groups[0]["lr"] = _RATE * math.sin(left * math.pi / 2) ** 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            tick(1)
    return steps


def _misfit(seen: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.abs(seen - shares).reshape(len(seen), -1).max(axis=1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Inside, torch has one thread, which is faster for tables this small; outside, as many as before."""
    torch = library("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


# by DLPack, because torch 2.2, the last one for Macs with an Intel processor, was built for NumPy 1
def _to_torch(array: np.ndarray) -> torch.Tensor:
    return library("torch").from_dlpack(array)


def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return np.from_dlpack(tensor.detach())


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _check(starts: Any, push: Any, steps: Any) -> None:
    for name, given, low, high in (("starts", starts, 2, _MOST_STARTS), ("steps", steps, 1, _MOST_STEPS)):
        if not isinstance(given, (int, np.integer)) or isinstance(given, bool) or not low <= given <= high:
            raise CourseError(f"{name}= needs a whole number from {low} to {high:,}; got {given!r}.")
    if not isinstance(push, (int, float, np.number)) or isinstance(push, bool) or not 0 <= push <= 10:
        raise CourseError(f"push= is how hard effects are pushed apart, from 0 (not at all) to 10; got {push!r}.")


def _check_drawing(drawing: CausalGraph) -> None:
    if not 2 <= len(drawing.nodes) <= _MOST_NODES:
        raise GraphError(
            f"The networks take 2 to {_MOST_NODES} variables, and these are {len(drawing.nodes)}. Leave some out: "
            "graph.project([...]), or table[[...]]."
        )
    for v in drawing.nodes:
        if not isinstance(v, str) or not v.isidentifier() or keyword.iskeyword(v) or v == "p":
            raise GraphError(f"A network's variable needs a Python name other than p, such as X1; this one is {v!r}.")


def _columns(table: Any) -> tuple[Any, ...]:
    """The variables of a table, in an order that the table's own has no say in. Raises DataError."""
    import pandas as pd

    if not isinstance(table, (pd.Series, pd.DataFrame)):
        raise DataError(
            "The table is P(v) as a Series, such as model.joint(), or a DataFrame with a row for each unit; got "
            f"{type(table).__name__}."
        )
    return tuple(sorted(set(table.columns if isinstance(table, pd.DataFrame) else table.index.names), key=str))


def _shares(nodes: tuple[str, ...], table: pd.Series | pd.DataFrame) -> np.ndarray:
    """P(v) as an array of shape (2, ..., 2), axes in the order of `nodes`. Raises DataError."""
    import pandas as pd

    known = _columns(table)
    rows = isinstance(table, pd.DataFrame)
    names = list(table.columns if rows else table.index.names)
    for v in nodes:
        if names.count(v) != 1:
            raise DataError(
                f"The drawing has '{v}', and the table has {names.count(v)} columns of that name "
                f"({', '.join(map(str, names))})." + did_you_mean(v, [n for n in known if n != v])
            )
    values = (table if rows else table.index.to_frame(index=False))[list(nodes)]
    p = np.full(len(table), 1 / max(1, len(table))) if rows else table.to_numpy(float)
    for v in nodes:
        if odd := [x for x in values[v].unique() if x not in (0, 1)]:
            raise DataError(f"'{v}' has the value {odd[0]!r}, and the networks know 0 and 1 only. Group its values.")
    if not (p >= 0).all() or abs(p.sum() - 1) > 1e-6:
        raise DataError(f"P(v) is probabilities that sum to 1; these sum to {p.sum():.6g}.")
    shares = np.zeros([2] * len(nodes))
    np.add.at(shares, tuple(values.to_numpy(int).T), p)
    return shares / shares.sum()
