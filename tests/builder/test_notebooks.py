"""A lesson becomes three notebooks, the same bytes each time."""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from tiny import HERE, LESSON, three_hints

from tools.build import as_text
from tools.grammar import read_lesson
from tools.notebooks import first_cell, render
from tools.project import Settings, badges, front_matter, read_settings, syllabus
from tools.source import Cell, alternative, quieted

SETTINGS = Settings("https://github.com/a/b", "0.1.0", {"dowhy": ("dowhy",), "engines": ("pyro", "torch")})
# maintainers: REGENERATE=1 python -m pytest tests/builder writes the goldens anew; then read the difference
REGENERATE = os.environ.get("REGENERATE") == "1"


def lesson_in(tree: Path):
    settings = read_settings(tree)
    return read_lesson(tree / LESSON, tree, list(settings.extras), three_hints), settings


def built(tree: Path) -> dict[str, str]:
    """Every text the builder would write, by path, nothing run."""
    lesson, settings = lesson_in(tree)
    pages = {page.path: as_text(page.node) for page in render(lesson, settings)}
    return pages | front_matter(tree, settings, syllabus([lesson]))


def test_the_built_files_equal_the_goldens_byte_for_byte(tree):
    texts = built(tree)
    golden = HERE / "golden"
    # another ending, so that nothing takes a golden for a notebook of the course
    named = {path.replace("/", "_") + ".golden": text.encode() for path, text in texts.items()}
    if REGENERATE:
        for name, content in named.items():
            (golden / name).write_bytes(content)
    assert {path.name: path.read_bytes() for path in golden.iterdir()} == named
    assert not REGENERATE, "goldens written; read what changed, then run without REGENERATE"


def test_two_readings_give_the_same_bytes(tree):
    assert built(tree) == built(tree)


def test_building_twice_changes_no_front_matter(tree):
    for path, text in built(tree).items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")
    lesson, settings = lesson_in(tree)
    for path, text in front_matter(tree, settings, syllabus([lesson])).items():
        assert (tree / path).read_text(encoding="utf-8") == text


def test_every_notebook_is_valid_and_its_cell_ids_are_unique(tree):
    for page in render(*lesson_in(tree)):
        nbformat.validate(page.node)
        ids = [cell.id for cell in page.node.cells]
        assert len(set(ids)) == len(ids)
        assert len(page.origins) == len(ids)


def test_the_same_text_twice_gets_two_ids(tree, edit):
    edit("chapter.py", "# That is all.", "# That is all.\n\n# %% [markdown]\n# That is all.")
    page = render(*lesson_in(tree))[0]
    first, second = page.node.cells[-2:]
    assert first.source == second.source
    assert second.id == f"{first.id}-2"


def test_editing_one_cell_changes_one_id(tree, edit):
    before = [cell.id for cell in render(*lesson_in(tree))[0].node.cells]
    edit("chapter.py", "# That is all.", "# That is all there is.")
    after = [cell.id for cell in render(*lesson_in(tree))[0].node.cells]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_origins_are_the_lines_of_the_source(tree):
    for page in render(*lesson_in(tree)):
        for cell, origin in list(zip(page.node.cells, page.origins, strict=True))[2:]:
            file, line = origin.split(":")
            written = (tree / file).read_text(encoding="utf-8").split("\n")[int(line) - 1]
            if written == "# solution":  # a cell that is a blank from its first line
                written = "value = 6"
            generated = cell.source.startswith(("<details>", "# Stuck?", "raise NotImplementedError"))
            assert generated or written.startswith("# alt:") or cell.source.split("\n")[0] in written


def test_no_solution_and_no_reason_reaches_the_exercises(tree):
    _, exercises, _ = render(*lesson_in(tree))
    text = as_text(exercises.node)
    for leak in (
        "return 6",
        "dozen / 2",
        "value = 6",
        "1 + 2 + 3\\n",
        "**Why.**",
        "half(14)",
        "# solution",
        "# end",
    ):
        assert leak not in text, leak


def test_each_stub_raises_at_the_indentation_of_its_solution(tree):
    _, exercises, _ = render(*lesson_in(tree))
    sources = [cell.source for cell in exercises.node.cells if "NotImplementedError" in cell.source]
    found = [re.findall(r'^( *)raise NotImplementedError\("(.*): your turn"\)$', s, flags=re.M) for s in sources]
    assert found == [[("    ", "00.1")], [("        ", "00.2")], [("", "00.3")], [("    ", "00.4")]]
    assert "    return 0\n" in sources[1], "code below the blank stays"


def test_a_hint_cell_follows_each_blank_and_runs_as_it_is(tree):
    cells = render(*lesson_in(tree))[1].node.cells
    after = [b.source for a, b in pairwise(cells) if "your turn" in a.source]
    assert [text.split("\n")[1] for text in after] == [f'# hint("00.{k}")' for k in (1, 2, 3, 4)]
    assert all(ast.parse(text).body == [] for text in after)


def test_solutions_keep_the_code_and_lose_the_markers(tree):
    text = as_text(render(*lesson_in(tree))[2].node)
    assert "dozen / 2" in text
    assert "**Why.** Three and three." in text
    assert "# solution" not in text and "# end" not in text


