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
# magics would stop the lesson from running as a plain script, and comments must never turn into them
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}


class Refused(Exception):
    """A lesson cannot be built; `problems` holds one `file:line: what is wrong, what was expected` each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


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
    """The header of a chapter as a dict, and the text with the header blanked, so that lines keep their numbers."""
    lines = text.splitlines()
    if not lines or lines[0] != "# ---" or "# ---" not in lines[1:]:
        raise Refused(f"{file}:1: no header; a chapter begins with title, question, minutes and extras between two lines '# ---'")
    end = lines.index("# ---", 1)
    try:
        header = yaml.safe_load("\n".join(line[2:] for line in lines[1:end]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Refused(f"{file}:{2 + (mark.line if mark else 0)}: the header is not YAML: {error.problem}") from None
    wanted = {"title": str, "question": str, "minutes": int, "extras": list}
    header = header if isinstance(header, dict) else {}
    problems = [f"{file}:1: the header lacks '{key}'" for key in wanted if key not in header]
    problems += [f"{file}:1: the header has '{key}'; it knows {', '.join(wanted)}" for key in header if key not in wanted]
    problems += [
        f"{file}:{2 + n}: '{key}' must be {kind.__name__}, is {header[key]!r}"
        for key, kind in wanted.items()
        for n, line in enumerate(lines[1:end])
        if line.startswith(f"# {key}:") and key in header and type(header[key]) is not kind
    ]
    if not problems:
        problems = [
            f"{file}:1: the package has no extra '{e}' in pyproject.toml; it has {', '.join(extras) or 'none'}"
            for e in header["extras"]
            if e not in extras
        ]
    if problems:
        raise Refused(*problems)
    return {**header, "extras": tuple(header["extras"])}, "\n".join([""] * (end + 1) + lines[end + 1 :])


def read_cells(text: str, file: str) -> tuple[Cell, ...]:
    """The cells of a py:percent script with their line numbers."""
    lines = text.splitlines()
    marks = [n for n, line in enumerate(lines) if line.startswith("# %%")]
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not marks or first < marks[0]:
        raise Refused(f"{file}:{first + 1}: text before the first cell; a cell begins with '# %%' or '# %% [markdown]'")
    found = jupytext.reads("\n".join(lines[marks[0] :]) + "\n", fmt=PERCENT).cells
    if len(found) != len(marks):
        raise Refused(f"{file}:{marks[0] + 1}: {len(marks)} lines begin with '# %%' but there are {len(found)} cells; is one inside a string?")
    cells = []
    for mark, cell in zip(marks, found, strict=True):
        start = next((n for n in range(mark + 1, len(lines)) if lines[n].strip()), mark)
        if start in marks or not cell.source.strip():
            raise Refused(f"{file}:{mark + 1}: an empty cell; write something in it or remove it")
        if cell.metadata.get("cell_marker"):
            raise Refused(f"{file}:{mark + 1}: text in triple quotation marks; begin each line with '# '")
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
            exercises.append(Exercise(exercise, heading["title"], int(heading["level"]), int(heading["minutes"]), cell.at()))
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


def calls(cells: Sequence[Cell], name: str) -> list[tuple[str, str]]:
    """(first argument, file:line) of each call of the function `name` in these code cells."""
    found = []
    for cell in (c for c in cells if c.kind == "code"):
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # reported by cell_problems
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name and node.args:
                found.append((ast.unparse(node.args[0]).strip("'\""), cell.at(node.lineno - 1)))
    return found


def alternative(cell: Cell) -> str | None:
    """What a figure shows, in words: the text after `# alt:` in a code cell, or nothing."""
    lines = cell.source.split("\n") if cell.kind == "code" else []
    return next((line[len("# alt:") :].strip() for line in lines if line.startswith("# alt:")), None)


def drawing(source: str) -> str:
    """The code of a figure's cell without its `# alt:` line, its last value kept from being printed below the figure."""
    lines = [line for line in source.split("\n") if not line.startswith("# alt:")]
    body = ast.parse("\n".join(lines)).body
    if body and isinstance(body[-1], ast.Expr):
        row, column = body[-1].end_lineno - 1, body[-1].end_col_offset
        whole = lines[row].encode()  # ast counts columns in UTF-8 bytes
        if not whole[column:].lstrip().startswith(b";"):
            lines[row] = (whole[:column] + b";" + whole[column:]).decode()
    return "\n".join(lines)
