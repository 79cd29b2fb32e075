"""When there is no formula: the hedge, and two worlds that agree on all the data and not on the answer."""

from __future__ import annotations

import inspect
import keyword
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from causalcourse.expression import Probability
from causalcourse.graph import CausalGraph, Node
from causalcourse.noise import Finite
from causalcourse.scm import SCM
from causalcourse.separation import separated

if TYPE_CHECKING:
    import pandas as pd

_SLIP = 0.05  # how often a bit is passed on wrongly, so that every table of values can occur
_SLIPS = 0.3  # and how often at most on the way to the answer


@dataclass(frozen=True, repr=False)
class Hedge:
    """Why a question has no answer: two sets of nodes, `root` inside `forest`, each held together by hidden causes.

    All of `forest` are ancestors of `root` within it, and some of `forest` is acted on, while none of `root` is.
    `query` is the question after what rules 1 and 2 do to the whole of it.
    Source: Shpitser & Pearl 2006, definition 6 and theorem 4. Taught in chapter 05.
    """

    forest: tuple[Node, ...]
    root: tuple[Node, ...]
    query: Probability

    def __str__(self) -> str:
        forest, root = (", ".join(map(str, nodes)) for nodes in (self.forest, self.root))
        cut = ", ".join(str(s.node) for s in self.query.do if s.node in self.forest)
        return (
            f"{{{forest}}} and {{{root}}} form a hedge: hidden causes join all of {{{forest}}}, all of them act on "
            f"{{{root}}}, and setting {cut} cuts through."
        )

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Counterexample:
    """Two models of one graph, `one` and `other`: the same P(v), and different answers to `query`.

    Nodes that are no Python names are called by `names` in the models. Source: Shpitser & Pearl 2006, theorem 4 and
    corollary 3. Taught in chapter 05.
    """

    graph: CausalGraph = field(repr=False)
    query: Probability
    one: SCM = field(repr=False)
    other: SCM = field(repr=False)
    names: Mapping[Node, str] = field(repr=False)

    @cached_property
    def answers(self) -> pd.DataFrame:
        """What each model answers, for all values: columns "one" and "other". Taught in chapter 05."""
        import pandas as pd

        asked = self.query.relabelled(self.names)
        return pd.DataFrame({"one": asked.evaluate(self.one), "other": asked.evaluate(self.other)})

    @property
    def gap(self) -> float:
        """The largest difference between the two answers. Taught in chapter 05."""
        return float((self.answers["one"] - self.answers["other"]).abs().max())

    @cached_property
    def agreement(self) -> float:
        """The largest difference between the two joint distributions of all observed variables: rounding error.

        Taught in chapter 05.
        """
        return float((self.one.joint() - self.other.joint()).abs().max())

    def __str__(self) -> str:
        where = (self.answers["one"] - self.answers["other"]).abs().idxmax()
        row = self.answers.loc[where]
        values = where if isinstance(where, tuple) else (where,)
        at = ", ".join(f"{n}={v}" for n, v in zip(self.answers.index.names, values, strict=True))
        return (
            f"Two models with the same P({', '.join(map(str, self.graph.nodes))}): no cell differs by more than "
            f"{max(self.agreement, 1e-16):.0e}.\n"
            f"At {at}, {self.query} is {row['one']:.2f} in one and {row['other']:.2f} in the other."
        )

    __repr__ = __str__


_Place = tuple[Any, str]  # a node, or the two nodes of a hidden cause; and the lane


class _Bit(NamedTuple):
    """One bit of a node's value: the exclusive or of what it hears, now and then wrong; a coin when it hears none."""

    heard: tuple[_Place, ...]
    slips: bool = False


@dataclass(frozen=True, eq=False)
class Parity:
    """An equation each of whose bits is the exclusive or of bits of its arguments. Used from chapter 05."""

    arguments: tuple[str, ...]
    bits: tuple[tuple[tuple[str, int], ...], ...]

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([inspect.Parameter(a, inspect.Parameter.KEYWORD_ONLY) for a in self.arguments])

    def __call__(self, **values: np.ndarray) -> np.ndarray:
        total = np.zeros_like(next(iter(values.values())))
        for place, heard in enumerate(self.bits):
            bit = np.zeros_like(total)
            for name, k in heard:
                bit ^= values[name] >> k & 1
            total |= bit << place
        return total


