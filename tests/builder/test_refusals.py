"""What breaks the grammar of a lesson is refused, with the file and the line."""

from __future__ import annotations

import pytest
from tiny import LESSON, three_hints

from tools.grammar import read_lesson
from tools.project import read_settings
from tools.source import Refused

# file, what stands there, what is put in its place, the line of the fault, the fault
REFUSALS = {
    "no header": ("chapter.py", "# ---\n", "# --\n", 1, "no header"),
    "a key missing": ("chapter.py", "# minutes: 45\n", "", 1, "no 'minutes' in the header"),
    "a key too many": (
        "chapter.py",
        "# minutes: 45",
        "# minutes: 45\n# author: me",
        5,
        "'author' in the header",
    ),
    "minutes in words": ("chapter.py", "minutes: 45", "minutes: long", 4, "minutes is 'long'; expected int"),
    "no such extra": ("chapter.py", "extras: []", "extras: [torch]", 5, "extras are ['torch']"),
    "header not YAML": ("chapter.py", "title: Six", "title: Six: a number", 2, "the header is not YAML"),
    "text before cells": ("chapter.py", "# %% [markdown]\n", "", 8, "text before the first cell"),
    "empty cell": ("chapter.py", "# That is all.", "", 37, "an empty cell"),
    "quoted text": ("chapter.py", "# That is all.", '"""\nThat is all.\n"""', 37, "text in quotation marks"),
    "marker in a string": ("chapter.py", "eggs = 12", 's = """\n# %%\n"""', 20, "'# %%' inside a string"),
    "not Python": ("chapter.py", "eggs // 2\n\n", "eggs //\n\n", 35, "not Python ("),
    "a magic": ("chapter.py", "eggs = 12", "%matplotlib inline", 19, "not Python"),
    "wide code": ("chapter.py", "eggs = 12", f"eggs = 12{' ' * 91}# a comment", 19, "a line of 111 characters"),
    "bare text": ("chapter.py", "# That is all.", "That is all.", 38, "a line of text without '# ' before it"),
    "solution in a chapter": (
        "chapter.py",
        "# %%\nclaim",
        '# %% tags=["solution"]\nclaim',
        33,
        "a solution in a",
    ),
    "long cell": (
        "chapter.py",
        "eggs = 12",
        "eggs = 12\n" * 25,
        14,
        "a cell of 30 lines; expected 25 at most",
    ),
    "one figure": ("chapter.py", "# alt: A line", "# a line", 1, "1 figures with '# alt: what it shows'"),
    "misspelt tag": (
        "exercises.py",
        'tags=["solution"]',
        'tags=["solutions"]',
        21,
        "unknown tag 'solutions'",
    ),
    "misspelt marker": ("exercises.py", "    # end\n", "    #End\n", 16, "'#End' looks like a marker"),
    "no end": ("exercises.py", "    # end\n", "", 14, "'# solution' without '# end'"),
    "no beginning": ("exercises.py", "    # solution\n    return 6", "    return 6", 15, "'# end' without"),
    "nested": (
        "exercises.py",
        "    return 6",
        "    # solution\n    return 6",
        15,
        "'# solution' inside a solution",
    ),
    "end indented": ("exercises.py", "    # end\n", "# end\n", 16, "'# end' is indented otherwise"),
    "nothing inside": ("exercises.py", "    return 6\n", "", 14, "nothing between"),
    "stub not Python": (
        "exercises.py",
        "    # solution\n    return 6\n    # end\n",
        "    # solution\n    try:\n        x = 1\n    # end\n    finally:\n        x = 6",
        12,
        "not Python once its solution is taken out",
    ),
    "no introduction": (
        "exercises.py",
        "# %% [markdown]\n# Four exercises on six.\n",
        "",
        3,
        "no introduction",
    ),
    "heading without level": (
        "exercises.py",
        "### 00.1 Six · level 1 of 3 · 2 min",
        "### 00.1 Six · 2 min",
        8,
        "is no exercise's heading",
    ),
    "level 4": ("exercises.py", "level 1 of 3", "level 4 of 3", 8, "is no exercise's heading"),
    "heading without minutes": ("exercises.py", " · 2 min", "", 8, "is no exercise's heading"),
    "heading below the top": (
        "exercises.py",
        "# ### 00.1 Six · level 1 of 3 · 2 min",
        "# Now:\n# ### 00.1 Six · level 1 of 3 · 2 min",
        9,
        "is no exercise's heading",
    ),
    "blank outside": (
        "exercises.py",
        "# Four exercises on six.",
        "# Four.\n# %%\n# solution\n1\n# end",
        4,
        "a blank out",
    ),
    "out of order": (
        "exercises.py",
        "### 00.2",
        "### 00.4",
        25,
        "exercise 00.4 out of order; expected 00.2 here",
    ),
    "twice": ("exercises.py", "### 00.2", "### 00.1", 25, "exercise 00.1 out of order; expected 00.2 here"),
    "another chapter": ("exercises.py", "### 00.1", "### 01.1", 8, "exercise 01.1 out of order"),
    "no blank": (
        "exercises.py",
        '    # solution\n    return 6\n    # end\n\n\ncheck("00.1", six)',
        '    return 6\n\n\ncheck("00.1", six)',
        8,
        "00.1 has 0 cells",
    ),
    "no check": ("exercises.py", 'check("00.1", six)', "", 8, "00.1 has no check"),
    "another's check": ("exercises.py", 'check("00.1", six)', 'check("00.2", six)', 19, "check('00.2', ...)"),
    "no reason": (
        "exercises.py",
        'tags=["solution"]\n# **Why.** Six',
        "\n# **Why.** Six",
        8,
        "00.1 gives no reason",
    ),
    "no mistake": (
        "exercises.py",
        "Spot the mistake: half",
        "Half",
        1,
        "no exercise says 'spot the mistake'",
    ),
    "hint not imported": ("exercises.py", "check, hint", "check", 1, "check or hint is not imported"),
    "four wrong": (
        "shelf.py",
        "1, 2, 5, 7)",
        "1, 2, 5)",
        13,
        "WRONG has 4 answers to 00.1; expected 5 or more",
    ),
    "one right": ("shelf.py", '"00.2": SIX', '"00.2": SIX[:1]', 8, "RIGHT has 1 answers to 00.2; expected 2"),
    "nothing right": ("shelf.py", '    "00.3": SIX,\n', "", 6, "RIGHT has 0 answers to 00.3"),
    "unknown id": (
        "shelf.py",
        '    "00.4": NOT',
        '    "00.9": NOT_SIX,\n    "00.4": NOT',
        16,
        "WRONG answers 00.9, which",
    ),
    "no words": (
        "shelf.py",
        '(lambda n=n: n, "not six")',
        "(lambda n=n: n)",
        13,
        "WRONG of 00.1 cannot be read",
    ),
    "broken shelf": (
        "shelf.py",
        "NOT_SIX = {",
        "NOT_SIX = {1 / 0: 1} | {",
        4,
        "the shelf fails (ZeroDivisionError",
    ),
}


