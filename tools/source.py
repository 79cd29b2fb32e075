"""Reading the scripts of a lesson into cells that know their file and line."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import jupytext
import yaml

HEADING = re.compile(r"### (?P<id>\d\d\.\d+) (?P<title>\S.*?) +· level (?P<level>[123]) of 3 · (?P<minutes>\d+) min")
MARKER = re.compile(r"\s*#\s*(solution|end)\s*[:.]?\s*", re.IGNORECASE)
HEADER = {"title": str, "question": str, "minutes": int, "extras": list}
# magics would stop the lesson from running as a plain script, and comments must never turn into them
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


class Refused(Exception):
    """A lesson cannot be built; `problems` holds one `file:line: what is wrong, what was expected` each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def fault(where: str, wrong: str, expected: str) -> str:
    """One problem in words: `file:line: what is wrong; expected what`."""
    return f"{where}: {wrong}; expected {expected}"


@dataclass(frozen=True)
class Cell:
    """One cell of a source file; `line` is where its text begins, `exercise` the id it belongs to, if any."""

    kind: str  # "markdown" or "code"
    source: str
    file: str
    line: int
    tags: tuple[str, ...] = ()
    exercise: str | None = None

    def at(self, offset: int = 0) -> str:
        """`file:line` of the line `offset` lines below the cell's first."""
        return f"{self.file}:{self.line + offset}"


@dataclass(frozen=True)
class Exercise:
    """What the heading of an exercise says, and where it stands."""

    id: str
    title: str
    level: int
    minutes: int
    at: str


@dataclass(frozen=True)
class Lesson:
    """A chapter and its exercises, as read and found in order; `warnings` are no reason to refuse."""

    number: str
    slug: str
    title: str
    question: str
    minutes: int
    extras: tuple[str, ...]
    chapter: tuple[Cell, ...]
    desk: tuple[Cell, ...]  # the cells of exercises.py
    exercises: tuple[Exercise, ...]
    warnings: tuple[str, ...]


def split_header(text: str, file: str, extras: Sequence[str]) -> tuple[dict, str]:
    """The header of a chapter, and the text with the header blanked: its lines keep their numbers."""
    lines = text.split("\n")
    if lines[0] != "# ---" or "# ---" not in lines[1:]:
        raise Refused(fault(f"{file}:1", "no header", f"{', '.join(HEADER)} between two lines '# ---'"))
    end = lines.index("# ---", 1)
    try:
        header = yaml.safe_load("\n".join(line[2:] for line in lines[1:end])) or {}
    except yaml.MarkedYAMLError as error:
        where = f"{file}:{2 + error.problem_mark.line}"
        raise Refused(fault(where, f"the header is not YAML ({error.problem})", "key: value")) from None
    problems = []
    for key in [*HEADER, *(key for key in header if key not in HEADER)]:
        line = next((n for n, line in enumerate(lines[:end], 1) if line.startswith(f"# {key}:")), 1)
        if key not in HEADER:
            problems.append(fault(f"{file}:{line}", f"'{key}' in the header", f"only {', '.join(HEADER)}"))
        elif key not in header:
            problems.append(fault(f"{file}:1", f"no '{key}' in the header", ", ".join(HEADER)))
        elif type(header[key]) is not HEADER[key]:
            problems.append(fault(f"{file}:{line}", f"{key} is {header[key]!r}", HEADER[key].__name__))
        elif key == "extras" and not set(header[key]) <= set(extras):
            problems.append(fault(f"{file}:{line}", f"extras are {header[key]}", f"those of pyproject.toml: {extras}"))
    if problems:
        raise Refused(*problems)
    return {**header, "extras": tuple(header["extras"])}, "\n".join([""] * (end + 1) + lines[end + 1 :])


