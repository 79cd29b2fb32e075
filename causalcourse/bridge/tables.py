"""Programs whose mechanisms are tables: exact likelihood, EM that runs many starts side by side, exact answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from causalcourse.bridge.plan import Component, Plan
from causalcourse.errors import DataError
from causalcourse.graph import Node

Tables = dict[Node, np.ndarray]
"""For each node P(node | its parents), shape (starts, one axis per parent in the graph's order, values of the node)."""

_TINY = 1e-300
_MOST_CELLS = 10_000_000  # numbers in one step of EM, so that a few such arrays fit into memory
_MOST_ENTRIES = 250_000  # of one table, of which there are hundreds side by side
_STEPS = 1_500  # of EM, three to a leap
_GAIN = 1e-5  # of a leap, in nats over all rows: a hundredth of what sampling error could be seen by


class Result(NamedTuple):
    """Where a climb ended, from each start: parameters, log likelihood per row, and whether it came to rest.

    Used from chapter 06.
    """

    found: Any
    score: np.ndarray
    rested: np.ndarray


@dataclass(frozen=True, eq=False)
class _Look:
    """Where the cells of a component find their entries in one node's table."""

    node: Node
    order: tuple[int, ...]  # the table's axes: those that cells fix, the starts, the hidden nodes in their order
    rows: np.ndarray  # for each cell, its place along the fixed axes
    scatter: Any  # adds up cells that share a place
    spread: tuple[int, ...]  # shape in which the free axes meet those of the other nodes
    others: tuple[int, ...]  # axes of hidden nodes that the table has not


@dataclass(frozen=True, eq=False)
class TableModel:
    """All mechanisms are tables; each hidden node has `states` values. `prior`: rows that an even table is worth.

    Used from chapter 06.
    """

    plan: Plan
    states: Mapping[Node, int]
    prior: float = 1.0

    def __post_init__(self) -> None:
        for node in self.plan.graph.nodes:
            if (entries := math.prod(self.shape(node))) > _MOST_ENTRIES:
                raise DataError(
                    f"The table of '{node}' would have {entries:,} entries, one for each combination of its values and "
                    f"those of its {len(self.plan.graph.parents(node))} parents: too many to learn. Group the columns "
                    "into fewer values, or take latents='normal', where a parent adds one weight."
                )
        for group in self.groups:
            if group.size > _MOST_CELLS:
                seen, hidden = group.component.seen, group.component.hidden
                raise DataError(
                    f"{len(hidden)} hidden nodes tie {len(seen)} columns together ({', '.join(map(str, seen[:5]))}"
                    f"{', ...' if len(seen) > 5 else ''}): {group.size:.2g} combinations to sum over for each step. "
                    "Draw one hidden cause where many arcs meet (name it, and say hidden=), give each fewer values "
                    "(latents=2), or take latents='normal'."
                )

    def size(self, node: Node) -> int:
        """How many values a node has. Used from chapter 06."""
        return self.states[node] if node in self.plan.hidden else len(self.plan.levels[node])

    def shape(self, node: Node) -> tuple[int, ...]:
        """The shape of one table, without the axis of starts. Used from chapter 06."""
        return tuple(self.size(n) for n in (*self.plan.graph.parents(node), node))

    def start(self, starts: int, rng: np.random.Generator, evenness: float = 1.0) -> Tables:
        """Random tables; the smaller `evenness`, the nearer to 0 and 1 their entries. Used from chapter 06."""
        drawn = {n: rng.gamma(evenness, size=(starts, *self.shape(n))) + 1e-3 for n in self.plan.graph.nodes}
        return {n: t / t.sum(axis=-1, keepdims=True) for n, t in drawn.items()}

    def edges(self, starts: int, rng: np.random.Generator) -> Tables:
        """Random tables in which some values are impossible; a fit without a prior leaves them so.

        Where causes never meet, other programs fit as well, but only on these edges: a climb from inside does not end
        there. Used from chapter 06.
        """
        tables = self.start(starts, rng, 0.3)
        for n, t in tables.items():
            if t.shape[-1] < 2 or not set(self.plan.graph.parents(n)) & set(self.plan.hidden):
                continue
            one = rng.integers(t.shape[-1], size=t.shape[:-1])[..., None] == np.arange(t.shape[-1])
            # some starts have many such rows, some few
            rows = rng.random(t.shape[:-1]) < rng.random(starts).reshape(-1, *[1] * (t.ndim - 2))
            t[one & rows[..., None]] = 0
            t /= t.sum(axis=-1, keepdims=True)
        return tables

    def fit(self, tables: Tables, rows: np.ndarray, tick: Callable[[int], Any] = lambda done: None) -> Result:
        """Climb from each start to the nearest peak of likelihood and prior, by EM in leaps.

        rows: how often each row of the data counts, shape (rows, starts). tick: told how many starts came to their end.
        Source: Dempster, Laird & Rubin 1977; leaps: Varadhan & Roland 2008, SQUAREM. Used from chapter 06.
        """
        done: Tables = {}
        starts = rows.shape[1]
        score, rested = np.zeros(starts), np.ones(starts, bool)
        for group in self.groups:
            part = {n: tables[n] for n in (*group.component.seen, *group.component.hidden)}
            counts, few = group.counted(rows), max(1, _MOST_CELLS // group.size)
            slices = [slice(k, k + few) for k in range(0, starts, few)]
            climbed = [group.climb({n: t[s] for n, t in part.items()}, counts[:, s], tick) for s in slices]
            done |= {n: np.concatenate([c.found[n] for c in climbed]) for n in part}
            score += np.concatenate([c.score for c in climbed])
            rested &= np.concatenate([c.rested for c in climbed])
        return Result(done, score, rested)

    def score(self, tables: Tables, rows: np.ndarray) -> np.ndarray:
        """Log likelihood per row of each start, in nats. Used from chapter 06."""
        return sum(group.score(tables, group.counted(rows)) for group in self.groups)

    @cached_property
    def groups(self) -> tuple[_Group, ...]:
        """The components with their cells. Used from chapter 06."""
        return tuple(_Group(self, component) for component in self.plan.components)

    def pick(self, tables: Tables, starts: Any) -> Tables:
        """The tables of some starts. Used from chapter 06."""
        return {n: t[starts] for n, t in tables.items()}

    def answer(
        self,
        tables: Tables,
        of: Iterable[Node],
        do: Iterable[Node],
        given: Iterable[Node],
        at: Mapping[Node, np.ndarray] | None = None,
    ) -> np.ndarray:
        """P(of | do(do), given) of each start, exactly: axes starts, do, given, of, in the orders given.

        at: for some of these, which of their values are meant, by place. Used from chapter 06.
        """
        from opt_einsum import contract

        of, do, given = tuple(of), tuple(do), tuple(given)
        cut = self.plan.graph.cut_into(do)
        needed = [n for n in cut.order if n in cut.ancestors((*of, *given)) and n not in do]
        place = {n: i + 1 for i, n in enumerate(self.plan.graph.nodes)}
        at = dict(at or {})
        early = {n: at[n] for n in ((*do, *given) if given else (*do, *of)) if n in at}  # what is divided by needs all
        parts: list[Any] = []
        for n in needed:
            axes, table = (*self.plan.graph.parents(n), n), tables[n]
            for k, a in enumerate(axes, 1):
                table = table.take(early[a], axis=k) if a in early else table
            parts += [table, [0, *(place[a] for a in axes)]]
        for n in do:  # so that an action without effect has its axis all the same
            parts += [np.ones(len(early[n]) if n in early else self.size(n)), [place[n]]]
        joint = contract(*parts, [0, *(place[n] for n in (*do, *given, *of))])
        if not given:
            return joint
        joint = joint / joint.sum(axis=tuple(range(1 + len(do + given), joint.ndim)), keepdims=True)
        for k, n in enumerate(of, 1 + len(do + given)):
            joint = joint.take(at[n], axis=k) if n in at else joint
        return joint


class _Group:
    """One component: its cells, and EM over them. Cells come first in every array, then starts, then hidden nodes."""

    def __init__(self, model: TableModel, component: Component) -> None:
        self.model, self.component = model, component
        self.cells, self.of_row = model.plan.cells((*component.seen, *component.given))
        self.gather = _adder(self.of_row, self.of_row.max() + 1)
        self.size = self.gather.shape[0] * math.prod(model.size(h) for h in component.hidden)

    @cached_property
    def looks(self) -> list[_Look]:
        return [self._look(node) for node in (*self.component.hidden, *self.component.seen)]

    def _look(self, node: Node) -> _Look:
        axes = (*self.model.plan.graph.parents(node), node)
        hidden = self.component.hidden
        seen = tuple(i for i, a in enumerate(axes) if a not in hidden)
        free = tuple(axes.index(h) for h in hidden if h in axes)
        sizes = [self.model.size(axes[i]) for i in seen]
        rows = (
            np.ravel_multi_index([self.cells[axes[i]] for i in seen], sizes)
            if seen
            else np.zeros(self.of_row.max() + 1, int)
        )
        scatter = _adder(rows, int(np.prod(sizes)))
        order = (*(i + 1 for i in seen), 0, *(i + 1 for i in free))
        spread = tuple(self.model.size(h) if h in axes else 1 for h in hidden)
        others = tuple(k + 2 for k, h in enumerate(hidden) if h not in axes)
        return _Look(node, order, rows, scatter, spread, others)

    def counted(self, rows: np.ndarray) -> np.ndarray:
        """Weights of rows as weights of cells, shape (cells, starts)."""
        return self.gather @ rows

    def joint(self, tables: Tables) -> np.ndarray:
        """P(cell, hidden | given) for every cell, start and value of the hidden nodes."""
        total: Any = 1.0
        for look in self.looks:
            table = tables[look.node]
            flat = table.transpose(look.order).reshape(look.scatter.shape[0], table.shape[0], *look.spread)
            total = total * flat[look.rows]
        return total

    def score(self, tables: Tables, counts: np.ndarray) -> np.ndarray:
        seen = self.joint(tables)
        seen = seen.sum(axis=tuple(range(2, seen.ndim)))
        return (counts * np.log(np.maximum(seen, _TINY))).sum(axis=0) / counts.sum(axis=0)

    def step(self, tables: Tables, counts: np.ndarray) -> tuple[Tables, np.ndarray, np.ndarray]:
        """One step of EM: new tables; and of the old ones the likelihood and the goal, per row."""
        joint = self.joint(tables)
        seen = np.maximum(joint.sum(axis=tuple(range(2, joint.ndim)), keepdims=True), _TINY)
        total = counts.sum(axis=0)
        score = (counts * np.log(seen.reshape(counts.shape))).sum(axis=0) / total
        joint *= counts.reshape(seen.shape) / seen
        goal, new = score.copy(), {}
        for look in self.looks:
            table = tables[look.node]
            part = joint.sum(axis=look.others) if look.others else joint
            sums = look.scatter @ part.reshape(len(part), -1)
            sums = sums.reshape([table.shape[i] for i in look.order]).transpose(np.argsort(look.order))
            extra = self.model.prior / table[0].size
            goal += extra * np.log(np.maximum(table, _TINY)).reshape(len(table), -1).sum(axis=1) / total
            sums = sums + extra
            whole = sums.sum(axis=-1, keepdims=True)
            # without a prior, what no row speaks of stays as it was
            new[look.node] = np.divide(sums, whole, out=np.array(table), where=whole > _TINY)
        return new, score, goal

    def climb(self, tables: Tables, counts: np.ndarray, tick: Callable[[int], Any]) -> Result:
        tables = {n: np.array(t) for n, t in tables.items()}
        rested = np.zeros(counts.shape[1], bool)
        if not self.component.hidden:
            tables, _, _ = self.step(tables, counts)
            tick(len(rested))
            return Result(tables, self.score(tables, counts), ~rested)
        steps = 0
        while not rested.all() and steps < _STEPS:
            todo = np.flatnonzero(~rested)
            now, weights = {n: t[todo] for n, t in tables.items()}, counts[:, todo]
            one, before, _ = self.step(now, weights)
            two, _, _ = self.step(one, weights)
            landed, far, leapt = self.step(_leap(now, one, two), weights)
            three, near, plain = self.step(two, weights)
            better = leapt > plain  # a leap is kept only if it gains on plain steps
            for n in tables:
                tables[n][todo] = _pick(better, landed[n], three[n])
            # likelihood alone decides: along a ridge of equally good fits the prior would creep for ever
            rested[todo] = np.where(better, far, near) - before < _GAIN / weights.sum(axis=0)
            tick(int(rested[todo].sum()))
            steps += 3
        tick(int((~rested).sum()))
        return Result(tables, self.score(tables, counts), rested)


def _adder(place: np.ndarray, places: int) -> Any:
    """A matrix that adds up what has the same place: shape (places, len(place))."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(place)), (place, np.arange(len(place)))), shape=(places, len(place)))


def _leap(now: Tables, one: Tables, two: Tables) -> Tables:
    """Where two steps of EM point to, far ahead on the same curve; probabilities still."""

    def size(parts: list[np.ndarray]) -> np.ndarray:
        return sum((p.reshape(len(p), -1) ** 2).sum(axis=1) for p in parts)

    first = {n: one[n] - now[n] for n in now}
    bend = {n: two[n] - one[n] - first[n] for n in now}
    far = np.sqrt(size(list(first.values())) / np.maximum(size(list(bend.values())), 1e-30))
    far = np.clip(far, 1.0, 1e4)
    made = {}
    for n, t in now.items():
        k = far.reshape(-1, *[1] * (t.ndim - 1))
        ahead = np.where(t > 0, np.maximum(t + 2 * k * first[n] + k**2 * bend[n], 1e-12), 0.0)
        made[n] = ahead / ahead.sum(axis=-1, keepdims=True)
    return made


def _pick(which: np.ndarray, yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    return np.where(which.reshape(-1, *[1] * (yes.ndim - 1)), yes, no)
