"""The four things a learner calls speak in sentences, whatever they are given."""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
import textwrap
import threading
import time
import types

import numpy as np
import pytest

import causalcourse.syllabus
from causalcourse.checks import desk, record, registry
from causalcourse.checks.desk import check, hint, judge, predict, progress
from causalcourse.checks.registry import UnknownExercise, Verdict, exercise, find


def named(value):
    """A test's name: without addresses, so that two workers agree on it, and short."""
    return re.sub(r" at 0x\w+", "", repr(value))[:60]


def double_it(x):
    return x + x


def stub(x):
    raise NotImplementedError("99.1: your turn")


def test_a_right_answer_says_why_and_is_remembered(double, capsys):
    assert check(double, double_it) is None
    assert capsys.readouterr().out == "✓ 99.1 passed. Twice is x + x.\n"
    assert record.done() == {"99.1"}


def test_a_wrong_answer_says_what_is_wrong_and_where_hints_are(double, capsys):
    check(double, lambda x: -2 * x)
    out = capsys.readouterr().out
    assert out.startswith("✗ 99.1 not yet. The size is right and the sign is not.")
    assert out.endswith('(hint("99.1") has three hints)\n')
    assert record.done() == frozenset()
    assert record.read()["exercises"]["99.1"] == {"attempts": 1}


def test_an_unfilled_blank_is_the_learners_turn_and_no_attempt(double, capsys):
    check(double, stub)
    assert capsys.readouterr().out.startswith("· 99.1 your turn. ")
    assert record.read()["exercises"] == {}


def test_a_right_answer_is_judged_within_three_tenths_of_a_second(double):
    check(double, double_it)
    begun = time.perf_counter()
    for _ in range(3):
        check(double, double_it)
    assert (time.perf_counter() - begun) / 3 < 0.3


def test_models_are_fresh_at_every_call_and_the_same_in_every_run(put, monkeypatch):
    drawn = []

    def watch(answer, rng):
        drawn.append(rng.random())
        return Verdict(True, "")

    put("99.2", watch)
    for _ in range(2):
        monkeypatch.setattr(desk, "_calls", type(desk._calls)(desk._calls.default_factory))
        judge("99.2", 1)
        judge("99.2", 1)
    assert drawn[:2] == drawn[2:]
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say which exercise is meant"),
        (("99.1",), 'Your answer is missing: check("99.1", your_function)'),
        ((0.2, double_it), "in quotation marks"),
        ((99.1, double_it), "Here 99.1 stands there"),
        ((double_it,), "The exercise's number comes first"),
        ((double_it, "99.1"), 'The number comes first, then your answer: check("99.1", your_function)'),
        ((None, double_it), "a NoneType stands there"),
        ((np.zeros(3), double_it), "a ndarray stands there"),
        (("77.1", double_it), "There is no exercise '77.1'."),
        (("", double_it), "There is no exercise ''."),
        (("99.1; import os", double_it), "There is no exercise"),
        (("x" * 10_000, double_it), "There is no exercise 'xxx"),
    ],
    ids=named,
)
def test_a_call_written_wrongly_is_told_how_to_write_it(arguments, words, double, capsys):
    check(*arguments)
    out = capsys.readouterr().out
    assert words in out
    assert len(out) < 500
    assert record.read()["exercises"] == {}


def test_a_near_miss_of_an_id_is_guessed():
    for written in ("00.22", "00,2", "0.2"):
        with pytest.raises(UnknownExercise, match=r"Did you mean '00\.2'\?"):
            find(written)


def test_spaces_around_an_id_do_not_matter(double):
    assert find(" 99.1 ").id == "99.1"


@pytest.mark.parametrize("fault", [ValueError("our bug"), RecursionError(), None, "not a verdict"])
def test_a_bug_of_ours_says_so_and_does_not_count(fault, put, capsys):
    def broken(answer, rng):
        if isinstance(fault, Exception):
            raise fault
        return fault

    check(put("99.3", broken), double_it)
    out = capsys.readouterr().out
    assert out.startswith("! 99.3 could not be judged. That is a mistake of ours and does not count against you: ")
    assert type(fault).__name__ in out
    assert record.read()["exercises"] == {}


def test_a_chapter_whose_checks_cannot_be_loaded_is_ours_too(monkeypatch, capsys):
    monkeypatch.setattr(registry, "chapters_with_checks", lambda: ("98",))
    check("98.1", double_it)
    assert "mistake of ours" in capsys.readouterr().out


