"""Can these data answer this question? A formula with its proof, or the hedge that says they never can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from causalcourse.docalculus.hedge import Counterexample, Hedge, counterexample
from causalcourse.docalculus.plan import Bits, Hedged, Source, bits, planned
from causalcourse.docalculus.proof import Proof, Step
from causalcourse.docalculus.prove import Prover
from causalcourse.errors import CourseError, did_you_mean
from causalcourse.expression import Expression, ExpressionError, Probability, Ratio, Symbol
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.notation import read, read_probability
from causalcourse.separation import separated

_SEEN = ("P(v)",)


class _Known(NamedTuple):
    """A distribution over all variables that the data give."""

    acted: tuple[Node, ...]
    population: str


class NotSupported(CourseError):
    """A question that has an answer somewhere, and not here yet. Taught in chapter 05."""


class NotIdentifiable(CourseError):
    """The data cannot answer the question, however many there are. Taught in chapter 05."""


class Identifiable(CourseError):
    """A counterexample was asked for, and there is none. Taught in chapter 05."""


@dataclass(frozen=True, repr=False)
class Identification:
    """The answer to "can this data answer this question?": true with an estimand and a proof, false with a hedge.

    Taught in chapter 05.
    """

    graph: CausalGraph = field(repr=False)
    query: Probability
    proof: Proof | None = None
    hedge: Hedge | None = None
    data: tuple[str, ...] = _SEEN

    def __bool__(self) -> bool:
        return self.proof is not None

    @property
    def estimand(self) -> Expression:
        """The formula in terms of the data. Raises NotIdentifiable when there is none. Taught in chapter 05."""
        if self.proof is None:
            raise NotIdentifiable(str(self))
        return self.proof.estimand

    def counterexample(self) -> Counterexample:
        """Two models of the graph with the same P(v) and different answers.

        Raises Identifiable when there are none, and NotSupported with experiments. Taught in chapter 05.
        """
        if self.hedge is None:
            raise Identifiable(f"{self} in every model of this graph: no two agree on the data and differ on this.")
        if self.data != _SEEN:
            raise NotSupported("Two worlds are built for data P(v) alone, not for experiments or other populations.")
        return counterexample(self.graph, self.query, self.hedge)

    def __str__(self) -> str:
        if self.proof is not None:
            return f"{self.query} = {self.estimand}"
        if self.data != _SEEN:
            return f"{self.query} cannot be identified in this graph from {', '.join(self.data)}: {self.hedge}"
        return (
            f"{self.query} cannot be identified in this graph: {self.hedge} No amount of data on these variables "
            "answers it. Try: .counterexample() for two models that agree on the data and not on the answer."
        )

    __repr__ = __str__


def identify(
    graph: Any,
    query: Probability | str,
    data: Iterable[str] = _SEEN,
    differs: Mapping[str, Iterable[Node]] | None = None,
) -> Identification:
    """Whether the data answer `query`, such as P("Y | do(X), Z"), in this graph; with a proof, or with a hedge.

    data: the distributions at hand. "P(v)" is what was seen of all variables, "P(v | do(Z))" an experiment on Z, and
    "P^trial(v | do(Z))" one in another population, in which the mechanisms of differs["trial"] may be others.
    Complete: each query that these data and the graph decide is identified.
    Raises ExpressionError for a query or data that cannot be read or name no node; NotSupported for selected data.
    Source: Shpitser & Pearl 2006 (ID, IDC); Tian & Pearl 2002; Lee, Correa & Bareinboim 2019; Correa, Lee &
    Bareinboim 2020 (experiments, transport). Taught in chapter 05.
    """
    search, data = _search(graph, query, data, differs)
    start, first = search.moved()
    try:
        return Identification(search.graph, search.query, search.shortest(start, first), data=data)
    except Hedged as stuck:
        forest, root = (search.g.names(mask)[::-1] for mask in (stuck.forest, stuck.root))
        return Identification(search.graph, search.query, None, Hedge(forest, root, start), data)


def is_identifiable(
    graph: Any,
    query: Probability | str,
    data: Iterable[str] = _SEEN,
    differs: Mapping[str, Iterable[Node]] | None = None,
) -> bool:
    """The verdict of `identify` alone, faster: no formula, no proof. Raises what `identify` raises.

    Source: Tian & Pearl 2002; Shpitser & Pearl 2006. Taught in chapter 05.
    """
    search, _ = _search(graph, query, data, differs)
    start, _ = search.moved()
    try:
        search.planned(start)
    except Hedged:
        return False
    return True


def _search(
    graph: Any, query: Probability | str, data: Iterable[str], differs: Mapping[str, Iterable[Node]] | None
) -> tuple[_Search, tuple[str, ...]]:
    graph = as_graph(graph)
    asked, known = as_query(graph, query), (data,) if isinstance(data, str) else _listed(data)
    if not isinstance(differs or {}, Mapping):
        raise ExpressionError("differs= says where populations differ, such as {'trial': ['Z']}; [] is for nowhere.")
    selection = {p: graph.pick(nodes) for p, nodes in (differs or {}).items()}
    return _Search(graph, asked, tuple(_source(graph, text, selection) for text in known), selection), known


def _listed(data: Any) -> tuple[str, ...]:
    if isinstance(data, Iterable) and (known := tuple(data)) and all(isinstance(text, str) for text in known):
        return known
    raise ExpressionError(
        "data= lists the distributions at hand, as text, such as ['P(v)', 'P(v | do(Z))']; records come later, when "
        "the estimand is evaluated."
    )


def as_query(graph: CausalGraph, query: Probability | str) -> Probability:
    """The question as a probability about nodes of the graph. Raises ExpressionError. Used from chapter 05."""
    if isinstance(query, str):
        text = query.strip()
        query = read(text) if text[:2] in ("P(", "P^") else read_probability(text)  # type: ignore[assignment]
    if not isinstance(query, Probability):
        raise ExpressionError(f"A question is one probability, such as P('Y | do(X)'); this is {query!r}.")
    if query.population:
        raise ExpressionError(
            f"{query}: a question is about the population without a name. Others are named in data= and differs=."
        )
    known = {str(node): node for node in graph.nodes}
    nodes = {}
    for symbol in (*query.of, *query.do, *query.given):
        if symbol.node not in graph.nodes and str(symbol.node) not in known:
            raise ExpressionError(
                f"{query} names '{symbol.node}', which is not a node of this graph "
                f"({', '.join(list(known)[:20])})." + did_you_mean(symbol.node, graph.nodes)
            )
        nodes[symbol.node] = symbol.node if symbol.node in graph.nodes else known[str(symbol.node)]
    return query.relabelled(nodes)


def _source(graph: CausalGraph, text: str, differs: Mapping[str, tuple[Node, ...]]) -> _Known:
    """The nodes acted on, and the population, of data such as "P^trial(v | do(Z))"."""
    p = read(text)
    if not isinstance(p, Probability):
        raise ExpressionError(f"Data are distributions such as 'P(v)' or 'P(v | do(Z))'; this is {text!r}.")
    if p.given:
        raise NotSupported(
            f"{p} is what was seen among cases selected by {p.given[0].node}. To recover an answer from selected data "
            "(selection bias) is not supported here."
        )
    everything = {str(s.node) for s in (*p.of, *p.do)}
    if {str(s.node) for s in p.of} != {"v"} and everything != set(map(str, graph.nodes)):
        raise NotSupported(
            f"{p} leaves variables of the graph out. Data are distributions of all of them, written P(v) or "
            "P(v | do(Z)). A variable that was not recorded is hidden: leave it out, with graph.project([...])."
        )
    if p.population and p.population not in differs:
        raise ExpressionError(
            f"{p} comes from the population '{p.population}'. Say in which mechanisms it may differ: "
            f"differs={{'{p.population}': [...]}}, with [] for none."
        )
    acted = as_query(graph, Probability(p.do)).of if p.do else ()
    return _Known(tuple(s.node for s in acted), p.population)


class _Search:
    """One question in one graph, from the data at hand."""

    def __init__(
        self, graph: CausalGraph, query: Probability, known: tuple[_Known, ...], differs: Mapping[str, tuple[Node, ...]]
    ) -> None:
        self.graph, self.query, self.known, self.differs = graph, query, known, differs
        self.g = Bits(graph)
        self.names = {s.node: s for s in (*query.of, *query.do, *query.given)}
        self.sources = tuple(
            Source(self.g.mask(k.acted), k.population, self.g.mask(differs.get(k.population, ()))) for k in known
        )

    def at_hand(self, p: Probability) -> bool:
        return any({s.node for s in p.do} == set(k.acted) and p.population == k.population for k in self.known)

    def planned(self, start: Probability) -> None:
        """Whether each factor of the question can be reached, and nothing written down. Raises Hedged."""
        if self.at_hand(start):
            return
        y, x, w = (self.g.mask(s.node for s in symbols) for symbols in (start.of, start.do, start.given))
        for component in self.g.components(self.g.above(y | w, self.g.all & ~x)):
            planned(self.g, component, self.sources)

    def shortest(self, start: Probability, first: list[Step]) -> Proof:
        """A proof in a small graph: hiding a variable that is not needed makes the formula shorter. Raises Hedged."""
        if self.at_hand(start):
            return Proof(self.graph, self.query, tuple(first), start, self.differs)
        g = self.g
        acted = g.mask(s.node for s in start.do)
        steps, estimand = self.proved(g, start, first)
        tried = g.mask(self.names)
        for source in self.sources:
            tried |= source.acted | source.differs
        while True:
            used = g.mask(s.node for p in estimand.probabilities() for s in p.free) & ~tried
            if not used:
                return Proof(self.graph, self.query, tuple(steps), estimand, self.differs)
            # what lies between treatment and outcome first: adjustment reads better than a mediator does
            i = next((i for i in reversed(list(bits(used))) if g.above(1 << i, g.all) & acted), used.bit_length() - 1)
            tried |= 1 << i
            hidden = g.without(i)
            try:
                other = self.proved(hidden, start, first)
            except Hedged:
                continue
            if _size(other[1]) < _size(estimand):
                (steps, estimand), g = other, hidden

    def moved(self) -> tuple[Probability, list[Step]]:
        """The question after what rules 1 and 2 do to the whole of it: IDC's part, and effects plain to see."""
        now, steps = self.query, []
        nodes = {s: s.node for s in (*now.of, *now.given, *now.do)}

        def go(law: str, moved: tuple[Symbol, ...], given: tuple[Symbol, ...], do: tuple[Symbol, ...]) -> bool:
            """Whether the outcome is separated from what moves, in the rule's graph; then the step is taken."""
            nonlocal now
            after = Probability(now.of, given, do)
            ends, seen = [nodes[s] for s in moved], [nodes[s] for s in now.given if s not in moved]
            held = [nodes[s] for s in now.do if s not in moved]
            cut = self.graph.cut_into(held)
            if law == "rule 2":
                cut = cut.cut_out_of(ends)
            if law == "rule 3":
                cut = cut.cut_into(set(ends) - cut.ancestors(seen))
            if not separated(cut, [nodes[s] for s in now.of], ends, [*seen, *held]):
                return False
            steps.append(Step(law, (), now, after))
            now = after
            return True

        while any(go("rule 3", (z,), now.given, tuple(s for s in now.do if s != z)) for z in now.do):
            pass
        seen = now.given + now.do
        if now.do and self.at_hand(Probability(now.of, seen)) and go("rule 2", now.do, seen, ()):
            return now, steps
        for law in ("rule 1", "rule 2"):
            while any(
                go(law, (z,), tuple(s for s in now.given if s != z), now.do + (z,) * (law == "rule 2"))
                for z in now.given
            ):
                pass
        return now, steps

    def proved(self, g: Bits, start: Probability, first: list[Step]) -> tuple[list[Step], Expression]:
        """The steps in the graph `g`, and where they lead. Raises Hedged."""
        prover = Prover(g, self.sources)
        prover.steps = list(first)
        y, x, w = (g.mask(s.node for s in symbols) for symbols in (start.of, start.do, start.given))
        if not w:
            return prover.steps, prover.tidied(prover.effect(y, x, (), self.names), ())
        above, below = (prover.p(of, 0, x, self.names) for of in (y | w, w))
        prover.step("conditioning", (), start, Ratio(above, below))
        parts = prover.effect(y | w, x, (0,), self.names), prover.effect(w, x, (1,), self.names)
        return prover.steps, prover.tidied(Ratio(*parts), ())


def _size(e: Expression) -> tuple[int, int]:
    probabilities = e.probabilities()
    return len(probabilities), sum(len(p.free) for p in probabilities)
