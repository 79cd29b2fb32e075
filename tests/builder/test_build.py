"""The builder runs what changed, and says where it failed."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from tiny import LESSON, three_hints

from tools import build as builder
from tools.build import as_text, build, check, stale, stored
from tools.execute import Run, environment, execute
from tools.grammar import read_lesson
from tools.notebooks import render
from tools.project import read_settings
from tools.source import Refused

PATHS = ["notebooks/00_tiny.ipynb", "exercises/00_tiny.ipynb", "solutions/00_tiny.ipynb"]


def pages(tree):
    return render(read_lesson(tree / LESSON, tree, [], three_hints), read_settings(tree))


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """Stands in for the kernel: the paths that were run; every code cell gets an output."""
    paths = []

    def pretend(page, root):
        paths.append(page.path)
        node = nbformat.from_dict(json.loads(json.dumps(page.node)))
        for n, cell in enumerate((c for c in node.cells if c.cell_type == "code"), 1):
            cell.execution_count = n
            cell.outputs = [nbformat.v4.new_output("stream", text="ran\n")]
        return Run(node, 12.3, 101.4)

    monkeypatch.setattr(builder, "execute", pretend)
    return paths


def test_everything_is_built_once_and_then_nothing(tree, ran):
    assert len(check(tree, (), three_hints)) == 6
    assert build(tree, (), hints=three_hints) == PATHS
    assert check(tree, (), three_hints) == []
    assert build(tree, (), hints=three_hints) == []
    assert ran == [PATHS[0], PATHS[2]]


def test_the_syllabus_is_there_when_a_notebook_runs(tree, monkeypatch):
    found = []

    def look(page, root):
        found.append(json.loads((root / "causalcourse" / "syllabus.json").read_text())[0]["number"])
        return Run(page.node, 1, 1)

    monkeypatch.setattr(builder, "execute", look)
    build(tree, (), hints=three_hints)
    assert found == ["00", "00"]


def test_force_runs_all_again(tree, ran):
    build(tree, (), hints=three_hints)
    assert build(tree, (), force=True, hints=three_hints) == PATHS
    assert len(ran) == 4


def test_a_change_to_the_chapter_rebuilds_the_chapter_alone(tree, ran, edit):
    build(tree, (), hints=three_hints)
    line = edit("chapter.py", "# That is all.", "# That is all there is.")
    assert check(tree, (), three_hints) == [f"{PATHS[0]} differs from its source, first at {LESSON}/chapter.py:{line}"]
    assert build(tree, (), hints=three_hints) == PATHS[:1]


def test_a_change_to_a_solution_leaves_the_exercises(tree, ran, edit):
    build(tree, (), hints=three_hints)
    edit("exercises.py", "return 1 + 2 + 3", "return 3 + 2 + 1")
    assert build(tree, (), hints=three_hints) == PATHS[2:]


def test_a_changed_description_of_a_figure_rebuilds(tree, ran, edit):
    build(tree, (), hints=three_hints)
    edit("chapter.py", "A line that falls", "A line that drops")
    assert build(tree, (), hints=three_hints) == PATHS[:1]


@pytest.mark.parametrize("spoil", ["outputs", "edited", "cell added", "metadata", "not json", "other json", "gone"])
def test_a_notebook_that_was_tampered_with_is_stale(tree, ran, spoil):
    build(tree, (), hints=three_hints)
    path = tree / PATHS[0]
    node = nbformat.read(path, as_version=4)
    if spoil == "outputs":
        for cell in (c for c in node.cells if c.cell_type == "code"):
            cell.outputs, cell.execution_count = [], None
    elif spoil == "edited":
        node.cells[2].source += "!"
    elif spoil == "cell added":
        node.cells.append(nbformat.v4.new_markdown_cell("more", id="more"))
    elif spoil == "metadata":
        node.metadata.language_info["version"] = "3.12.1"
    text = {"not json": "{", "other json": "{}"}.get(spoil) or as_text(node)
    path.write_text(text, encoding="utf-8")
    if spoil == "gone":
        path.unlink()
    (difference,) = check(tree, (), three_hints)
    assert difference.startswith(PATHS[0])
    assert build(tree, (), hints=three_hints) == PATHS[:1]


def test_exercises_with_outputs_are_stale(tree, ran):
    build(tree, (), hints=three_hints)
    page = pages(tree)[1]
    old = stored(tree, page)
    next(c for c in old.cells if c.cell_type == "code").execution_count = 1
    assert "as a learner finds them" in stale(page, old)


def test_a_notebook_without_a_lesson_is_told(tree, ran):
    build(tree, (), hints=three_hints)
    (tree / "notebooks" / "09_gone.ipynb").write_text("{}")
    assert check(tree, (), three_hints) == ["notebooks/09_gone.ipynb is built by no lesson; delete it"]


@pytest.mark.parametrize("path", ["README.md", "CITATION.cff", "causalcourse/syllabus.json"])
def test_front_matter_out_of_step_is_told(tree, ran, path):
    build(tree, (), hints=three_hints)
    text = (tree / path).read_text(encoding="utf-8")
    (tree / path).write_text(text.replace("45", "46").replace("a-fork", "a-knife"), encoding="utf-8")
    assert check(tree, (), three_hints) == [f"{path} is not up to date"]


def test_measures_are_noted_and_other_rows_kept(tree, ran):
    (tree / "notebooks").mkdir()
    (tree / "notebooks" / "07_other.ipynb").write_text("{}")
    rows = "| notebooks/07_other.ipynb | 70 | 700 |\n| notebooks/08_gone.ipynb | 80 | 800 |\n"
    (tree / "docs").mkdir(exist_ok=True)  # git keeps no empty folder
    (tree / "docs" / "measures.md").write_text(rows)
    build(tree, (), hints=three_hints)
    found = re.findall(r"^\| (\S+\.ipynb) \| (\d+) \| (\d+) \|$", (tree / "docs/measures.md").read_text(), re.M)
    assert found == [
        ("notebooks/00_tiny.ipynb", "12", "101"),
        ("notebooks/07_other.ipynb", "70", "700"),
        ("solutions/00_tiny.ipynb", "12", "101"),
    ]


def test_an_unknown_chapter_is_refused(tree):
    with pytest.raises(Refused, match=r"no chapter 07; there are 00_tiny"):
        build(tree, ["07"], hints=three_hints)


def test_a_notebook_over_the_size_is_refused_and_not_written(tree, ran, monkeypatch):
    monkeypatch.setattr(builder, "BYTES_ALLOWED", 1000)
    with pytest.raises(Refused, match=r"00_tiny.ipynb: 0.0 MB; expected 0.001 at most"):
        build(tree, (), hints=three_hints)
    assert not (tree / PATHS[0]).exists()


@pytest.mark.slow
def test_a_real_run_stores_clean_outputs_and_measures_itself(tree, monkeypatch):
    monkeypatch.setenv("CAUSALCOURSE_SEED", "7")  # must not reach the notebook
    chapter, _, _ = pages(tree)
    run = execute(chapter, tree)
    code = [cell for cell in run.node.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert code[0].outputs[0].text == "causalcourse 0.1.0 is ready.\n"
    pictures = [o for cell in code for o in cell.outputs if "image/png" in o.get("data", {})]
    assert [o.metadata["image/png"]["alt"] for o in pictures][1] == "A line that falls from 12 to 6."
    assert [o.output_type for o in code[2].outputs] == ["display_data"], "no value printed below the figure"
    assert run.node.metadata == chapter.node.metadata
    assert "execution" not in as_text(run.node).replace("execution_count", "")
    assert run.seconds > 0
    assert 30 < run.peak_mb < 1000
    assert stale(chapter, run.node) is None


def swap(page, old, new):
    """The page with `old` in its code replaced by `new`."""
    cell = next(c for c in page.node.cells if c.cell_type == "code" and old in c.source)
    cell.source = cell.source.replace(old, new)
    return page.origins[page.node.cells.index(cell)]


@pytest.mark.slow
def test_a_failing_cell_is_named_by_its_source(tree):
    page = pages(tree)[0]
    origin = swap(page, "eggs = 12", "eggs = 12\nimport os\n1 / 0")
    with pytest.raises(Refused) as caught:
        execute(page, tree)
    assert caught.value.problems == (
        f"{origin}: the cell fails (line 8 of the cell): ZeroDivisionError: division by zero",
    )
    assert origin == f"{LESSON}/chapter.py:14"


@pytest.mark.slow
def test_a_kernel_that_ends_is_named_by_its_source(tree):
    page = pages(tree)[2]
    origin = swap(page, "1 + 2 + 3", "__import__('os')._exit(1)")
    with pytest.raises(Refused, match=rf"^{origin}: the kernel ended"):
        execute(page, tree)


@pytest.mark.slow
def test_a_wrong_solution_is_refused(tree):
    page = pages(tree)[2]
    swap(page, "dozen / 2", "dozen / 3")
    with pytest.raises(Refused) as caught:
        execute(page, tree)
    assert caught.value.problems == (
        "solutions/00_tiny.ipynb: the solution of 00.2 does not pass its own check: not yet. Not six.",
    )


@pytest.mark.slow
def test_a_run_has_an_empty_home_no_seed_and_no_network(tree, monkeypatch):
    for name in ("CAUSALCOURSE_SEED", "CAUSALCOURSE_CLAIMS", "CAUSALCOURSE_PROGRESS", "MPLBACKEND"):
        monkeypatch.setenv(name, "agg")
    page = pages(tree)[0]
    swap(
        page,
        "eggs // 2 == 6)",
        """eggs // 2 == 6)
import os, urllib.request
print([name for name in os.environ if name.startswith("CAUSALCOURSE_")])
print(os.path.exists(os.environ["CAUSALCOURSE_HOME"]), os.environ["OMP_NUM_THREADS"], os.listdir())
print(set(urllib.request.getproxies().values()) - {os.environ.get("no_proxy")})""",
    )
    printed = execute(page, tree).node.cells[-2].outputs[0].text.splitlines()
    assert printed[1:3] == ["['CAUSALCOURSE_HOME']", "False 1 ['ipython']"]
    assert "http://127.0.0.1:9" in printed[3]


def test_what_asks_the_network_is_sent_nowhere(tmp_path):
    kernel = environment(tmp_path, tmp_path)
    assert {kernel[name] for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY")} == {"http://127.0.0.1:9"}
