"""Causal graphs from and to the libraries people use: edge lists, dagitty, GML, networkx, pgmpy, DoWhy, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

from causalcourse.dagitty import from_dagitty, is_dagitty, to_dagitty
from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, Edge, Node, as_graph
from causalcourse.tex import to_latex, to_tikz

if TYPE_CHECKING:
    import networkx
    import pgmpy.base

__all__ = ["read", "to_dagitty", "to_edges", "to_gml", "to_latex", "to_networkx", "to_pgmpy", "to_tikz"]

_GML = re.compile(r"\bgraph\s*\[")
_READABLE = (
    "Graphs are read from text ('Z -> X; X <-> Y', dagitty, GML), a list of edges, a networkx DiGraph, a pgmpy DAG or "
    "network, a DoWhy CausalModel, or one of this course's models."
)
_EDGE = "('X', 'Y'), ('X', 'Y', '<->') for a hidden common cause, or ('X',) for a node on its own"
_ARROWS = ("->", "<-", "<->")


def read(thing: Any, latents: Iterable[Node] = ()) -> CausalGraph:
    """The causal graph of an edge list, of text, or of another library's graph, its latent nodes projected out.

    Edge lists: ("X", "Y"), ("X", "Y", "<->"), ("W",) for a node on its own. Text: arrows, dagitty, GML. Objects:
    networkx DiGraph, pgmpy DAG, Bayesian network or ADMG, DoWhy CausalModel, CausalGraph or gcm model, an SCM.
    latents: more nodes to project out, beside those that are marked (dagitty [latent], observed="no", pgmpy's latents).
    Raises GraphError for what is no causal graph: undirected edges, cycles, nothing at all.
    Source: latent projection, Verma & Pearl 1990. Taught in chapter 02.
    """
    graph, marked = _with_latents(thing)
    if not graph.nodes:
        raise GraphError("This graph has no nodes. Give it at least one, such as 'X -> Y'.")
    hidden = {*marked, *graph.pick(latents)}
    if not hidden:
        return graph
    if hidden.issuperset(graph.nodes):
        raise GraphError("Every node of this graph is latent. Leave at least one to be observed.")
    return graph.project([node for node in graph.nodes if node not in hidden])


def to_edges(graph: Any) -> list[tuple[Node, ...]]:
    """The graph as a list that `read` takes: ("X", "Y"), ("X", "Y", "<->"), and ("W",) for a node on its own.

    Nodes may be named by anything. Taught in chapter 02.
    """
    graph = as_graph(graph)
    touched = {node for edge in (*graph.directed, *graph.bidirected) for node in edge}
    alone = [(node,) for node in graph.nodes if node not in touched]
    return [*graph.directed, *((a, b, "<->") for a, b in graph.bidirected), *alone]


def to_networkx(graph: Any) -> networkx.DiGraph:
    """The graph as a networkx DiGraph; each `<->` becomes a node with the attribute observed="no", as DoWhy marks it.

    Raises GraphError for a node named None, which networkx cannot hold. Taught in chapter 02.
    """
    import networkx as nx

    full, latents = _explicit(graph)
    network = nx.DiGraph()
    for node in full.nodes:
        network.add_node(node, observed="no" if node in latents else "yes")
    network.add_edges_from(full.directed)
    return network


def to_pgmpy(graph: Any) -> pgmpy.base.DAG:
    """The graph as a pgmpy DAG; each `<->` becomes a node listed in its `latents`.

    Raises GraphError for a node named None, or when pgmpy is not installed. Taught in chapter 02.
    """
    try:
        from pgmpy.base import DAG
    except ImportError:
        raise GraphError(
            "to_pgmpy needs pgmpy, which is not installed here. Run `pip install pgmpy`, or use to_networkx."
        ) from None
    full, latents = _explicit(graph)
    dag = DAG()
    for node in full.nodes:
        dag.add_node(node)
    for a, b in full.directed:
        dag.add_edge(a, b)
    dag.latents = set(latents)
    return dag


def to_gml(graph: Any) -> str:
    """The graph as GML text for DoWhy's CausalModel(graph=...); each `<->` becomes a node marked observed "no".

    DoWhy takes a node for latent when its data frame has no column of that name, so leave those columns out.
    Raises GraphError for a name that is no text. Taught in chapter 02.
    """
    full, latents = _explicit(graph)
    number = {node: i for i, node in enumerate(full.nodes)}
    lines = ["graph [", "  directed 1"]
    for node, i in number.items():
        if not isinstance(node, str):
            raise GraphError(
                f"GML cannot name a node {node!r}: it needs text. Give the node a name in quotes, or use to_networkx."
            )
        # DoWhy takes a text with ".txt" or ".gml" in it for a file's name, so a dot is written as its number too
        label = re.sub(r"[^A-Za-z0-9_ ]", lambda found: f"&#{ord(found[0])};", node)
        lines.append(f'  node [ id {i} label "{label}" observed "{"no" if node in latents else "yes"}" ]')
    lines += [f"  edge [ source {number[a]} target {number[b]} ]" for a, b in full.directed]
    return "\n".join([*lines, "]"])


def _explicit(graph: Any) -> tuple[CausalGraph, tuple[str, ...]]:
    full, latents = as_graph(graph).with_latents()
    if None in full.nodes:
        raise GraphError("A node is named None, which other libraries take for no node at all. Give it a name.")
    return full, latents


def _with_latents(thing: Any) -> tuple[CausalGraph, Iterable[Node]]:
    """The graph of `thing` as it stands, and its nodes that are marked latent."""
    if isinstance(thing, CausalGraph):
        return thing, ()
    if isinstance(thing, str):
        if is_dagitty(thing) or "{" in thing:
            return from_dagitty(thing)
        return _from_gml(thing) if _GML.search(thing) else (CausalGraph.parse(thing), ())
    library = type(thing).__module__.partition(".")[0]
    inside = next((vars(thing)[name] for name in ("_graph", "graph") if name in getattr(thing, "__dict__", ())), None)
    if isinstance(getattr(thing, "graph", None), CausalGraph):  # a model of the course
        return thing.graph, ()
    if library == "dowhy" and inside is not None:  # CausalModel, CausalGraph, and the models of gcm
        return _with_latents(inside)
    if callable(getattr(thing, "is_directed", None)) and callable(getattr(thing, "edges", None)):
        return _from_networkx(thing)
    if isinstance(thing, Iterable) and not isinstance(thing, (dict, bytes)):
        return _from_edges(thing), ()
    raise GraphError(f"A {type(thing).__name__} is no graph that can be read here. {_READABLE}")


def _from_edges(given: Iterable[Any]) -> CausalGraph:
    nodes: dict[Node, None] = {}
    directed: list[Edge] = []
    bidirected: list[Edge] = []
    for edge in given:
        ends = tuple(edge[:2]) if isinstance(edge, (tuple, list)) and 1 <= len(edge) <= 3 else ()
        arrow = edge[2] if len(ends) == 2 and len(edge) == 3 else "->"
        if not ends or not all(isinstance(end, Hashable) for end in ends) or arrow not in _ARROWS:
            raise GraphError(f"{edge!r} is no edge of a list. An edge is {_EDGE}.")
        nodes |= dict.fromkeys(ends)
        if len(ends) == 2:
            (bidirected if arrow == "<->" else directed).append(ends[::-1] if arrow == "<-" else ends)
    return CausalGraph(tuple(nodes), tuple(directed), tuple(bidirected))


def _from_networkx(network: Any) -> tuple[CausalGraph, list[Node]]:
    """A networkx or pgmpy graph; an edge with the attribute type="bidirected" (pgmpy's ADMG) is a `<->`."""
    kind = type(network).__name__
    if not network.is_directed():
        raise GraphError(
            f"This {kind} is undirected: its edges do not say which end is the cause. Give every edge a direction, "
            "as networkx.DiGraph([('X', 'Y')])."
        )
    edges = list(network.edges(data=True))
    joined = [(a, b) for a, b, marks in edges if marks.get("type") == "bidirected"]
    directed = [(a, b) for a, b, marks in edges if marks.get("type") != "bidirected"]
    arrows = set(directed)
    for a, b in directed:
        if a != b and (b, a) in arrows:
            raise GraphError(
                f"This {kind} has both {a} -> {b} and {b} -> {a}, as graphs with undirected edges do (PDAG, CPDAG). "
                "Choose one direction; for a hidden common cause write X <-> Y."
            )
    marked = set(getattr(network, "latents", ()))
    hidden = [node for node, marks in network.nodes(data=True) if node in marked or _is_latent(marks)]
    return CausalGraph(tuple(network.nodes), tuple(directed), tuple(joined)), hidden


def _is_latent(marks: dict[str, Any]) -> bool:
    """Whether a node's attributes say so: observed="no" (DoWhy), observed=False, latent=True."""
    observed, latent = (str(marks.get(name, "")).strip('"').lower() for name in ("observed", "latent"))
    return observed in ("no", "false", "0") or latent in ("yes", "true", "1")


def _from_gml(text: str) -> tuple[CausalGraph, list[Node]]:
    import networkx as nx

    try:
        network = nx.parse_gml(text.replace("\n", " "))
    except Exception as error:  # the parser answers bad text with many kinds of error
        raise GraphError(
            f"This GML cannot be read ({str(error) or type(error).__name__}). A graph looks like this: "
            'graph [ directed 1 node [ id 0 label "X" ] node [ id 1 label "Y" ] edge [ source 0 target 1 ] ].'
        ) from None
    if not network.is_directed():
        raise GraphError("This GML is undirected. Write 'directed 1' behind 'graph [', and each edge from its cause.")
    return _from_networkx(network)
