"""Fresh drawings for the checks, and the mistakes people make when they read one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.checks.compare import Mistake
from causalcourse.checks.kinds import Kind, Refused, described
from causalcourse.equivalence import equivalence_class, skeleton, v_structures
from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph
from causalcourse.random_models import random_graph
from causalcourse.separation import Path, paths, separated

if TYPE_CHECKING:
    import pandas as pd

Parents = Mapping[str, Sequence[str]]
_LETTERS = "ABCDEFGH"


def graph_of(parents: Parents) -> CausalGraph:
    """The graph in which each node has these parents. Used from chapter 02."""
    return CausalGraph(tuple(parents), tuple((a, b) for b, causes in parents.items() for a in causes))


def drawn(rng: np.random.Generator, n: int, density: float = 0.4, hidden: float = 0.0) -> CausalGraph:
    """A random graph on the first `n` letters, in an order that says nothing of causes. Used from chapter 02."""
    graph = random_graph(n, rng, density, hidden)
    name = dict(zip(graph.nodes, rng.permutation(list(_LETTERS[:n])).tolist(), strict=True))
    edges = [tuple((name[a], name[b]) for a, b in kind) for kind in (graph.directed, graph.bidirected)]
    return CausalGraph(tuple(sorted(name.values())), *edges)


def parents_of(graph: CausalGraph) -> dict[str, list[str]]:
    """Each node with the list of its parents. Used from chapter 02."""
    return {node: sorted(graph.parents(node)) for node in graph.nodes}


def some(rng: np.random.Generator, nodes: Iterable[str], most: int) -> set[str]:
    """At most `most` of the nodes, drawn at random. Used from chapter 02."""
    pool = sorted(nodes)
    return set(rng.permutation(pool)[: rng.integers(0, min(most, len(pool)) + 1)].tolist())


def question(rng: np.random.Generator, n: int = 6) -> tuple[dict[str, list[str]], str, str, set[str]]:
    """(parents, x, y, given): two nodes that no arrow joins, and up to three others. Used from chapter 02."""
    while True:
        parents = parents_of(drawn(rng, n))
        apart = [(x, y) for x, y in combinations(parents, 2) if x not in parents[y] and y not in parents[x]]
        if apart:
            x, y = rng.permutation(apart[rng.integers(len(apart))]).tolist()
            return parents, x, y, some(rng, set(parents) - {x, y}, 3)


def hinted_question(rng: np.random.Generator) -> tuple[dict[str, list[str]], str, str, set[str]]:
    """(parents, x, y, given): as `question`, or x and y meet in a collider that is known from far below it.

    On drawings at random the second hardly ever comes up. Used from chapter 02.
    """
    if rng.random() < 0.7:
        return question(rng)
    x, y, met, below, far, beside = rng.permutation(list(_LETTERS[:6])).tolist()
    parents = {x: [], y: [], met: sorted([x, y]), below: [met], far: [below], beside: [str(rng.choice([x, y]))]}
    return {node: parents[node] for node in sorted(parents)}, x, y, {str(rng.choice([met, below, far]))}


def path_question(rng: np.random.Generator) -> tuple[list[str], set[str], dict[str, set[str]]]:
    """(path, given, below): a path of three or more nodes as names and arrows in turn. Used from chapter 02."""
    while True:
        graph = drawn(rng, 6, 0.35, 0.15)
        x, y = rng.permutation(graph.nodes)[:2].tolist()
        long = [path for path in paths(graph, x, y) if 3 <= len(path.nodes) <= 5]
        if long:
            path = long[rng.integers(len(long))]
            words = [path.nodes[0], *(w for pair in zip(path.arrows, path.nodes[1:], strict=True) for w in pair)]
            below = {node: set(graph.descendants(node) - {node}) for node in graph.nodes}
            return words, some(rng, set(graph.nodes) - {x, y}, 2), below


def path_blocked(
    path: Sequence[str],
    given: set[str],
    below: Mapping[str, set[str]],
    heads: str = "<->",
    deep: bool = True,
    through: bool = False,
) -> list[bool]:
    """For each inner node of the path whether it blocks. heads: the arrow that counts as having two heads.

    deep: whether what lies below a collider opens it; through: whether, wrongly, what lies below the middle of a chain
    or a fork closes that. Source: Pearl 2009, def. 1.2.3. Taught in chapter 02.
    """
    found = []
    for k in range(2, len(path) - 1, 2):
        left, node, right = path[k - 1 : k + 2]
        collides = left in ("->", heads) and right in ("<-", heads)
        hinted = node in given or bool(below[node] & given)
        found.append(not (hinted if deep else node in given) if collides else hinted if through else node in given)
    return found


def moral_separated(
    parents: Parents, x: str, y: str, given: set[str], marry: bool = True, ancestors: bool = True
) -> bool:
    """Separation by the moral graph; without marrying parents, or without leaving out non-ancestors, it is wrong.

    Source: Lauritzen et al. 1990. Taught in chapter 02.
    """
    graph = graph_of(parents)
    kept = graph.ancestors({x, y, *given}) if ancestors else set(graph.nodes)
    joined = {frozenset((a, b)) for b in kept for a in parents[b]}
    if marry:
        joined |= {frozenset(pair) for node in kept for pair in combinations(parents[node], 2)}
    found, todo = {x}, [x]
    while todo:
        node = todo.pop()
        fresh = {m for edge in joined if node in edge for m in edge - {node}} - found - given
        found |= fresh
        todo += fresh
    return y not in found


def every_path_blocked(
    parents: Parents,
    x: str,
    y: str,
    given: set[str],
    deep: int | None = None,
    needs: Callable[[Iterable[bool]], bool] = all,
) -> bool:
    """Separation path by path. deep: how many steps below a collider a given node opens it (None: any number).

    needs: how many paths have to be blocked. Taught in chapter 02.
    """
    graph = graph_of(parents)
    open_at = set(given if deep is not None else graph.ancestors(given))
    for _ in range(deep or 0):
        open_at |= {a for n in open_at for a in parents[n]}

    def blocks(path: Path) -> bool:
        return any((n not in open_at) if n in path.colliders else (n in given) for n in path.nodes[1:-1])

    return needs([blocks(path) for path in paths(graph, x, y)])


def along_arrows(parents: Parents, x: str, y: str, given: set[str]) -> bool:
    """Whether given nodes cut every directed walk between x and y: what who forgets forks takes for separation.

    Used from chapter 02.
    """
    graph = graph_of({n: [a for a in p if a not in given] for n, p in parents.items() if n not in given})
    return x not in graph.ancestors(y) and y not in graph.ancestors(x)


def neighbours(parents: Parents, node: str) -> set[str]:
    """The parents and the children of a node. Used from chapter 02."""
    return set(parents[node]) | {n for n in parents if node in parents[n]}


def pairs_joined(parents: Parents) -> Any:
    """The skeleton. Used from chapter 02."""
    return skeleton(graph_of(parents))


def vees(parents: Parents) -> Any:
    """The v-structures. Used from chapter 02."""
    return v_structures(graph_of(parents))


def colliders(parents: Parents) -> set[tuple[str, str, str]]:
    """Every collider with two of its parents, joined or not. Used from chapter 02."""
    return {(a, b, node) for node, p in parents.items() for a in p for b in p if a < b}


class Pair:
    """Two nodes of a drawing, in place of a truth: any set that separates them is right. Used from chapter 02."""

    def __init__(self, parents: Parents, x: str, y: str) -> None:
        self.graph, self.x, self.y = graph_of(parents), x, y


def separator(found: list[str]) -> Kind:
    """A set of nodes that separates a Pair; what stays open otherwise is noted in `found`. Used from chapter 02."""

    def read(value: Any, pair: Pair) -> str:
        if isinstance(value, Pair):
            return "separates"
        if not isinstance(value, (set, frozenset, list, tuple)):
            raise Refused(f"A set of names is needed, such as {{'A', 'B'}}; this is {described(value)}.")
        if odd := [node for node in value if node not in pair.graph.nodes]:
            raise Refused(f"Your set has {odd[0]!r} in it, which is not a node of the graph.")
        if ends := {pair.x, pair.y}.intersection(value):
            raise Refused(f"Your set has {ends.pop()!r} in it, one of the two nodes that it is to separate.")
        answer = separated(pair.graph, pair.x, pair.y, value)
        if answer:
            return "separates"
        given = ", ".join(sorted(value)) or "nothing"
        found.append(f"In {pair.graph}: given {given}, {answer.why}")
        return f"{sorted(value)} leaves {answer.path}"

    return Kind("a set of names", read, arithmetic=False)


def separates(mistake: Mistake) -> Mistake:
    """The mistake as a yes or no: whether its set separates x and y after all. Used from chapter 02."""

    def answer(parents: Parents, x: str, y: str) -> bool:
        return bool(separated(graph_of(parents), x, y, mistake.answer(parents, x, y)))

    return Mistake(mistake.name, answer, mistake.message)


def two_drawings(rng: np.random.Generator) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Two graphs on the same nodes as parents: the second is equivalent, redirected, or has an arrow changed.

    Used from chapter 02.
    """
    while True:
        graph = drawn(rng, 4, 0.6)
        if len(graph.directed) < 2:
            continue
        kind = rng.choice(["equivalent", "redirected", "turned", "moved", "left out"])
        if kind == "equivalent":
            twins = equivalence_class(graph)
            other = twins[rng.integers(len(twins))]
        else:
            other = _rearranged(graph, rng, kind)
        if other is not None:
            return parents_of(graph), parents_of(other)


