"""Where the nodes of a graph go, and how its edges bend, so that no line runs through a box. Lengths in inches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causalcourse.graph import CausalGraph, Edge, Node

GAP = 0.62  # between a box and the next layer
ROW = 0.78  # between the middles of two rows
CLEAR = 0.07  # what an edge keeps away from a box that is not its own
_STRAIGHT = (0.0, 0.18, -0.18, 0.32, -0.32, 0.5, -0.5, 0.75, -0.75, 1.1, -1.1)
_BENT = (0.35, -0.35, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0, 1.3, -1.3)
_HIT, _OVERLAP, _CROSS = 100.0, 30.0, 6.0


@dataclass(frozen=True)
class Layout:
    """Middles of the boxes (inches), and for each edge its bend: matplotlib's `arc3`. Used from chapter 00."""

    place: dict[Node, tuple[float, float]]
    bend: dict[tuple[Edge, bool], float]  # (edge, is it bidirected)


def arrange(
    graph: CausalGraph,
    sizes: Mapping[Node, tuple[float, float]],
    at: Mapping[Node, tuple[float, float]] | None = None,
    down: bool = False,
    gap: float = GAP,
) -> Layout:
    """A layout in layers along the arrows, left to right, or top to bottom if `down`; the same each time.

    sizes: width and height of each box, gap: between a box and the next layer, in inches. at: places for all nodes,
    in units of one column and one row.
    Source: layers as in Sugiyama et al. 1981, then a local search. Used from chapter 00.
    """
    along, across = (1, 0) if down else (0, 1)
    step = max((size[along] for size in sizes.values()), default=0.0) + gap
    row = max(ROW, max((size[across] for size in sizes.values()), default=0.0) + 0.3)
    if at is not None:
        xy = np.array([at[node] for node in graph.nodes], dtype=float).reshape(-1, 2) * (step, row)
    else:
        layers = _layers(graph)
        start = _rows(graph, layers)
        searched = _search(graph, layers, start, sizes, (step, row), down) if len(graph.nodes) <= 24 else start
        xy = _inches(layers, searched, (step, row), down)
    place = {node: (float(x), float(y)) for node, (x, y) in zip(graph.nodes, xy, strict=True)}
    return Layout(place, _bends(graph, place, sizes))


def narrow_enough(
    graph: CausalGraph, sizes: Mapping[Node, tuple[float, float]], width: float, down: bool, gap: float
) -> bool:
    """Whether a layout stays within `width` inches, known before it is searched. Used from chapter 00."""
    layers = _layers(graph)
    across = max((size[0] for size in sizes.values()), default=0.0)
    if down:
        most = max(np.unique(layers, return_counts=True)[1], default=1)
        return float(most * max(ROW, across + 0.3)) <= width
    return float(layers.max(initial=0) * (across + gap) + across) <= width


def _layers(graph: CausalGraph) -> np.ndarray:
    """For each node its column: behind all its causes, and a cause without causes right before its first effect."""
    column: dict[Node, int] = {}
    for node in graph.order:
        column[node] = max((column[p] + 1 for p in graph.parents(node)), default=0)
    for node in reversed(graph.order):
        if not graph.parents(node):
            column[node] = max(0, min((column[b] - 1 for a, b in graph.directed if a == node), default=0))
    loose = {n for n in graph.nodes if all(n not in edge for edge in graph.directed)}
    for a, b in graph.bidirected:  # nodes tied by bidirected edges only would all share the first column
        if a in loose and b in loose and column[a] == column[b]:
            column[b] = column[a] + 1
    return np.array([column[node] for node in graph.nodes], dtype=float)


def _rows(graph: CausalGraph, layers: np.ndarray) -> np.ndarray:
    """A first row for each node: each layer centred, sorted by the middle of its neighbours."""
    index = {node: i for i, node in enumerate(graph.nodes)}
    near: list[list[int]] = [[] for _ in graph.nodes]
    for a, b in (*graph.directed, *graph.bidirected):
        near[index[a]].append(index[b])
        near[index[b]].append(index[a])
    rows = np.zeros(len(layers))
    for sweep in range(6):
        for layer in np.unique(layers):
            mine = np.flatnonzero(layers == layer)
            middles = [np.mean(rows[near[i]]) if near[i] and sweep else float(i) for i in mine]
            order = mine[np.argsort(middles, kind="stable")]
            rows[order] = np.arange(len(order)) - (len(order) - 1) / 2
    return rows


def _inches(layers: np.ndarray, rows: np.ndarray, unit: tuple[float, float], down: bool) -> np.ndarray:
    step, row = unit
    if down:
        return np.column_stack([rows * row, -layers * step])
    return np.column_stack([layers * step, -rows * row])