def test_what_the_function_printed_is_shown_below(double, capsys):
    def talk(x):
        for k in range(30):
            print("step", k)
        return 2 * x

    check(double, talk)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["Your function printed:", "  step 0"]
    assert lines[-1] == "  … and 160 more lines"  # six models, thirty lines each, the first twenty shown


def test_a_check_in_a_thread_and_in_an_event_loop_is_a_check(double, capsys):
    thread = threading.Thread(target=check, args=(double, double_it))
    thread.start()
    thread.join(20)

    async def cell():
        check(double, double_it)

    asyncio.run(cell())
    assert capsys.readouterr().out.count("✓ 99.1 passed") == 2


def test_a_plain_script_shows_the_same(environment):
    code = """
        import causalcourse as cc
        cc.check("00.1", lambda: [1, 1, 1, 1, 1, 1])
        cc.check("00.1")
        cc.hint("00.1")
        cc.progress()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("✗ 00.1 not yet.")
    assert "Hint 1 of 3" in done.stdout


# ---------------------------------------------------------------- in Jupyter


@pytest.fixture
def jupyter(monkeypatch):
    """Pretend to be in a notebook; gives the list of what is displayed."""
    shown: list[dict] = []
    shell = types.SimpleNamespace(kernel=True, display_pub=None)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(
        sys.modules, "IPython.display", types.SimpleNamespace(display=lambda data, raw: shown.append(data))
    )
    monkeypatch.setitem(
        sys.modules, "IPython.core.displaypub", types.SimpleNamespace(CapturingDisplayPublisher=lambda: None)
    )
    return shown


def test_in_jupyter_both_forms_are_shown(double, jupyter, capsys):
    check(double, double_it)
    [data] = jupyter
    assert data["text/plain"] == "✓ 99.1 passed. Twice is x + x."
    assert "<b>✓ 99.1 passed.</b> Twice is x + x." in data["text/html"]
    assert capsys.readouterr().out == ""


def test_the_box_takes_its_colours_from_the_theme(double, jupyter):
    check(double, double_it)
    style = jupyter[0]["text/html"]
    assert "background" not in style
    assert ";color:" not in style
    assert "<script" not in style


def test_nothing_a_learner_writes_becomes_markup(put, jupyter):
    attack = "<script>alert(1)</script> & <img src=x onerror=y>"

    def hostile(x):
        print(attack)
        raise ValueError(attack)

    check(put("99.4", why=attack), hostile)
    check(attack, 1)
    check("99.4", lambda x: attack)
    check("99.4", lambda x: 2 * x)
    predict("99.a", attack, options={"a": attack})
    predict("99.a", None, options={"a": attack})
    pages = [data["text/html"] for data in jupyter]
    assert len(pages) == 6
    assert all("<script>" not in page and "<img" not in page for page in pages)
    assert html.escape(attack) in pages[0]
    assert attack in jupyter[0]["text/plain"]


def test_code_and_emphasis_are_set_in_html_and_plain_in_text(put, jupyter):
    check(put("99.5", lambda a, r: Verdict(False, "Use `mean` of those who *happened* to, 2 * 3 * 4.")), 1)
    assert "<code>mean</code> of those who <em>happened</em> to, 2 * 3 * 4." in jupyter[0]["text/html"]
    assert "Use mean of those" in jupyter[0]["text/plain"]


# ---------------------------------------------------------------- hint, progress, predict


def test_each_run_gives_the_next_hint_and_after_the_third_the_solution(double, capsys):
    seen = []
    for _ in range(4):
        hint(double)
        seen.append(capsys.readouterr().out)
    assert [s.count("Hint ") for s in seen] == [1, 2, 3, 3]
    assert "Hint 2 of 3: second" in seen[1]
    assert ["solutions" in s for s in seen] == [False, False, True, True]


def test_hints_given_are_remembered_by_the_next_kernel(double, capsys):
    hint(double)
    for state in (record._pending, record._unsaved):
        state.clear()
    hint(double)
    assert "Hint 2 of 3" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), (0.2,), ("77.7",), (double_it,)], ids=named)
def test_a_hint_asked_for_wrongly_is_told_kindly(arguments, capsys):
    hint(*arguments)
    assert "Traceback" not in (out := capsys.readouterr().out)
    assert out.strip()


def chapter(number, *ids):
    entries = tuple(types.SimpleNamespace(id=i, title="t", level=1, minutes=5) for i in ids)
    return types.SimpleNamespace(number=number, slug=f"{number}_x", title="A <title>", exercises=entries)


def test_progress_counts_what_is_done_by_chapter(monkeypatch, capsys, jupyter):
    monkeypatch.setattr(
        causalcourse.syllabus, "chapters", lambda: (chapter("00", "00.1", "00.2"), chapter("01", "01.1"))
    )
    record.passed("00.2")
    assert progress() is None
    [data] = jupyter
    lines = data["text/plain"].splitlines()
    assert lines[0].split() == ["00", "A", "<title>", "1", "of", "2", "·", "00.1", "✓", "00.2"]
    assert lines[-1] == "1 of 3 exercises done"
    assert "A &lt;title&gt;" in data["text/html"]


def test_progress_works_without_a_syllabus(monkeypatch, capsys):
    monkeypatch.setattr(causalcourse.syllabus, "chapters", lambda: ())
    progress()
    assert capsys.readouterr().out == "Nothing done yet.\n"
    record.passed("00.2")
    progress()
    assert "✓ 00.2" in capsys.readouterr().out


OPTIONS = {"a": "It rises.", "b": "It falls."}


def test_a_prediction_is_asked_for_remembered_and_not_judged(capsys):
    predict("00.a", None, options=OPTIONS)
    asked = capsys.readouterr().out
    assert "a: It rises." in asked
    assert "b: It falls." in asked
    predict("00.a", " B ", options=OPTIONS)
    assert capsys.readouterr().out == "Noted for 00.a: b, It falls. Read on to see.\n"
    assert record.read()["predictions"] == {"00.a": "b"}
    predict("00.a", None, options=OPTIONS)
    assert capsys.readouterr().out == asked  # what is stored in the built notebook does not depend on the reader


@pytest.mark.parametrize("given", ["c", "", 1, True, ["a"], np.zeros(2), double_it], ids=named)
def test_a_prediction_that_is_no_option_is_told_kindly(given, capsys):
    predict("00.a", given, options=OPTIONS)
    assert capsys.readouterr().out.startswith("Choose one of 'a', 'b', in quotation marks")
    assert record.read()["predictions"] == {}


@pytest.mark.parametrize("options", [None, {}, "ab", 3])
def test_a_prediction_without_options_is_told_kindly(options, capsys):
    predict("00.a", "a", options=options)
    assert "the options" in capsys.readouterr().out


def test_a_notice_about_the_file_comes_with_the_next_thing_shown_and_once(double, home, capsys):
    home.mkdir()
    (home / "progress.json").write_text("{")
    check(double, double_it)
    check(double, double_it)
    assert capsys.readouterr().out.count("could not be read") == 1


# ---------------------------------------------------------------- the registry


def judge_nothing(answer, rng):
    return Verdict(True, "")


@pytest.mark.parametrize(
    ("id", "why", "hints"),
    [
        ("99.8", "why", ("one", "two")),
        ("99.8", "why", ("one", "two", " ")),
        ("99.8", "why", ("one", "two", "three", "four")),
        ("99.8", "why", "abc"),
        ("99.8", " ", ("one", "two", "three")),
        ("9.8", "why", ("one", "two", "three")),
    ],
)
def test_an_exercise_without_three_hints_a_reason_and_an_id_is_refused(id, why, hints):
    with pytest.raises(ValueError, match=r"hints|why|id"):
        exercise(id, why=why, hints=hints)(judge_nothing)


def test_two_judges_may_not_share_an_id(put):
    put("99.9", lambda a, r: Verdict(True, ""))
    exercise("99.9", why="w", hints=("1", "2", "3"))(judge_nothing)  # the same file, loaded again
    elsewhere = eval(compile("lambda a, r: None", "another_file.py", "eval"))
    with pytest.raises(ValueError, match="already judged"):
        exercise("99.9", why="w", hints=("1", "2", "3"))(elsewhere)


def test_exercises_of_a_chapter_come_in_order():
    ids = [e.id for e in registry.exercises_of("00")]
    assert ids == [f"00.{k}" for k in range(1, len(ids) + 1)]
    assert len(ids) >= 4
    assert registry.exercises_of("55") == ()
