"""When do-calculus says no: a refusal that shows how far equally good fits disagree, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.docalculus.hedge import Counterexample
from causalcourse.docalculus.identify import Identification, NotIdentifiable, is_identifiable
from causalcourse.errors import CourseError
from causalcourse.expression import Probability
from causalcourse.graph import CausalGraph, Node
from causalcourse.speaking import picture as show_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causalcourse.bridge.fitting import Fitted

EQUAL = 1e-3  # nats per row: fits that no fewer than thousands of rows could tell apart
_MOST = 3  # things to try that a refusal names


@dataclass(frozen=True, eq=False, repr=False)
class Spread:
    """The effects of programs that fit the data equally well. `nats`: log likelihood per row of each.

    Taught in chapter 06.
    """

    query: Probability
    identification: Identification
    effects: np.ndarray
    nats: np.ndarray

    @property
    def low(self) -> float:
        """The smallest effect among them. Taught in chapter 06."""
        return float(self.effects.min())

    @property
    def high(self) -> float:
        """The largest effect among them. Taught in chapter 06."""
        return float(self.effects.max())

    def draw(self, title: str | None = None, truth: float | None = None, bounds: Any = None) -> Axes:
        """How many of the programs say what. bounds: two ends, drawn as a bar; truth: a thin line.

        Taught in chapter 06.
        """
        from causalcourse.show.style import COLOURS, figure

        how = "and agree on the effect" if self.identification else "and do not agree on the effect"
        numbers = [*(() if truth is None else (truth,)), *(() if bounds is None else np.ravel(bounds).tolist())]
        fine = all(isinstance(x, (int, float, np.number)) and np.isfinite(x) for x in numbers)
        if not fine or (bounds is not None and np.shape(bounds) != (2,)) or not isinstance(title, str | None):
            raise CourseError("draw takes a title, a number as truth, and two numbers as bounds, lower and upper.")
        title = title or f"{len(self.effects)} programs fit equally well, {how}"
        _, ax = figure(title, f"effect in {self.query}", f"programs within {EQUAL:g} nats per row")
        ends = [self.low, self.high, *(() if bounds is None else bounds)]
        middle, half = (min(ends) + max(ends)) / 2, max(0.05, (max(ends) - min(ends)) / 2)
        bins = np.linspace(middle - half, middle + half, 26)
        ax.hist(self.effects, bins, color=COLOURS["treatment"], ec="white")
        if bounds is not None:
            top = 1.12 * ax.get_ylim()[1]
            ax.plot(bounds, [top, top], "|-", color="black", ms=12)
            ax.text(np.mean(bounds), 1.02 * top, "what the data allow", ha="center", va="bottom")
        if truth is not None:
            ax.axvline(truth, color=COLOURS["truth"], ls="-", lw=1)
        ax.margins(x=0.1, y=0.15)
        return ax

    def __str__(self) -> str:
        return (
            f"{len(self.effects)} programs, no two further apart than {np.ptp(self.nats):.4f} nats per row: "
            f"effects from {self.low:.3f} to {self.high:.3f}."
        )

    __repr__ = __str__


class Unanswerable(NotIdentifiable):
    """The program fits, and the question has no answer in these data: equally good fits disagree.

    `identification` has the hedge. In a notebook the fits are drawn above the message. Taught in chapter 06.
    """

    def __init__(self, identification: Identification, fitted: Fitted) -> None:
        self.identification, self.fitted, self._drawn = identification, fitted, False
        super().__init__(self._message())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.identification, self.fitted)

    def spread(self, **arms: Any) -> Spread:
        """The effects of equally good fits; see `Fitted.spread`. Taught in chapter 06."""
        return self.fitted.spread(self.identification.query, **arms)

    def counterexample(self) -> Counterexample:
        """Two models with the same data and different answers, built from the hedge. Taught in chapter 06."""
        return self.identification.counterexample()

    @cached_property
    def _quick(self) -> Spread | None:
        """The spread, where the question is an effect from 0 to 1 of columns with few values, so that it is fast."""
        few, asked = self.fitted.plan.levels, self.identification.query
        plain = asked.do and not asked.given and len(asked.of) == 1
        numbers = plain and all(
            s.node in few and np.issubdtype(few[s.node].dtype, np.number) for s in (*asked.do, *asked.of)
        )
        return self.spread() if numbers and all({0, 1} <= set(few[s.node].tolist()) for s in asked.do) else None

    def _message(self) -> str:
        asked, score = self.identification.query, self.fitted.result.score.max()
        lines = [f"{asked} cannot be known from these data, however well the program fits ({score:.3f} nats per row)."]
        if (found := self._quick) is not None:
            lines.append(
                f"Of programs that fit as well, one says the effect is {found.low:+.2f}, another {found.high:+.2f}. "
                "No further row decides between them; a prior would, and then it is the prior that speaks."
            )
        lines.append(f"Why: {self.identification.hedge}")
        helps = remedies(self.identification.graph, asked)
        lines.append("What would help:" if helps else "What would help: an experiment that sets what is asked about.")
        lines += [f"  - {text}" for text in helps]
        lines.append("To see for yourself: .spread().draw() of this error, or .counterexample() for two such worlds.")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        if not self._drawn:  # Jupyter asks twice
            self._drawn = True
            if (found := self._quick) is not None:
                show_picture(found.draw)
        return super()._render_traceback_()


def remedies(graph: CausalGraph, query: Probability) -> list[str]:
    """What, each by itself, would make the question identifiable: a hidden cause measured, or an experiment made.

    Each has been asked of the identification engine. Taught in chapter 06.
    """
    found = []
    for arc in graph.bidirected:
        rest = tuple(other for other in graph.bidirected if other != arc)
        cause = f"what {arc[0]} and {arc[1]} share"
        measured = CausalGraph((*graph.nodes, cause), (*graph.directed, *((cause, end) for end in arc)), rest)
        if is_identifiable(measured, query):
            found.append(f"measure {cause}, and give it a column")
    asked: set[Node] = {s.node for s in query.do}
    for node in graph.nodes:
        other = node not in asked | {s.node for s in query.of}
        if other and is_identifiable(graph, query, data=["P(v)", f"P(v | do({node}))"]):
            found.append(f"an experiment that sets {node}: P(v | do({node}))")
    return found[:_MOST]
