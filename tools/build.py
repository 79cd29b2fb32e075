"""Build the notebooks: `python -m tools.build [--force] [--check] [NN ...]`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from tools.execute import Run, execute
from tools.grammar import Hints, read_lesson
from tools.notebooks import FOLDERS, Page, render
from tools.project import front_matter, read_settings, stored_syllabus, syllabus
from tools.source import Lesson, Refused, fault

ROOT = Path(__file__).resolve().parent.parent
BYTES_ALLOWED = 1_500_000
MEASURES = "docs/measures.md"
MEASURES_HEAD = """# Seconds and memory

How long each notebook ran when it was last built, with one thread, and the most memory its kernel held.
Seconds depend on the machine and only give scale. Written by `make build`.

| notebook | seconds | peak MB |
|---|---:|---:|
"""


def registered_hints(id: str) -> Sequence[str]:
    """The hints of an exercise as the installed checks have them."""
    from causalcourse.checks import registry

    return registry.find(id).hints


def read_lessons(root: Path, numbers: Sequence[str], hints: Hints) -> list[Lesson]:
    """The lessons with these numbers, or all. Raises Refused with the problems of every one of them."""
    extras = list(read_settings(root).extras)
    folders = sorted(p for p in (root / "lessons").iterdir() if p.is_dir() and p.name[0] not in "._")
    unknown = [n for n in numbers if n not in {folder.name[:2] for folder in folders}]
    if unknown:
        raise Refused(f"lessons: no chapter {', '.join(unknown)}; there are {', '.join(f.name for f in folders)}")
    lessons, problems = [], []
    for folder in folders:
        if not numbers or folder.name[:2] in numbers:
            try:
                lessons.append(read_lesson(folder, root, extras, hints))
            except Refused as refused:
                problems += refused.problems
    if problems:
        raise Refused(*problems)
    return lessons


def stored(root: Path, page: Page) -> NotebookNode | None:
    """The notebook as it lies on disk, or nothing when there is none that can be read."""
    try:
        node = nbformat.read(root / page.path, as_version=nbformat.NO_CONVERT)
    except (OSError, ValueError, nbformat.reader.NotJSONError):
        return None
    return node if isinstance(node.get("cells"), list) else None


def stale(page: Page, old: NotebookNode | None) -> str | None:
    """Why a stored notebook is not what its source says, or None when it is."""
    if old is None:
        return "is missing or cannot be read"
    if [bare(cell) for cell in old.cells] != [bare(cell) for cell in page.node.cells]:
        pairs = zip(old.cells, page.node.cells, strict=False)
        first = next((n for n, (a, b) in enumerate(pairs) if bare(a) != bare(b)), len(old.cells))
        origin = page.origins[min(first, len(page.origins) - 1)]
        return f"differs from its source, first at {origin}"
    if old.metadata != page.node.metadata or (old.nbformat, old.nbformat_minor) != (4, 5):
        return "has other metadata than the builder gives it"
    code = [cell for cell in old.cells if cell.cell_type == "code"]
    ran = [cell for cell in code if cell.execution_count is not None or cell.outputs]
    if page.kind == "exercises":
        return "has outputs; exercises are stored as a learner finds them" if ran else None
    return None if len(ran) == len(code) and any(cell.outputs for cell in code) else "has no stored outputs"


def bare(cell: NotebookNode) -> dict:
    """A cell without its outputs."""
    return {key: cell.get(key) for key in ("id", "cell_type", "source", "metadata")}


def orphans(root: Path) -> list[str]:
    """Built notebooks that no lesson builds."""
    slugs = {path.name for path in (root / "lessons").iterdir()}
    built = (path for folder in FOLDERS.values() for path in sorted((root / folder).glob("*.ipynb")))
    return [path.relative_to(root).as_posix() for path in built if path.stem not in slugs]


def current(path: Path) -> str | None:
    """What a file holds, or nothing when it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else None


