"""Every format gives back the graph it was given, and what is no causal graph is refused in plain words."""

from __future__ import annotations

import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causalcourse import formats
from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph, as_graph
from causalcourse.random_models import random_graph

LINES = "\x85\u2028\u2029"  # line breaks that no control category holds
PRINTABLE = st.characters(exclude_categories=("C",), exclude_characters='"\\' + LINES)
NAMES = {
    "any": st.one_of(
        st.text(max_size=4), st.integers(), st.tuples(st.integers(), st.text(max_size=2)), st.frozensets(st.booleans())
    ),
    "text": st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=5),
    "dagitty": st.text(PRINTABLE, min_size=1, max_size=5).filter(str.strip),
}


@st.composite
def graphs(draw, names, least=1):
    # 1 and True, or 1 and 1.0, would be one node
    nodes = draw(st.lists(names, min_size=least, max_size=7, unique_by=lambda name: (type(name) is tuple, name)))
    pairs = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :]]
    chosen = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    return CausalGraph(tuple(draw(st.permutations(nodes))), tuple(draw(chosen)), tuple(draw(chosen)))


def same(a, b, *, order=True):
    """The same graph; `order`: the nodes in the same order too."""
    assert a.nodes == b.nodes if order else set(a.nodes) == set(b.nodes)
    assert set(a.directed) == set(b.directed)
    assert set(map(frozenset, a.bidirected)) == set(map(frozenset, b.bidirected))
    return True


@given(graphs(NAMES["any"]))
def test_an_edge_list_reads_back_as_it_was_written(graph):
    assert same(formats.read(formats.to_edges(graph)), graph, order=False)


@given(graphs(NAMES["any"]))
def test_networkx_reads_back_as_it_was_written(graph):
    assert same(formats.read(formats.to_networkx(graph)), graph)


@given(graphs(NAMES["text"]))
def test_gml_reads_back_as_it_was_written(graph):
    assert same(formats.read(formats.to_gml(graph)), graph)


@given(graphs(NAMES["dagitty"]))
def test_dagitty_reads_back_as_it_was_written(graph):
    assert same(formats.read(formats.to_dagitty(graph)), graph)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(graphs(NAMES["any"]))
def test_pgmpy_reads_back_as_it_was_written(graph):
    assert same(formats.read(formats.to_pgmpy(graph)), graph)