def _rearranged(graph: CausalGraph, rng: np.random.Generator, how: str) -> CausalGraph | None:
    """The graph with all arrows redirected, or one turned, moved or left out; None for a cycle or a double arrow."""
    arrows = list(graph.directed)
    if how == "redirected":
        place = dict(zip(graph.nodes, rng.permutation(len(graph.nodes)), strict=True))
        return CausalGraph(graph.nodes, tuple(tuple(sorted(arrow, key=place.__getitem__)) for arrow in arrows))
    a, b = arrows.pop(rng.integers(len(arrows)))
    if how == "left out":
        return CausalGraph(graph.nodes, tuple(arrows))
    new = (b, a) if how == "turned" else tuple(rng.permutation(graph.nodes)[:2].tolist())
    if new in arrows or new[::-1] in arrows:
        return None
    try:
        return CausalGraph(graph.nodes, (*arrows, new))
    except GraphError:
        return None


def two_illnesses(rng: np.random.Generator, n: int = 1500) -> pd.DataFrame:
    """`n` people, columns old, diabetes, arthritis, ward (0 or 1): age acts on both illnesses, both bring to the ward.

    Used from chapter 02.
    """
    import pandas as pd

    while True:
        old = rng.random(n) < rng.uniform(0.3, 0.6)
        base, more = rng.uniform(0.1, 0.25, 2), rng.uniform(0.2, 0.4, 2)
        diabetes = rng.random(n) < base[0] + more[0] * old
        arthritis = rng.random(n) < base[1] + more[1] * old + rng.uniform(-0.1, 0.2) * diabetes
        ward = rng.random(n) < 0.08 + rng.uniform(0.5, 0.7) * (diabetes | arthritis)
        people = pd.DataFrame({"old": old, "diabetes": diabetes, "arthritis": arthritis, "ward": ward}).astype(int)
        if (
            people.groupby(["old", "diabetes", "ward"]).size().reindex(pd.MultiIndex.from_product([[0, 1]] * 3)).min()
            > 5
        ):
            return people