def read_cells(text: str, file: str) -> tuple[Cell, ...]:
    """The cells of a py:percent script with their line numbers."""
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines) if line.startswith("# %%")]
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if first not in marks:
        raise Refused(fault(f"{file}:{first + 1}", "text before the first cell", "'# %%' or '# %% [markdown]'"))
    found = jupytext.reads("\n".join(lines[first:]), fmt=PERCENT).cells
    for index, cell in enumerate(found):
        if "\n# %%" in f"\n{cell.source}":
            where = f"{file}:{marks[index + 1] + 1}"
            raise Refused(fault(where, "a line '# %%' inside a string", "cells only"))
    cells = []
    for mark, end, cell in zip(marks, [*marks[1:], len(lines)], found, strict=True):
        start = next((n for n in range(mark + 1, len(lines)) if lines[n].strip()), mark)
        if not cell.source.strip():
            raise Refused(fault(f"{file}:{mark + 1}", "an empty cell", "something in it, or no cell"))
        if cell.metadata.get("cell_marker"):
            raise Refused(fault(f"{file}:{mark + 1}", "text in quotation marks", "'# ' before each line"))
        bare = [n for n in range(mark + 1, end) if lines[n].strip() and not lines[n].startswith("#")]
        if cell.cell_type == "markdown" and bare:
            where = f"{file}:{bare[0] + 1}"
            raise Refused(fault(where, "a line of text without '# ' before it", "'# ', or a code cell"))
        tags = tuple(cell.metadata.get("tags", ()))
        cells.append(Cell(cell.cell_type, cell.source.strip("\n"), file, start + 1, tags))
    return tuple(cells)


def group(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], tuple[Exercise, ...]]:
    """The cells, each marked with the exercise it belongs to, and the exercises in order."""
    exercise, marked, exercises = None, [], []
    for cell in cells:
        heading = HEADING.fullmatch(cell.source.split("\n")[0].rstrip()) if cell.kind == "markdown" else None
        if heading:
            exercise = heading["id"]
            exercises.append(
                Exercise(exercise, heading["title"], int(heading["level"]), int(heading["minutes"]), cell.at())
            )
        marked.append(replace(cell, exercise=exercise))
    return tuple(marked), tuple(exercises)


def markers(cell: Cell) -> list[tuple[int, str]]:
    """Line offset and word ("solution" or "end") of each marker in a code cell."""
    found = ((n, MARKER.fullmatch(line)) for n, line in enumerate(cell.source.split("\n")))
    return [(n, match[1].lower()) for n, match in found if match] if cell.kind == "code" else []


def blanked(source: str, exercise: str | None, keep: bool) -> str:
    """The code with each solution kept (without its markers), or replaced by a blank that raises."""
    lines, inside = [], False
    for line in source.split("\n"):
        word = line.strip()
        if word == "# solution" and not keep:
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f'{indent}raise NotImplementedError("{exercise}: your turn")')
        if word in ("# solution", "# end"):
            inside = word == "# solution"
        elif keep or not inside:
            lines.append(line)
    return "\n".join(lines)


def parsed(cell: Cell) -> ast.Module:
    """The code of a cell as a tree; an empty one for text, and for code that is not Python."""
    try:
        return ast.parse(cell.source if cell.kind == "code" else "")
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def alternative(cell: Cell) -> str | None:
    """What a figure shows, in words: the comment that begins with `# alt:` in a code cell, or nothing.

    It goes on over the lines that begin with `#   `, three spaces or more.
    """
    if cell.kind != "code":
        return None
    _, words = split_alternative(cell.source)
    return words or None


def split_alternative(source: str) -> tuple[str, str]:
    """The code without the comment that describes its figure, and the words of that comment."""
    code, words = [], []
    for line in source.split("\n"):
        if line.startswith("# alt:") and not words:
            words.append(line.removeprefix("# alt:"))
            above = True
        elif words and above and line.startswith("#   "):
            words.append(line[1:])
        else:
            code.append(line)
            above = False
    return "\n".join(code), " ".join(" ".join(words).split())


def quieted(code: str) -> str:
    """The code of a figure's cell with `;` after its last value, so that none is printed below the figure."""
    body = ast.parse(code).body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if last is None or (isinstance(last, ast.Call) and ast.unparse(last.func) in ("print", "claim", "say")):
        return code
    lines, row = code.split("\n"), body[-1].end_lineno - 1
    whole, column = lines[row].encode(), body[-1].end_col_offset  # ast counts columns in UTF-8 bytes
    if not whole[column:].lstrip().startswith(b";"):
        lines[row] = (whole[:column] + b";" + whole[column:]).decode()
    return "\n".join(lines)
