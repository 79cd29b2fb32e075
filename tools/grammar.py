"""The grammar of a lesson. Whatever breaks it is refused with `file:line: what is wrong; expected what`."""

from __future__ import annotations

import ast
import re
import runpy
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tools.source import (
    MARKER,
    Cell,
    Exercise,
    Lesson,
    Refused,
    alternative,
    blanked,
    fault,
    group,
    markers,
    parsed,
    read_cells,
    split_alternative,
    split_header,
)

HEADING = "'### NN.k Title · level L of 3 · M min' at the top of its cell"
REASON = "'# %% [markdown] tags=[\"solution\"]' below its code"
TAGS = {"solution", "raises-exception", "nbval-ignore-output", "nbval-skip"}
LINES_LIKED, LINES_ALLOWED = 15, 25  # of code in a chapter's cell
WIDTH_ALLOWED = 110  # characters in a line of code: what a notebook on a laptop shows without scrolling
ANSWERS_NEEDED = {"RIGHT": 2, "WRONG": 5}  # on the shelf, for each exercise

Hints = Callable[[str], Sequence[str]]


def read_lesson(folder: Path, root: Path, extras: Sequence[str], hints: Hints) -> Lesson:
    """The lesson in `folder`; `extras` are the package's, `hints` gives the hints of an exercise's id.

    Raises Refused with every problem found.
    """
    slug, texts = folder.name, {}
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", slug):
        raise Refused(fault(f"lessons/{slug}:1", "not a lesson's folder", "a name like 05_do_calculus"))
    for name in ("chapter.py", "exercises.py", "shelf.py"):
        if not (folder / name).is_file():
            raise Refused(fault(f"lessons/{slug}/{name}:1", "no such file", "chapter.py, exercises.py, shelf.py"))
        texts[name] = read_script(folder / name, f"lessons/{slug}/{name}")
    sheet, shelf = f"lessons/{slug}/exercises.py", f"lessons/{slug}/shelf.py"
    header, body = split_header(texts["chapter.py"], f"lessons/{slug}/chapter.py", extras)
    chapter = read_cells(body, f"lessons/{slug}/chapter.py")
    desk, exercises = group(read_cells(texts["exercises.py"], sheet))
    problems = [p for cell in (*chapter, *desk) for p in cell_problems(cell)]
    problems += [*chapter_problems(chapter), *desk_problems(desk, exercises, slug[:2])]
    for exercise in exercises:
        problems += [*exercise_problems(exercise, desk), *hint_problems(exercise, hints)]
    problems += shelf_problems(folder / "shelf.py", shelf, {exercise.id for exercise in exercises})
    if problems:
        raise Refused(*problems)
    warnings = (*long_cells(chapter, LINES_LIKED), *bare_stubs(desk))
    return Lesson(slug[:2], slug, **header, chapter=chapter, desk=desk, exercises=exercises, warnings=warnings)