def random_graphs(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield random_graph(int(rng.integers(2, 8)), rng, 0.4, 0.3)


def test_pgmpy_reads_our_dagitty_text_as_we_do():
    from pgmpy.base import DAG

    for graph in random_graphs(40, 1):
        assert same(formats.read(DAG.from_dagitty(formats.to_dagitty(graph))), graph, order=False)


@pytest.mark.parametrize("write", [formats.to_gml, formats.to_networkx])
def test_dowhy_holds_the_graph_that_was_handed_to_it(write):
    dowhy, pd = pytest.importorskip("dowhy"), pytest.importorskip("pandas")
    for graph in random_graphs(10, 2):
        renamed = CausalGraph.parse(str(graph).replace("V1", "notes.txt").replace("V2", "a.gml é"))
        data = pd.DataFrame(np.random.default_rng(0).random((5, len(graph.nodes))), columns=renamed.nodes)
        with pytest.warns(UserWarning) if graph.bidirected else _quiet():
            model = dowhy.CausalModel(data, treatment=renamed.order[0], outcome=renamed.order[-1], graph=write(renamed))
        assert same(formats.read(model), renamed, order=False)
        assert same(formats.read(model._graph), renamed, order=False)
        assert same(as_graph(model), renamed, order=False)


def _quiet():
    import contextlib

    return contextlib.nullcontext()


def test_dowhy_without_a_graph_and_gcm_models_are_read_too():
    dowhy, pd = pytest.importorskip("dowhy"), pytest.importorskip("pandas")
    data = pd.DataFrame(np.random.default_rng(0).random((5, 3)), columns=["X", "Y", "Z"])
    assert formats.read(dowhy.CausalModel(data, "X", "Y", common_causes=["Z"])).parents("X") == ("Z",)
    assert str(formats.read(dowhy.gcm.StructuralCausalModel(nx.DiGraph([("X", "Y")])))) == "X -> Y"


def test_a_model_of_the_course_is_read_as_its_graph():
    from causalcourse.random_models import random_linear

    graph = CausalGraph.parse("Z -> X -> Y; X <-> Y")
    assert same(as_graph(random_linear(graph, np.random.default_rng(0))), graph)


def test_latent_nodes_are_projected_out_whichever_way_they_are_marked():
    from pgmpy.base import DAG
    from pgmpy.base.ADMG import ADMG
    from pgmpy.models import DiscreteBayesianNetwork

    wanted = CausalGraph.parse("X -> Y; X <-> Y")
    edges = [("U", "X"), ("U", "Y"), ("X", "Y")]
    marked = nx.DiGraph(edges)
    for name, value in [("observed", "no"), ("observed", False), ("latent", True), ("latent", "yes")]:
        marked.nodes["U"].clear()
        marked.nodes["U"][name] = value
        assert same(formats.read(marked), wanted)
    for thing in (
        DAG(edges, latents={"U"}),
        DAG(edges, roles={"latents": ["U"]}),
        DiscreteBayesianNetwork(edges, latents={"U"}),
        ADMG(directed_ebunch=[("X", "Y")], bidirected_ebunch=[("X", "Y")]),
        'dag { U [latent, pos="0,1"] U -> {X Y} X -> Y }',
        "dag { U -> X U -> Y U [unobserved] ; X -> Y }",
        'graph [ directed 1 node [ id 0 label "X" ] node [ id 1 label "Y" ] node [ id 2 label "U" observed "no" ] '
        "edge [ source 2 target 0 ] edge [ source 2 target 1 ] edge [ source 0 target 1 ] ]",
    ):
        assert same(formats.read(thing), wanted, order=False)
    assert same(formats.read(edges, latents=["U"]), wanted)
    assert same(formats.read(nx.DiGraph(edges), latents="U"), wanted)
    assert same(formats.read(nx.DiGraph(edges)), CausalGraph(("U", "X", "Y"), tuple(edges)))


def test_a_chain_of_latents_becomes_what_it_says_about_the_rest():
    text = "dag { A -> L1 -> B ; L1 [latent] ; L2 [latent] ; L1 <- L2 -> C }"
    assert same(formats.read(text), CausalGraph.parse("A -> B; B <-> C"))


@pytest.mark.parametrize(
    ("text", "graph"),
    [
        ("dag{X->Y}", "X -> Y"),
        ("dag { X -> Y -> Z <- W }", "X -> Y -> Z <- W"),
        ('dag {\nX [exposure,pos="0.1,-0.2"]\nY [outcome]\nX -> Y [beta=0.5, pos="1,1"]\nZ [adjusted]\n}', "X -> Y; Z"),
        ("dag { {A B} -> {C D}; C <-> D }", "A -> C; A -> D; B -> C; B -> D; C <-> D"),
        ("dag { {A, B} -> C }", None),
        ("dag { 'a' -> \"b\" }", "a -> b"),
        ('dag { bb="0,0,1,1" X -> Y }', "X -> Y"),
        ("# mine\ndag G { X -> Y // because { of }\n /* Z -> X */ Y -> W # end }\n}\n// done", "X -> Y -> W"),
        ("DAG { tür -> 漢字 }", "tür -> 漢字"),
        ("dag { X -> Y [latent] }", "X -> Y"),
        ("dag { a.b -> c }", "a.b -> c"),
    ],
)
def test_dagitty_text_is_read_as_dagitty_reads_it(text, graph):
    if graph is None:
        with pytest.raises(GraphError, match="Cannot read"):
            formats.read(text)
    else:
        assert same(formats.read(text), CausalGraph.parse(graph), order=False)


GML = "graph [ directed 1 node [ id 0 label 'X' ] edge [ source 0 target 5 ] ]"


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("dag { X -- Y }", ["'--'", "direction", "<->"]),
        ("dag { X @-> Y }", ["@->", "direction"]),
        ("pdag { X -> Y }", ["PDAG", "Choose one"]),
        ("mag { X -> Y }", ["MAG", "several"]),
        ("digraph { X -> Y }", ["Graphviz", "dag {"]),
        ("dag { X -> Y", ["not closed", "}"]),
        ("dag { {X Z -> Y", ["'->'", "group"]),
        ("dag { {X", ["not closed"]),
        ("dag { {} -> Y }", ["group"]),
        ("dag { -> Y }", ["no node before '->'"]),
        ("dag { X -> }", ["leads nowhere"]),
        ("dag { X -> -> Y }", ["no node before '->'"]),
        ("dag { X -> ; [latent] }", ["no node before"]),
        ("dag { X -> Y } Z", ["'Z'", "behind"]),
        ("dag { X-1 -> Y }", ["'-1 -> Y }'"]),
        ('dag { "X -> Y }', ["Cannot read"]),
        ('dag { "" -> Y }', ["empty name"]),
        ("dag { X -> X }", ["'X'", "itself"]),
        ("dag { X -> Y -> Z -> X }", ["cycle", "X -> Y"]),
        ("dag { }", ["no nodes"]),
        ("dag { U [latent] }", ["Every node", "latent"]),
        ("{ X -> Y }", ["dag {"]),
        ("", ["no nodes"]),
        ([], ["no nodes"]),
        (nx.DiGraph(), ["no nodes"]),
        ([("X", "X")], ["itself"]),
        ([("X", "Y"), ("Y", "X")], ["cycle"]),
        ([("X", "Y", "--")], ["('X', 'Y', '--')", "<->"]),
        ([("X", "Y", {"weight": 1})], ["is no edge", "<->"]),
        (["XY"], ["'XY'", "is no edge"]),
        ([()], ["is no edge"]),
        ([("A", "B", "->", "C")], ["is no edge"]),
        ([(["X"], "Y")], ["is no edge"]),
        ([1, 2], ["1 is no edge"]),
        ({"X": ["Y"]}, ["dict", "list of edges"]),
        (3, ["int", "list of edges"]),
        (None, ["NoneType"]),
        (b"X -> Y", ["bytes"]),
        (nx.Graph([("X", "Y")]), ["undirected", "DiGraph"]),
        (nx.DiGraph([("X", "Y"), ("Y", "X")]), ["both X -> Y and Y -> X", "direction"]),
        (nx.DiGraph([("X", "X")]), ["itself"]),
        (nx.DiGraph([("X", "Y"), ("Y", "Z"), ("Z", "X")]), ["cycle"]),
        ('graph [ node [ id 0 label "X" ] ]', ["undirected", "directed 1"]),
        ("graph [ directed 1 ]", ["no nodes"]),
        ("graph [ directed 1 node [ id 0 ] ]", ["cannot be read", "looks like this"]),
        ("graph [ directed 1 node [", ["cannot be read"]),
        (GML, ["cannot be read"]),
        (GML.replace("'", '"'), ["cannot be read"]),
    ],
)
def test_what_is_no_causal_graph_is_refused_in_plain_words(thing, words):
    with pytest.raises(GraphError) as refused:
        formats.read(thing)
    assert all(word in str(refused.value) for word in words), refused.value


