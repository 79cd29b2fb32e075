import pytest
from hypothesis import given
from hypothesis import strategies as st

from causalcourse.errors import GraphError
from causalcourse.graph import CausalGraph

_names = st.text(alphabet="abcXYZéα漢字_1", min_size=1, max_size=4)


@st.composite
def graphs(draw):
    nodes = draw(st.lists(_names, min_size=1, max_size=8, unique=True))
    pairs = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :]]
    chosen = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    return CausalGraph(tuple(nodes), tuple(draw(chosen)), tuple(draw(chosen)))


def test_text_reads_as_the_paper_writes_it():
    graph = CausalGraph.parse("Z -> X -> Y; Y <- Z\nX <-> Y; W")
    assert graph.nodes == ("Z", "X", "Y", "W")
    assert graph.directed == (("Z", "X"), ("X", "Y"), ("Z", "Y"))
    assert graph.bidirected == (("X", "Y"),)


def test_arrows_may_be_drawn_as_one_character():
    assert CausalGraph.parse("Z → X → Y; Y ← Z; X ↔ Y") == CausalGraph.parse("Z -> X -> Y; Y <- Z; X <-> Y")


@given(graphs())
def test_writing_and_reading_back_gives_the_same_graph(graph):
    again = CausalGraph.parse(str(graph))
    assert set(again.nodes) == set(graph.nodes)
    assert set(again.directed) == set(graph.directed)
    assert {frozenset(e) for e in again.bidirected} == {frozenset(e) for e in graph.bidirected}


@given(graphs())
def test_every_cause_comes_before_its_effects(graph):
    place = {node: i for i, node in enumerate(graph.order)}
    assert sorted(place.values()) == list(range(len(graph.nodes)))
    assert all(place[a] < place[b] for a, b in graph.directed)


def test_a_shared_cause_is_one_edge_whichever_end_is_named_first():
    assert CausalGraph.parse("X; Y; X <-> Y").bidirected == CausalGraph.parse("X; Y; Y <-> X").bidirected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A -> B -> C -> A; C -> D", ["cycle", "A -> B -> C"]),
        ("A -> A", ["'A'", "itself"]),
        ("A <-> A", ["'A'", "itself"]),
        ("A -> ", ["A ->", "<->"]),
        ("A -- B", ["A -- B"]),
        ("A <-> -> B", ["Cannot read"]),
        ("A - B", ["A - B", "->"]),
        ("A --> B", ["Cannot read"]),
        ("A <-- B", ["Cannot read"]),
        ("A ⇒ B", ["Cannot read"]),
        ("A o-> B", ["Cannot read"]),
        ("A -> B  # why", ["Cannot read"]),
        ("dag { A -> B }", ["Cannot read"]),
        ("A -> B, C", ["Cannot read"]),
    ],
)
def test_what_is_not_a_causal_graph_is_refused_by_name(text, names):
    with pytest.raises(GraphError) as refused:
        CausalGraph.parse(text)
    assert all(name in str(refused.value) for name in names)


def test_a_cycle_is_named_in_the_direction_of_its_arrows():
    with pytest.raises(GraphError, match=r"(A -> B -> C -> A)|(B -> C -> A -> B)|(C -> A -> B -> C)"):
        CausalGraph.parse("A -> B -> C -> A")


def test_an_unknown_node_is_named_with_a_suggestion():
    with pytest.raises(GraphError, match=r"'Sevrity'.*Did you mean 'Severity'"):
        CausalGraph(("Severity", "X"), (("Sevrity", "X"),))


@pytest.mark.parametrize("text", [None, 3, ["A -> B"]])
def test_a_graph_that_is_not_text_is_refused_kindly(text):
    with pytest.raises(GraphError, match="text such as"):
        CausalGraph.parse(text)


def test_the_empty_graph_is_a_graph():
    assert CausalGraph.parse("").order == ()


def test_parents_are_direct_causes_only():
    graph = CausalGraph.parse("Z -> X -> Y; Z -> Y; X <-> Y")
    assert graph.parents("Y") == ("X", "Z")
    with pytest.raises(GraphError, match="'Q'"):
        graph.parents("Q")
