"""Cleaning what a notebook printed, so that it reads the same everywhere; refusing what cannot be."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbformat import NotebookNode

PNG, WIDGET = "image/png", "application/vnd.jupyter.widget-view+json"
IGNORED = "nbval-ignore-output"  # the tag of cells whose outputs the tests do not compare
DROPPED = (WIDGET, "image/svg+xml", "image/jpeg", "application/pdf")
PROGRESS = re.compile(r"\r|\d+%\|.*\||\d+it \[")  # as tqdm writes it
# what changes from run to run or from machine to machine, and what the author can do about it
RESTLESS = (
    (re.compile(r"0x[0-9a-fA-F]{6,}"), "a memory address; print something else, or end the line with ';'"),
    (re.compile(r"/(?:home|Users)/\w+|[A-Z]:\\Users\\|site-packages|ipykernel_\d+"), "a machine's path"),
    (re.compile(r"\bid=\"T_[0-9a-f]{5}\""), "a styled table's random id; give it one with .set_uuid('name')"),
)


def clean(outputs: Iterable[NotebookNode], words: str | None) -> list[NotebookNode]:
    """The outputs of one cell without widgets and progress bars; `words` describe its figure.

    Neighbouring texts of one stream become one; figures are kept as PNG only.
    """
    kept = []
    for output in merged(outputs):
        if output.output_type == "stream":
            output.text = calm(output.text)
            if not output.text or (output.name == "stderr" and not output.text.strip()):
                continue
        elif output.output_type in ("display_data", "execute_result"):
            had_widget = WIDGET in output.data
            for kind in DROPPED if PNG in output.data or had_widget else ():
                output.data.pop(kind, None)
            if not output.data or (had_widget and PROGRESS.search(output.data.get("text/plain", ""))):
                continue
            output.metadata = described(output, words)
        elif output.output_type == "error":
            output.traceback = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in output.traceback]
        kept.append(output)
    return merged(kept)


def merged(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs with neighbouring texts of one stream made one."""
    kept: list[NotebookNode] = []
    for output in outputs:
        last = kept[-1] if kept else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def calm(text: str) -> str:
    """Text as it stands when progress bars have gone: what a carriage return overwrites never shows."""
    lines = text.split("\n")
    return "\n".join(line.rsplit("\r", 1)[-1] for line in lines if not PROGRESS.search(line.rsplit("\r", 1)[-1]))


def described(output: NotebookNode, words: str | None) -> NotebookNode:
    """The output's metadata; a figure's has its alternative text, where converters to HTML look for it."""
    if PNG in output.data and words:
        output.metadata[PNG] = {**output.metadata.get(PNG, {}), "alt": words}
    return output.metadata


def output_problems(cell: NotebookNode, origin: str, root: Path) -> Iterator[str]:
    """What is wrong with a code cell's cleaned outputs: figures without words, restless text, warnings."""
    images = [kind for o in cell.outputs for kind in o.get("data", {}) if kind.startswith("image/")]
    if images and "alt" not in cell.metadata:
        yield f"{origin}: the cell draws a figure and has no line '# alt: what the figure shows, in words'"
    if "alt" in cell.metadata and not images:
        yield f"{origin}: the cell has a line '# alt:' and draws no figure"
    alone = all(PNG in output.get("data", {}) for output in cell.outputs)
    if images and not alone and IGNORED in cell.metadata.get("tags", ()):
        yield f"{origin}: the cell draws a figure and prints text, which no test would compare; use two cells"
    if any(kind != PNG for kind in images):
        yield f"{origin}: a figure that is not PNG ({', '.join(sorted(set(images)))}); PNG was expected"
    for text in texts(cell):
        for line in text.splitlines():
            for what in restless(line, root):
                yield f"{origin}: the output has {what}: {line.strip()[:80]}"
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            last = output.text.strip().splitlines()[-1][:120]
            yield f"{origin}: the cell writes to the error stream, where a reader sees a red box: {last}"


def restless(line: str, root: Path) -> Iterator[str]:
    """What in a line of output would differ on another machine or in another run."""
    paths = {str(root), str(Path.home()), tempfile.gettempdir(), sys.prefix}
    if any(len(path) > 1 and re.search(rf"{re.escape(path)}(?!\w)", line) for path in paths):
        yield "a machine's path"
        return
    yield from (what for pattern, what in RESTLESS if pattern.search(line))


def texts(cell: NotebookNode) -> Iterator[str]:
    """Every text among the outputs of a cell, pictures left out."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", ()))
        yield from (str(value) for kind, value in output.get("data", {}).items() if kind != PNG)


def not_passed(expected: Iterable[str], text: str) -> dict[str, str]:
    """The exercises whose check did not say that they pass, each with what it said instead."""
    passed = set(re.findall(r"^✓ (\d\d\.\d+) passed", text, flags=re.MULTILINE))
    said = dict(re.findall(r"^[✗·] (\d\d\.\d+) (.*)$", text, flags=re.MULTILINE))
    return {id: said.get(id, "its check printed nothing") for id in expected if id not in passed or id in said}
