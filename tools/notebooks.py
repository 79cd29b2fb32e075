"""From a lesson to its three notebooks: pure functions, same lesson in, same bytes out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import nbformat
from nbformat import NotebookNode

from tools.outputs import IGNORED
from tools.project import Settings, launch
from tools.source import Cell, Lesson, alternative, blanked, markers, quieted, split_alternative

FOLDERS = {"chapter": "notebooks", "exercises": "exercises", "solutions": "solutions"}
# no versions of anything: the notebook must not change with the machine it was built on
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


@dataclass(frozen=True)
class Page:
    """A notebook without outputs: its path, and for each cell the `file:line` it comes from."""

    path: str
    kind: str
    node: NotebookNode
    origins: tuple[str, ...]
    expected: tuple[str, ...] = ()  # exercises whose checks must pass when the notebook runs


def render(lesson: Lesson, settings: Settings) -> tuple[Page, Page, Page]:
    """The chapter, the exercises with blanks, and the solutions."""
    solved = tuple(replace(c, source=blanked(c.source, c.exercise, keep=True)) for c in lesson.desk)
    ids = tuple(exercise.id for exercise in lesson.exercises)
    return (
        page("chapter", lesson, lesson.chapter, settings),
        page("exercises", lesson, tuple(stubs(lesson)), settings),
        replace(page("solutions", lesson, solved, settings), expected=ids),
    )


def stubs(lesson: Lesson) -> Iterator[Cell]:
    """The cells of the exercises with blanks for solutions, without reasons, a hint cell after each blank."""
    for cell in lesson.desk:
        if "solution" in cell.tags:
            continue
        yield replace(cell, source=blanked(cell.source, cell.exercise, keep=False))
        if markers(cell):
            stuck = '# Stuck? Remove the "# " below and run this cell. Each run gives the next of three hints.'
            yield replace(cell, source=f'{stuck}\n# hint("{cell.exercise}")', tags=())


def page(kind: str, lesson: Lesson, cells: tuple[Cell, ...], settings: Settings) -> Page:
    """The notebook of this kind made of these cells, below the head that every notebook has."""
    path = f"{FOLDERS[kind]}/{lesson.slug}.ipynb"
    source = f"lessons/{lesson.slug}/{'chapter' if kind == 'chapter' else 'exercises'}.py"
    head = (
        Cell("markdown", title(kind, lesson, path, settings), source, 1),
        Cell("code", first_cell(kind, lesson, settings), source, 1),
    )
    nodes, origins, seen = [], [], {}
    for cell in (*head, *cells):
        for node in nodes_of(cell):
            name = f"{kind}-{(cell.exercise or lesson.number).replace('.', '-')}-{fingerprint(node)}"
            seen[name] = seen.get(name, 0) + 1
            node["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
            nodes.append(node)
            origins.append(cell.at())
    # one node type in memory, whether rendered or read from a file
    text = nbformat.from_dict({"cells": nodes, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})
    return Page(path, kind, text, tuple(origins))


def nodes_of(cell: Cell) -> Iterator[dict]:
    """The notebook's cells for one cell of the source: a figure is followed by its description in words."""
    words, tags = alternative(cell), list(cell.tags)
    source, code = cell.source, {}
    if cell.kind == "code":
        source = re.sub(r" *# noqa\b.*", "", source)  # a note to the linter, not to the learner
        code = {"execution_count": None, "outputs": []}
    if words:
        plain, _ = split_alternative(source)
        source = quieted(plain)
        # nbval runs cells in a way in which `;` has no effect: there would be one output more than stored
        tags += [IGNORED] if source != plain and IGNORED not in tags else []
    metadata = {**({"alt": words} if words else {}), **({"tags": tags} if tags else {})}
    yield {"cell_type": cell.kind, "metadata": metadata, "source": source, **code}
    if words:
        # JupyterLab and Colab give a cell's image no alternative text, so the words stand below it, folded
        words = html.escape(words, quote=False)
        folded = f"<details><summary>This figure in words</summary><p>{words}</p></details>"
        yield {"cell_type": "markdown", "metadata": {}, "source": folded}


def fingerprint(node: dict) -> str:
    """Eight letters that change with a cell's content."""
    return sha256(f"{node['cell_type']}\n{node['source']}".encode()).hexdigest()[:8]


def title(kind: str, lesson: Lesson, path: str, settings: Settings) -> str:
    """The text at the head of a notebook: badges, title, question, minutes, and the way to its sisters."""
    names = {"chapter": "", "exercises": ": exercises", "solutions": ": solutions"}
    minutes = lesson.minutes if kind == "chapter" else sum(e.minutes for e in lesson.exercises)
    sisters = [
        f"**{name}**" if name == kind else f"[{name}](../{folder}/{lesson.slug}.ipynb)"
        for name, folder in FOLDERS.items()
    ]
    return "\n\n".join(
        (
            launch(settings, path, "../docs/badges"),
            f"# {lesson.number} · {lesson.title}{names[kind]}",
            f"*{lesson.question}*",
            " · ".join((f"{minutes} minutes", *sisters)),
        )
    )


def first_cell(kind: str, lesson: Lesson, settings: Settings) -> str:
    """The code at the head of a notebook: it installs what is missing and says that all is ready."""
    extras = f"[{','.join(lesson.extras)}]" if lesson.extras else ""
    install = f'    %pip install --quiet "causalcourse{extras} @ git+{settings.repository}"'
    imports: list[str] = []
    lines = [
        "try:",
        "    import causalcourse",
        "except ModuleNotFoundError:",
        install,
        "    import causalcourse",
        "",
    ]
    if lesson.extras:  # installed on Colab only: on their own machine learners decide what is added to it
        modules = [module for extra in lesson.extras for module in settings.extras[extra]]
        names = ", ".join(f'"{name}"' for name in ("causalcourse", *modules))
        imports = ["import sys", "from importlib.util import find_spec"]
        lines = [
            f"missing = [name for name in ({names}) if find_spec(name) is None]",
            'if "causalcourse" in missing or (missing and "google.colab" in sys.modules):',
            *(install, "", "import causalcourse", ""),
        ]
    if kind == "solutions":
        imports = ["import os", *imports]
        lines = [
            'os.environ["CAUSALCOURSE_PROGRESS"] = "off"  # these answers are ours, not yours',
            "",
            *lines,
        ]
    gap = [""] if imports else []
    return "\n".join([*imports, *gap, *lines, f'causalcourse.require("{settings.version}")'])
