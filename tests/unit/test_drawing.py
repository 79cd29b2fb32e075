import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from causalcourse import rng, show
from causalcourse.errors import CourseError, GraphError
from causalcourse.graph import CausalGraph
from causalcourse.separation import paths

TEXTBOOK = [
    "Z -> X -> Y; Z -> Y",
    "X -> M -> Y; X <-> Y",
    "X -> Y; X <-> Y",
    "W -> Z -> X -> Y; W <-> X; W <-> Y",
    "A -> M <- B; A -> X; B -> Y; X -> Y",
    "I -> X -> Y; X <-> Y",
    "A -> B -> C -> D; B <-> D; A -> C",
    "X -> M1 -> M2 -> Y; X <-> Y; X <-> M2; X -> M2",
    "X <-> Y",
    "only",
    "a rather long name -> another long name; Größe -> a rather long name",
]
SEEDS = range(12)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def random_graph(seed, size=None):
    draw = rng(f"drawing {seed}")
    n = size or int(draw.integers(2, 13))
    names = [f"V{i}" for i in range(n)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    directed = [pair for pair in pairs if draw.random() < 1.5 / n * 1.4]
    bidirected = [pair for pair in pairs if draw.random() < 0.6 / n]
    return CausalGraph(tuple(names), tuple(directed), tuple(bidirected))


def geometry(ax):
    """What was really drawn, in pixels: boxes by node, lines by edge, extents of labels by node."""
    ax.figure.canvas.draw()
    to_pixels = ax.transData.transform
    boxes, lines, labels = {}, {}, {}
    for patch in ax.patches:
        kind, _, name = (patch.get_gid() or "").partition(":")
        if kind == "node":
            boxes[name] = patch.get_window_extent()
        elif kind == "edge":
            # the two heads are further pieces of the path; the first is the line itself
            paths, _ = patch._get_path_in_displaycoord()
            lines[name] = paths[0].interpolated(20).vertices if paths[0].codes is None else flat(paths[0])
    for text in ax.texts:
        labels[text.get_gid().partition(":")[2]] = text.get_window_extent()
    assert to_pixels is not None
    return boxes, lines, labels


def flat(path):
    """Points along a path with curves, in its own coordinates."""
    points = []
    for segment, code in path.iter_segments(curves=True):
        if code == Path.CURVE3:
            start, control, end = points[-1], segment[:2], segment[2:]
            t = np.linspace(0, 1, 30)[:, None]
            points += list((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)
        else:
            end = segment[-2:]
            points += [end] if not points else list(np.linspace(points[-1], end, 30))
    return np.array(points)


def ends(name):
    return set(name.replace("<->", "->").split("->"))


def problems(ax):
    boxes, lines, labels = geometry(ax)
    found = []
    canvas = ax.figure.bbox
    names = list(boxes)
    for i, a in enumerate(names):
        found += [f"{a} overlaps {b}" for b in names[i + 1 :] if Bbox.intersection(boxes[a], boxes[b])]
        if not (
            canvas.x0 <= boxes[a].x0
            and boxes[a].x1 <= canvas.x1
            and canvas.y0 <= boxes[a].y0
            and boxes[a].y1 <= canvas.y1
        ):
            found.append(f"{a} leaves the picture")
        label = labels[a]
        if label.x0 < boxes[a].x0 or label.x1 > boxes[a].x1 or label.y0 < boxes[a].y0 or label.y1 > boxes[a].y1:
            found.append(f"the label of {a} leaves its box")
    for edge, points in lines.items():
        if not (canvas.x0 <= points[:, 0].min() and points[:, 0].max() <= canvas.x1):
            found.append(f"{edge} leaves the picture")
        if not (canvas.y0 <= points[:, 1].min() and points[:, 1].max() <= canvas.y1):
            found.append(f"{edge} leaves the picture")
        for node in set(boxes) - ends(edge):
            box = boxes[node]
            inside = (points > [box.x0, box.y0]).all(1) & (points < [box.x1, box.y1]).all(1)
            if inside.any():
                found.append(f"{edge} runs through {node}")
    named = list(lines.items())
    for i, (one, p) in enumerate(named):
        for other, q in named[i + 1 :]:
            # two lines are one on top of the other when most of the shorter lies within three pixels of the other
            near = np.linalg.norm(p[:, None] - q[None], axis=2).min(1) < 3
            if near.mean() > 0.5:
                found.append(f"{one} lies on {other}")
    return found


@pytest.mark.parametrize("text", TEXTBOOK)
def test_textbook_graphs_are_drawn_clean(text):
    assert problems(show.graph(text, title="A title")) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_random_graphs_up_to_twelve_nodes_are_drawn_clean(seed):
    assert problems(show.graph(random_graph(seed))) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_random_graphs_are_drawn_clean(seed):
    assert problems(show.graph(random_graph(seed))) == []


def test_a_box_drawn_over_another_would_be_noticed():
    ax = show.graph("A -> B; C", at={"A": (0, 0), "B": (2, 0), "C": (1, 0)})
    assert "A->B runs through C" not in problems(ax)  # the arrow bends around C
    crowded = show.graph("A -> B", at={"A": (0, 0), "B": (0.1, 0)})
    assert "A overlaps B" in problems(crowded)


def test_the_same_graph_gives_the_same_picture():
    def picture():
        ax = show.graph(random_graph(3))
        ax.figure.canvas.draw()
        return np.asarray(ax.figure.canvas.buffer_rgba()).copy()

    assert np.array_equal(picture(), picture())


def test_an_arrow_is_drawn_for_every_edge_and_a_box_for_every_node():
    graph = random_graph(5, size=9)
    boxes, lines, labels = geometry(show.graph(graph))
    assert set(boxes) == set(labels) == set(graph.nodes)
    assert set(lines) == {f"{a}->{b}" for a, b in graph.directed} | {f"{a}<->{b}" for a, b in graph.bidirected}


@pytest.mark.parametrize("role", ["treatment", "outcome", "latent", "conditioned", "at", "labels"])
def test_a_role_for_an_unknown_node_is_refused_by_name(role):
    value = {"Sevrity": (0, 0)} if role == "at" else {"Sevrity": "s"} if role == "labels" else ["Sevrity"]
    with pytest.raises(GraphError, match=r"'Sevrity'.*Did you mean 'Severity'"):
        show.graph("Severity -> Y", **{role: value})


def test_a_place_missing_for_a_node_is_refused():
    with pytest.raises(GraphError, match="'Y'"):
        show.graph("X -> Y", at={"X": (0, 0)})


@pytest.mark.parametrize("place", [(0, float("nan")), "a", (1, 2, 3), None])
def test_a_place_that_is_not_two_numbers_is_refused(place):
    with pytest.raises(GraphError, match="'Y' at"):
        show.graph("X -> Y", at={"X": (0, 0), "Y": place})


def test_a_place_far_away_is_refused_before_the_memory_is_gone():
    with pytest.raises(GraphError, match="a column and a row"):
        show.graph("X -> Y", at={"X": (0, 0), "Y": (400, 300)})


def test_a_graph_too_large_to_read_is_refused():
    with pytest.raises(GraphError, match="61 nodes"):
        show.graph("; ".join(f"n{k} -> n{k + 1}" for k in range(60)))


def test_a_label_may_be_empty_or_a_number():
    show.graph("X -> Y", labels={"X": "", "Y": 3}).figure.canvas.draw()


def test_what_is_not_a_graph_is_refused():
    with pytest.raises(GraphError, match="is no graph that can be read here"):
        show.graph(None)


def test_roles_look_different_in_grey():
    ax = show.graph("A -> B; C -> D -> E", treatment="A", outcome="B", latent=["C"], conditioned=["D"])
    looks = {}
    for patch in ax.patches:
        kind, _, name = (patch.get_gid() or "").partition(":")
        if kind == "node":
            grey = round(float(np.dot(patch.get_facecolor()[:3], [0.299, 0.587, 0.114])), 1)
            looks[name] = (grey, patch.get_linestyle() != "-", type(patch.get_boxstyle()).__name__)
    assert len(set(looks.values())) == 5


def luminance(colour):
    return float(np.dot(matplotlib.colors.to_rgb(colour), [0.299, 0.587, 0.114]))


def test_every_colour_of_the_theme_has_its_own_grey():
    greys = sorted(luminance(colour) for colour in show.COLOURS.values())
    assert min(np.diff(greys)) > 0.07


def test_colours_stay_apart_for_readers_who_do_not_see_red_and_green():
    # Viénot, Brettel and Mollon 1999: deuteranopia as a linear map of linear RGB
    see = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    seen = [see @ (np.array(matplotlib.colors.to_rgb(c)) ** 2.2) for c in show.COLOURS.values()]
    apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[i + 1 :]]
    assert min(apart) > 0.05


def test_a_long_title_is_wrapped_and_stays_in_the_picture():
    fig, _ = show.figure(
        "A message so long that it does not fit into one line of a figure as wide as this one is", "x (units)"
    )
    fig.canvas.draw()
    box = fig._suptitle.get_window_extent()
    assert box.x1 <= fig.bbox.x1
    assert box.y1 <= fig.bbox.y1
    assert "\n" in fig.get_suptitle()


def test_figures_have_one_width():
    widths = {
        show.figure("t")[0].get_figwidth(),
        show.figure("t", size="square")[0].get_figwidth(),
        show.graph("A -> B").figure.get_figwidth(),
    }
    assert widths == {6.4}


def test_an_unknown_size_is_refused():
    with pytest.raises(CourseError, match="wide"):
        show.figure("t", size="huge")


def test_a_graph_is_told_in_words():
    assert show.describe("Z -> X -> Y; Z -> Y; X <-> Y") == (
        "A graph with 3 variables: Z causes X and Y; X causes Y; X and Y share a hidden cause."
    )
    assert show.describe("A") == "A graph with 1 variable and no edges."


@pytest.mark.parametrize("text", ["", "A; B; C"])
def test_a_graph_without_edges_is_drawn(text):
    assert problems(show.graph(text)) == []


def test_a_large_graph_is_drawn_all_the_same():
    assert len(geometry(show.graph(random_graph(1, size=60)))[0]) == 60


def test_a_path_is_drawn_heavy_and_the_other_edges_light():
    graph = "X <- A -> M <- B -> Y; A <-> B; X -> Y"
    axes = show.graph(graph, path=next(p for p in paths(graph, "X", "Y") if str(p) == "X <- A <-> B -> Y"))
    widths = {patch.get_gid(): patch.get_linewidth() for patch in axes.patches if "edge:" in str(patch.get_gid())}
    heavy = {name for name, width in widths.items() if width > 2}
    assert heavy == {"edge:A->X", "edge:A<->B", "edge:B->Y"}
    assert all(width < 1 for name, width in widths.items() if name not in heavy)


def test_a_path_of_another_graph_is_refused():
    with pytest.raises(GraphError, match="path"):
        show.graph("X -> Y", path=paths("X -> M -> Y", "X", "Y")[0])
    with pytest.raises(GraphError, match="path= uses X -> Y"):
        show.graph("Y -> X", path=paths("X -> Y", "X", "Y")[0])


def test_what_a_rule_cuts_is_dotted_and_each_of_several_paths_heavy():
    graph = CausalGraph.parse("Z -> X -> Y; Z -> Y; X <-> Y")
    both = paths(graph, "X", "Y")[:2]
    axes = show.graph(graph, cut=graph.cut_into("X"), path=both)
    widths = {
        a.get_gid(): (a.get_linewidth(), a.get_linestyle()) for a in axes.patches if str(a.get_gid()).startswith("edge")
    }
    dotted = {name for name, (_, style) in widths.items() if style == (0, (1, 3))}
    assert dotted == {"edge:Z->X", "edge:X<->Y"}
    assert {name for name, (width, _) in widths.items() if width > 3} == {"edge:X->Y"}


@pytest.mark.parametrize("path", ["X -> Y", ["X", "Y"], [], 3])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(GraphError, match="path= needs a path"):
        show.graph("X -> Y", path=path)
