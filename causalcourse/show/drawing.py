"""Drawing a causal graph: solid arrows for direct causes, dashed double-headed arcs for hidden common causes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from causalcourse.errors import GraphError, did_you_mean
from causalcourse.graph import CausalGraph, Node, as_graph
from causalcourse.show.layout import Layout, arrange, curve, narrow_enough
from causalcourse.show.style import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causalcourse.separation import Path

_MOST_NODES, _WIDEST = 60, 40  # nodes; columns or rows
_WIDTH = 6.2  # inches that a drawing may take
# size of the letters, gap between layers in inches, from top to bottom: the first that fits the page is taken
_FITS = (
    (11, 0.62, False),
    (10, 0.45, False),
    (9, 0.4, False),
    (11, 0.5, True),
    (9, 0.45, True),
    (8, 0.4, True),
    (7, 0.35, True),
)


def graph(
    graph: Any,
    *,
    treatment: Node | Iterable[Node] | None = None,
    outcome: Node | Iterable[Node] | None = None,
    latent: Iterable[Node] = (),
    conditioned: Iterable[Node] = (),
    path: Path | Iterable[Path] | None = None,
    cut: CausalGraph | None = None,
    at: Mapping[Node, tuple[float, float]] | None = None,
    labels: Mapping[Node, str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a graph: a CausalGraph, text such as "Z -> X -> Y; X <-> Y", or whatever else `formats.read` reads.

    treatment is dark with white letters, outcome amber, latent dashed, conditioned a square with a double frame.
    path, such as the witness that `separated` gives, or several, is drawn heavy, and all other edges light.
    cut: what is left of the graph, such as graph.cut_into("X"); the edges it lacks are dotted.
    at: a place for every node, in columns and rows; without it the layout is found. labels: other words for nodes.
    Raises GraphError for a node the graph does not have. Used from chapter 00.
    """
    model = as_graph(graph)
    if len(model.nodes) > _MOST_NODES:
        raise GraphError(
            f"This graph has {len(model.nodes)} nodes, too many for a picture (at most {_MOST_NODES}). Draw a part."
        )
    roles = _roles(model, treatment, outcome, latent, conditioned)
    _known(model, "labels", labels or {})
    if at is not None:
        _known(model, "at", at)
        if missing := [node for node in model.nodes if node not in at]:
            raise GraphError(f"at= gives no place for '{missing[0]}'. Give every node one, or leave at= out.")
        for node, place in at.items():
            if not _is_place(place):
                raise GraphError(
                    f"at= puts '{node}' at {place!r}; a place is a column and a row, such as (0, 1), up to {_WIDEST}."
                )
    words = {node: _wrapped(str((labels or {}).get(node, node))) for node in model.nodes}
    font, sizes, layout = _fitted(model, words, at)
    axes = _canvas(layout, sizes, title, ax)
    boxes = {node: _box(axes, layout.place[node], sizes[node], node, roles[node]) for node in model.nodes}
    for node, (x, y) in layout.place.items():
        colour = "white" if roles[node] == "treatment" else "black"
        axes.text(
            x, y, words[node], ha="center", va="center", fontsize=font, color=colour, zorder=4, gid=f"label:{node}"
        )
    several = list(path) if isinstance(path, Iterable) and not hasattr(path, "arrows") else []
    paths = several or ([] if path is None else [path])

    heavy = set().union(*(_path_edges(model, one) for one in paths))
    left = _edges(as_graph(cut) if cut is not None else model)
    for ((a, b), both), bend in layout.bend.items():
        arrow = "<->" if both else "->"
        weight = 1.4 if not paths else 3.2 if (a, arrow, b) in heavy else 0.7
        weight = weight if (a, arrow, b) in left else 0.0
        ends = (layout.place[a], layout.place[b], boxes[a], boxes[b])
        _edge(axes, *ends, bend, both, weight, f"{a}{arrow}{b}")
    return axes


