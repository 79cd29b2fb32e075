"""The shelf of wrong answers: each is rejected with a message that names the mistake, and right answers pass.

To the shelf of each exercise that asks for a function the slips that can happen in any are added here.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcourse.checks import compare, desk, registry, sandbox
from causalcourse.checks.kinds import brief

LESSONS = Path(__file__).parents[2] / "lessons"
SEEDS = ("0", "1", "2")


def load(path):
    spec = importlib.util.spec_from_file_location(f"shelf_of_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHELVES = {path.parent.name: load(path) for path in sorted(LESSONS.glob("*/shelf.py"))}
CHAPTERS = sorted(path.parent.name for path in LESSONS.glob("*/exercises.py"))
RIGHT = [(id, k, a) for shelf in SHELVES.values() for id, answers in shelf.RIGHT.items() for k, a in enumerate(answers)]
WRONG = [
    (id, name, answer, words)
    for shelf in SHELVES.values()
    for id, wrong in shelf.WRONG.items()
    for name, (answer, words) in wrong.items()
]
FUNCTIONS = [(id, answer) for id, k, answer in RIGHT if k == 0 and callable(answer)]


@pytest.fixture(autouse=True)
def shown_truths(monkeypatch, tmp_path):
    """Watch what the judge compares with: no message may show the right answer of the case it shows."""
    monkeypatch.setenv("CAUSALCOURSE_HOME", str(tmp_path))
    original = compare._partly

    def watched(results, values, where):
        text = original(results, values, where)
        truth = results.truths[results.right.index(False)]
        if isinstance(truth, np.ndarray) and len(brief(truth)) > 3:  # one digit may well occur by chance
            assert brief(truth) not in text, f"the message gives the answer away: {text}"
        return text

    monkeypatch.setattr(compare, "_partly", watched)


def judged(id, answer, seed, monkeypatch):
    monkeypatch.setenv("CAUSALCOURSE_SEED", seed)
    begun = time.monotonic()
    with sandbox.session():
        verdict = desk.judge(id, answer)
    assert time.monotonic() - begun < 10
    assert verdict.kind != "ours", verdict.message
    return verdict


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_of_a_lesson_has_checks_and_a_shelf(chapter):
    source = (LESSONS / chapter / "exercises.py").read_text(encoding="utf-8")
    ids = re.findall(r"^# ### (\d\d\.\d+)", source, flags=re.MULTILINE)
    assert 4 <= len(ids) <= 7
    assert chapter in SHELVES, f"lessons/{chapter}/shelf.py is missing"
    assert ids == list(SHELVES[chapter].RIGHT) == list(SHELVES[chapter].WRONG)
    assert ids == [e.id for e in registry.exercises_of(chapter[:2])]


@pytest.mark.parametrize("chapter", list(SHELVES))
def test_a_shelf_holds_at_least_two_right_and_five_wrong_answers(chapter):
    shelf = SHELVES[chapter]
    assert {id: len(answers) for id, answers in shelf.RIGHT.items() if len(answers) < 2} == {}
    assert {id: len(wrong) for id, wrong in shelf.WRONG.items() if len(wrong) < 5} == {}
    assert all(words.strip() for wrong in shelf.WRONG.values() for _, words in wrong.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("id", "k", "answer"), RIGHT, ids=[f"{id}-{k}" for id, k, _ in RIGHT])
def test_every_right_answer_passes(id, k, answer, seed, monkeypatch):
    verdict = judged(id, answer, seed, monkeypatch)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("id", "name", "answer", "words"), WRONG, ids=[f"{w[0]}-{w[1]}" for w in WRONG])
def test_every_wrong_answer_hears_which_mistake_it_is(id, name, answer, words, seed, monkeypatch):
    verdict = judged(id, answer, seed, monkeypatch)
    assert not verdict.passed
    assert words.casefold() in verdict.message.casefold()


# ---------------------------------------------------------------- slips that can happen in any function


def unfilled(right):
    def stub(*arguments):
        raise NotImplementedError("your turn")

    return stub


def raises(right):
    def wrong(*arguments):
        raise ValueError("something of mine")

    return wrong


def one_parameter_too_many(right):
    parameters = ", ".join(f"a{k}" for k in range(len(inspect.signature(right).parameters) + 1))
    return eval(f"lambda {parameters}: 0.5")


def changes_its_input(right):
    def wrong(*arguments):
        result = right(*copy.deepcopy(arguments))
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument += 1
            elif isinstance(argument, pd.DataFrame):
                argument["left behind"] = 0
            elif isinstance(argument, pd.Series):
                argument.iloc[:] = 0
            elif isinstance(argument, list):
                argument.append(0)
            elif isinstance(argument, dict):
                argument["left behind"] = 0
        return result

    return wrong


def remembers_its_first_answer(right):
    first = []

    def wrong(*arguments):
        first.append(right(*arguments))
        return first[0]

    return wrong


def gives(value):
    return lambda right: lambda *arguments: value


SLIPS = {
    "unfilled": (unfilled, "NotImplementedError"),
    "returns None": (gives(None), "None"),
    "returns NaN": (gives(float("nan")), ""),
    "returns text": (gives("a word too many"), ""),
    "returns a function": (gives(len), ""),
    "raises": (raises, "ValueError: something of mine"),
    "takes one argument too many": (one_parameter_too_many, "it is called with"),
}


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize(("id", "right"), FUNCTIONS, ids=[id for id, _ in FUNCTIONS])
def test_every_exercise_notices_the_slips_that_can_happen_in_any(id, right, slip, monkeypatch):
    make, words = SLIPS[slip]
    verdict = judged(id, make(right), "0", monkeypatch)
    assert not verdict.passed
    assert verdict.message.strip()
    assert words in verdict.message
    assert (verdict.kind == "unfilled") == (slip == "unfilled")


def signatures() -> dict[str, str]:
    """Exercise -> the arguments its function takes in the lesson, as in "records, x"."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(LESSONS.glob("*/exercises.py")))
    found = re.findall(r"^# ### (\d\d\.\d+).*?^def \w+\((.*?)\):", text, flags=re.MULTILINE | re.DOTALL)
    return {id: arguments for id, arguments in found if arguments}


