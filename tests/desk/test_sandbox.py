"""Whatever a learner's function does, the kernel lives and hears a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import numpy as np
import pandas as pd
import psutil
import pytest

from causalcourse.checks import sandbox
from causalcourse.checks.plain import Opaque, plain, unpickle

LIMIT = 0.6


def swallow_everything(x):
    while True:
        try:  # noqa: SIM105
            x += 1
        except:  # noqa: E722
            pass


def swallow_around_a_loop(x):
    while True:
        try:
            while True:
                x += 1
        except:  # noqa: E722
            pass


def sleep_for_ever(x):
    time.sleep(1e9)


def count_for_ever(x):
    return sum(itertools.count())


def call_itself(x):
    return call_itself(x)


def leave(x):
    sys.exit()


def leave_at_once(x):
    os._exit(3)


def interrupt(x):
    raise KeyboardInterrupt


def crash(x):
    return ctypes.string_at(0)


def take_all_memory(x):
    return np.ones(10**11)


def fill_memory(x):
    return [bytes(2**30) for _ in range(1000)]


def divide_by_zero(x):
    y = x - x
    return 1 / int(y)


def ask(x):
    return input("what is it?")


class CannotBeSaid(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def fail_without_words(x):
    raise CannotBeSaid


def not_filled(x):
    raise NotImplementedError("00.1: your turn")


def misspell(x):
    return nmupy.mean(x)  # noqa: F821


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


@pytest.fixture(params=["child", "here"])
def either_way(request, monkeypatch):
    if request.param == "here":
        monkeypatch.setattr(sandbox, "_can_fork", lambda: False)
    elif sys.platform != "linux":
        pytest.skip("only Linux forks")
    return request.param


def only_outcome(function, seconds=LIMIT):
    begun = time.monotonic()
    outcomes = sandbox.run(function, [(3,)], seconds)
    assert time.monotonic() - begun < seconds + 1.5
    assert len(outcomes) == 1
    return outcomes[0]


@pytest.mark.parametrize(
    ("function", "kind", "words"), HARMLESS_ANYWHERE, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_bad_function_gets_a_sentence_and_the_kernel_lives(function, kind, words, either_way):
    outcome = only_outcome(function, LIMIT if kind == "stopped" else 5)
    assert (outcome.kind, words in outcome.problem) == (kind, True), outcome


@pytest.mark.skipif(sys.platform != "linux", reason="only a child can be thrown away")
@pytest.mark.parametrize(
    ("function", "kind", "words"), HARMLESS_IN_A_CHILD, ids=lambda v: getattr(v, "__name__", "")
)
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


def test_a_loop_off_the_main_thread_is_stopped_too(either_way):
    found = []
    thread = threading.Thread(target=lambda: found.append(sandbox.run(swallow_around_nothing, [(1,)], LIMIT)))
    thread.start()
    thread.join(10)
    assert [o.kind for o in found[0]] == ["stopped"]


def swallow_around_nothing(x):
    while True:
        x += 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_many_threads_may_check_at_once():
    results: dict[int, list] = {}
    threads = [
        threading.Thread(target=lambda k=k: results.update({k: sandbox.run(lambda x: x + 1, [(k,)])}))
        for k in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {k: [o.value for o in out] for k, out in results.items()} == {k: [k + 1] for k in range(12)}


def test_a_running_event_loop_does_not_mind(either_way):
    async def notebook():
        await asyncio.sleep(0)
        return sandbox.run(lambda x: x + 1, [(1,)])[0].value, sandbox.run(swallow_everything, [(1,)], 0.5)[
            0
        ].kind

    assert asyncio.run(notebook()) == (2, "stopped")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_forking_a_kernel_with_threads_warns_nobody(monkeypatch):
    fork = os.fork

    def fork_of_python_3_12():
        warnings.warn("This process is multi-threaded", DeprecationWarning, stacklevel=2)
        return fork()

    monkeypatch.setattr(os, "fork", fork_of_python_3_12)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert only_outcome(lambda x: x, 5).value == 3
    assert [str(w.message) for w in heard] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_no_room_for_a_process_is_our_fault_and_not_the_learners(monkeypatch):
    def refuse():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    assert only_outcome(lambda x: x).kind == "ours"


def test_where_there_is_no_child_the_stop_button_gets_through(monkeypatch):
    monkeypatch.setattr(sandbox, "_can_fork", lambda: False)
    with pytest.raises(KeyboardInterrupt):
        sandbox.run(interrupt, [(1,)])


def test_no_file_is_left_open_and_no_child_unreaped(either_way):
    me = psutil.Process()
    sandbox.run(lambda x: x, [(1,)])
    before = me.num_fds()
    for function in (lambda x: x, leave, swallow_everything):
        sandbox.run(function, [(1,)], 0.5)
    assert me.num_fds() == before
    assert me.children() == []


def test_timers_and_handlers_are_put_back_as_they_were(monkeypatch):
    monkeypatch.setattr(sandbox, "_can_fork", lambda: False)
    before = (
        signal.getsignal(signal.SIGALRM),
        signal.getitimer(signal.ITIMER_REAL),
        sys.gettrace(),
        sys.stdout,
    )
    sandbox.run(swallow_around_a_loop, [(1,)], 0.5)
    after = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL), sys.gettrace(), sys.stdout
    assert before == after


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_children_of_the_function_do_not_outlive_it(tmp_path):
    mark = tmp_path / "pid"

    def start_another(x):
        mark.write_text(str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid))
        return x

    assert only_outcome(start_another, 5).value == 3
    assert_gone(int(mark.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_libraries_that_used_threads_before_the_fork_do_not_hang_after_it(environment):
    pytest.importorskip("sklearn")
    code = """
        import numpy as np
        from sklearn.ensemble import HistGradientBoostingRegressor
        from causalcourse.checks import sandbox
        X = np.random.default_rng(0).random((20_000, 10))
        def fit(x):
            return HistGradientBoostingRegressor(max_iter=5).fit(X, X[:, 0]).predict(X[:1])[0]
        fit(0)
        print(sandbox.run(fit, [(0,)], 20.0)[0].kind)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**environment, "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "returned\n", done.stderr


def assert_gone(pid: int, within: float = 3.0) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
                continue
        return
    raise AssertionError(f"process {pid} is still there")


def start_a_kernel_that_hangs(environment, seconds):
    """A Python that runs an endless function in the sandbox, and the number of its child."""
    code = f"""
        from causalcourse.checks import sandbox
        def loop(x):
            while True:
                try: x += 1
                except: pass
        sandbox.run(loop, [(1,)], {seconds})
    """
    kernel = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if children := psutil.Process(kernel.pid).children():
            time.sleep(0.3)
            return kernel, children[0].pid
        time.sleep(0.02)
    raise AssertionError("no child was started")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_the_stop_button_stops_at_once_and_leaves_no_child(environment):
    kernel, child = start_a_kernel_that_hangs(environment, 60)
    begun = time.monotonic()
    kernel.send_signal(signal.SIGINT)
    _, words = kernel.communicate(timeout=10)
    assert time.monotonic() - begun < 2
    assert b"KeyboardInterrupt" in words
    assert_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_killed_kernel_leaves_no_child_running_on(environment):
    kernel, child = start_a_kernel_that_hangs(environment, 1)
    kernel.kill()
    kernel.communicate(timeout=10)
    assert_gone(child, within=8)