@pytest.mark.filterwarnings("ignore")
def test_pgmpys_graphs_with_undirected_edges_are_refused():
    from pgmpy.base import PDAG

    with pytest.raises(GraphError, match=r"PDAG.*direction"):
        formats.read(PDAG(directed_ebunch=[("A", "B")], undirected_ebunch=[("B", "C")]))


@given(st.text(st.sampled_from("dag{}[]<->\"';,#/@= XYlatent\n"), max_size=30))
def test_no_text_ends_in_anything_but_a_graph_or_a_plain_refusal(text):
    for thing in (text, "dag {" + text + "}", "graph [" + text + "]"):
        try:
            assert formats.read(thing).nodes
        except GraphError as refused:
            assert str(refused)


def test_an_unknown_latent_is_named_with_a_suggestion():
    with pytest.raises(GraphError, match=r"'Sevrity'.*Did you mean 'Severity'"):
        formats.read([("Severity", "X")], latents=["Sevrity"])


@pytest.mark.parametrize("write", [formats.to_gml, formats.to_dagitty])
@pytest.mark.parametrize("name", [1, ("a", 1), None])
def test_a_name_that_a_format_cannot_hold_is_refused(write, name):
    with pytest.raises(GraphError, match="name"):
        write(CausalGraph((name,)))


