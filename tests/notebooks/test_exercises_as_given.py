"""The exercises, run as a learner finds them: each blank says whose turn it is, and nothing else fails."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=EXERCISES, ids=lambda path: path.stem)
def as_given(request, tmp_path_factory) -> NotebookNode:
    """The exercises of one chapter after every cell was run, whatever failed."""
    notebook = nbformat.read(request.param, as_version=4)
    home = tmp_path_factory.mktemp("home")
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    environment = {**os.environ, "CAUSALCOURSE_HOME": str(home)}
    with client.setup_kernel(cwd=str(home), env=environment):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    return notebook


def words(cell: NotebookNode) -> str:
    """All that a cell shows, as plain text."""
    shown = [o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "") for o in cell.outputs]
    return "\n".join(shown)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def blanks(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Exercise id -> the cell with its blank."""
    found = {}
    for cell in code(notebook):
        if blank := re.search(r'raise NotImplementedError\("(\d\d\.\d+): your turn"\)', cell.source):
            found[blank[1]] = cell
    return found


def test_every_exercise_has_one_blank(as_given):
    asked = re.findall(r"^### (\d\d\.\d+) ", "\n".join(c.source for c in as_given.cells), flags=re.MULTILINE)
    assert list(blanks(as_given)) == asked != []


def test_only_the_course_s_own_not_implemented_error_is_raised(as_given):
    errors = [o for cell in code(as_given) for o in cell.outputs if o.output_type == "error"]
    for error in errors:
        assert error.ename == "NotImplementedError", f"{error.ename}: {error.evalue}"
        assert re.fullmatch(r"\d\d\.\d+: your turn", error.evalue)


def test_every_blank_says_kindly_whose_turn_it_is(as_given):
    for id, cell in blanks(as_given).items():
        assert f"{id} your turn" in words(cell) or f"{id}: your turn" in words(cell), f"{id} says {words(cell)!r}"
        assert "Traceback" not in words(cell)


def test_no_blank_passes(as_given):
    assert "passed" not in "\n".join(words(cell) for cell in code(as_given))


def test_a_hint_waits_below_every_blank(as_given):
    sources = [cell.source for cell in code(as_given)]
    for id in blanks(as_given):
        assert any(source.endswith(f'# hint("{id}")') for source in sources)
