"""Programs whose hidden nodes are standard normal; they are integrated out, in closed form or on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from causalcourse.bridge.plan import Component, Plan
from causalcourse.bridge.tables import Result
from causalcourse.engines.mechanism import library
from causalcourse.errors import DataError
from causalcourse.graph import Node

if TYPE_CHECKING:
    import torch

    Weights = dict[str, torch.Tensor]
    Values = Mapping[Node, torch.Tensor]

_UNITS = 8  # of a small network's one hidden layer
_GRID = {1: 21, 2: 13, 3: 9}  # points along each hidden node, by how many of them are integrated at once
_STEPS = 500
_FLOOR = 1e-3  # standard deviation of a mechanism's own noise, in those of its column
_BROAD = 3.0  # standard deviation of the prior of a weight, columns standardised


@dataclass(frozen=True, eq=False)
class NormalModel:
    """Each hidden node is N(0, 1). A mechanism is a mean (of a column with few values: log odds) and own noise.

    The mean is linear in parents, or has a network of one small layer on top ("neural"). Columns of measurements are
    standardised. In a component with such columns alone, hidden nodes are added with a weight each, and integrated
    out in closed form; elsewhere they are arguments like any, integrated on a Gauss-Hermite grid.
    Raises DataError for a hidden node with causes. Used from chapter 06.
    """

    plan: Plan
    mechanism: Literal["linear", "neural"] = "linear"
    prior: float = 1.0

    def __post_init__(self) -> None:
        for h in self.plan.hidden:
            if self.plan.graph.parents(h):
                raise DataError(
                    f"'{h}' is hidden and has causes. With normal latents a hidden node has none: group the columns "
                    "into a few values and use latents=4, or leave it out: graph.project([...])."
                )
        for group in self.groups:
            if len(group.component.hidden) > max(_GRID) and not group.closed:
                raise DataError(
                    f"{len(group.component.hidden)} hidden nodes meet in {', '.join(map(str, group.component.seen))}, "
                    "some of which have few values: too many for a grid. Use latents=4, with every column grouped."
                )

    @cached_property
    def groups(self) -> tuple[_Group, ...]:
        """The components with their rows. Used from chapter 06."""
        return tuple(_Group(self, component) for component in self.plan.components)

    @cached_property
    def scale(self) -> dict[Node, tuple[float, float]]:
        """Mean and standard deviation of each column of measurements. Used from chapter 06."""
        numbers = [n for n in self.plan.data if n not in self.plan.levels]
        sd = {n: float(self.plan.data[n].std(ddof=0)) for n in numbers}
        return {n: (float(self.plan.data[n].mean()), sd[n] or 1.0) for n in numbers}

    def size(self, node: Node) -> int:
        """How many numbers a mechanism gives: one mean, or log odds against the first value. Used from chapter 06."""
        return len(self.plan.levels[node]) - 1 if node in self.plan.levels else 1

    def features(self, node: Node, values: Values) -> list[torch.Tensor]:
        """A node's values as a mechanism sees them: standardised already, or one column per value but the first.

        Used from chapter 06.
        """
        if node in self.plan.levels:
            return [(values[node] == k).double() for k in range(1, len(self.plan.levels[node]))]
        return [values[node]]

    def mean(self, node: Node, weights: Weights, values: Values, one: torch.Tensor) -> torch.Tensor:
        """What the mechanism of `node` says to the values of its parents: shape (..., size). Used from chapter 06."""
        torch = library("torch")
        heard = [f for a in self.arguments(node) for f in self.features(a, values)]
        columns = torch.stack(torch.broadcast_tensors(one, *heard), dim=-1)
        out = columns @ weights[f"{node} direct"]
        if f"{node} layer" in weights:
            out = out + torch.tanh(columns @ weights[f"{node} layer"]) @ weights[f"{node} out"]
        return out

    def arguments(self, node: Node) -> tuple[Node, ...]:
        """The parents in a node's mean: without hidden ones where these are added and integrated in closed form.

        Used from chapter 06.
        """
        parents = self.plan.graph.parents(node)
        return tuple(a for a in parents if a not in self.plan.hidden) if node in self.added else parents

    @cached_property
    def added(self) -> dict[Node, tuple[Node, ...]]:
        """For each node of a component in closed form, the hidden nodes that are added to it. Used from chapter 06."""
        closed = [g.component for g in self.groups if g.closed]
        return {n: tuple(h for h in c.hidden if h in self.plan.graph.parents(n)) for c in closed for n in c.seen}

    def shapes(self, node: Node) -> dict[str, tuple[int, ...]]:
        """The blocks of weights of one mechanism. Used from chapter 06."""
        inputs = 1 + sum(self.size(a) if a in self.plan.levels else 1 for a in self.arguments(node))
        found = {f"{node} direct": (inputs, self.size(node))}
        if self.mechanism == "neural" and inputs > 1:
            found |= {f"{node} layer": (inputs, _UNITS), f"{node} out": (_UNITS, self.size(node))}
        if node in self.added:
            found |= {f"{node} hidden": (len(self.added[node]),)} if self.added[node] else {}
        if node not in self.plan.levels:
            found[f"{node} noise"] = ()
        return found

    @cached_property
    def blocks(self) -> dict[str, tuple[int, ...]]:
        """The blocks of weights of all mechanisms. Used from chapter 06."""
        return {name: shape for n in self.plan.data for name, shape in self.shapes(n).items()}

    def noise(self, node: Node, weights: Weights) -> torch.Tensor:
        """The standard deviation of a mechanism's own noise, standardised. Used from chapter 06."""
        return _FLOOR + library("torch").nn.functional.softplus(weights[f"{node} noise"])

    def start(self, starts: int, rng: np.random.Generator, evenness: float = 1.0) -> list[Weights]:
        """Random weights; the smaller `evenness`, the larger they are. Used from chapter 06."""
        torch = library("torch")
        return [
            {name: torch.as_tensor(rng.normal(0, 0.7 / evenness, s)) for name, s in self.blocks.items()}
            for _ in range(starts)
        ]

    @property
    def broad(self) -> float:
        """The standard deviation of a weight's prior. Used from chapter 06."""
        return _BROAD / math.sqrt(self.prior)

    def fit(self, weights: list[Weights], rows: np.ndarray, tick: Callable[[int], Any] = lambda done: None) -> Result:
        """Climb from each start to the nearest peak of likelihood and prior, by L-BFGS. rows: shape (rows, starts).

        Used from chapter 06.
        """
        found, score, rested = [], np.zeros(len(weights)), np.ones(len(weights), bool)
        for k, start in enumerate(weights):
            done: Weights = {}
            for group in self.groups:
                part = {name: start[name] for n in group.component.seen for name in self.shapes(n)}
                climbed, gained, still = group.climb(part, rows[:, k])
                done |= climbed
                score[k] += gained
                rested[k] &= still
                tick(1)
            found.append(done)
        return Result(found, score, rested)

    def score(self, weights: list[Weights], rows: np.ndarray) -> np.ndarray:
        """Log likelihood per row of each start, in nats, of standardised columns. Used from chapter 06."""
        with library("torch").no_grad():
            each = zip(weights, rows.T, strict=True)
            return np.array([sum(float(g.likelihood(w, g.cases(r))) for g in self.groups) for w, r in each])

    def elsewhere(self, weights: Weights, starts: int, rng: np.random.Generator) -> list[Weights]:
        """These weights many times, with random ones where columns move in exact step. Used from chapter 06."""
        nodes = [n for group in self.groups if group.lockstep for n in group.component.seen]
        names = [name for n in nodes for name in self.shapes(n)]
        return [weights | {name: fresh[name] for name in names} for fresh in self.start(starts, rng, 0.3)]

    def pick(self, weights: list[Weights], starts: Any) -> list[Weights]:
        """The weights of some starts. Used from chapter 06."""
        return [weights[k] for k in np.arange(len(weights))[starts]]