@pytest.mark.parametrize("name", ['a"b', "a\nb", "a\\b", " ", "", "a\u2028b"])
def test_dagitty_refuses_names_that_its_quotes_cannot_hold(name):
    with pytest.raises(GraphError, match="dagitty cannot name"):
        formats.to_dagitty(CausalGraph((name,)))


@pytest.mark.parametrize("write", [formats.to_networkx, formats.to_pgmpy])
def test_no_node_may_be_called_none_in_networkx(write):
    with pytest.raises(GraphError, match="named None"):
        write(CausalGraph((None, "X")))


def test_without_pgmpy_the_learner_is_told_what_to_install(monkeypatch):
    for name in ("pgmpy", "pgmpy.base"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(GraphError, match=r"needs pgmpy.*pip install pgmpy"):
        formats.to_pgmpy("X -> Y")


def test_pgmpys_own_dagitty_text_drops_latents_and_ours_keeps_them():
    """When this fails, pgmpy has learnt it: correct what the course says of it."""
    import pgmpy
    from pgmpy.base import DAG

    confounded = DAG([("U", "X"), ("U", "Y"), ("X", "Y")], latents={"U"})
    theirs = DAG.from_dagitty(confounded.to_dagitty())
    assert not theirs.latents, f"pgmpy {pgmpy.__version__} keeps latents; 1.1.2 did not"
    assert formats.read(theirs).bidirected == ()
    assert DAG.from_dagitty(formats.to_dagitty(confounded)).latents != set()
    assert same(formats.read(formats.to_dagitty(confounded)), CausalGraph.parse("X -> Y; X <-> Y"))


def test_latex_writes_each_edge_and_each_node_on_its_own():
    assert formats.to_latex("X -> Y; X <-> Y; W") == r"X \rightarrow Y,\; X \leftrightarrow Y,\; W"
    assert formats.to_latex("V1 -> dose_mg") == r"V_{1} \rightarrow \mathrm{dose\_mg}"


@given(graphs(st.text(PRINTABLE, min_size=1, max_size=5).filter(str.strip), least=2))
def test_mathematics_holds_no_sign_that_tex_takes_for_its_own(graph):
    text = formats.to_latex(graph)
    bare = text
    for command in ("\\\\", "\\{", "\\}", "\\_", "\\%", "\\&", "\\#", "\\$"):
        bare = bare.replace(command, "")
    assert not set(bare) & set("%&#$~")
    assert bare.count("{") == bare.count("}")


def test_mathematics_is_drawn_by_the_reader_that_draws_the_figures():
    from matplotlib.mathtext import MathTextParser

    for name in ("a_b", "50%", "a b", "{x}", "$", "x-y", "V12", "severity"):
        MathTextParser("path").parse(f"${formats.to_latex(CausalGraph((name,)))}$")


def test_a_line_break_in_a_name_is_refused_by_latex():
    for write in (formats.to_latex, formats.to_tikz):
        with pytest.raises(GraphError, match="LaTeX cannot print"):
            write(CausalGraph(("a\n\nb",)))


def test_tikz_places_every_node_apart_and_draws_every_edge():
    for graph in random_graphs(10, 3):
        lines = formats.to_tikz(graph).splitlines()
        assert lines[0].startswith(r"\begin{tikzpicture}") and lines[-1] == r"\end{tikzpicture}"
        nodes = [line for line in lines if line.startswith(r"  \node")]
        assert len({line.partition("at")[2].partition("{")[0] for line in nodes}) == len(nodes) == len(graph.nodes)
        assert sum("[->]" in line for line in lines) == len(graph.directed)
        dashed = [line for line in lines if "[<->, dashed]" in line]
        assert len(dashed) == len(graph.bidirected) and all("[bend " in line for line in dashed)
        assert formats.to_tikz(graph).count("{") == formats.to_tikz(graph).count("}")


def test_tikz_bends_an_arc_to_the_side_to_which_the_course_bends_it():
    from causalcourse.tex import _bent

    # matplotlib's arc3 with a positive bend runs below an edge from left to right: on its right hand
    assert _bent(0.5) == "[bend right=45]"
    assert _bent(-0.5) == "[bend left=45]"
    assert _bent(0.0) == ""