def test_comments_never_turn_into_magics(tree):
    chapter = as_text(render(*lesson_in(tree))[0].node)
    assert "# cat is no shell command" in chapter


def test_notes_to_the_linter_stay_behind(tree):
    assert all("noqa" not in as_text(page.node) for page in render(*lesson_in(tree)))


def test_metadata_names_no_version_of_python(tree):
    for page in render(*lesson_in(tree)):
        assert page.node.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
        assert "version" not in json.dumps(page.node.metadata)


def test_a_figure_is_followed_by_its_words(tree):
    cells = render(*lesson_in(tree))[0].node.cells
    index = next(n for n, cell in enumerate(cells) if "alt" in cell.metadata)
    words = "Two bars of the same height, 6 & 6. One is labelled eaten, the other left."
    assert cells[index].metadata.alt == words
    assert words.replace("&", "&amp;") in cells[index + 1].source


@pytest.mark.parametrize(
    ("code", "quiet"),
    [
        ("ax.plot(x)", "ax.plot(x);"),
        ("ax.plot(\n    x,\n)  # why\n", "ax.plot(\n    x,\n);  # why\n"),
        ("# c\nplot('é')  # é", "# c\nplot('é');  # é"),
        ("for i in x:\n    plot(i)", "for i in x:\n    plot(i)"),
        ("plot();", "plot();"),
        ("plot()\nclaim('so', True)", "plot()\nclaim('so', True)"),
    ],
)
def test_a_figures_last_value_is_not_printed_below_it(code, quiet):
    assert quieted(code) == quiet
    ast.parse(quiet)


def test_only_figures_made_quiet_are_left_out_by_nbval(tree):
    cells = [cell for cell in render(*lesson_in(tree))[0].node.cells if "alt" in cell.metadata]
    assert [cell.metadata.get("tags") for cell in cells] == [["nbval-ignore-output"], None]
    assert [";" in cell.source for cell in cells] == [True, False]


def test_words_of_a_figure_end_where_their_comment_ends():
    cell = Cell("code", "# alt: one\n#    two\n# three\nplot()\n#    four", "f", 1)
    assert alternative(cell) == "one two"
    assert alternative(replace(cell, source="plot()")) is None


@pytest.mark.parametrize("extras", [(), ("dowhy",), ("engines", "dowhy")])
@pytest.mark.parametrize("kind", ["chapter", "exercises", "solutions"])
def test_the_first_cell_is_python_once_its_install_line_is_out(tree, extras, kind):
    lesson = replace(lesson_in(tree)[0], extras=extras)
    code = first_cell(kind, lesson, SETTINGS)
    installs = [line for line in code.split("\n") if line.strip().startswith("%")]
    named = f"[{','.join(extras)}]" if extras else ""
    assert installs == [f'    %pip install --quiet "causalcourse{named} @ git+https://github.com/a/b"']
    # as IPython reads it, the magic inside the indented block included
    plain = TransformerManager().transform_cell(code)
    assert "run_line_magic('pip'" in plain
    ast.parse(plain)
    assert ('os.environ["CAUSALCOURSE_PROGRESS"] = "off"' in code) == (kind == "solutions")
    assert code.endswith('causalcourse.require("0.1.0")')


@pytest.mark.parametrize(
    ("missing", "colab", "installs"),
    [
        ((), False, False),
        ((), True, False),
        (("causalcourse", "dowhy"), False, True),
        (("causalcourse", "dowhy"), True, True),
        (("dowhy",), True, True),
        (("dowhy",), False, False),
    ],
)
def test_extras_are_installed_on_colab_only(tree, monkeypatch, missing, colab, installs):
    import importlib.util
    import sys
    import types

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else name)
    monkeypatch.setitem(sys.modules, "causalcourse", types.SimpleNamespace(require=lambda version: None))
    if colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    code = first_cell("chapter", replace(lesson_in(tree)[0], extras=("dowhy",)), SETTINGS)
    asked = []
    exec(re.sub(r"%pip (.*)", lambda m: f"asked.append({m[1]!r})", code), {"asked": asked})
    assert bool(asked) == installs


def test_badges_quote_the_path_for_binder_and_leave_it_for_colab():
    text = badges(SETTINGS, [{"slug": "00_tiny"}])
    assert "https://mybinder.org/v2/gh/a/b/main?labpath=notebooks%2F00_tiny.ipynb)" in text
    assert "https://colab.research.google.com/github/a/b/blob/main/notebooks/00_tiny.ipynb)" in text
    assert re.findall(r"!\[.*?\]\((.*?)\)", text) == ["docs/badges/colab.svg", "docs/badges/binder.svg"]


def test_the_badges_pictures_are_there():
    pages = HERE.parent.parent / "docs" / "badges"
    assert all("<svg" in (pages / name).read_text() for name in ("colab.svg", "binder.svg"))


def test_some_chapters_leave_the_others_in_the_syllabus(tree):
    lesson, _ = lesson_in(tree)
    before = [{"number": "05", "title": "Later"}, {"number": "00", "title": "Old"}]
    assert [(e["number"], e["title"]) for e in syllabus([lesson], before)] == [("00", "Six"), ("05", "Later")]