def read_script(path: Path, file: str) -> str:
    """The text of a script, whatever ends its lines and whether or not a byte-order mark begins it."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(fault(f"{file}:{line}", "this line is not UTF-8", "text saved as UTF-8")) from None


def cell_problems(cell: Cell) -> Iterator[str]:
    """What is wrong with one cell, whatever it is for: its tags, its markers, its Python."""
    for tag in cell.tags:
        if tag not in TAGS:
            yield fault(cell.at(-1), f"unknown tag '{tag}'", " or ".join(sorted(TAGS)))
    if cell.kind == "code":
        for n, line in enumerate(cell.source.split("\n")):
            if len(line) > WIDTH_ALLOWED and not line.startswith(("# alt:", "#   ")):
                yield fault(cell.at(n), f"a line of {len(line)} characters", f"{WIDTH_ALLOWED}: what a screen shows")
        unpaired = list(marker_problems(cell))
        yield from unpaired or syntax_problems(cell)


def marker_problems(cell: Cell) -> Iterator[str]:
    """What is wrong with the markers of a code cell: spelling, pairs, indentation, nothing between them."""
    lines, opened = cell.source.split("\n"), None
    for n, line in enumerate(lines):
        word, indent = line.strip(), line[: len(line) - len(line.lstrip())]
        if MARKER.fullmatch(line) and word not in ("# solution", "# end"):
            yield fault(cell.at(n), f"'{word}' looks like a marker", "'# solution' or '# end', exactly")
        elif word == "# solution":
            if opened:
                yield fault(cell.at(n), "'# solution' inside a solution", "'# end' first; markers do not nest")
            opened = (n, indent)
        elif word == "# end":
            if not opened:
                yield fault(cell.at(n), "'# end' without '# solution'", "a pair of markers")
            elif indent != opened[1]:
                yield fault(cell.at(n), "'# end' is indented otherwise than its '# solution'", "the same")
            elif not "".join(lines[opened[0] + 1 : n]).strip():
                yield fault(cell.at(opened[0]), "nothing between '# solution' and '# end'", "a solution")
            opened = None
    if opened:
        yield fault(cell.at(opened[0]), "'# solution' without '# end'", "'# end' in the same cell")


def syntax_problems(cell: Cell) -> Iterator[str]:
    """A sentence when a code cell is not Python, with its solution or without it."""
    try:
        ast.parse(cell.source)
        ast.parse(blanked(cell.source, cell.exercise, keep=False))
    except SyntaxError as error:
        where = cell.at() if markers(cell) else cell.at((error.lineno or 1) - 1)
        with_or_without = " once its solution is taken out" if parsed(cell).body else ""
        yield fault(where, f"not Python{with_or_without} ({error.msg})", "a plain script, without % and !")


def chapter_problems(cells: Sequence[Cell]) -> Iterator[str]:
    """What is wrong with chapter.py as a whole: blanks, long cells, too few figures."""
    for cell in cells:
        if markers(cell) or "solution" in cell.tags:
            yield fault(cell.at(-1), "a solution in a chapter", "exercises in exercises.py")
    yield from long_cells(cells, LINES_ALLOWED)
    figures = sum(alternative(cell) is not None for cell in cells)
    if figures < 2:
        yield fault(f"{cells[0].file}:1", f"{figures} figures with '# alt: what it shows'", "two or more")


def long_cells(cells: Sequence[Cell], limit: int) -> Iterator[str]:
    """A sentence for each code cell with more than `limit` lines, the alternative text not counted."""
    for cell in cells:
        size = len(split_alternative(cell.source)[0].split("\n"))
        if cell.kind == "code" and size > limit:
            yield fault(cell.at(), f"a cell of {size} lines", f"{limit} at most, the rest in the package")


def desk_problems(desk: Sequence[Cell], exercises: Sequence[Exercise], number: str) -> Iterator[str]:
    """What is wrong with exercises.py as a whole: introduction, headings, ids, their number, imports."""
    top = f"{desk[0].file}:1"
    if desk[0].kind != "markdown" or desk[0].exercise:
        yield fault(desk[0].at(), "no introduction", "a markdown cell first")
    headings = {exercise.at for exercise in exercises}
    for cell in desk:
        for n, line in enumerate(cell.source.split("\n")):
            if cell.kind == "markdown" and line.startswith("### ") and cell.at(n) not in headings:
                yield fault(cell.at(n), f"'{line.strip()}' is no exercise's heading", HEADING)
        if markers(cell) and not cell.exercise:
            yield fault(cell.at(), "a blank outside of any exercise", f"{HEADING}, above it")
    for k, exercise in enumerate(exercises, 1):
        if exercise.id != f"{number}.{k}":
            yield fault(exercise.at, f"exercise {exercise.id} out of order", f"{number}.{k} here")
    if not 4 <= len(exercises) <= 7:
        yield fault(top, f"{len(exercises)} exercises", "4 to 7")
    asked = (cell.source.lower() for cell in desk if cell.exercise and "solution" not in cell.tags)
    if not any("spot the mistake" in text for text in asked):
        yield fault(top, "no exercise says 'spot the mistake'", "at least one")
    trees = (node for cell in desk for node in ast.walk(parsed(cell)))
    names = {a.asname or a.name for node in trees if isinstance(node, ast.ImportFrom) for a in node.names}
    if not {"check", "hint"} <= names:
        yield fault(top, "check or hint is not imported", "from causalcourse import check, hint")


def exercise_problems(exercise: Exercise, desk: Sequence[Cell]) -> Iterator[str]:
    """What one exercise lacks in exercises.py: its blank, its check, its reason."""
    mine = [cell for cell in desk if cell.exercise == exercise.id]
    blanks = sum(bool(markers(cell)) for cell in mine)
    if blanks != 1:
        yield fault(exercise.at, f"{exercise.id} has {blanks} cells with '# solution' and '# end'", "one")
    checks = [call for cell in mine for call in checks_in(cell)]
    if not checks:
        yield fault(exercise.at, f"{exercise.id} has no check", f'a call check("{exercise.id}", ...)')
    for id, where in checks:
        if id != exercise.id:
            yield fault(where, f"check({id!r}, ...) in exercise {exercise.id}", f'check("{exercise.id}", ...)')
    if not any(cell.kind == "markdown" and "solution" in cell.tags for cell in mine):
        yield fault(exercise.at, f"{exercise.id} gives no reason", REASON)


def checks_in(cell: Cell) -> Iterator[tuple[str, str]]:
    """(id, file:line) of each call of `check` in a cell."""
    for node in ast.walk(parsed(cell)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "check",
            "cc.check",
            "causalcourse.check",
        ):
            yield ast.unparse(node.args[0]).strip("'") if node.args else "", cell.at(node.lineno - 1)


def hint_problems(exercise: Exercise, hints: Hints) -> Iterator[str]:
    """A sentence when an exercise's three hints are not registered."""
    expected = f"three, in causalcourse/checks/ch{exercise.id[:2]}.py"
    try:
        count = len(hints(exercise.id))
    except Exception as error:  # the checks may be broken in any way; the maintainer wants to know how
        yield fault(exercise.at, f"no hints for {exercise.id} ({type(error).__name__}: {error})", expected)
        return
    if count != 3:
        yield fault(exercise.at, f"{exercise.id} has {count} hints", expected)


