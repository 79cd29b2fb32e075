"""Causal graphs for a paper: a TikZ picture, and a line of mathematics."""

from __future__ import annotations

import math
import re
from typing import Any

from causalcourse.errors import GraphError
from causalcourse.graph import Node, as_graph

_CM = 2.54  # in an inch
_ESCAPES = {
    "\\": r"\backslash{}",
    "^": r"\hat{\ }",
    "~": r"\sim{}",
    "-": r"\text{-}",
    " ": r"\ ",
    **{sign: "\\" + sign for sign in "_{}%&#$"},
}


def to_latex(graph: Any) -> str:
    r"""The edges as mathematics for LaTeX and Jupyter, such as X \rightarrow Y,\; X \leftrightarrow Y.

    Raises GraphError for a name with a line break or another control character. Taught in chapter 02.
    """
    graph = as_graph(graph)
    touched = {node for edge in (*graph.directed, *graph.bidirected) for node in edge}
    parts = [rf"{name(a)} \rightarrow {name(b)}" for a, b in graph.directed]
    parts += [rf"{name(a)} \leftrightarrow {name(b)}" for a, b in graph.bidirected]
    return r",\; ".join(parts + [name(node) for node in graph.nodes if node not in touched])


def to_tikz(graph: Any) -> str:
    r"""The drawing as a tikzpicture, placed as `show.graph` places it; `<->` is a dashed arc with two heads.

    It needs no TikZ library: \documentclass[tikz]{standalone}, amsmath, and the picture. Names in other scripts need
    XeLaTeX or LuaLaTeX. Raises GraphError for a name with a control character. Taught in chapter 02.
    """
    from causalcourse.show.layout import arrange

    graph = as_graph(graph)
    sizes = {node: (max(0.5, 0.26 + 0.09 * len(str(node))), 0.4) for node in graph.nodes}  # inches, letters of 11 pt
    layout = arrange(graph, sizes)
    number = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
    lines = [
        rf"  \node ({number[node]}) at ({round(_CM * x, 2) + 0.0:g}, {round(_CM * y, 2) + 0.0:g}) {{${name(node)}$}};"
        for node, (x, y) in layout.place.items()
    ]
    for ((a, b), both), bend in layout.bend.items():
        style = "<->, dashed" if both else "->"
        lines.append(rf"  \draw[{style}] ({number[a]}) to{_bent(bend)} ({number[b]});")
    return "\n".join([r"\begin{tikzpicture}[>=stealth, inner sep=4pt]", *lines, r"\end{tikzpicture}"])


def _bent(bend: float) -> str:
    """The layout's bend as TikZ writes it: the angle at which a parabola with that bend leaves its node."""
    degrees = round(math.degrees(math.atan(2 * abs(bend))))
    return f"[bend {'right' if bend > 0 else 'left'}={degrees}]" if degrees else ""


def name(node: Node) -> str:
    """A node as mathematics: X, X_{1}, and words upright. Raises GraphError. Used from chapter 02."""
    text = str(node)
    if not text.strip() or any(ord(sign) < 32 or ord(sign) in (127, 133, 0x2028, 0x2029) for sign in text):
        raise GraphError(f"LaTeX cannot print the name {text!r}. Give the node a name without line breaks.")
    if len(text) == 1 and text.isalpha():
        return text
    if found := re.fullmatch(r"([A-Za-z])_?([0-9]+)", text):
        return f"{found[1]}_{{{found[2]}}}"
    return rf"\mathrm{{{''.join(_ESCAPES.get(sign, sign) for sign in text)}}}"