def _search(
    graph: CausalGraph,
    layers: np.ndarray,
    start: np.ndarray,
    sizes: Mapping[Node, tuple[float, float]],
    unit: tuple[float, float],
    down: bool,
) -> np.ndarray:
    """The best rows of a few local searches, from `start`, from its mirror image layer by layer, and from shuffles."""
    price = _Price(graph, np.array([sizes[node] for node in graph.nodes]))

    def cost(rows: np.ndarray) -> float:
        return price(_inches(layers, rows, unit, down), rows)

    shuffle = np.random.default_rng(0)  # the same picture each time; nothing is learned from these numbers
    starts = [start, start * np.where(layers % 2, -1, 1)]
    for _ in range(2 if len(start) <= 9 else 0):  # a large graph has no time for luck
        mixed = start.copy()
        for layer in np.unique(layers):
            mine = np.flatnonzero(layers == layer)
            mixed[mine] = mixed[shuffle.permutation(mine)]
        starts.append(mixed)
    found = [_downhill(cost, layers, rows) for rows in starts]
    return min(found, key=lambda pair: round(pair[0], 6))[1]


def _downhill(cost: Callable[[np.ndarray], float], layers: np.ndarray, rows: np.ndarray) -> tuple[float, np.ndarray]:
    """Move one node, or swap two of a layer, as long as the picture gets better."""
    best, rows = cost(rows), rows.copy()
    reach = np.ceil(np.abs(rows).max(initial=0)) + 0.5
    slots = np.arange(-reach, reach + 0.1, 0.5)
    for _ in range(4):
        before = best
        for i in range(len(rows)):
            peers = [j for j in np.flatnonzero(layers == layers[i]) if j != i]
            moves = [{i: slot} for slot in slots if slot != rows[i] and all(abs(rows[j] - slot) >= 1 for j in peers)]
            swaps = [{i: rows[j], j: rows[i]} for j in peers if j > i]
            for change in (*moves, *swaps):
                trial = rows.copy()
                trial[list(change)] = list(change.values())
                if (now := cost(trial)) < best - 1e-9:
                    best, rows = now, trial
        if best > before - 1e-9:
            break
    return best, rows


class _Price:
    """What a placement costs: boxes run through, crossings, arrows on top of each other, then length."""

    def __init__(self, graph: CausalGraph, sizes: np.ndarray) -> None:
        index = {node: i for i, node in enumerate(graph.nodes)}
        self.half = sizes / 2 + CLEAR
        self.straight = np.array([(index[a], index[b]) for a, b in graph.directed], dtype=int).reshape(-1, 2)
        self.arcs = np.array([(index[a], index[b]) for a, b in graph.bidirected], dtype=int).reshape(-1, 2)
        self.pairs = np.vstack([self.straight, self.arcs])
        self.i, self.j = np.triu_indices(len(self.straight), 1)
        p, q = self.straight[self.i], self.straight[self.j]
        self.apart = ~(p[:, :, None] == q[:, None, :]).any((1, 2))
        self.same_end = (p[:, 0] == q[:, 0]) | (p[:, 1] == q[:, 1])

    def __call__(self, xy: np.ndarray, rows: np.ndarray) -> float:
        lengths = np.abs(rows[self.pairs[:, 0]] - rows[self.pairs[:, 1]]).sum()
        return (
            self._straight(xy)
            + self._arcs(xy)
            + 0.5 * float(lengths)
            + 0.8 * float(rows.max(initial=0) - rows.min(initial=0))
        )

    def _straight(self, xy: np.ndarray) -> float:
        if not len(self.straight):
            return 0.0
        a, b = xy[self.straight[:, 0]], xy[self.straight[:, 1]]
        hits = _through(a, b, xy, self.half)
        np.put_along_axis(hits, self.straight, False, axis=1)
        total = _HIT / 4 * hits.sum()  # a bend can still save a straight edge that runs through a box
        total += _CROSS * (_segments_cross(a[self.i], b[self.i], a[self.j], b[self.j]) & self.apart).sum()
        way = (b - a) / np.linalg.norm(b - a, axis=1, keepdims=True)
        return float(total + _OVERLAP * (self.same_end & ((way[self.i] * way[self.j]).sum(1) > 0.985)).sum())

    def _arcs(self, xy: np.ndarray) -> float:
        """For each bidirected edge the boxes hit under its best bend."""
        if not len(self.arcs):
            return 0.0
        a, b = xy[self.arcs[:, 0]], xy[self.arcs[:, 1]]
        lines = curve(a[:, None], b[:, None], np.array(_BENT)[:, None], steps=9)  # arcs, bends, steps, 2
        hit = _through(lines[..., :-1, :].reshape(-1, 2), lines[..., 1:, :].reshape(-1, 2), xy, self.half)
        hit = hit.reshape(*lines.shape[:2], 8, len(xy)).any(2)
        np.put_along_axis(hit, self.arcs[:, None, :], False, axis=2)
        return float(_HIT * hit.sum(2).min(1).sum() + 0.3 * np.linalg.norm(a - b, axis=1).sum())


