"""Pictures of the course itself: Pearl's ladder, and the map of the chapters on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcourse.show.style import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# rung, what you do there, the question, the same in symbols
_RUNGS = (
    (1, "seeing", "What is Y among those with X?", r"$P(Y \mid X)$"),
    (2, "doing", "What will Y be, if I set X?", r"$P(Y \mid do(X))$"),
    (3, "imagining", "What would Y have been, had X been different?", r"$P(Y_{x'} \mid X, Y)$"),
)

# the whole course, written or not yet: chapter, title, rungs it works on
_COURSE = (
    ("00", "The ladder", (1, 2, 3)),
    ("01", "Potential outcomes", (1, 2, 3)),
    ("02", "Graphs", (1, 2)),
    ("03", "Structural models and the do-operator", (1, 2)),
    ("04", "Adjustment", (2,)),
    ("05", "do-calculus", (2,)),
    ("06", "Latent variables and probabilistic programs", (2,)),
    ("07", "Counterfactuals", (3,)),
    ("08", "The hierarchy theorem", (1, 2, 3)),
    ("09", "How people reason", (1, 2)),
    ("10", "Causal representation learning", (2, 3)),
    ("11", "Causal image edits", (3,)),
    ("12", "Does a language model learn a world model?", (1, 2)),
    ("13", "Where the third rung can live", (1, 2, 3)),
    ("14", "Asking a real LLM", (1, 2, 3)),
    ("15", "Depth over breadth", (1, 2, 3)),
    ("16", "Capstone: answers that come with a proof", (1, 2, 3)),
)
_STYLE = {1: "observed", 2: "treatment", 3: "outcome"}


def ladder(title: str) -> Axes:
    """Draw Pearl's ladder: seeing, doing, imagining, each with its question in words and in symbols.

    Source: Pearl and Mackenzie 2018, The Book of Why, ch. 1. Taught in chapter 00.
    """
    _, ax = figure(title)
    for x in (0.2, 2.3):
        ax.plot([x, x], [0.45, 3.75], color="black", linestyle="-", linewidth=5, solid_capstyle="round")
    for rung, verb, question, symbols in _RUNGS:
        ax.plot([0.2, 2.3], [rung, rung], color="black", linestyle="-", linewidth=5)
        ax.text(1.25, rung + 0.13, f"{rung} {verb}", ha="center", va="bottom", weight="bold")
        ax.text(2.65, rung + 0.13, question, va="bottom")
        ax.text(2.65, rung - 0.08, symbols, va="top")
    ax.set(xlim=(0, 8.2), ylim=(0.4, 3.9))
    ax.axis("off")
    return ax


def course_map(title: str) -> Axes:
    """Draw every chapter of the course against the rungs it works on; chapters still to be written are hollow.

    Taught in chapter 00.
    """
    from causalcourse.syllabus import chapters

    written = {chapter.number for chapter in chapters()}
    fig, ax = figure(title)
    fig.set_figheight(5.6)
    for row, (number, _, rungs) in enumerate(_COURSE):
        ready = number in written
        for rung in rungs:
            fill = COLOURS[_STYLE[rung]] if ready else "white"
            ax.plot(rung, row, "o", markersize=10, color="black", markerfacecolor=fill, markeredgewidth=1)
    ax.set_yticks(range(len(_COURSE)), [f"{number}  {name}" for number, name, _ in _COURSE])
    ax.set_xticks([rung for rung, *_ in _RUNGS], [f"{rung} {verb}" for rung, verb, *_ in _RUNGS])
    ax.set(xlim=(0.6, 3.4), ylim=(len(_COURSE) - 0.4, -0.6))
    ax.tick_params(length=0)
    ax.grid(axis="y", alpha=0.4)
    if len(written) < len(_COURSE):
        ax.set_xlabel("filled: written · hollow: to come")
    return ax