def save(path: Path, text: str) -> None:
    """Write a text whole or not at all, with LF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


def as_text(node: NotebookNode) -> str:
    """A notebook as it is stored: sorted keys, one newline at the end."""
    return nbformat.writes(node).rstrip("\n") + "\n"


def check(root: Path, numbers: Sequence[str], hints: Hints = registered_hints) -> list[str]:
    """What on disk is not as the sources say; nothing is run and nothing is written."""
    lessons, settings = read_lessons(root, numbers, hints), read_settings(root)
    pages = [page for lesson in lessons for page in render(lesson, settings)]
    reasons = ((page.path, stale(page, stored(root, page))) for page in pages)
    differs = [f"{path} {why}" for path, why in reasons if why]
    differs += [f"{path} is built by no lesson; delete it" for path in orphans(root)]
    entries = syllabus(lessons, stored_syllabus(root) if numbers else ())
    for path, text in front_matter(root, settings, entries).items():
        if text != current(root / path):
            differs.append(f"{path} is not up to date")
    return differs


def build(root: Path, numbers: Sequence[str], force: bool = False, hints: Hints = registered_hints) -> list[str]:
    """Write every notebook that is not up to date, run unless it is an exercise sheet; returns their paths.

    Raises Refused when a source, a run or a size is not as it should be; notebooks built before that stay.
    """
    lessons, settings = read_lessons(root, numbers, hints), read_settings(root)
    for warning in (w for lesson in lessons for w in lesson.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    pages = [page for lesson in lessons for page in render(lesson, settings)]
    todo = [page for page in pages if force or stale(page, stored(root, page))]
    # first the syllabus: what runs below may read it, as the map of the course does
    entries = syllabus(lessons, stored_syllabus(root) if numbers else ())
    for path, text in front_matter(root, settings, entries).items():
        if text != current(root / path):
            save(root / path, text)
    problems, written = [], []
    with tqdm(todo, unit="notebook", disable=not todo) as bar:
        for page in bar:
            bar.set_description(page.path)
            try:
                build_page(page, root)
                written.append(page.path)
            except Refused as refused:
                problems += refused.problems
    if problems:
        raise Refused(*problems)
    return written


def build_page(page: Page, root: Path) -> None:
    """Write one notebook, run first unless it is an exercise sheet, and note what running it took."""
    run = Run(page.node, 0, 0) if page.kind == "exercises" else execute(page, root)
    text = as_text(run.node)
    if (size := len(text.encode())) > BYTES_ALLOWED:
        raise Refused(fault(page.path, f"{size / 1e6:.1f} MB", f"{BYTES_ALLOWED / 1e6} at most: smaller figures"))
    save(root / page.path, text)
    if page.kind != "exercises":
        note(root, page.path, run)


def note(root: Path, path: str, run: Run) -> None:
    """Put a run's seconds and memory into the table, other notebooks' rows kept."""
    file = root / MEASURES
    rows = dict(re.findall(r"^\| (\S+\.ipynb) (\|.*\|)$", current(file) or "", flags=re.MULTILINE))
    rows[path] = f"| {run.seconds:.0f} | {run.peak_mb:.0f} |"
    kept = [f"| {name} {row}\n" for name, row in sorted(rows.items()) if (root / name).is_file()]
    save(file, MEASURES_HEAD + "".join(kept))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NN", help="chapters to build (default: all)")
    parser.add_argument("--force", action="store_true", help="run every notebook again, up to date or not")
    parser.add_argument("--check", action="store_true", help="run nothing, write nothing, say what differs")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            differs = check(ROOT, options.numbers)
            print("\n".join(differs) + "\nRun `make build`." if differs else "Every notebook is as its source says.")
            return 1 if differs else 0
        written = build(ROOT, options.numbers, options.force)
    except Refused as refused:
        print("\n".join(refused.problems), file=sys.stderr)
        return 1
    print("\n".join(f"built {path}" for path in written) or "Every notebook is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
