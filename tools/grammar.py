"""The grammar of a lesson: what the builder refuses, each with `file:line: what is wrong, what was expected`."""

from __future__ import annotations

import ast
import re
import runpy
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools.source import Cell, Exercise, Lesson, Refused, alternative, blanked, calls, group, markers, read_cells, split_header

HEADING_FORM = "### NN.k Title · level L of 3 · M min"
TAGS = {"solution", "raises-exception", "nbval-ignore-output", "nbval-skip"}
LINES_LIKED, LINES_ALLOWED = 15, 25  # of code in a chapter's cell
WRONG_NEEDED, RIGHT_NEEDED = 5, 2  # answers on the shelf of each exercise

Hints = Callable[[str], Sequence[str]]


def read_lesson(folder: Path, root: Path, extras: Sequence[str], hints: Hints) -> Lesson:
    """The lesson in `folder`; `extras` are the package's, `hints` gives the hints of an exercise's id.

    Raises Refused with every problem found.
    """
    slug = folder.name
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", slug):
        raise Refused(f"lessons/{slug}:1: a lesson's folder is named NN_slug, such as 05_do_calculus")
    texts = {}
    for name in ("chapter.py", "exercises.py", "shelf.py"):
        if not (folder / name).is_file():
            raise Refused(f"lessons/{slug}/{name}:1: the file is missing; a lesson has chapter.py, exercises.py and shelf.py")
        texts[name] = (folder / name).read_text(encoding="utf-8")
    files = {name: (folder / name).relative_to(root).as_posix() for name in texts}
    header, body = split_header(texts["chapter.py"], files["chapter.py"], extras)
    chapter = read_cells(body, files["chapter.py"])
    desk, exercises = group(read_cells(texts["exercises.py"], files["exercises.py"]))
    problems = [
        *chapter_problems(chapter, files["chapter.py"]),
        *(p for cell in (*chapter, *desk) for p in cell_problems(cell)),
        *(p for e in exercises for p in exercise_problems(e, desk)),
        *(p for e in exercises for p in hint_problems(e, hints)),
        *desk_problems(desk, exercises, slug[:2], files["exercises.py"]),
        *shelf_problems(folder / "shelf.py", files["shelf.py"], exercises),
    ]
    if problems:
        raise Refused(*problems)
    warnings = (*long_cells(chapter, LINES_LIKED), *bare_stubs(desk))
    return Lesson(slug[:2], slug, **header, chapter=chapter, desk=desk, exercises=exercises, warnings=warnings)


def cell_problems(cell: Cell) -> list[str]:
    """What is wrong with one cell, whatever it is for: its tags, its markers, its Python."""
    problems = [f"{cell.at(-1)}: unknown tag '{t}'; known are {', '.join(sorted(TAGS))}" for t in cell.tags if t not in TAGS]
    if cell.kind == "markdown":
        return problems
    lines, opened, bad = cell.source.split("\n"), None, []
    for n, word in markers(cell):
        indent = lines[n].rstrip()[: -len(f"# {word}")]
        if lines[n].strip() != f"# {word}":
            bad.append(f"{cell.at(n)}: '{lines[n].strip()}' looks like a marker; write '# {word}'")
        elif (word == "solution") == (opened is not None):
            bad.append(f"{cell.at(n)}: '# {word}' where '# {'end' if opened else 'solution'}' was expected; markers pair and do not nest")
        elif word == "end" and indent != opened[1]:
            bad.append(f"{cell.at(n)}: '# end' is indented differently from its '# solution' on line {cell.line + opened[0]}")
        elif word == "end" and not "".join(lines[opened[0] + 1 : n]).strip():
            bad.append(f"{cell.at(n)}: nothing stands between '# solution' and '# end'")
        opened = (n, indent) if word == "solution" else None
    if opened and not bad:
        bad.append(f"{cell.at(opened[0])}: '# solution' without '# end' in the same cell")
    for keep in (True, False) if not bad else (True,):
        try:
            ast.parse(blanked(cell.source, cell.exercise, keep))
        except SyntaxError as error:
            where = cell.at((error.lineno or 1) - 1) if keep and not markers(cell) else cell.at()
            what = "the cell" if keep else "the cell with its solution taken out"
            bad.append(f"{where}: {what} is not Python ({error.msg}); lessons also run as plain scripts, so no % or !")
            break
    return problems + bad


def chapter_problems(cells: Sequence[Cell], file: str) -> Iterator[str]:
    """What is wrong with chapter.py as a whole: blanks, long cells, too few figures."""
    for cell in cells:
        if markers(cell) or "solution" in cell.tags:
            where = cell.at(markers(cell)[0][0]) if markers(cell) else cell.at(-1)
            yield f"{where}: a chapter has no blanks and no solutions; exercises stand in exercises.py"
    yield from long_cells(cells, LINES_ALLOWED)
    if sum(alternative(cell) is not None for cell in cells) < 2:
        yield f"{file}:1: fewer than two figures; a cell that draws one has a line '# alt: what the figure shows, in words'"


def long_cells(cells: Sequence[Cell], limit: int) -> Iterator[str]:
    """A sentence for each code cell with more than `limit` lines, the alternative text not counted."""
    for cell in cells:
        size = len([line for line in cell.source.split("\n") if not line.startswith("# alt:")])
        if cell.kind == "code" and size > limit:
            yield f"{cell.at()}: the cell has {size} lines of code; at most {limit} was expected, move some into the package"


