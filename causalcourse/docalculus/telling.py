"""Steps of a derivation in words and pictures: the rule, the graph it looks at, what is blocked or open there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from causalcourse.docalculus.proof import LAWS, Differs, Proof, Step, selection_diagram
from causalcourse.docalculus.verify import separation
from causalcourse.errors import CourseError
from causalcourse.expression import Probability
from causalcourse.graph import CausalGraph, Node
from causalcourse.separation import Separation
from causalcourse.speaking import picture as show_picture
from causalcourse.speaking import tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_PATHS = 4  # blocked paths that a picture shows


def premise(graph: CausalGraph, step: Step, differs: Differs | None = None) -> Separation | None:
    """The separation that a rule rests on, in its mutilated graph; None for a law of probability.

    Used from chapter 05.
    """
    if not (isinstance(step.before, Probability) and isinstance(step.after, Probability)):
        return None
    found = separation(graph, step.law, step.before, step.after, differs or {})
    return found if isinstance(found, Separation) else None


def where(graph: CausalGraph, step: Step, found: Separation) -> str:
    """The mutilated graph of a rule in words: "the graph without the arrows into X". Used from chapter 05."""
    acted = {s.node for p in (step.before, step.after) if isinstance(p, Probability) for s in p.do}
    cut, still = {*graph.directed} - {*found.graph.directed}, found.graph
    hit = {b for _, b in cut}.union(*({*graph.bidirected} - {*still.bidirected}))
    out_of = [n for n in graph.nodes if step.law == "rule 2" and n in found.y and n in {a for a, _ in cut}]
    seen = found.y if step.law == "rule 2" else ()
    acted.difference_update(seen)
    into = [n for n in graph.nodes if n in acted & hit and not (still.parents(n) or still.siblings(n))]
    ways = [f"{way} {_listed(nodes)}" for way, nodes in (("into", into), ("out of", out_of)) if nodes]
    text = f"the graph without the arrows {' and '.join(ways)}" if ways else "the graph as it is"
    kept = [n for n in found.y if step.law == "rule 3" and (still.parents(n) or still.siblings(n))]
    if not kept:
        return text
    return f"{text} (the arrows into {_listed(kept)} stay: {_listed(kept)} can change what is given)"


def stated(graph: CausalGraph, step: Step, differs: Differs | None = None) -> str:
    """What a rule rests on: its separation, and the graph in which it is looked for; "" for a law of probability.

    Used from chapter 05.
    """
    if not (found := premise(graph, step, differs)):
        return ""
    return f"{_claim(found)} in {where(_whole(graph, step, differs), step, found)}"


def refused(graph: CausalGraph, step: Step) -> str:
    """Why a rule does not allow a step, and where to look. Used from chapter 05."""
    named = f"{step.law[0].upper()}{step.law[1:]} does not allow {step.before} = {step.after}."
    found = premise(graph, step)
    if found is None or found:
        return f"{named} It says: {LAWS[step.law].format(moved='one variable', of='another')}."
    of, moved, given = map(_listed, (found.x, found.y, found.given))
    once = f" once {given} {'are' if len(found.given) > 1 else 'is'} known" if given else ""
    return (
        f"{named}\nIt would need {of} and {moved} separated{once}, in {where(graph, step, found)}.\nThere {found.why}"
    )


def show(proof: Proof) -> None:
    """The proof, step by step: the formula after it, the law in words and, for a rule, its graph as a picture.

    In the picture, dotted edges are cut; heavy ones are the paths, each of them blocked. Taught in chapter 05.
    """
    tell(
        f"To show: {proof.query} = {proof.estimand}",
        markdown=f"**To show:** ${proof.query.latex()}$ $=$ ${proof.estimand.latex()}$",
    )
    for number, step in enumerate(proof.steps, 1):
        before, after = proof.formulas[number - 1 : number + 1]
        rests = stated(proof.graph, step, proof.differs)
        because = f"{step.why}.{f' Here {rests}.' * bool(rests)}"
        law = f"{step.law[0].upper()}{step.law[1:]}"
        tell(
            f"{number}. {before}\n   = {after}\n   {law}: {because}",
            markdown=f"**{number}. {law}**: {because}\n\n"
            f"$\\displaystyle {before.latex()}$ $=$ $\\displaystyle {after.latex()}$",
        )
        if rests:
            show_picture(partial(draw, proof, number))


def draw(proof: Proof, number: int) -> Axes:
    """The picture of one step. Raises CourseError. Used from chapter 05."""
    if number not in range(1, len(proof) + 1):
        raise CourseError(f"The proof has the steps 1 to {len(proof)}; {number!r} is none of them.")
    step = proof.steps[number - 1]
    found = premise(proof.graph, step, proof.differs)
    if found is None:
        raise CourseError(f"Step {number} is by a law of probability ({step.law}); only the rules look at the drawing.")
    title = f"Step {number}, {step.law}: {_claim(found)}"
    return picture(_whole(proof.graph, step, proof.differs), found, title)


def picture(graph: CausalGraph, found: Separation, title: str) -> Axes:
    """A rule's graph: what it cuts dotted, the open path or the blocked ones heavy, what is known a double square.

    Used from chapter 05.
    """
    from causalcourse.show.drawing import graph as draw

    paths = [found.path] if found.path else [path for path, _ in found.blocked[:_MOST_PATHS]]
    ends = {"treatment": list(found.y), "outcome": list(found.x), "conditioned": list(found.given)}
    return draw(graph, cut=found.graph, path=paths or None, title=title, **ends)  # type: ignore[arg-type]


def _whole(graph: CausalGraph, step: Step, differs: Differs | None) -> CausalGraph:
    """The graph before a rule cuts it: for a transport, with the square nodes that stand for what differs."""
    if step.law != "transport" or not isinstance(step.before, Probability) or not isinstance(step.after, Probability):
        return graph
    return selection_diagram(graph, (differs or {})[step.before.population or step.after.population])[0]


def _claim(found: Separation) -> str:
    given = f" | {', '.join(map(str, found.given))}" if found.given else ""
    return f"{', '.join(map(str, found.x))} {'⊥' if found else 'not ⊥'} {', '.join(map(str, found.y))}{given}"


def _listed(nodes: Any) -> str:
    names: list[Node] = [str(node) for node in nodes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
