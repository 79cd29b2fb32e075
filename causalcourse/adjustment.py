"""Which variables to control for: adjustment sets, front-door sets and instruments, each "no" with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from causalcourse.errors import CourseError, GraphError
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.separation import Finding, Path, connected, separated
from causalcourse.separators import minimal_separators

Nodes = Node | Iterable[Node]
_MOST_TRIED = 100  # sets to be given with one instrument: there can be exponentially many


class NotAdjustable(CourseError):
    """No set of observed variables gives the effect by adjustment. Taught in chapter 04."""


def is_adjustment_set(graph: Any, treatments: Nodes, outcomes: Nodes, given: Nodes = ()) -> Finding:
    """Whether P(y | do(x)) = sum over z of P(y | x, z) P(z) in every model with this graph, and why or why not.

    Treatments, outcomes and `given` (the z) are nodes or collections of nodes; `<->` is a hidden common cause.
    Raises GraphError for an unknown node, or one named twice.
    Source: the generalised adjustment criterion, Perković, Textor, Kalisch & Maathuis 2018, def. 4; Shpitser,
    VanderWeele & Robins 2010. Sound and complete. Taught in chapter 04.
    """
    graph = as_graph(graph)
    x, y, z = _apart(graph, treatments, outcomes, given)
    between = _between(graph, x, y)
    for node in z:
        if node in between:
            path = _arrows(graph, _directed(graph, x, [node], x) + _directed(graph, [node], y, x)[1:])
            why = f"{node} is on the causal path {path}: holding it fixed takes that part of the effect away."
            return Finding(False, why, path)
    for node in z:
        if above := between.intersection(graph.ancestors(node)):
            first = graph.pick(above)[0]
            what = f"the outcome {first}" if first in y else f"{first}, which is on a causal path"
            return Finding(False, f"{node} is a descendant of {what}: knowing it is knowing part of the effect.")
    apart = separated(_without_effect(graph, x, between), x, y, z)
    if apart:
        return Finding(True, "every path that is not causal is blocked, and every causal path is left alone.")
    path = Path(graph, apart.path.nodes, apart.path.arrows)
    opened = [f"is opened by what you control for: {node} is a collider on it." for node in path.colliders]
    return Finding(False, f"the path {path} is not causal and {(*opened, 'stays open.')[0]}", path)


def adjustment_set(graph: Any, treatments: Nodes, outcomes: Nodes, *, observed: Nodes | None = None) -> frozenset[Node]:
    """One minimal adjustment set, of `observed` variables only (default: all); the one nearest to the treatments.

    Raises NotAdjustable with the path that nothing closes, GraphError for an unknown node.
    Source: van der Zander, Liśkiewicz & Textor 2019. Taught in chapter 04.
    """
    for found in minimal_adjustment_sets(graph, treatments, outcomes, observed=observed):
        return found
    graph = as_graph(graph)
    x, y, _ = _apart(graph, treatments, outcomes, ())
    usable = _usable(graph, x, y, observed).intersection(graph.ancestors({*x, *y}))
    path = is_adjustment_set(graph, x, y, usable).path
    raise NotAdjustable(
        f"No adjustment set gives the effect of {_text(x)} on {_text(y)} here. Even with everything given that may be "
        f"({_text(graph.pick(usable)) or 'nothing'}), the path {path} is open and not causal. "
        "Measure a variable that closes it; or try frontdoor_sets or instruments."
    )


def minimal_adjustment_sets(
    graph: Any, treatments: Nodes, outcomes: Nodes, *, observed: Nodes | None = None
) -> Iterator[frozenset[Node]]:
    """Every adjustment set from which nothing can be left out, of `observed` variables only (default: all).

    Nothing is yielded when there is none; `adjustment_set` says why. The wait for each next set is polynomial.
    Raises GraphError. Source: van der Zander, Liśkiewicz & Textor 2019, sec. 4-5. Taught in chapter 04.
    """
    graph = as_graph(graph)
    x, y, _ = _apart(graph, treatments, outcomes, ())
    back_doors = _without_effect(graph, x, _between(graph, x, y))
    yield from minimal_separators(back_doors, x, y, _usable(graph, x, y, observed))


def optimal_adjustment_set(graph: Any, treatments: Nodes, outcomes: Nodes) -> frozenset[Node]:
    """The adjustment set whose estimate has the smallest asymptotic variance of all: the O-set.

    It takes the parents of the causal paths, which explain the outcome, and leaves alone what explains only the
    treatment. Raises NotAdjustable when there is none, or when a hidden common cause lies among the ancestors of
    treatments and outcomes: then there may be no best set at all (Smucler, Sapienza & Rotnitzky 2022).
    Source: Henckel, Perković & Maathuis 2022, def. 3.4 and thm. 3.10. Taught in chapter 04.
    """
    graph = as_graph(graph)
    x, y, _ = _apart(graph, treatments, outcomes, ())
    relevant = graph.ancestors({*x, *y})
    if hidden := [f"{a} <-> {b}" for a, b in graph.bidirected if a in relevant and b in relevant]:
        raise NotAdjustable(
            f"No optimal set can be promised here: {hidden[0]} is a hidden common cause, and with one the best set can "
            "depend on the numbers and not on the drawing alone. Compare the sets of minimal_adjustment_sets on data."
        )
    between = _between(graph, x, y)
    if missing := [node for node in y if node not in between]:
        raise NotAdjustable(f"{_text(x)} does not cause {missing[0]} in this graph: there is no effect to adjust for.")
    parents = {parent for node in between for parent in graph.parents(node)}
    chosen = parents.difference(graph.descendants(between), x)
    if not (finding := is_adjustment_set(graph, x, y, chosen)):
        raise NotAdjustable(f"No adjustment set gives the effect of {_text(x)} on {_text(y)} here: {finding.why}")
    return frozenset(chosen)


def is_frontdoor_set(graph: Any, treatments: Nodes, outcomes: Nodes, mediators: Nodes) -> Finding:
    """Whether `mediators` satisfy the front-door criterion for an effect, and why or why not.

    They must cut every causal path, with no open back door from the treatments to them, and none from them to the
    outcomes once the treatments are given. Raises GraphError. Source: Pearl 2009, def. 3.3.3. Taught in chapter 05.
    """
    graph = as_graph(graph)
    x, y, m = _apart(graph, treatments, outcomes, mediators)
    if past := _directed(graph, x, y, avoiding=m):
        path = _arrows(graph, past)
        return Finding(False, f"the causal path {path} goes past {_text(m) or 'an empty set'}.", path)
    if not m:
        return Finding(True, "there is no causal path to cut.")
    for cut, others, given, what in ((x, m, (), "treatment to mediator"), (m, y, x, "mediator to outcome")):
        apart = separated(graph.cut_out_of(cut), cut, others, given)
        if not apart:
            path = Path(graph, apart.path.nodes, apart.path.arrows)
            return Finding(False, f"the back door {path} from {what} is open.", path)
    return Finding(True, "they cut every causal path, and no back door to them or from them is open.")


def frontdoor_sets(graph: Any, treatments: Nodes, outcomes: Nodes) -> Iterator[frozenset[Node]]:
    """Every front-door set, each once; the first is one from which nothing can be left out.

    The wait for each next set is polynomial. Raises GraphError.
    Source: Jeong, Tian & Bareinboim 2022; the search for the largest set follows Wienöbst, van der Zander & Liśkiewicz
    2024. Taught in chapter 05.
    """
    graph = as_graph(graph)
    x, y, _ = _apart(graph, treatments, outcomes, ())
    back_doors = graph.cut_out_of(x)
    reachable = frozenset(graph.nodes).difference(y, connected(back_doors, x))

    def largest(candidates: frozenset[Node]) -> frozenset[Node]:
        # what has a back door to the outcome has it in every smaller set too, since that cuts fewer arrows
        while bad := candidates & connected(graph.cut_out_of(candidates), y, x):
            candidates = candidates - bad
        return candidates

    todo = [(frozenset[Node](), largest(reachable))]
    while todo:
        kept, candidates = todo.pop()
        if not kept <= candidates or _directed(graph, x, y, avoiding=candidates):
            continue  # if the largest set leaves a causal path open, every smaller one does
        if kept == candidates:
            yield kept
            continue
        node = next(n for n in graph.nodes if n in candidates and n not in kept)
        todo += [(kept | {node}, candidates), (kept, largest(candidates - {node}))]


def is_instrument(graph: Any, instrument: Node, treatment: Node, outcome: Node, given: Nodes = ()) -> Finding:
    """Whether a variable is an instrument for the effect of treatment on outcome once `given` is known, and why.

    It must be related to the treatment, and reach the outcome through the treatment alone. An instrument gives the
    effect only under more assumptions, such as linear equations; the drawing alone never gives it.
    Raises GraphError. Source: Pearl 2009, def. 7.4.1; Brito & Pearl 2002. Taught in chapter 04.
    """
    graph = as_graph(graph)
    z, x, y, w = graph.pick(instrument), graph.pick(treatment), graph.pick(outcome), graph.pick(given)
    if not len(z) == len(x) == len(y) == 1 or len({*z, *x, *y, *w}) < 3 + len(w):
        raise GraphError(
            "An instrument, a treatment and an outcome are three different nodes, and none of them is given."
        )
    if affected := [node for node in (*z, *w) if node in graph.descendants(x)]:
        return Finding(
            False, f"{affected[0]} is a descendant of {x[0]}: nothing the treatment changes may be used here."
        )
    apart = separated(graph.cut_into(x), z, y, w)
    if not apart:
        path = Path(graph, apart.path.nodes, apart.path.arrows)
        return Finding(False, f"{z[0]} reaches {y[0]} past {x[0]}: {path} is open.", path)
    related = separated(graph, z, x, w)
    if related:
        return Finding(False, f"{z[0]} tells nothing about {x[0]}: no open path joins them.")
    return Finding(
        True, f"{z[0]} moves with {x[0]} ({related.path}), and reaches {y[0]} through {x[0]} alone.", related.path
    )


def instruments(
    graph: Any, treatment: Node, outcome: Node, *, observed: Nodes | None = None
) -> list[tuple[Node, frozenset[Node]]]:
    """Each instrument with a set to be given with it, from which nothing can be left out; of `observed` variables only.

    Of the sets for one instrument the first hundred are tried. Raises GraphError.
    Source: van der Zander, Textor & Liśkiewicz 2015 (their ancestral instruments).
    Taught in chapter 04.
    """
    graph = as_graph(graph)
    x, y, _ = _apart(graph, treatment, outcome, ())
    allowed = set(graph.nodes if observed is None else graph.pick(observed)).difference(graph.descendants(x), x, y)
    found = []
    for z in (node for node in graph.nodes if node in allowed):
        sets = islice(minimal_separators(graph.cut_into(x), z, y, allowed - {z}), _MOST_TRIED)
        fitting = (given for given in sets if is_instrument(graph, z, treatment, outcome, given))
        found += [(z, given) for given in islice(fitting, 1)]
    return found


def _apart(graph: CausalGraph, *groups: Nodes) -> list[tuple[Node, ...]]:
    picked = [graph.pick(group) for group in groups]
    if not picked[0] or not picked[1]:
        raise GraphError("An effect needs a treatment and an outcome, such as 'X' and 'Y'.")
    seen: set[Node] = set()
    for node in (node for group in picked for node in group):
        if node in seen:
            raise GraphError(
                f"'{node}' is named twice. Treatments, outcomes and the other variables must be different."
            )
        seen.add(node)
    return picked


def _between(graph: CausalGraph, x: tuple[Node, ...], y: tuple[Node, ...]) -> frozenset[Node]:
    """Nodes on causal paths from x to y that leave x once: none of them, nor anything below, may be given."""
    return (graph.cut_into(x).descendants(x) & graph.cut_out_of(x).ancestors(y)).difference(x)


def _without_effect(graph: CausalGraph, x: tuple[Node, ...], between: frozenset[Node]) -> CausalGraph:
    """The proper back-door graph: the first arrow of every causal path removed, so that no other path is lost."""
    kept = tuple((a, b) for a, b in graph.directed if a not in x or b not in between)
    return CausalGraph(graph.nodes, kept, graph.bidirected)


def _usable(graph: CausalGraph, x: tuple[Node, ...], y: tuple[Node, ...], observed: Nodes | None) -> set[Node]:
    seen = set(graph.nodes if observed is None else graph.pick(observed))
    return seen.difference(graph.descendants(_between(graph, x, y)), x, y)


def _directed(
    graph: CausalGraph, starts: Iterable[Node], ends: Iterable[Node], avoiding: Iterable[Node] = ()
) -> tuple[Node, ...] | None:
    """A shortest directed path from `starts` to `ends` with none of `avoiding` on it, or None."""
    goal, closed = set(ends), set(avoiding)
    todo = [(start,) for start in starts]
    for walk in todo:  # grows as it is read: a queue
        if walk[-1] in goal:
            return walk
        onward = [child for child in graph.children(walk[-1]) if child not in closed]
        closed.update(onward)
        todo += [(*walk, child) for child in onward]
    return None


def _arrows(graph: CausalGraph, nodes: tuple[Node, ...]) -> Path:
    return Path(graph, nodes, ("->",) * (len(nodes) - 1))


def _text(nodes: Iterable[Node]) -> str:
    return ", ".join(map(str, nodes))
