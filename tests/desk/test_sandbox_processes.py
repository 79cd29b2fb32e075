"""Threads, forks, signals, open files: the sandbox leaves the kernel's process as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings

import psutil
import pytest
from badly_behaved import LIMIT, interrupt, leave, only_outcome, swallow_around_a_loop, swallow_everything

from causalcourse.checks import sandbox


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
        return sandbox.run(lambda x: x + 1, [(1,)])[0].value, sandbox.run(swallow_everything, [(1,)], 0.5)[0].kind

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
def test_a_function_that_forks_is_heard_once():
    def forks(x):
        os.fork()
        return x

    assert [o.value for o in sandbox.run(forks, [(1,), (2,), (3,)])] == [1, 2, 3]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_a_fork_that_a_lock_forbids_for_a_moment_is_tried_again(monkeypatch):
    fork, refused = os.fork, iter([True, True])

    def forbidden_twice():
        if next(refused, False):
            raise RuntimeError("os.fork is unsafe while a lock changes hands")
        return fork()

    monkeypatch.setattr(os, "fork", forbidden_twice)
    assert only_outcome(lambda x: x).value == 3


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
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment,
        stderr=subprocess.PIPE,
        # a shell that runs the tests in the background has them ignore this signal, and what they start as well
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
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