def held_fixed(people: pd.DataFrame, *columns: str) -> float:
    """Arthritis with diabetes minus without, among people alike in `columns`, averaged over them.

    Used from chapter 02.
    """
    if not columns:
        rates = people.groupby("diabetes")["arthritis"].mean()
        return float(rates[1] - rates[0])
    groups = [group for _, group in people.groupby(list(columns))]
    return float(sum(len(group) / len(people) * held_fixed(group) for group in groups))


def chain_joint(rng: np.random.Generator) -> np.ndarray:
    """A table p[v, a, s], shape (2, 2, 2), of three 0/1 variables: V and S are independent given A.

    Used from chapter 02.
    """
    v, a, s = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.9, 2), rng.uniform(0.1, 0.9, 2)
    p_v, p_a, p_s = np.array([1 - v, v]), np.array([1 - a, a]).T, np.array([1 - s, s]).T
    return np.einsum("v,va,as->vas", p_v, p_a, p_s)


def seen_in(p: np.ndarray) -> tuple[float, float, float, float]:
    """P(S=1 | V=1), P(V=1 | S=1), P(S=1), P(V=1) of a table p[v, a, s]. Used from chapter 02."""
    vs = p.sum(1)
    s, v = float(vs[:, 1].sum()), float(vs[1].sum())
    return float(vs[1, 1]) / v, float(vs[1, 1]) / s, s, v