def _path_edges(model: CausalGraph, path: Path) -> set[tuple[Node, str, Node]]:
    """The edges of a path, each written both ways: from its tail, or from either end of `<->`."""
    if not hasattr(path, "arrows"):
        raise GraphError(
            f"path= needs a path, such as paths(graph, 'X', 'Y')[0] or separated(graph, 'X', 'Y').path; got {path!r}."
        )
    _known(model, "path", path.nodes)
    steps = zip(path.nodes, path.arrows, path.nodes[1:], strict=False)
    forward = {(a, arrow, b) if arrow != "<-" else (b, "->", a) for a, arrow, b in steps}
    there = _edges(model)
    if absent := [edge for edge in forward if edge not in there]:
        raise GraphError(f"path= uses {' '.join(map(str, absent[0]))}, which is not an edge of this graph.")
    return forward | {(b, arrow, a) for a, arrow, b in forward if arrow == "<->"}


def _edges(model: CausalGraph) -> set[tuple[Node, str, Node]]:
    return {(a, "->", b) for a, b in model.directed}.union(
        (x, "<->", y) for a, b in model.bidirected for x, y in ((a, b), (b, a))
    )


def describe(graph: Any) -> str:
    """The graph in words, for readers who do not see it: "Z causes X and Y; X and Y share a hidden cause."

    Used from chapter 00.
    """
    model = as_graph(graph)
    parts = []
    for node in model.nodes:
        effects = [str(b) for a, b in model.directed if a == node]
        if effects:
            parts.append(f"{node} causes {_listed(effects)}")
    parts += [f"{a} and {b} share a hidden cause" for a, b in model.bidirected]
    count = len(model.nodes)
    if not parts:
        return f"A graph with {count} variable{'s' * (count != 1)} and no edges."
    return f"A graph with {count} variable{'s' * (count != 1)}: {'; '.join(parts)}."


def _is_place(given: object) -> bool:
    try:
        x, y = map(float, given)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return False
    return abs(x) <= _WIDEST and abs(y) <= _WIDEST


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _roles(
    model: CausalGraph, treatment: Any, outcome: Any, latent: Iterable[Node], conditioned: Iterable[Node]
) -> dict[Node, str]:
    roles = dict.fromkeys(model.nodes, "observed")
    given = {"latent": latent, "conditioned": conditioned, "treatment": treatment, "outcome": outcome}
    for role, nodes in given.items():
        if nodes is None:
            continue
        # one node may be given bare; a node may itself be a tuple
        one = isinstance(nodes, str) or not isinstance(nodes, Iterable) or nodes in model.nodes
        chosen = [nodes] if one else list(nodes)
        _known(model, role, chosen)
        roles.update(dict.fromkeys(chosen, role))
    return roles


def _known(model: CausalGraph, what: str, nodes: Iterable[Node]) -> None:
    for node in nodes:
        if node not in model.nodes:
            names = ", ".join(map(str, model.nodes)) or "none"
            raise GraphError(
                f"{what}= names '{node}', which is not a node of this graph (nodes: {names})."
                + did_you_mean(node, model.nodes)
            )


def _wrapped(label: str) -> str:
    return textwrap.fill(label, 14, break_long_words=False) if len(label) > 14 else label


def _size(label: str, font: float) -> tuple[float, float]:
    """Width and height in inches of the box around a label."""
    from matplotlib.textpath import TextPath

    lines = label.split("\n")
    # a character of a foreign script may be missing from the font: then it takes a square
    widths = [
        max(TextPath((0, 0), line, size=font).get_extents().width, 0.55 * font * len(line))
        for line in lines
        if line.strip()
    ]
    return max(0.5, max(widths, default=0) / 72 + 0.26), max(0.46, len(lines) * 1.25 * font / 72 + 0.24)


