"""A desk of its own for each test: an empty home folder, nothing remembered, an exercise that doubles."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from causalcourse.checks import record, registry, sandbox
from causalcourse.checks.compare import judge_function, number
from causalcourse.checks.registry import Exercise

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CAUSALCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAUSALCOURSE_PROGRESS", raising=False)
    monkeypatch.delenv("CAUSALCOURSE_SEED", raising=False)
    for state in (record._pending, record._unsaved, record._said, record._notices):
        state.clear()
    return tmp_path / "home"


@pytest.fixture(params=["child", "here"])
def either_way(request, monkeypatch):
    """Both ways the sandbox can run a function: in a child, and in this process."""
    if request.param == "here":
        monkeypatch.setattr(sandbox, "_can_fork", lambda: False)
    elif sys.platform != "linux":
        pytest.skip("only Linux forks")
    return request.param


def judge_double(answer, rng):
    cases = [(float(x),) for x in rng.uniform(1, 9, size=6)]
    return judge_function(answer, cases, lambda x: 2 * x, returns=number(), seconds=1.0)


@pytest.fixture
def put(monkeypatch):
    """put(id, judge): an exercise for the length of one test."""
    for chapter in registry.chapters_with_checks():  # one loaded later would be forgotten with this test
        registry.exercises_of(chapter)
    monkeypatch.setattr(registry, "_shelf", dict(registry._shelf))

    def put(id, judge=judge_double, why="Twice is x + x."):
        registry._shelf[id] = Exercise(id, why, ("first", "second", "third"), judge)
        return id

    return put


@pytest.fixture
def double(put):
    return put("99.1")


@pytest.fixture
def environment(home):
    """The environment for a Python of its own that finds this package."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "CAUSALCOURSE_HOME": str(home), "OMP_NUM_THREADS": "1"}