def counterexample(graph: CausalGraph, query: Probability, hedge: Hedge) -> Counterexample:
    """Two models of `graph` with the same P(v) that differ on `query`, made from its hedge.

    In both, the bits of the hedge's forest are an even number of ones as far as the data go: a tree of hidden coins
    decides them. In one the root listens to the whole forest, in the other to itself alone; only an action tells.
    From the root the parity is passed on to the outcome; where it can reach a condition alone, it is mixed there
    with a coin that the outcome knows of. Source: Shpitser & Pearl 2006, theorems 4 and 6. Taught in chapter 05.
    """
    build, names = _Build(graph, hedge), _python_names(graph.nodes)
    return Counterexample(graph, query, build.model(names, whole=True), build.model(names, whole=False), names)


class _Build:
    """The two models as bits: for each node its lanes, each an exclusive or of what it hears."""

    def __init__(self, graph: CausalGraph, hedge: Hedge) -> None:
        self.graph, self.hedge = graph, hedge
        self.y, self.x, self.w = (
            {s.node for s in part} for part in (hedge.query.of, hedge.query.do, hedge.query.given)
        )
        self.lanes: dict[Node, dict[str, _Bit]] = {node: {} for node in graph.nodes}
        self.coins: dict[frozenset[Node], list[str]] = defaultdict(list)  # the lanes of each hidden cause
        ends = self.passed_on(self.hedged())
        if self.y.isdisjoint(ends):
            self.mixed(next(end for end in graph.nodes if end in ends))

    def hedged(self) -> tuple[Node, ...]:
        """Give the forest its bits; return the roots, which act on no other node of the hedge's root."""
        forest, root = set(self.hedge.forest), set(self.hedge.root)
        inside, core = self.graph.subgraph(forest), self.graph.subgraph(root)
        roots = tuple(node for node in core.nodes if not core.children(node))
        onward = {**_towards(inside, root), **{n: core.children(n)[0] for n in root.difference(roots)}}
        tree = [*_spanning(core, {roots[0]}), *_spanning(inside, root)]
        for pair in tree:
            self.coins[pair].append("hedge")
        for node in forest:
            causes = [(a, "hedge") for a, b in onward.items() if b == node]
            coins = [(pair, "hedge") for pair in tree if node in pair]
            self.lanes[node]["hedge"] = _Bit((*causes, *coins), slips=node == roots[0])
        return roots

    def passed_on(self, roots: tuple[Node, ...]) -> set[Node]:
        """Pass the parity of the roots on along arrows, to outcomes where they can be reached; return where it ends."""
        acting = self.graph.subgraph([n for n in self.graph.nodes if n not in self.x])
        unseen = acting.subgraph([n for n in acting.nodes if n not in self.w])
        onward = {**_towards(acting, self.y | self.w), **_towards(unseen, self.y)}
        ends, todo = set(), set(roots)
        heard: dict[Node, set[Node]] = defaultdict(set)
        for node in (n for n in self.graph.order if n not in self.x):
            if node not in todo:
                continue
            if heard[node]:
                lanes = [(a, lane) for a in heard[node] for lane in ("hedge", "route") if self.tells(a, lane, roots)]
                self.lanes[node]["route"] = _Bit(tuple(lanes), slips=True)
            if node in self.y | self.w:
                ends.add(node)
            else:
                heard[onward[node]].add(node)
                todo.add(onward[node])
        return ends

    def tells(self, node: Node, lane: str, roots: tuple[Node, ...]) -> bool:
        return lane in self.lanes[node] and (lane == "route" or node in roots)

    def mixed(self, end: Node) -> None:
        """The parity ends in conditions only: mix it in one with a coin that an open back door brings to an outcome."""
        acted = self.graph.cut_into(self.x).cut_out_of(end)
        path = separated(acted, end, self.y, (self.w | self.x) - {end}).path
        assert path is not None, "rule 2 would have moved this condition"
        last = len(path.nodes) - 1
        for k, node in enumerate(path.nodes):
            heard: list[_Place] = []
            for j, arrow in ((k - 1, path.arrows[k - 1] if k else ""), (k, path.arrows[k] if k < last else "")):
                if arrow == "<->":
                    pair = frozenset(path.nodes[j : j + 2])
                    self.coins[pair] += ["path"] * ("path" not in self.coins[pair])
                    heard.append((pair, "path"))
                elif arrow == ("->" if j < k else "<-"):
                    heard.append((path.nodes[j if j < k else j + 1], "path"))
            if k:
                self.lanes[node]["path"] = _Bit(tuple(heard), slips=bool(heard))
            else:
                lane = "route" if "route" in self.lanes[node] else "hedge"
                bit = self.lanes[node][lane]
                self.lanes[node][lane] = bit._replace(heard=(*bit.heard, *heard))
        for node in path.colliders:
            self.told(node, _towards(acted, self.w - {end}))

    def told(self, node: Node, onward: Mapping[Node, Node]) -> None:
        """Pass a collider's bit on to the condition below it that opens it."""
        lane, below = "path", f"below {node}"
        while node not in self.w:
            self.lanes[onward[node]][below] = _Bit(((node, lane),), slips=True)
            node, lane = onward[node], below

    def model(self, names: Mapping[Node, str], whole: bool) -> SCM:
        """The model in which the root listens to the whole forest, or the one in which it listens to itself alone."""
        taken, root = set(names.values()), set(self.hedge.root)
        inside = {*root, *(pair for pair in self.coins if pair <= root)}
        noisy = sum(bit.slips for lanes in self.lanes.values() for bit in lanes.values())
        slip = min(_SLIP, _SLIPS / noisy)
        noise: dict[str, Finite] = {}
        hidden = {}
        for a, b in self.graph.bidirected:
            hidden[frozenset((a, b))] = name = _unused(f"U_{names[a]}_{names[b]}", taken)
            states = 2 ** max(1, len(self.coins[frozenset((a, b))]))
            noise[name] = Finite([1 / states] * states)
        equations = {}
        for node in self.graph.order:
            own, chances, bits = _unused(f"U_{names[node]}", taken), [1.0], []
            for lane, bit in (self.lanes[node] or {"idle": _Bit(())}).items():
                heard = [
                    h
                    for h in bit.heard
                    if whole or node not in root or lane != "hedge" or h[1] != "hedge" or h[0] in inside
                ]
                places = [self.place(h, names, hidden) for h in heard]
                chance = slip if bit.slips else 0.0 if bit.heard else 0.5
                if chance:
                    places.append((own, int(math.log2(len(chances)))))
                    chances = [p * c for c in (1 - chance, chance) for p in chances]
                bits.append(tuple(places))
            arguments = [names[a] for a in self.graph.parents(node)]
            arguments += [hidden[pair] for pair in hidden if node in pair]
            if len(chances) > 1:
                noise[own] = Finite(chances)
                arguments.append(own)
            equations[names[node]] = Parity(tuple(arguments), tuple(bits))
        return SCM(noise, {names[node]: equations[names[node]] for node in self.graph.nodes})

    def place(self, heard: _Place, names: Mapping[Node, str], hidden: Mapping[frozenset, str]) -> tuple[str, int]:
        who, lane = heard
        if who in hidden:
            return hidden[who], self.coins[who].index(lane)  # type: ignore[index]
        return names[who], list(self.lanes[who]).index(lane)