def _fitted(
    model: CausalGraph, words: Mapping[Node, str], at: Mapping[Node, tuple[float, float]] | None
) -> tuple[float, dict[Node, tuple[float, float]], Layout]:
    """The largest letters, and the direction, with which the graph is no wider than the page."""
    for font, gap, down in _FITS:
        sizes = {node: _size(words[node], font) for node in model.nodes}
        if at is not None or narrow_enough(model, sizes, _WIDTH, down, gap):
            break
    return font, sizes, arrange(model, sizes, at, down, gap)


def _extent(layout: Layout, sizes: Mapping[Node, tuple[float, float]]) -> tuple[float, float, float, float]:
    """left, right, bottom, top of everything drawn, in inches."""
    import numpy as np

    corners = [
        (x + s * w / 2, y + s * h / 2) for n, (x, y) in layout.place.items() for w, h in [sizes[n]] for s in (-1, 1)
    ]
    for (edge, _), bend in layout.bend.items():
        corners += list(map(tuple, curve(np.array(layout.place[edge[0]]), np.array(layout.place[edge[1]]), bend)))
    if not corners:
        return -0.5, 0.5, -0.3, 0.3
    x, y = np.array(corners).T
    return float(x.min()), float(x.max()), float(y.min()), float(y.max())


def _canvas(layout: Layout, sizes: Mapping[Node, tuple[float, float]], title: str | None, ax: Axes | None) -> Axes:
    left, right, bottom, top = _extent(layout, sizes)
    margin = 0.1
    if ax is None:
        fig, ax = figure(title or "")
        width = max(6.4, right - left + 2 * margin)
        room = 0.32 + 0.2 * fig.get_suptitle().count("\n") if title else 0.0
        fig.set_size_inches(width, top - bottom + 2 * margin + room)
        # one unit is one inch, so that boxes sized for their letters fit them
        fig.set_layout_engine("none")
        ax.set_position((0.0, 0.0, 1.0, 1.0 - room / fig.get_figheight()))
        middle = (left + right) / 2
        ax.set(xlim=(middle - width / 2, middle + width / 2), ylim=(bottom - margin, top + margin))
    else:
        if title:
            ax.set_title(title)
        ax.set(xlim=(left - margin, right + margin), ylim=(bottom - margin, top + margin))
        ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _box(axes: Axes, place: tuple[float, float], size: tuple[float, float], node: Node, role: str) -> Any:
    from matplotlib.patches import FancyBboxPatch

    (x, y), (w, h) = place, size
    round_ = role != "conditioned"
    style = f"round,pad=0,rounding_size={min(w, h) / 2.01}" if round_ else "square,pad=0"
    fill = {"treatment": COLOURS["treatment"], "outcome": COLOURS["outcome"], "latent": "white"}.get(
        role, COLOURS["observed"]
    )
    box = FancyBboxPatch(
        (x - w / 2, y - h / 2),
        w,
        h,
        boxstyle=style,
        facecolor=fill,
        edgecolor="black",
        linewidth=1.2,
        linestyle=(0, (3, 2)) if role == "latent" else "-",
        zorder=3,
        gid=f"node:{node}",
    )
    axes.add_patch(box)
    if role == "conditioned":
        inner = FancyBboxPatch(
            (x - w / 2 + 0.045, y - h / 2 + 0.045),
            w - 0.09,
            h - 0.09,
            boxstyle="square,pad=0",
            facecolor="none",
            edgecolor="black",
            linewidth=0.8,
            zorder=3,
        )
        axes.add_patch(inner)
    return box


def _edge(
    axes: Axes, a: Any, b: Any, box_a: Any, box_b: Any, bend: float, both: bool, weight: float, name: str
) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(
            a,
            b,
            patchA=box_a,
            patchB=box_b,
            shrinkA=1.5,
            shrinkB=1.5,
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=13,
            linewidth=weight or 1.0,
            linestyle=(0, (1, 3)) if not weight else (0, (4, 2.5)) if both else "-",
            color="#999999" if not weight else "#555555" if both else "black",
            zorder=2,
            gid=f"edge:{name}",
        )
    )
