"""Every claim is tried under other seeds; the ones that fail are told with their seeds."""

from __future__ import annotations

import pytest
from tiny import LESSON

from tools.reseed import Trial, failures, reseed

CHAPTER, SHEET = f"{LESSON}/chapter.py", f"{LESSON}/exercises.py"


def test_claims_that_hold_are_no_failures():
    assert failures([Trial(CHAPTER, 1, (("six is six", True),), ()), Trial(SHEET, 1, (), ())]) == []


def test_a_failed_claim_is_told_once_with_all_its_seeds():
    trials = [Trial(CHAPTER, seed, (("a", True), ("b", seed == 2)), ()) for seed in (1, 2, 3)]
    assert failures(trials) == [f"{CHAPTER}: claim failed: b (under seed 1, 3)"]


def test_a_chapter_without_claims_is_a_failure():
    assert failures([Trial(CHAPTER, 1, (), ())]) == [f"{CHAPTER}: makes no claims (under seed 1)"]


def test_a_script_that_raised_is_a_failure():
    trials = [Trial(CHAPTER, 4, (("a", True),), ("raised ValueError: no",))]
    assert failures(trials) == [f"{CHAPTER}: raised ValueError: no (under seed 4)"]


@pytest.mark.slow
def test_scripts_run_under_each_seed(tree, edit):
    edit(
        "chapter.py",
        'claim("half',
        'from causalcourse import seed\nclaim("only under one", seed() == 1)\nclaim("half',
    )
    edit("exercises.py", "return 1 + 2 + 3", "return 1 + 2")
    trials = reseed(tree, (1, 2))
    assert [(trial.script, trial.seed, len(trial.claims)) for trial in trials] == [
        (CHAPTER, 1, 2),
        (CHAPTER, 2, 2),
        (SHEET, 1, 0),
        (SHEET, 2, 0),
    ]
    assert failures(trials) == [
        f"{CHAPTER}: claim failed: only under one (under seed 2)",
        f"{SHEET}: the solution of 00.4 does not pass its own check: not yet. Not six. (under seed 1, 2)",
    ]


@pytest.mark.slow
def test_a_script_that_raises_is_told_by_its_last_words(tree, edit):
    edit("chapter.py", "eggs = 12", "eggs = 12 / 0")
    trials = reseed(tree, (3,), ["00"])
    assert failures(trials)[0] == f"{CHAPTER}: raised ZeroDivisionError: division by zero (under seed 3)"