def exercise_problems(exercise: Exercise, desk: Sequence[Cell]) -> Iterator[str]:
    """What one exercise lacks in exercises.py: its blank, its check, its reason."""
    mine = [cell for cell in desk if cell.exercise == exercise.id]
    blanks = [cell for cell in mine if markers(cell)]
    if len(blanks) != 1:
        yield f"{exercise.at}: exercise {exercise.id} has {len(blanks)} code cells with '# solution' and '# end'; one was expected"
    checks = calls(mine, "check")
    if not any(id == exercise.id for id, _ in checks):
        yield f'{exercise.at}: exercise {exercise.id} has no check; a call check("{exercise.id}", ...) was expected'
    for id, where in checks:
        if id != exercise.id:
            yield f'{where}: check("{id}", ...) stands in exercise {exercise.id}; check("{exercise.id}", ...) was expected'
    if not any(cell.kind == "markdown" and "solution" in cell.tags for cell in mine):
        yield f"{exercise.at}: exercise {exercise.id} gives no reason; a cell '# %% [markdown] tags=[\"solution\"]' was expected after its code"


def hint_problems(exercise: Exercise, hints: Hints) -> Iterator[str]:
    """A sentence when an exercise's three hints are not registered."""
    try:
        count = len(hints(exercise.id))
    except Exception as error:  # a checks module can be broken in any way; the maintainer wants to know which
        yield f"{exercise.at}: no hints for {exercise.id} ({type(error).__name__}: {error}); three were expected in causalcourse/checks/ch{exercise.id[:2]}.py"
        return
    if count != 3:
        yield f"{exercise.at}: exercise {exercise.id} has {count} hints; three were expected in causalcourse/checks/ch{exercise.id[:2]}.py"


def desk_problems(desk: Sequence[Cell], exercises: Sequence[Exercise], number: str, file: str) -> Iterator[str]:
    """What is wrong with exercises.py as a whole: headings, ids, number of exercises, the introduction."""
    if desk[0].kind != "markdown" or desk[0].exercise:
        yield f"{desk[0].at()}: the first cell is a markdown cell that introduces the exercises"
    for cell in desk:
        for n, line in enumerate(cell.source.split("\n")):
            if cell.kind == "markdown" and line.startswith("### ") and (n or not cell.exercise or cell.at() not in {e.at for e in exercises}):
                yield f"{cell.at(n)}: '{line.strip()}' is not an exercise's heading, '{HEADING_FORM}', at the top of its cell"
        if cell.kind == "code" and markers(cell) and not cell.exercise:
            yield f"{cell.at(markers(cell)[0][0])}: a blank outside of any exercise; its heading '{HEADING_FORM}' was expected above"
    for k, exercise in enumerate(exercises, 1):
        if exercise.id != f"{number}.{k}":
            yield f"{exercise.at}: exercise {exercise.id} stands where {number}.{k} was expected; ids count up from {number}.1"
    if not 4 <= len(exercises) <= 7:
        yield f"{file}:1: {len(exercises)} exercises; 4 to 7 were expected"
    if not any("spot the mistake" in cell.source.lower() for cell in desk if cell.exercise and "solution" not in cell.tags):
        yield f"{file}:1: no exercise asks to 'spot the mistake'; at least one was expected"
    names = {alias.asname or alias.name for cell in desk if cell.kind == "code" for alias in imported(cell)}
    if missing := {"check", "hint"} - names:
        yield f"{file}:1: {' and '.join(sorted(missing))} not imported; 'from causalcourse import check, hint' was expected"


def imported(cell: Cell) -> list[ast.alias]:
    """The names that a code cell imports."""
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # reported by cell_problems
        return []
    return [alias for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names]


def bare_stubs(desk: Sequence[Cell]) -> Iterator[str]:
    """A warning for each blank inside a function without a docstring: the learner sees nothing else of it."""
    for cell in desk:
        offsets = {n + 1 for n, _ in markers(cell)}
        for node in ast.walk(ast.parse(cell.source)) if offsets else ():
            if isinstance(node, ast.FunctionDef) and not ast.get_docstring(node):
                if any(node.lineno <= n <= node.end_lineno for n in offsets):
                    yield f"{cell.at(node.lineno - 1)}: the function '{node.name}' has a blank and no docstring; say what it takes and returns"


def shelf_problems(path: Path, file: str, exercises: Sequence[Exercise]) -> Iterator[str]:
    """What the shelf of answers lacks; it is run as a script to be read."""
    try:
        shelf = runpy.run_path(str(path))
        right, wrong = shelf["RIGHT"], shelf["WRONG"]
    except KeyError as error:
        yield f"{file}:1: the shelf has no {error}; RIGHT and WRONG were expected"
        return
    except Exception as error:  # the shelf is a maintainer's code: say where it broke, whatever it was
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        yield f"{file}:{getattr(error, 'lineno', None) or (lines or [1])[-1]}: the shelf cannot be read ({type(error).__name__}: {error})"
        return
    text = path.read_text(encoding="utf-8").splitlines()
    known = {exercise.id for exercise in exercises}
    for name, answers, needed in (("RIGHT", right, RIGHT_NEEDED), ("WRONG", wrong, WRONG_NEEDED)):
        top = next((n for n, line in enumerate(text) if re.match(rf"{name}\b", line)), 0)
        for id in sorted(known | set(answers)):
            line = next((n for n, line in enumerate(text) if n > top and f'"{id}"' in line), top) + 1
            if id not in known:
                yield f"{file}:{line}: {name} has answers to {id}, which is no exercise of this chapter"
            elif len(answers.get(id, ())) < needed:
                yield f"{file}:{line}: {name} has {len(answers.get(id, ()))} answers to {id}; at least {needed} were expected"
            elif name == "WRONG" and not all(isinstance(w, tuple) and len(w) == 2 and isinstance(w[1], str) for w in answers[id].values()):
                yield f"{file}:{line}: each wrong answer to {id} is written 'misconception': (answer, 'words its message must have')"
