"""A stranger clones the course, types `make lab`, reads chapter 00 and solves 00.1, in a real browser."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

SECONDS = 1000  # playwright counts in milliseconds
OPEN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
CELL = f"{OPEN} .jp-Cell"
INDICATOR = f"{OPEN} .jp-Notebook-ExecutionIndicator"
# JupyterLab draws only the cells in view, so a page is read by scrolling through it
SEEN = """selector => [...document.querySelectorAll(selector)].map(cell => {
    const bad = ['error', 'stderr'].map(kind => `[data-mime-type="application/vnd.jupyter.${kind}"]`).join();
    const images = [...cell.querySelectorAll('.jp-OutputArea-output img')];
    return {
        index: Number(cell.dataset.windowedListIndex),
        code: cell.classList.contains('jp-CodeCell'),
        prompt: cell.querySelector('.jp-InputPrompt')?.textContent ?? '',
        error: cell.querySelector(bad)?.textContent ?? '',
        figures: images.filter(image => image.complete && image.naturalWidth > 50).length,
        words: cell.textContent,
    };
})"""


@pytest.fixture(scope="module")
def lab(make_lab) -> Iterator[object]:
    with make_lab() as running:
        yield running


@pytest.fixture(scope="module")
def page(chromium, lab) -> Iterator[object]:
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    page.goto(lab.address)
    page.wait_for_selector(CELL)
    page.wait_for_selector(f"{INDICATOR}[data-status=idle]")
    yield page
    context.close()


@pytest.fixture(scope="module")
def album(repository: Path) -> Path:
    """Where the screenshots are kept, to be looked at; git ignores it."""
    folder = repository / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_through(page) -> dict[int, dict]:
    """Every cell of the open notebook, by its place, as seen while scrolling from the top to the bottom."""
    cells: dict[int, dict] = {}
    scroller = page.locator(f"{OPEN} .jp-WindowedPanel-outer").first
    scroller.evaluate("e => e.scrollTo(0, 0)")
    scroller.hover()
    for _ in range(400):
        page.wait_for_timeout(120)
        cells |= {cell["index"]: cell for cell in page.evaluate(SEEN, CELL)}
        if scroller.evaluate("e => e.scrollTop + e.clientHeight >= e.scrollHeight - 2"):
            break
        page.mouse.wheel(0, 500)
    scroller.evaluate("e => e.scrollTo(0, 0)")
    assert list(sorted(cells)) == list(range(len(cells))), "some cells were never in view"
    return cells


def choose(page, menu: str, entry: str) -> None:
    """Choose an entry of a menu with the mouse."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()


def figures(cells: dict[int, dict]) -> int:
    return sum(cell["figures"] for cell in cells.values())


def stored_figures(path: Path) -> int:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum("image/png" in output.get("data", {}) for cell in cells for output in cell.get("outputs", []))


def solution(clone: Path, id: str) -> str:
    """The lines between `# solution` and `# end` of an exercise, as a learner might type them."""
    source = (clone / "lessons" / "00_ladder" / "exercises.py").read_text(encoding="utf-8")
    text = source.partition(f"### {id} ")[2]
    return textwrap.dedent(re.search(r"# solution\n(.*?)\n *# end", text, flags=re.DOTALL)[1])


def test_make_lab_on_a_clean_clone_comes_up(lab, clone, record_property):
    record_property("seconds from `make lab` on a clean clone to JupyterLab", round(lab.seconds))
    assert (clone / ".venv").is_dir()
    assert "notebooks/00_ladder.ipynb" in lab.address


def test_chapter_00_opens_without_a_popup(page, album):
    page.wait_for_timeout(4 * SECONDS)  # the question about news used to come a moment after the page
    page.screenshot(path=album / "1_opened.png")
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0


def test_the_stored_figures_show_before_anything_is_run(page, clone):
    wanted = stored_figures(clone / "notebooks" / "00_ladder.ipynb")
    assert figures(read_through(page)) == wanted >= 2


def test_chapter_00_runs_from_the_first_cell_to_the_last(page, clone, album):
    choose(page, "Edit", "Clear Outputs of All Cells")
    assert figures(read_through(page)) == 0
    choose(page, "Run", "Run All Cells")
    page.wait_for_selector(f"{INDICATOR}[data-status=busy]")
    page.wait_for_selector(f"{INDICATOR}[data-status=idle]", timeout=180 * SECONDS)
    cells = read_through(page)
    code = [cell for cell in cells.values() if cell["code"]]
    assert [cell["prompt"] for cell in code] == [f"[{n}]:" for n in range(1, len(code) + 1)]
    assert [cell["error"] for cell in code if cell["error"]] == []
    assert figures(cells) == stored_figures(clone / "notebooks" / "00_ladder.ipynb")
    assert "is ready." in code[0]["words"]
    page.screenshot(path=album / "2_chapter_run.png")


def test_the_link_at_the_head_leads_to_the_exercises(page):
    page.locator(f"{CELL} .jp-RenderedMarkdown a", has_text=re.compile("^exercises$")).first.click()
    page.wait_for_selector(f"{CELL} h1:has-text('exercises')")
    page.wait_for_selector(f"{INDICATOR}[data-status=idle]")


def test_exercise_00_1_as_given_says_whose_turn_it_is(page, album):
    page.locator(f"{CELL} h1").first.click()
    for _ in range(12):
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(SECONDS)
        if page.get_by_text("00.1 your turn").count():
            break
    page.get_by_text("00.1 your turn").first.wait_for()
    page.screenshot(path=album / "3_your_turn.png")


def test_a_right_answer_to_00_1_passes(page, clone, album):
    page.locator(".cm-line", has_text='raise NotImplementedError("00.1: your turn")').click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text(solution(clone, "00.1"))
    page.keyboard.press("Shift+Enter")
    page.get_by_text("00.1 passed").first.wait_for()
    page.screenshot(path=album / "4_passed.png")


def test_the_hint_below_the_exercise_answers(page, album):
    page.locator(".cm-line", has_text='# hint("00.1")').click()
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    page.keyboard.press("Shift+Enter")
    page.get_by_text("Hint 1 of 3").first.wait_for()
    page.screenshot(path=album / "5_hint.png")


def test_what_was_done_is_remembered_on_disk(lab):
    remembered = json.loads((lab.home / "progress" / "progress.json").read_text(encoding="utf-8"))
    assert remembered["exercises"]["00.1"]["passed"] is True


def test_a_second_make_lab_starts_without_installing(lab, page, make_lab, record_property):
    with make_lab() as again:
        record_property("seconds from a second `make lab` to JupyterLab", round(again.seconds, 1))
        assert "Installing" in lab.log and "Successfully installed" in lab.log
        assert "Installing" not in again.log and "pip" not in again.log