def problems(tree, hints=three_hints) -> tuple[str, ...]:
    settings = read_settings(tree)
    try:
        read_lesson(tree / LESSON, tree, list(settings.extras), hints)
    except Refused as refused:
        return refused.problems
    return ()


def test_the_tiny_lesson_is_not_refused(tree):
    assert problems(tree) == ()


@pytest.mark.parametrize("name", REFUSALS)
def test_a_broken_lesson_is_refused_with_file_and_line(tree, edit, name):
    file, old, new, where, fault = REFUSALS[name]
    edit(file, old, new)
    if name == "no mistake":  # the phrase stands in the text of the exercise as well
        edit(file, " Spot the mistake.", "")
    expected = f"{LESSON}/{file}:{where}: "
    found = problems(tree)
    assert any(p.startswith(expected) and fault in p and "; expected " in p for p in found), "\n".join(found)


def test_every_problem_of_a_lesson_is_told_at_once(tree, edit):
    edit("exercises.py", "    # end\n", "")
    edit("chapter.py", "# alt: A line", "# a line")
    edit("shelf.py", '    "00.3": SIX,\n', "")
    assert {p.split(":")[0].split("/")[-1] for p in problems(tree)} == {
        "chapter.py",
        "exercises.py",
        "shelf.py",
    }