@pytest.mark.parametrize(("id", "arguments"), signatures().items(), ids=list(signatures()))
def test_a_function_without_arguments_hears_which_it_is_called_with(id, arguments, monkeypatch):
    assert f"it is called with {arguments}." in judged(id, lambda: 0.5, "0", monkeypatch).message


WITH_INPUTS = [(id, right) for id, right in FUNCTIONS if inspect.signature(right).parameters]


@pytest.mark.parametrize(("id", "right"), WITH_INPUTS, ids=[id for id, _ in WITH_INPUTS])
def test_a_function_that_gives_the_same_whatever_it_gets_is_rejected(id, right, monkeypatch):
    verdict = judged(id, remembers_its_first_answer(right), "0", monkeypatch)
    assert not verdict.passed
    assert verdict.message.strip()


@pytest.mark.parametrize(("id", "right"), WITH_INPUTS, ids=[id for id, _ in WITH_INPUTS])
def test_a_function_that_changes_its_input_is_rejected(id, right, monkeypatch):
    mutable: list[bool] = []
    original = sandbox.run

    def watched(function, cases, *rest, **more):
        mutable.extend(isinstance(a, (np.ndarray, pd.DataFrame, pd.Series, list, dict)) for case in cases for a in case)
        return original(function, cases, *rest, **more)

    monkeypatch.setattr(sandbox, "run", watched)
    verdict = judged(id, changes_its_input(right), "0", monkeypatch)
    if not any(mutable):
        assert verdict.passed  # there was nothing to change
    else:
        assert not verdict.passed
        assert "in place" in verdict.message


FIRSTS = {id[:2]: (id, right) for id, right in reversed(WITH_INPUTS)}


@pytest.mark.slow
@pytest.mark.parametrize(("id", "right"), FIRSTS.values(), ids=[id for id, _ in FIRSTS.values()])
def test_a_function_that_never_ends_is_stopped(id, right, monkeypatch):
    def wrong(*arguments):
        while True:
            pass

    verdict = judged(id, wrong, "0", monkeypatch)
    assert not verdict.passed
    assert "not finished" in verdict.message
