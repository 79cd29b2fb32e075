"""What a notebook printed is stored only if it reads the same on every machine."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output

from tools.outputs import clean, not_passed, output_problems, texts

ROOT = Path("/srv/checkout of the course")
PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}


def stream(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data: str):
    return new_output("display_data", data={kind.replace("_", "/", 1): value for kind, value in data.items()})


def cell(*outputs, words: str | None = None):
    metadata = {"alt": words} if words else {}
    return new_code_cell("x", outputs=clean(outputs, words), metadata=metadata)


def problems(*outputs, words: str | None = None) -> list[str]:
    return list(output_problems(cell(*outputs, words=words), "chapter.py:7", ROOT))


def test_neighbouring_texts_of_one_stream_become_one():
    cleaned = clean([stream("a\n"), stream("b\n"), shown(text_plain="1"), stream("c\n")], None)
    assert [o.get("text") for o in cleaned] == ["a\nb\n", None, "c\n"]


def test_a_progress_bar_disappears_and_what_stood_around_it_joins():
    bar = ["\r  0%|          | 0/3 [00:00<?, ?it/s]", "\r100%|██████████| 3/3 [00:00<00:00, 90.0it/s]", "\n"]
    cleaned = clean([stream("a\n"), *(stream(text, "stderr") for text in bar), stream("b\n")], None)
    assert [o.text for o in cleaned] == ["a\nb\n"]


def test_text_that_a_carriage_return_overwrote_disappears():
    assert clean([stream("epoch 1\repoch 2\rdone\n")], None)[0].text == "done\n"


def test_a_table_with_percents_is_no_progress_bar():
    assert clean([stream("treated 50% | 61%\n")], None)[0].text == "treated 50% | 61%\n"


def test_a_widget_leaves_its_text_and_a_notebook_progress_bar_leaves_nothing():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "3f"}}
    slider = new_output("display_data", data={**view, "text/plain": "IntSlider(value=3)"})
    bar = new_output("display_data", data={**view, "text/plain": "  0%|          | 0/3 [00:00<?, ?it/s]"})
    assert [o.data for o in clean([slider, bar], None)] == [{"text/plain": "IntSlider(value=3)"}]


def test_a_figure_is_kept_as_png_with_its_words_and_its_size():
    picture = new_output("display_data", data={**PICTURE, "image/svg+xml": "<svg/>"})
    picture.metadata = {"image/png": {"width": 640}}
    (kept,) = clean([picture], "A line.")
    assert set(kept.data) == {"image/png", "text/plain"}
    assert kept.metadata == {"image/png": {"alt": "A line.", "width": 640}}


def test_a_figure_without_words_is_refused():
    (fault,) = problems(new_output("display_data", data=PICTURE))
    assert fault.startswith("chapter.py:7: the cell draws a figure")


def test_words_without_a_figure_are_refused():
    (fault,) = problems(stream("a\n"), words="A line.")
    assert "draws no figure" in fault


def test_text_beside_a_figure_that_is_not_compared_is_refused():
    drawn = cell(new_output("display_data", data=PICTURE), stream("61\n"), words="A line.")
    assert list(output_problems(drawn, "chapter.py:7", ROOT)) == []
    drawn.metadata["tags"] = ["nbval-ignore-output"]
    (fault,) = output_problems(drawn, "chapter.py:7", ROOT)
    assert "use two cells" in fault


def test_a_figure_in_another_format_alone_is_refused():
    (fault,) = problems(new_output("display_data", data={"image/svg+xml": "<svg/>"}), words="A line.")
    assert "image/svg+xml" in fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<matplotlib.lines.Line2D at 0x7f2b8c0d5e50>", "a memory address"),
        ("[<function f at 0x000001F2AB>]", "a memory address"),
        (f"{ROOT}/lessons", "a machine's path"),
        (f"{Path.home()}/x.csv", "a machine's path"),
        (f"{tempfile.gettempdir()}/tmpab12/x.csv", "a machine's path"),
        (f"{sys.prefix}/bin", "a machine's path"),
        ("/home/ada/course", "a machine's path"),
        ("/Users/ada/course", "a machine's path"),
        (r"C:\Users\ada", "a machine's path"),
        ("/opt/lib/site-packages/x.py:3: Warning", "a machine's path"),
    ],
)
@pytest.mark.parametrize("where", ["stream", "result", "html"])
def test_addresses_and_paths_are_refused_wherever_they_stand(text, fault, where):
    data = {"text/html" if where == "html" else "text/plain": f"<p>\n{text}</p>"}
    output = stream(f"ok\n{text}\n") if where == "stream" else new_output("execute_result", data=data)
    (found,) = problems(output)
    assert found.startswith(f"chapter.py:7: the output has {fault}")


@pytest.mark.parametrize("text", ["0x1F", "colour #ff0000", "a/home", "P(Y | do(X)) = 0.61", "/tmporary"])
def test_ordinary_text_is_not_refused(text):
    assert problems(stream(text)) == []


def test_a_styled_tables_random_id_is_refused():
    (fault,) = problems(shown(text_html='<table id="T_3fa2b">', text_plain="a table"))
    assert "set_uuid" in fault


def test_a_warning_is_refused_and_quoted():
    (fault,) = problems(stream("careful:\nFutureWarning: soon gone\n", "stderr"))
    assert fault.endswith("red box: FutureWarning: soon gone")


def test_an_expected_errors_trace_loses_its_colours():
    error = new_output("error", ename="E", evalue="no", traceback=["\x1b[31mE\x1b[39m: no"])
    assert list(texts(cell(error))) == ["", "E: no"]


def test_a_solution_must_be_told_that_it_passes():
    said = "✓ 00.1 passed. Six.\n✗ 00.2 not yet. Not six.\n· 00.3 your turn. Fill it.\n"
    assert not_passed(["00.1", "00.2", "00.3", "00.4"], said) == {
        "00.2": "not yet. Not six.",
        "00.3": "your turn. Fill it.",
        "00.4": "its check printed nothing",
    }
