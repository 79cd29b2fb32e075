"""Whatever a learner's function does, the kernel lives and hears a sentence."""

from __future__ import annotations

import os
import sys
import time

import numpy as np
import pandas as pd
import pytest
from badly_behaved import (
    LIMIT,
    ask,
    call_itself,
    count_for_ever,
    crash,
    divide_by_zero,
    fail_without_words,
    fill_memory,
    interrupt,
    leave,
    leave_at_once,
    misspell,
    not_filled,
    only_outcome,
    sleep_for_ever,
    swallow_around_a_loop,
    swallow_everything,
    take_all_memory,
)

from causalcourse.checks import sandbox
from causalcourse.checks.plain import Opaque, plain, unpickle

HARMLESS_ANYWHERE = [
    (swallow_everything, "stopped", "not finished after 1 s"),
    (swallow_around_a_loop, "stopped", "not finished"),
    (sleep_for_ever, "stopped", "not finished"),
    (call_itself, "raised", "called itself without end"),
    (leave, "raised", "SystemExit"),
    (divide_by_zero, "raised", "ZeroDivisionError: division by zero, at line"),
    (take_all_memory, "raised", "more memory than there is"),
    (fail_without_words, "raised", "CannotBeSaid: (its message cannot be shown)"),
    (not_filled, "unfilled", "00.1: your turn"),
    (misspell, "raised", "cells above"),
]
HARMLESS_IN_A_CHILD = [
    (count_for_ever, "stopped", "not finished"),
    (leave_at_once, "died", "exit status 3"),
    (interrupt, "raised", "KeyboardInterrupt"),
    (crash, "died", "SIGSEGV"),
    (fill_memory, "raised", "more memory than there is"),
    (ask, "raised", "cannot ask with input()"),
]


@pytest.mark.parametrize(("function", "kind", "words"), HARMLESS_ANYWHERE, ids=lambda v: getattr(v, "__name__", ""))
def test_a_bad_function_gets_a_sentence_and_the_kernel_lives(function, kind, words, either_way):
    outcome = only_outcome(function, LIMIT if kind == "stopped" else 5)
    assert (outcome.kind, words in outcome.problem) == (kind, True), outcome


@pytest.mark.skipif(sys.platform != "linux", reason="only a child can be thrown away")
@pytest.mark.parametrize(("function", "kind", "words"), HARMLESS_IN_A_CHILD, ids=lambda v: getattr(v, "__name__", ""))
def test_a_function_that_would_take_the_kernel_with_it_takes_only_the_child(function, kind, words):
    outcome = only_outcome(function, LIMIT if kind == "stopped" else 5)
    assert (outcome.kind, words in outcome.problem) == (kind, True), outcome


def test_the_line_shown_is_in_the_learners_code(either_way):
    def through_a_library(x):
        return np.linalg.inv(np.zeros((2, 2)))

    assert "`return np.linalg.inv(np.zeros((2, 2)))`" in only_outcome(through_a_library).problem


def test_outcomes_stand_in_the_order_of_the_cases(either_way):
    assert [o.value for o in sandbox.run(lambda x: x * x, [(1,), (2,), (3,)])] == [1, 4, 9]


def test_after_one_failure_the_other_cases_are_still_tried(either_way):
    kinds = [o.kind for o in sandbox.run(lambda x: 1 / x, [(1,), (0,), (2,)])]
    assert kinds == ["returned", "raised", "returned"]


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (np.arange(3.0), lambda a: a.sort() if a.__setitem__(0, 9) is None else None),
        (pd.DataFrame({"a": [1, 2]}), lambda t: t.insert(0, "b", 0)),
        (pd.Series([1, 2]), lambda s: s.__setitem__(0, 7)),
        ([1, [2]], lambda v: v[1].append(3)),
        ({"a": 1}, lambda d: d.update(a=2)),
        ({1, 2}, lambda s: s.add(3)),
    ],
    ids=["array", "table", "series", "list", "dict", "set"],
)
def test_a_changed_argument_is_noticed_and_the_callers_own_stays_as_it_was(given, change, either_way):
    before = repr(given)
    [outcome] = sandbox.run(lambda unused, g: change(g), [(0, given)])
    assert outcome.changed == (1,)
    assert repr(given) == before
    assert sandbox.run(lambda g: 1, [(given,)])[0].changed == ()


def test_the_first_lines_printed_are_kept_and_the_rest_counted(either_way):
    def talk(x):
        for k in range(100_000):
            print("line", k)
        print("the end", end="")
        return x

    with sandbox.session() as held:
        assert only_outcome(talk, 5).value == 3
    assert held.printed == [f"line {k}" for k in range(20)]
    assert 99_980 <= held.unseen <= 99_981


def test_what_was_printed_before_the_deadline_is_not_lost(either_way):
    def talk_then_hang(x):
        print("still here")
        while True:
            pass

    with sandbox.session() as held:
        assert only_outcome(talk_then_hang).kind == "stopped"
    assert held.printed == ["still here"]


def test_nothing_printed_reaches_the_notebook(either_way, capfd):
    only_outcome(lambda x: print("noise") or print("noise", file=sys.stderr))
    assert capfd.readouterr() == ("", "")


def test_only_plain_values_come_back(either_way):
    class Mine:
        pass

    made = only_outcome(lambda x: [1, "a", None, np.ones(2), {"k": (Mine(), lambda: 0)}, iter([])]).value
    assert made[:3] == [1, "a", None]
    assert [made[4]["k"][0].type, made[4]["k"][1].type, made[5].type] == ["Mine", "function", "list_iterator"]


def test_a_list_that_holds_itself_comes_back_cut_off():
    endless: list = []
    endless.append(endless)
    assert "Opaque" in repr(plain(endless))


def test_objects_hidden_in_arrays_and_tables_do_not_come_back():
    class Mine:
        pass

    assert isinstance(plain(np.array([Mine()], dtype=object))[0], Opaque)
    assert isinstance(plain(pd.DataFrame({"a": [Mine()]})), Opaque)


def test_a_pickle_that_would_run_something_is_not_opened():
    class Evil:
        def __reduce__(self):
            return os.system, ("echo opened",)

    import pickle

    assert unpickle(pickle.dumps(Evil())) == ()
    assert unpickle(pickle.dumps(eval)) == ()


def test_a_session_bounds_all_runs_together():
    begun = time.monotonic()
    with sandbox.session(1.0):
        for _ in range(3):
            sandbox.run(swallow_everything, [(1,)], 5.0)
    assert time.monotonic() - begun < 4.0
