"""m-separation: what a drawing makes independent, with an open path as witness or the reason for each block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, Neighbours, Node, as_graph, reach

_MOST_PATHS = 1_000  # a dense graph has more paths than a computer can list
_READABLE = 8
Step = tuple[int, str]  # a place, and the arrow that leads to it
State = tuple[int, bool]  # a place, and whether the arrow that led to it points into it


@dataclass(frozen=True)
class Path:
    """A path: its `nodes` from one end to the other, and the `arrows` between them, each "->", "<-" or "<->".

    Source: Pearl 2009, sec. 1.2. Taught in chapter 02.
    """

    graph: CausalGraph = field(repr=False)
    nodes: tuple[Node, ...]
    arrows: tuple[str, ...]

    @property
    def colliders(self) -> tuple[Node, ...]:
        """The inner nodes at which two arrowheads of the path meet. Taught in chapter 02."""
        meets = [a.endswith(">") and b.startswith("<") for a, b in pairwise(self.arrows)]
        return tuple(node for node, collides in zip(self.nodes[1:-1], meets, strict=True) if collides)

    def blocked_by(self, given: Node | Iterable[Node] = ()) -> str | None:
        """What blocks the path once `given` is known, in words; None when it is open.

        The middle of a chain or a fork blocks when it is given; a collider blocks unless it is given, or something
        below it is. Raises GraphError. Source: Pearl 2009, def. 1.2.3. Taught in chapter 02.
        """
        known = self.graph.pick(given)
        if ends := {self.nodes[0], self.nodes[-1]}.intersection(known):
            raise GraphError(f"'{ends.pop()}' is an end of the path {self}, so it cannot be given as well.")
        opened = self.graph.ancestors(known)
        for node in self.nodes[1:-1]:
            if node not in self.colliders:
                if node in known:
                    return f"{node} is given, and it is no collider here"
            elif node not in opened:
                below = len(self.graph.descendants(node)) > 1
                return (
                    f"{node} is a collider, and "
                    + ("neither it nor anything below it is" if below else "not")
                    + " given"
                )
        return None

    def __str__(self) -> str:
        return str(self.nodes[0]) + "".join(f" {a} {n}" for a, n in zip(self.arrows, self.nodes[1:], strict=True))


@dataclass(frozen=True)
class Finding:
    """A yes or no with its reason; `path` is the path that settles it, where there is one. Taught in chapter 02."""

    holds: bool
    why: str
    path: Path | None = None

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return f"{'Yes' if self.holds else 'No'}: {self.why}"


@dataclass(frozen=True)
class Independence:
    """A claim of a drawing about data: `x` is independent of `y` once `given` is known.

    `y` is one node, or a tuple of nodes. Source: Pearl 2009, sec. 1.1.5. Taught in chapter 02.
    """

    x: Node
    y: Node | tuple[Node, ...]
    given: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return f"{self.x} ⊥ {_text(self.y)}" + (f" | {_text(self.given)}" if self.given else "")


@dataclass(frozen=True)
class Separation:
    """What `separated` found: true when no path between `x` and `y` is open given `given`.

    `path` is a shortest open path, the witness that they are not separated; None when they are.
    Source: Pearl 2009, def. 1.2.3; Richardson 2003, sec. 2.1. Taught in chapter 02.
    """

    graph: CausalGraph = field(repr=False)
    x: tuple[Node, ...]
    y: tuple[Node, ...]
    given: tuple[Node, ...]
    path: Path | None

    def __bool__(self) -> bool:
        return self.path is None

    @property
    def blocked(self) -> tuple[tuple[Path, str], ...]:
        """Each blocked path with what blocks it, in words; of very many, those among the first thousand.

        Taught in chapter 02.
        """
        every = ((path, path.blocked_by(self.given)) for path in _paths(self.graph, self.x, self.y))
        return tuple((path, reason) for path, reason in islice(every, _MOST_PATHS) if reason)

    @property
    def why(self) -> str:
        """The reason in words: the open path, or what blocks each path. Taught in chapter 02."""
        if self.path:
            open_at = []
            for node in self.path.colliders:
                below = [n for n in self.given if n in self.graph.descendants(node)]
                open_at.append(
                    f"{node} is a collider and " + ("is" if node in below else f"{below[0]} below it is") + " given"
                )
            return "; ".join([f"{self.path} is open", *open_at]) + "."
        blocked = self.blocked
        lines = [f"{path} is blocked: {reason}." for path, reason in blocked[:_READABLE]]
        if len(blocked) > _READABLE:
            more = len(blocked) - _READABLE
            lines.append(
                f"So {'are' if more > 1 else 'is'} {more}{' or more' * (len(blocked) == _MOST_PATHS)} other paths."
            )
        return "\n".join(lines) or "No path joins them."

    def __str__(self) -> str:
        claim = f"{_text(self.x)} {'⊥' if self else 'not ⊥'} {_text(self.y)}"
        return claim + (f" | {_text(self.given)}" if self.given else "") + f"\n{self.why}"


def separated(
    graph: Any, x: Node | Iterable[Node], y: Node | Iterable[Node], given: Node | Iterable[Node] = ()
) -> Separation:
    """Whether the drawing makes `x` and `y` independent given `given` (m-separation), and why.

    Each of x, y, given is a node or a collection of nodes. Time is linear in the size of the graph.
    Raises GraphError for an unknown node, an empty or an overlapping choice.
    Source: Pearl 2009, def. 1.2.3; Richardson 2003, sec. 2.1; the search is Bayes-Ball (Shachter 1998).
    Taught in chapter 02.
    """
    graph = as_graph(graph)
    ends, targets, known = graph.pick(x), graph.pick(y), graph.pick(given)
    if not ends or not targets:
        raise GraphError("separated(graph, x, y) needs at least one node on either side, such as 'X' and 'Y'.")
    if len({*ends, *targets, *known}) < len(ends) + len(targets) + len(known):
        twice = next(n for n in (*targets, *known) if n in ends or (n in known and n in targets))
        raise GraphError(f"'{twice}' is named twice. x, y and what is given must be different nodes.")
    place = graph._place
    found = open_walk(graph._numbered, [place[n] for n in ends], {place[n] for n in targets}, {place[n] for n in known})
    path = Path(graph, tuple(graph.nodes[i] for i in found[0]), found[1]) if found else None
    return Separation(graph, ends, targets, known, path)


def open_walk(
    near: Neighbours, start: Iterable[int], targets: set[int], given: set[int]
) -> tuple[list[int], tuple[str, ...]] | None:
    """A shortest open path from `start` to `targets`: its places and arrows; None when they are m-separated.

    A step is remembered as (place, whether an arrowhead points into it), so each edge is walked twice at most. A
    shortest open walk never visits a place twice: wherever it came back it could have gone on at once.
    Source: Shachter 1998, Bayes-Ball; for `<->`, Richardson 2003, sec. 2.1. Used from chapter 02.
    """
    came_from, end = _search(near, start, targets, given)
    return None if end is None else _retrace(came_from, end, near, given)


def connected(graph: CausalGraph, x: Node | Iterable[Node], given: Node | Iterable[Node] = ()) -> frozenset[Node]:
    """Every node that an open path joins to `x` once `given` is known, x itself among them: one search for all.

    Raises GraphError for an unknown node. Used from chapter 02.
    """
    place = graph._place
    known = {place[n] for n in graph.pick(given)}
    came_from, _ = _search(graph._numbered, [place[n] for n in graph.pick(x)], set(), known)
    return frozenset(graph.nodes[i] for i, _ in came_from if i not in known)


def _search(
    near: Neighbours, start: Iterable[int], targets: set[int], given: set[int]
) -> tuple[dict[State, State | None], State | None]:
    """Where each state was first reached from, and the first state found at a target."""
    opened = reach(near.parents, given) if given else given
    came_from: dict[State, State | None] = dict.fromkeys(((i, False) for i in start), None)
    todo = list(came_from)
    for state in todo:  # grows as it is read: a queue
        place, headed = state
        if place in targets:
            return came_from, state
        steps: list[State] = []
        if place not in given:
            steps += [(child, True) for child in near.children[place]]
        if (place in opened) if headed else (place not in given):
            steps += [(parent, False) for parent in near.parents[place]]
            steps += [(sibling, True) for sibling in near.siblings[place]]
        for step in steps:
            if step not in came_from:
                came_from[step] = state
                todo.append(step)
    return came_from, None


def _retrace(
    came_from: dict[State, State | None],
    state: State,
    near: Neighbours,
    given: set[int],
) -> tuple[list[int], tuple[str, ...]]:
    places, arrows = [state[0]], []
    while (before := came_from[state]) is not None:
        # where both i -> j and i <-> j exist, a given i was passed as a collider, so by the second
        tail = before[0] not in given and state[0] in near.children[before[0]]
        arrows.append(("->" if tail else "<->") if state[1] else "<-")
        places.append(before[0])
        state = before
    return places[::-1], tuple(arrows[::-1])


def paths(graph: Any, x: Node, y: Node) -> list[Path]:
    """All paths between two nodes, the shortest first; of very many, the first thousand found.

    Two nodes joined by an arrow and by `<->` give a path for each. Raises GraphError. Taught in chapter 02.
    """
    graph = as_graph(graph)
    ends = graph.pick(x), graph.pick(y)
    if len(ends[0]) != 1 or len(ends[1]) != 1 or ends[0] == ends[1]:
        raise GraphError("paths(graph, x, y) needs two different nodes, such as 'X' and 'Y'.")
    return _paths(graph, *ends)


def _paths(graph: CausalGraph, x: tuple[Node, ...], y: tuple[Node, ...]) -> list[Path]:
    """Paths from x to y with no other node of x or y inside."""
    near = graph._numbered
    steps = [
        [(j, "->") for j in near.children[i]]
        + [(j, "<-") for j in near.parents[i]]
        + [(j, "<->") for j in near.siblings[i]]
        for i in range(len(graph.nodes))
    ]
    ends, targets = ({graph._place[n] for n in nodes} for nodes in (x, y))
    walks = ((*walk,) for start in sorted(ends) for walk in _simple_walks(steps, start, ends, targets))
    found = [
        Path(graph, tuple(graph.nodes[i] for i, _ in walk), tuple(arrow for _, arrow in walk[1:]))
        for walk in islice(walks, _MOST_PATHS)
    ]
    return sorted(found, key=lambda path: len(path.nodes))


def _simple_walks(steps: list[list[Step]], start: int, ends: set[int], targets: set[int]) -> Iterator[list[Step]]:
    walk: list[Step] = [(start, "")]
    choices = [iter(_onward(steps, walk, ends, targets))]
    while choices:
        step = next(choices[-1], None)
        if step is None:
            choices.pop()
            walk.pop()
        elif step[0] in targets:
            yield [*walk, step]
        else:
            walk.append(step)
            choices.append(iter(_onward(steps, walk, ends, targets)))


def _onward(steps: list[list[Step]], walk: list[Step], ends: set[int], targets: set[int]) -> list[Step]:
    """The steps from which a target can still be reached: else a dense dead end would be searched for ever."""
    closed = ends.union(place for place, _ in walk)
    free = [[j for j, _ in onward if j not in closed] for onward in steps]
    alive = reach(free, targets)
    return [step for step in steps[walk[-1][0]] if step[0] in alive and step[0] not in closed]


def _text(nodes: Any) -> str:
    return ", ".join(map(str, nodes)) if isinstance(nodes, tuple) else str(nodes)
