"""The notebooks in the repository carry what they print, so that nbval has something to compare."""

from __future__ import annotations

import ast
import copy
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
EXECUTED = sorted(path for folder in ("notebooks", "solutions") for path in (ROOT / folder).glob("*.ipynb"))
BLANK = sorted((ROOT / "exercises").glob("*.ipynb"))
SPEAKS = {"print", "say", "claim", "check", "predict", "hint", "progress"}
BYTES_ALLOWED = 1_500_000


def shows_something(source: str) -> bool:
    """Whether a cell's last line is a value, or it calls something of the course that prints."""
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        body = ast.parse(plain).body
    except SyntaxError:
        return False
    called = {
        getattr(node.func, "id", getattr(node.func, "attr", None))
        for statement in body
        if isinstance(statement, ast.Expr)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    }
    return bool(called & SPEAKS) or bool(
        body and isinstance(body[-1], ast.Expr) and not isinstance(body[-1].value, ast.Call)
    )


def silent_cells(notebook: NotebookNode) -> list[str]:
    """What is not stored: cells never run, and cells that show something with nothing to show for it."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    silent = [f"never run: {cell.source[:60]!r}" for cell in cells if cell.execution_count is None]
    silent += [f"no output: {c.source[:60]!r}" for c in cells if not c.outputs and shows_something(c.source)]
    return silent if any(cell.outputs for cell in cells) else [*silent, "no cell has an output"]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def test_there_are_notebooks_of_every_kind():
    assert {path.parent.name for path in EXECUTED} == {"notebooks", "solutions"}
    assert {path.name for path in BLANK} == {path.name for path in EXECUTED}


@pytest.mark.parametrize("path", EXECUTED, ids=name)
def test_every_cell_was_run_and_its_output_is_stored(path):
    assert silent_cells(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", EXECUTED, ids=name)
def test_a_notebook_without_its_outputs_would_fail(path):
    stripped = copy.deepcopy(nbformat.read(path, as_version=4))
    for cell in stripped.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    assert silent_cells(stripped)


@pytest.mark.parametrize("path", EXECUTED, ids=name)
def test_no_stored_output_is_an_error(path):
    outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]


@pytest.mark.parametrize("path", [p for p in EXECUTED if p.parent.name == "notebooks"], ids=name)
def test_a_chapter_shows_at_least_two_figures_as_it_is_opened(path):
    outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", [])]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 2


@pytest.mark.parametrize("path", [*EXECUTED, *BLANK], ids=name)
def test_a_notebook_stays_small_and_is_valid(path):
    assert path.stat().st_size < BYTES_ALLOWED
    nbformat.validate(nbformat.read(path, as_version=4))


def test_one_cell_that_lost_its_output_is_noticed():
    printed = new_output("stream", text="2\n")
    whole = new_notebook(cells=[new_code_cell("print(1 + 1)", outputs=[printed], execution_count=1)])
    lost = new_notebook(cells=[*whole.cells, new_code_cell('claim("so", True)', execution_count=2)])
    assert silent_cells(whole) == [] and len(silent_cells(lost)) == 1


# ---- the settings with which `make test` calls nbval do what this course relies on


def nbval(folder: Path, source: str, output: NotebookNode) -> int:
    cell = new_code_cell(source, outputs=[output], execution_count=1)
    notebook = new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "Python"}})
    nbformat.write(notebook, folder / "tiny.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run([*command, "tiny.ipynb"], cwd=folder, capture_output=True).returncode


@pytest.mark.slow
def test_nbval_passes_what_is_printed_again(tmp_path):
    assert nbval(tmp_path, "print(0.25)", new_output("stream", text="0.25\n")) == 0


@pytest.mark.slow
def test_nbval_notices_a_changed_number(tmp_path):
    assert nbval(tmp_path, "print(0.26)", new_output("stream", text="0.25\n")) == 1


@pytest.mark.slow
def test_nbval_does_not_compare_pictures(tmp_path):
    source = (
        "import base64\nfrom IPython.display import display\n"
        "display({'image/png': base64.b64encode(b'one').decode(), 'text/plain': 'a figure'}, raw=True)"
    )
    other = new_output("display_data", data={"image/png": "b3RoZXI=\n", "text/plain": "a figure"})
    assert nbval(tmp_path, source, other) == 0
