"""Running a learner's function in a forked child (Linux): whatever it does, only the child is lost."""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import pickle
import select
import signal
import struct
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from causalcourse.checks.calling import Outcome, Printed, call, too_long
from causalcourse.checks.plain import LARGEST, Opaque, unpickle

if TYPE_CHECKING:
    from causalcourse.checks.sandbox import Session

MEMORY = 2 * 2**30  # bytes a learner's function may take beyond what the kernel holds


def run_in_a_child(
    function: Callable[..., Any], cases: Sequence[tuple], seconds: float, here: Session
) -> list[Outcome]:
    """As sandbox.run, in a child that is killed after `seconds` and never outlives this call.

    Used from chapter 00.
    """
    # neither end survives an exec, so a program that the learner starts cannot hold them open
    read_end, write_end = os.pipe()
    child, kernel = 0, os.getpid()
    try:
        with warnings.catch_warnings():
            # Python 3.12+ warns that another thread may hold a lock; a child that gets stuck so is killed
            warnings.simplefilter("ignore", DeprecationWarning)
            child = _forked()
        if child == 0:
            _be_the_child(function, cases, seconds, write_end)
        os.close(write_end)
        write_end = -1
        return _listen(child, read_end, seconds, here)
    except (OSError, RuntimeError) as error:
        return [Outcome(problem=f"No process could be started for it: {error}.", kind="ours")]
    finally:
        if os.getpid() != kernel:
            os._exit(1)  # an interrupt met the child on its way; it must not go on as a second kernel
        if child:
            _end(child)
        os.close(read_end)
        if write_end >= 0:
            os.close(write_end)


def _forked(patience: float = 2.0) -> int:
    """os.fork, tried again while a lock of filelock is being taken in another thread, which forbids it for a moment."""
    until = time.monotonic() + patience
    while True:
        try:
            return os.fork()
        except RuntimeError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


def _be_the_child(function: Callable[..., Any], cases: Sequence[tuple], seconds: float, out: int) -> None:
    """Never returns: the child leaves by os._exit, so nothing of the notebook is flushed or closed twice."""
    child = os.getpid()

    def send(*message: object) -> None:
        try:
            body = pickle.dumps(message)
        except Exception:
            body = pickle.dumps(("case", Outcome(value=Opaque("object", "that cannot be copied"))))
        if len(body) > LARGEST:
            body = pickle.dumps(("case", Outcome(value=Opaque("result", "of more than 50 MB"))))
        body = struct.pack("!Q", len(body)) + body
        while body:
            body = body[os.write(out, body) :]

    try:
        _isolate(seconds)
        screen = Printed(lambda line: send("line", line))
        sys.stdout = sys.stderr = screen  # type: ignore[assignment]
        send("ready")
        for case in cases:
            outcome = call(function, case, alone=True)
            if os.getpid() != child:
                return  # a function that forks comes back twice: one of the two leaves here
            send("case", outcome)
        send("done", screen.finish())
    finally:
        os._exit(0)


def _isolate(seconds: float) -> None:
    """Cut the child's ties: signals, terminal, notebook, memory."""
    import resource

    os.setsid()
    signal.set_wakeup_fd(-1)  # the event loop of the notebook must not hear of the child's signals
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(int(seconds) + 3)  # if the kernel itself is killed, the child does not live on
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # when memory runs out for all, the child goes first and not the kernel
    with contextlib.suppress(OSError, ValueError), open("/proc/self/statm") as file:
        most = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    builtins.input = _no_input
    warnings.simplefilter("ignore")
    gc.freeze()  # collecting the kernel's objects would touch, and so copy, its memory
    if (faulthandler := sys.modules.get("faulthandler")) is not None:
        faulthandler.disable()
    # the kernel's worker threads did not survive the fork; a library that waits for them would hang
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)
    if (pools := sys.modules.get("threadpoolctl")) is not None:  # it comes with scikit-learn
        pools.threadpool_limits(1)
    if (ipython := sys.modules.get("IPython")) is not None and (shell := ipython.get_ipython()) is not None:
        from IPython.core.displaypub import CapturingDisplayPublisher

        shell.display_pub = CapturingDisplayPublisher()


def _no_input(*_: object) -> str:
    raise RuntimeError("a checked function cannot ask with input(); it gets all it needs as arguments")


def _listen(child: int, pipe: int, seconds: float, here: Session) -> list[Outcome]:
    deadline = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    data, ready, gone = bytearray(), False, False
    while not gone and (left := deadline - time.monotonic()) > 0:
        ended = _has_ended(child)  # asked before reading, so that its last words are still read
        if select.select([pipe], [], [], min(left, 0.02))[0]:
            chunk = os.read(pipe, 1 << 20)
            data += chunk
            if not chunk:
                time.sleep(0.005)
        else:
            chunk = b""
        gone = ended and not chunk
        for message in _messages(data):
            match message:
                case ("ready",):
                    ready = True
                case ("line", str(line)):
                    here.add(line)
                case ("case", Outcome() as outcome):
                    outcomes.append(outcome)
                case ("done", int(unseen)):
                    here.unseen += unseen
                    return outcomes
                case _:
                    outcomes.append(Outcome(Opaque("object", "")))
    if not ready:
        return [Outcome(problem="The process for your function did not get going.", kind="ours")]
    return [*outcomes, _last_words(child, seconds) if gone else too_long(seconds)]


def _messages(data: bytearray) -> Iterator[Any]:
    """Take whole messages off the front of `data`: eight bytes of length, then a pickle."""
    while len(data) >= 8 and len(data) >= (end := 8 + struct.unpack("!Q", data[:8])[0]):
        message = unpickle(bytes(data[8:end]))
        del data[:end]
        yield message


def _has_ended(child: int) -> bool:
    try:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # somebody else in this process has already asked
        return True


def _last_words(child: int, seconds: float) -> Outcome:
    try:
        status = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        status = None
    if status is None or status.si_code == os.CLD_EXITED:
        how = f" (exit status {status.si_status})" if status else ""
        text = f"It ended the Python process{how}. A function ends with return; it need not stop Python."
    elif status.si_status == signal.SIGALRM:
        return too_long(seconds)
    else:
        name = {s.value: s.name for s in signal.Signals}.get(status.si_status, "a signal")
        why = "an error below Python, in compiled code"
        if status.si_status == signal.SIGKILL:
            why = "most likely it used too much memory"
        text = f"It crashed the Python process ({name}): {why}. Your notebook is unharmed."
    return Outcome(problem=text, kind="died")


def _end(child: int) -> None:
    # the child is not yet reaped, so its number cannot belong to anybody else
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # and all that it started
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)  # it may not have become a group of its own yet
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