def shelf_problems(path: Path, file: str, known: set[str]) -> Iterator[str]:
    """What the shelf of answers to the exercises `known` lacks; it is run as a script to be read."""
    try:
        shelf = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:  # a maintainer's code may fail in any way: say where
        frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = getattr(error, "lineno", None) or (frames or [1])[-1]
        yield fault(f"{file}:{line}", f"the shelf fails ({type(error).__name__}: {error})", "RIGHT and WRONG")
        return
    text = path.read_text(encoding="utf-8").split("\n")
    for name, needed in ANSWERS_NEEDED.items():
        answers = shelf.get(name, {})
        top = next((n for n, line in enumerate(text) if line.startswith(name)), 0)
        end = next((n for n, line in enumerate(text) if n > top and line.startswith("}")), len(text))
        for id in sorted(known | set(answers)):
            line = next((n for n in range(top, end) if f'"{id}"' in text[n]), top)
            where, mine = f"{file}:{line + 1}", answers.get(id, {})
            if id not in known:
                yield fault(where, f"{name} answers {id}, which is no exercise", "an id of exercises.py")
            elif len(mine) < needed:
                yield fault(where, f"{name} has {len(mine)} answers to {id}", f"{needed} or more")
            elif name == "WRONG" and not all(is_wrong_answer(entry) for entry in mine.values()):
                yield fault(
                    where,
                    f"WRONG of {id} cannot be read",
                    "'misconception': (answer, 'words of its message')",
                )


def is_wrong_answer(entry: object) -> bool:
    """Whether an entry of the shelf is an answer with words that its message must have."""
    return isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], str) and bool(entry[1])


def bare_stubs(desk: Sequence[Cell]) -> Iterator[str]:
    """A warning for each blank in a function without a docstring: the learner sees nothing else of it."""
    for cell in desk:
        stub = replace(cell, source=blanked(cell.source, cell.exercise, keep=False)) if markers(cell) else None
        for node in ast.walk(parsed(stub)) if stub else ():
            if isinstance(node, ast.FunctionDef) and isinstance(node.body[0], ast.Raise):
                line = cell.source.split("\n").index(stub.source.split("\n")[node.lineno - 1])
                yield fault(cell.at(line), f"'{node.name}' has no docstring", "what it takes and what it returns")
