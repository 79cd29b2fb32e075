"""The language of dagitty.net: `dag { U [latent]  U -> X -> Y }`, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, Edge, as_graph

_HEADER = re.compile(r'\s*(dag|mag|pag|pdag|digraph|graph)\b\s*(?:"[^"]*"|\w+)?\s*\{', re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<skip>\s+|;|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<arrow><->|->|<-|@-@|@->|<-@|@--|--@|--)
    |(?P<attributes>\[(?:"[^"]*"|[^\]"])*\])
    |(?P<quoted>"[^"]*"|'[^']*')
    |(?P<setting>\w+\s*=\s*(?:"[^"]*"|[^\s;}]+))
    |(?P<name>(?:[^\s\[\]{};,"'<>=@\#/-]|/(?![/*]))+)
    |(?P<bracket>[{}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r'"[^"]*"')
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LATENT = re.compile(r"\b(latent|unobserved)\b", re.IGNORECASE)
_EXAMPLE = 'Write it like this: dag { U [latent]  U -> X -> Y  "a name" <-> Y }.'
Token = tuple[str, str]


def is_dagitty(text: str) -> bool:
    """Whether text begins as a graph in braces does, such as `dag {`. Used from chapter 02."""
    return bool(_HEADER.match(_uncommented(text)))


def from_dagitty(text: str) -> tuple[CausalGraph, tuple[str, ...]]:
    """The graph of dagitty text, its latent nodes still in it, and the names of those that are marked `[latent]`.

    Arrows `->`, `<-`, `<->`, in chains and from or to groups `{a b}`; positions, exposures, outcomes, adjusted nodes
    and coefficients are passed over. Raises GraphError. Source: dagitty 3, Textor et al. 2016. Taught in chapter 02.
    """
    tokens = _tokens(_body(text))
    nodes: dict[str, None] = {}
    edges: dict[str, list[Edge]] = {"->": [], "<->": []}
    latents: dict[str, None] = {}
    left: list[str] = []  # what an arrow may start from
    arrow, chained = "", False
    for kind, word in tokens:
        if kind in ("arrow", "attributes") and (not left or arrow):
            raise GraphError(f"There is no node before '{word}'. {_EXAMPLE}")
        if kind == "arrow":
            arrow = word
        elif kind == "attributes":  # behind `a -> b` they are the arrow's, such as [beta=0.5]
            latents |= dict.fromkeys(left if _LATENT.search(word) and not chained else ())
        else:
            right = [word] if kind == "name" else _group(tokens)
            if "" in right:
                raise GraphError(f"A node has an empty name. {_EXAMPLE}")
            nodes |= dict.fromkeys(right)
            pairs = [(a, b) for a in left for b in right] if arrow else []
            edges["<->" if arrow == "<->" else "->"] += [(b, a) for a, b in pairs] if arrow == "<-" else pairs
            left, chained, arrow = right, bool(arrow), ""
    if arrow:
        raise GraphError(f"The arrow '{arrow}' behind {', '.join(left)} leads nowhere. {_EXAMPLE}")
    return CausalGraph(tuple(nodes), tuple(edges["->"]), tuple(edges["<->"])), tuple(latents)


def to_dagitty(graph: Any) -> str:
    """The graph as dagitty.net, R's dagitty and pgmpy's `DAG.from_dagitty` read it; a hidden cause stays `X <-> Y`.

    Names that are not letters, digits and underscores are quoted. Raises GraphError for a name that is no text, or
    holds a quote, a backslash or a line break. pgmpy's own `to_dagitty` forgets which nodes are latent; here none is
    lost: `to_dagitty(pgmpy_graph)` turns each into its `<->`. Taught in chapter 02.
    """
    graph = as_graph(graph)
    word = {node: _word(node) for node in graph.nodes}
    lines = [
        *word.values(),
        *(f"{word[a]} -> {word[b]}" for a, b in graph.directed),
        *(f"{word[a]} <-> {word[b]}" for a, b in graph.bidirected),
    ]
    return "\n".join(["dag {", *lines, "}"])


def _word(node: Any) -> str:
    if not isinstance(node, str) or re.search(r"[\"\\\x00-\x1f\x7f\x85\u2028\u2029]", node) or not node.strip():
        raise GraphError(
            f"dagitty cannot name a node {node!r}: it needs text without quotes, backslashes and line breaks. "
            "Give the node such a name, or use to_networkx, which takes any."
        )
    return node if _BARE.fullmatch(node) else f'"{node}"'


def _uncommented(text: str) -> str:
    return re.sub(r"\A(\s+|//[^\n]*\n|#[^\n]*\n|/\*.*?\*/)+", "", text, flags=re.DOTALL)


def _body(text: str) -> str:
    """What follows the first brace of `dag { }`."""
    text = _uncommented(text)
    header = _HEADER.match(text)
    kind = header[1].lower() if header else ""
    if kind in ("mag", "pag", "pdag"):
        raise GraphError(
            f"A {kind.upper()} stands for several causal graphs at once; here one is needed. Choose one of them, with "
            "all its arrows directed, and write it as dag { }."
        )
    if kind in ("digraph", "graph"):
        raise GraphError(f"This is text for Graphviz ('{header[1]} {{'). {_EXAMPLE}")  # type: ignore[index]
    if not header:
        raise GraphError(f"This does not begin with 'dag {{'. {_EXAMPLE}")
    return text[header.end() :]


def _tokens(text: str) -> Iterator[Token]:
    """The words, arrows and attributes up to the brace that closes the graph; what is none of them is refused."""
    found = [match for match in _TOKEN.finditer(text) if match.lastgroup not in ("skip", "setting")]
    depth = 1
    for place, match in enumerate(found):
        kind, word = str(match.lastgroup), match[0]
        depth += {"{": 1, "}": -1}.get(word, 0)
        if not depth:
            if place + 1 < len(found):
                raise GraphError(f"'{found[place + 1][0]}' stands behind the last '}}'. {_EXAMPLE}")
            return
        if kind == "arrow" and word not in ("->", "<-", "<->"):
            raise GraphError(
                f"The edge '{word}' has no direction that a causal graph knows. Use ->, <-, or <-> for a hidden common "
                "cause."
            )
        if kind == "other":
            raise GraphError(f"Cannot read '{text[match.start() :][:20].strip()}' here. {_EXAMPLE}")
        yield {"quoted": ("name", word[1:-1]), "attributes": (kind, _QUOTED.sub("", word))}.get(kind, (kind, word))
    raise GraphError(f"A brace is not closed: a '}}' is missing at the end. {_EXAMPLE}")


def _group(tokens: Iterator[Token]) -> list[str]:
    """The names up to the brace that closes a group such as `{a b}`."""
    names: list[str] = []
    for kind, word in tokens:
        if (kind, word) == ("bracket", "}") and names:
            break
        if kind != "name":
            raise GraphError(f"A group such as {{a b}} holds names alone; here is '{word}'. {_EXAMPLE}")
        names.append(word)
    return names