class _Cases(NamedTuple):
    """Values by node, a column of ones, and how much each row counts (they sum to 1)."""

    values: dict[Node, Any]
    one: Any
    share: Any


class _Group:
    """One component: its rows, and their likelihood with the hidden nodes integrated out."""

    def __init__(self, model: NormalModel, component: Component) -> None:
        self.model, self.component = model, component
        few = model.plan.levels
        self.closed = not any(n in few for n in component.seen)
        self.nodes = (*component.seen, *component.given)
        self.counted = all(n in few for n in self.nodes)
        self.moments = model.mechanism == "linear" and not any(n in few for n in self.nodes)

    @cached_property
    def columns(self) -> dict[Node, np.ndarray]:
        plan = self.model.plan
        return {
            n: plan.codes[n]
            if n in plan.levels
            else (plan.data[n].to_numpy(float) - self.model.scale[n][0]) / self.model.scale[n][1]
            for n in self.nodes
        }

    @cached_property
    def lockstep(self) -> bool:
        """Whether a straight line through some columns gives another exactly, so that no row tells their work apart."""
        vary = [c for n, c in self.columns.items() if n not in self.model.plan.levels and np.ptp(c) > 0]
        return len(vary) > 1 and np.linalg.eigvalsh(np.corrcoef(vary))[0] < 1e-10

    @cached_property
    def cells(self) -> tuple[dict[Node, np.ndarray], np.ndarray]:
        return self.model.plan.cells(self.nodes)

    def cases(self, rows: np.ndarray) -> _Cases:
        """The rows with their weights, in as few as say the same."""
        torch = library("torch")
        share = rows / rows.sum()
        columns, one = self.columns, np.ones(len(rows))
        if self.counted:
            columns, of_row = self.cells
            share = np.bincount(of_row, weights=share)
            one = np.ones(len(share))
        elif self.moments:
            # straight lines see second moments only: as many made-up rows as columns have the same
            stacked = np.column_stack([one, *columns.values()])
            moments = (stacked * share[:, None]).T @ stacked
            made = np.linalg.cholesky(moments + 1e-12 * np.eye(len(moments))).T
            one, columns, share = made[:, 0], dict(zip(columns, made[:, 1:].T, strict=True)), np.ones(len(made))
        return _Cases({n: torch.as_tensor(c) for n, c in columns.items()}, torch.as_tensor(one), torch.as_tensor(share))

    def likelihood(self, weights: Weights, cases: _Cases) -> torch.Tensor:
        """The mean log likelihood of a row."""
        return (self._closed if self.closed else self._grid)(weights, cases)

    def _closed(self, weights: Weights, cases: _Cases) -> torch.Tensor:
        torch, model, seen = library("torch"), self.model, self.component.seen
        means = [model.mean(n, weights, cases.values, cases.one)[..., 0] for n in seen]
        left = torch.stack([cases.values[n] - m for n, m in zip(seen, means, strict=True)], dim=-1)
        spread = (left * cases.share[:, None]).T @ left
        loads = torch.zeros(len(seen), len(self.component.hidden), dtype=torch.float64)
        for i, n in enumerate(seen):
            for k, h in enumerate(model.added[n]):
                loads[i, self.component.hidden.index(h)] = weights[f"{n} hidden"][k]
        own = torch.stack([model.noise(n, weights) for n in seen])
        root = torch.linalg.cholesky(loads @ loads.T + torch.diag(own**2))
        fitted = torch.cholesky_solve(spread, root).diagonal().sum()
        return -0.5 * (fitted + len(seen) * math.log(2 * math.pi)) - root.diagonal().log().sum()

    def _grid(self, weights: Weights, cases: _Cases) -> torch.Tensor:
        torch, model = library("torch"), self.model
        points, chances = grid(len(self.component.hidden))
        values = {n: v[:, None] for n, v in cases.values.items()}
        values |= {h: points[None, :, k] for k, h in enumerate(self.component.hidden)}
        total = chances.log()[None]
        for n in self.component.seen:
            out = model.mean(n, weights, values, cases.one[:, None])
            if n in model.plan.levels:
                odds = torch.nn.functional.pad(out, (1, 0)).log_softmax(dim=-1)
                code = values[n].long()[..., None].expand(*odds.shape[:-1], 1)
                total = total + odds.gather(-1, code)[..., 0]
            else:
                own = model.noise(n, weights)
                total = total - 0.5 * ((values[n] - out[..., 0]) / own) ** 2 - own.log() - 0.5 * math.log(2 * math.pi)
        return (cases.share * total.logsumexp(dim=1)).sum()

    def climb(self, start: Weights, rows: np.ndarray) -> tuple[Weights, float, bool]:
        from scipy.optimize import minimize

        torch, cases, total = library("torch"), self.cases(rows), float(rows.sum())
        names, shapes = list(start), [start[name].shape for name in start]
        sizes = [math.prod(shape) for shape in shapes]

        def unpacked(flat: torch.Tensor) -> Weights:
            return {n: p.reshape(s) for n, p, s in zip(names, flat.split(sizes), shapes, strict=True)}

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            given = torch.tensor(flat, requires_grad=True)
            weights = unpacked(given)
            prior = sum((w**2).sum() for w in weights.values())
            value = -self.likelihood(weights, cases) + prior / (2 * self.model.broad**2 * total)
            value.backward()
            return float(value.detach()), given.grad.numpy()

        flat = torch.cat([start[name].reshape(-1) for name in names]).numpy()
        tight = {"maxiter": _STEPS, "maxcor": 20, "ftol": 1e-12, "gtol": 1e-7}
        found = minimize(loss, flat, jac=True, method="L-BFGS-B", options=tight)
        weights = unpacked(torch.tensor(found.x))
        with torch.no_grad():
            return weights, float(self.likelihood(weights, cases)), found.status == 0


def grid(hidden: int, together: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of that many standard normals, shape (points, hidden), and their weights, which sum to 1.

    The grid is the coarser the more hidden nodes are integrated `together`. Used from chapter 06.
    """
    torch = library("torch")
    if not hidden:
        return torch.zeros(1, 0, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    along, chance = np.polynomial.hermite_e.hermegauss(_GRID[together or hidden])
    points = np.stack([m.ravel() for m in np.meshgrid(*[along] * hidden, indexing="ij")], axis=-1)
    chances = np.prod(np.stack([m.ravel() for m in np.meshgrid(*[chance] * hidden, indexing="ij")]), axis=0)
    return torch.as_tensor(points), torch.as_tensor(chances / chances.sum())