@pytest.mark.parametrize("count", [3, 8])
def test_too_few_and_too_many_exercises_are_refused(tree, count):
    path = tree / LESSON / "exercises.py"
    head, *exercises = path.read_text(encoding="utf-8").split("# %% [markdown]\n# ### ")
    many = (exercises * 2)[:count]
    path.write_text("# %% [markdown]\n# ### ".join([head, *many]), encoding="utf-8")
    assert f"{LESSON}/exercises.py:1: {count} exercises; expected 4 to 7" in problems(tree)


@pytest.mark.parametrize("file", ["chapter.py", "exercises.py", "shelf.py"])
def test_a_missing_file_is_named(tree, file):
    (tree / LESSON / file).unlink()
    assert problems(tree) == (f"{LESSON}/{file}:1: no such file; expected chapter.py, exercises.py, shelf.py",)


@pytest.mark.parametrize("damage", ["byte-order mark", "line ends of Windows"])
def test_what_an_editor_adds_to_a_file_changes_nothing(tree, damage):
    clean = read_lesson(tree / LESSON, tree, [], three_hints)
    for name in ("chapter.py", "exercises.py"):
        data = (tree / LESSON / name).read_bytes()
        added = b"\xef\xbb\xbf" + data if damage == "byte-order mark" else data.replace(b"\n", b"\r\n")
        (tree / LESSON / name).write_bytes(added)
    assert read_lesson(tree / LESSON, tree, [], three_hints) == clean


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tree):
    path = tree / LESSON / "chapter.py"
    path.write_bytes(path.read_bytes().replace(b"eggs = 12", b"eggs = 12  # \xe4"))
    assert problems(tree) == (f"{LESSON}/chapter.py:19: this line is not UTF-8; expected text saved as UTF-8",)


def test_an_exercise_without_three_hints_is_refused(tree):
    found = problems(tree, hints=lambda id: ("Count.",) * (2 if id == "00.2" else 3))
    assert len(found) == 1
    assert "00.2 has 2 hints; expected three, in causalcourse/checks/ch00.py" in found[0]


def test_an_exercise_unknown_to_the_checks_is_refused(tree):
    def unknown(id):
        raise LookupError(f"no {id}")

    found = problems(tree, hints=unknown)
    assert len(found) == 4
    assert found[0].startswith(f"{LESSON}/exercises.py:8: no hints for 00.1 (LookupError: no 00.1)")


def test_a_stub_without_docstring_is_a_warning(tree, edit):
    line = edit("exercises.py", '    """1 + 2 + 3."""\n', "") - 1
    lesson = read_lesson(tree / LESSON, tree, [], three_hints)
    fault = "'total' has no docstring; expected what it takes and what it returns"
    assert lesson.warnings == (f"{LESSON}/exercises.py:{line}: {fault}",)


def test_a_cell_over_fifteen_lines_is_a_warning(tree, edit):
    edit("chapter.py", "eggs = 12", "\n".join(["eggs = 12"] * 15))
    lesson = read_lesson(tree / LESSON, tree, [], three_hints)
    assert len(lesson.warnings) == 1
    assert "a cell of 20 lines; expected 15 at most" in lesson.warnings[0]


@pytest.mark.parametrize(
    "address", ["https://gitlab.example/a/b", "https://github.com/a", "https://github.com/a/b.git"]
)
def test_an_address_that_colab_cannot_open_is_refused(tree, address):
    path = tree / "pyproject.toml"
    path.write_text(path.read_text().replace("https://github.com/somebody/a-fork", address))
    with pytest.raises(Refused, match=r"pyproject.toml:10: the address is .*; expected Repository = "):
        read_settings(tree)