def curve(a: np.ndarray, b: np.ndarray, bend: float | np.ndarray, steps: int = 25) -> np.ndarray:
    """Points of matplotlib's arc3 connection from `a` to `b`, both of shape (..., 2): shape (..., steps, 2).

    Used from chapter 00.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    way = b - a
    control = (a + b) / 2 + bend * np.stack([way[..., 1], -way[..., 0]], axis=-1)
    t = np.linspace(0.0, 1.0, steps)[:, None]
    return (1 - t) ** 2 * a[..., None, :] + 2 * t * (1 - t) * control[..., None, :] + t**2 * b[..., None, :]


def _boxes_hit(points: np.ndarray, xy: np.ndarray, half: np.ndarray, own: tuple[int, int]) -> int:
    hit = _through(points[:-1], points[1:], xy, half).any(0)
    hit[list(own)] = False
    return int(hit.sum())


def _through(a: np.ndarray, b: np.ndarray, xy: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Whether segment k from a[k] to b[k] touches box i, shape (segments, boxes): clipping, Liang and Barsky 1984."""
    low, high = xy - half, xy + half
    start, way = a[:, None, :], (b - a)[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        t0, t1 = (low - start) / way, (high - start) / way
    first, last = np.fmin(t0, t1), np.fmax(t0, t1)
    flat = np.abs(way) < 1e-12
    inside = (start >= low) & (start <= high)
    first = np.where(flat, np.where(inside, -np.inf, np.inf), first)
    last = np.where(flat, np.where(inside, np.inf, -np.inf), last)
    return np.maximum(first.max(-1), 0) < np.minimum(last.min(-1), 1)


def _segments_cross(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        return np.sign(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    return (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)


def _bends(
    graph: CausalGraph, place: Mapping[Node, tuple[float, float]], sizes: Mapping[Node, tuple[float, float]]
) -> dict[tuple[Edge, bool], float]:
    """A bend for each edge, chosen one by one beside those chosen already, twice over."""
    nodes = list(graph.nodes)
    index = {node: i for i, node in enumerate(nodes)}
    xy = np.array([place[node] for node in nodes]).reshape(-1, 2)
    half = np.array([sizes[node] for node in nodes]).reshape(-1, 2) / 2 + CLEAR
    edges = [(edge, False) for edge in graph.directed] + [(edge, True) for edge in graph.bidirected]
    drawn: dict[tuple[Edge, bool], tuple[float, np.ndarray]] = {}

    def best(key: tuple[Edge, bool], bends: Sequence[float]) -> tuple[float, float, np.ndarray]:
        (a, b), _ = key
        own = (index[a], index[b])
        options = []
        for order, bend in enumerate(bends):
            points = curve(xy[own[0]], xy[own[1]], bend, _STEPS)
            price = _HIT * _boxes_hit(points, xy, half, own) + 2.0 * abs(bend) + 0.01 * order
            for other, (_, line) in drawn.items():
                if other != key and price < _HIT:
                    price += _beside(points, line, [xy[index[n]] for n in {a, b} & set(other[0])])
            options.append((price, order, bend, points))
        price, _, bend, points = min(options, key=lambda option: option[:2])
        return price, bend, points

    for _ in range(2 if len(edges) <= 60 else 1):
        for key in edges:
            price, *choice = best(key, _BENT if key[1] else _STRAIGHT)
            if price >= _HIT:  # every usual bend runs through a box: try all there are
                _, *choice = best(key, np.linspace(-2.5, 2.5, 51))
            drawn[key] = tuple(choice)
    return {key: float(bend) for key, (bend, _) in drawn.items()}


_STEPS = 17
_I, _J = (k.ravel() for k in np.meshgrid(range(_STEPS - 1), range(_STEPS - 1)))


def _beside(points: np.ndarray, line: np.ndarray, shared: Sequence[np.ndarray]) -> float:
    """The price of two edges crossing, or running side by side; near a node they share they may do both."""
    if (points.min(0) - 0.2 > line.max(0)).any() or (points.max(0) + 0.2 < line.min(0)).any():
        return 0.0
    crossings = int(_segments_cross(points[_I], points[_I + 1], line[_J], line[_J + 1]).sum())
    away = np.ones(len(points), dtype=bool)
    for node in shared:
        away &= np.linalg.norm(points - node, axis=1) > 0.6
    near = np.linalg.norm(points[:, None] - line[None], axis=2).min(1) < 0.12
    together = float((near & away).mean())
    return _CROSS * max(0, crossings - len(shared)) + 2 * _OVERLAP * together