def _towards(graph: CausalGraph, ends: Iterable[Node]) -> dict[Node, Node]:
    """For each node that an arrow path leads from to one of `ends`, its next node on a shortest one."""
    todo = [node for node in graph.nodes if node in set(ends)]
    found = set(todo)
    onward: dict[Node, Node] = {}
    for node in todo:  # grows as it is read: a queue
        for cause in graph.parents(node):
            if cause not in found:
                found.add(cause)
                onward[cause] = node
                todo.append(cause)
    return onward


def _spanning(graph: CausalGraph, start: set[Node]) -> list[frozenset[Node]]:
    """The bidirected edges by which a search from `start` first reaches every other node."""
    todo, found, tree = [n for n in graph.nodes if n in start], set(start), []
    for node in todo:
        for other in graph.siblings(node):
            if other not in found:
                found.add(other)
                tree.append(frozenset((node, other)))
                todo.append(other)
    return tree


def _python_names(nodes: Iterable[Node]) -> dict[Node, str]:
    names: dict[Node, str] = {}
    for node in nodes:
        plain = re.sub(r"\W", "_", str(node)) or "_"
        names[node] = _unused(
            plain if plain.isidentifier() and not keyword.iskeyword(plain) else f"V_{plain}", set(names.values())
        )
    return names


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
