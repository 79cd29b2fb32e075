"""Proofs: the steps that lead from a question with do(...) to a formula without, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from causalcourse.errors import GraphError
from causalcourse.expression import Expression, Place, Probability, Sum
from causalcourse.graph import CausalGraph, Node

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# what each law says; the three rules are Pearl's (2009, theorem 3.4.1), the rest is probability and fractions
LAWS: Mapping[str, str] = {
    "rule 1": "seeing {moved} says nothing more about {of}, so it may be left out or put in",
    "rule 2": "for {of}, seeing {moved} and setting it are the same",
    "rule 3": "setting {moved} does nothing to {of}, so it may be left out or put in",
    "total probability": "add up over all values of {moved}",
    "chain rule": "a joint probability is a product: each variable given those before it",
    "conditioning": "a conditional probability is the joint one over that of what is given",
    "fractions": "the same fraction: what stands above and below cancels",
    "sums": "a factor that does not depend on what a sum runs over may stand before it",
    "transport": "the populations do not differ in what decides {of} here",
}

Differs = Mapping[str, tuple[Node, ...]]  # for each other population, the variables whose mechanisms may differ there


@dataclass(frozen=True)
class Step:
    """One step: the part at `place` of the formula so far is `before`; by `law` it is `after`. Taught in chapter 05."""

    law: str
    place: Place
    before: Expression
    after: Expression

    @property
    def moved(self) -> tuple[Node, ...]:
        """The variables whose seeing or setting the step changes. Used from chapter 05."""
        if self.law == "total probability":
            return tuple(s.node for e in (self.before, self.after) if isinstance(e, Sum) for s in e.over)
        if not (isinstance(self.before, Probability) and isinstance(self.after, Probability)):
            return ()
        changed = {*self.before.given} ^ {*self.after.given} | {*self.before.do} ^ {*self.after.do}
        return tuple(dict.fromkeys(s.node for s in (*self.before.free, *self.after.free) if s in changed))

    @property
    def why(self) -> str:
        """The law in words. Taught in chapter 05."""
        of = ", ".join(str(s.node) for s in getattr(self.before, "of", ()))
        return LAWS[self.law].format(moved=", ".join(map(str, self.moved)), of=of)


@dataclass(frozen=True)
class Verification:
    """Whether a proof holds; if not, the number (from 1) of the first step that does not. Taught in chapter 05."""

    holds: bool
    why: str
    step: int | None = None

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, repr=False)
class Proof:
    """A derivation: from `query`, step by step, to `estimand`, in a graph. Taught in chapter 05.

    differs: the selection diagram, for a proof that draws on other populations.
    """

    graph: CausalGraph = field(repr=False)
    query: Expression
    steps: tuple[Step, ...] = field(repr=False)
    estimand: Expression
    differs: Differs = field(default_factory=dict, repr=False)

    @cached_property
    def formulas(self) -> tuple[Expression, ...]:
        """The whole formula before the first step and after each. Taught in chapter 05."""
        formulas = [self.query]
        for step in self.steps:
            formulas.append(formulas[-1].replaced(step.place, step.after))
        return tuple(formulas)

    def verify(self, models: int = 2) -> Verification:
        """Every step checked again by the separate checker, by its law and on random models. Taught in chapter 05."""
        from causalcourse.docalculus.verify import verify

        return verify(self, models)

    def show(self) -> None:
        """The proof in a notebook: each step's formula, its law in words and, for a rule, the graph it looks at.

        Elsewhere it is printed, without pictures. Taught in chapter 05.
        """
        from causalcourse.docalculus.telling import show

        show(self)

    def draw(self, number: int) -> Axes:
        """What step `number` (from 1) looks at: what its rule cuts dotted, the blocked paths heavy.

        Raises CourseError for a number that is no step, or a step by a law of probability. Taught in chapter 05.
        """
        from causalcourse.docalculus.telling import draw

        return draw(self, number)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        lines = [str(self.query)]
        for step, formula in zip(self.steps, self.formulas[1:], strict=True):
            lines.append(f"  = {formula}    ({step.law}: {step.why})")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str | None:
        steps = zip(self.steps, self.formulas[1:], strict=True)
        try:
            lines = r" \\ ".join(rf"&= {formula.latex()} && \text{{{step.law}}}" for step, formula in steps)
            return rf"$$\begin{{aligned}}{self.query.latex()} {lines}\end{{aligned}}$$"
        except GraphError:  # a name that LaTeX cannot print: the text is shown
            return None


class Selection(NamedTuple):
    """The square node of a selection diagram that points to `node`. Used from chapter 05."""

    node: Node

    def __str__(self) -> str:
        return f"S_{self.node}"


def selection_diagram(graph: CausalGraph, nodes: Iterable[Node]) -> tuple[CausalGraph, tuple[Node, ...]]:
    """The graph with a square node into each of `nodes`: what stands for another population's mechanisms.

    Source: Pearl & Bareinboim 2014, definition 4. Used from chapter 05.
    """
    marks = tuple(map(Selection, nodes))
    return CausalGraph(
        (*graph.nodes, *marks), (*graph.directed, *((m, m.node) for m in marks)), graph.bidirected
    ), marks
