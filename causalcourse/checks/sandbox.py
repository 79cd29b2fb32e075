"""Running a learner's function where it can do no harm.

On Linux in a forked child with a deadline, a memory limit and no way to reach the notebook. Elsewhere in this
process with an interrupting timer (interrupt.py), which cannot do as much: memory is not limited, a function that
ends or crashes the process takes the kernel with it, and one long call into C is not interrupted.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import gc
import io
import itertools
import linecache
import os
import pickle
import select
import signal
import struct
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from causalcourse.checks.interrupt import Stopped, alarm
from causalcourse.checks.plain import LARGEST, Opaque, plain, same, unpickle

LINES_SHOWN = 20
MEMORY = 2 * 2**30  # bytes a learner's function may take beyond what the kernel holds


@dataclass(frozen=True)
class Outcome:
    """What came of one call: `value` when it returned, else `problem`, a sentence for the learner.

    kind: "returned", "unfilled" (NotImplementedError), "raised", "stopped" (deadline), "died" (the process ended)
    or "ours" (the sandbox failed). changed: positions of the arguments that the call altered in place.
    Used from chapter 00.
    """

    value: object = None
    problem: str | None = None
    kind: str = "returned"
    changed: tuple[int, ...] = ()


@dataclass
class Session:
    """What the calls of one check share: a deadline (time.monotonic) and what the learner's code printed.

    Used from chapter 00.
    """

    deadline: float
    printed: list[str] = field(default_factory=list)
    unseen: int = 0

    def add(self, line: str) -> None:
        """Keep a printed line, or count it when enough are kept."""
        if len(self.printed) < LINES_SHOWN:
            self.printed.append(line)
        else:
            self.unseen += 1


_current: ContextVar[Session | None] = ContextVar("sandbox_session", default=None)


@contextlib.contextmanager
def session(seconds: float = 9.0) -> Iterator[Session]:
    """Bound all runs inside it to `seconds` together, and collect what they print. Used from chapter 00."""
    token = _current.set(Session(time.monotonic() + seconds))
    try:
        yield _current.get()  # type: ignore[misc]
    finally:
        _current.reset(token)


def run(function: Callable[..., Any], cases: Sequence[tuple], seconds: float = 5.0) -> list[Outcome]:
    """Call `function(*case)` for each case, on copies of the arguments, and say what came of each.

    The list ends early at a call that never came back (kind "stopped" or "died"). `seconds` is for all cases
    together. Values are plain: numbers, text, None, NumPy, pandas, and list/tuple/dict/set of those; anything else
    arrives as Opaque. Learner's KeyboardInterrupt is passed on, and no child is left behind. Used from chapter 00.
    """
    here = _current.get() or Session(time.monotonic() + seconds)
    allowed = max(0.5, min(seconds, here.deadline - time.monotonic()))
    if _can_fork():
        with contextlib.suppress(BlockingIOError, MemoryError):  # no room for a child: this process has to do
            return _run_forked(function, cases, allowed, here)
    return _run_here(function, cases, allowed, here)


def _can_fork() -> bool:
    return sys.platform == "linux"  # macOS can too, but its own libraries crash in a forked child


# ---------------------------------------------------------------- one call, in whichever process


def _call(function: Callable[..., Any], case: tuple, alone: bool) -> Outcome:
    given = [copied(argument) for argument in case]
    try:
        value = plain(function(*given))
    except Stopped:
        raise
    except NotImplementedError as error:
        return Outcome(problem=_words(error), kind="unfilled")
    except MemoryError:
        return Outcome(problem="It asked for more memory than there is (over 2 GB). Is a list or an array "
                               "growing without end?", kind="raised")
    except RecursionError as error:
        return Outcome(problem=f"It called itself without end{_place(error)}. When should it stop?", kind="raised")
    except (SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and not alone:
            raise  # here it may be the learner's own press of the stop button
        return Outcome(problem=f"It left by {type(error).__name__}{_place(error)}. A function ends with return; "
                               "it need not stop Python.", kind="raised")
    except BaseException as error:
        more = " Have the cells above been run, and is the name spelt right?" if isinstance(error, NameError) else ""
        return Outcome(problem=f"It raised {type(error).__name__}: {_words(error)}{_place(error)}.{more}", kind="raised")
    changed = tuple(k for k, (before, after) in enumerate(zip(case, given, strict=True)) if not same(before, after))
    return Outcome(value=value, changed=changed)


def copied(argument: object) -> object:
    """A deep copy, or the thing itself where it cannot be copied. Used from chapter 00."""
    try:
        return copy.deepcopy(argument)
    except Exception:  # a model may hold what cannot be copied
        return argument


def _words(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = "(its message cannot be shown)"
    return (text[:200] + " …" if len(text) > 200 else text).rstrip(".")


def _place(error: BaseException) -> str:
    """Where in the learner's own code: the last frame that is neither ours nor a library's."""
    ours = (os.path.dirname(os.path.dirname(__file__)), sysconfig.get_paths()["stdlib"], "<frozen")
    frames = [
        (frame.f_code, line) for frame, line in itertools.islice(traceback.walk_tb(error.__traceback__), 10_000)
        if not frame.f_code.co_filename.startswith(ours) and "-packages" + os.sep not in frame.f_code.co_filename
    ]
    if not frames:
        return ""
    code, line = frames[-1]
    source = linecache.getline(code.co_filename, line).strip()
    return f", at line {line}" + (f": `{source[:120]}`" if source else "")


class _Printed(io.TextIOBase):
    """Stands for stdout and stderr: passes on the first lines, counts the rest, stores nothing more."""

    def __init__(self, pass_on: Callable[[str], None]) -> None:
        self.pass_on, self.lines, self.pending = pass_on, 0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.lines >= LINES_SHOWN:
            self.lines += text.count("\n")
            return len(text)
        *full, self.pending = (self.pending + text).split("\n")
        for line in full:
            if self.lines < LINES_SHOWN:
                self.pass_on(line[:200])
            self.lines += 1
        self.pending = self.pending[:200]
        return len(text)

    def finish(self) -> int:
        """Pass on a last unended line; the number of lines nobody saw."""
        if self.pending and self.lines < LINES_SHOWN:
            self.pass_on(self.pending)
        self.pending = ""
        return max(0, self.lines - LINES_SHOWN)


# ---------------------------------------------------------------- in a forked child (Linux)


def _run_forked(function: Callable[..., Any], cases: Sequence[tuple], seconds: float, here: Session) -> list[Outcome]:
    read_end, write_end = os.pipe()  # neither survives an exec, so a program the learner starts cannot hold them
    child, kernel = 0, os.getpid()
    try:
        with warnings.catch_warnings():
            # Python 3.12+ warns that other threads' locks may be held; a child stuck so is killed and not blamed
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _be_the_child(function, cases, seconds, write_end)
        os.close(write_end)
        write_end = -1
        return _listen(child, read_end, seconds, here)
    finally:
        if os.getpid() != kernel:  # an interrupt met the child on its way; it must not go on as a second kernel
            os._exit(1)
        if child:
            _end(child)
        os.close(read_end)
        if write_end >= 0:
            os.close(write_end)


def _be_the_child(function: Callable[..., Any], cases: Sequence[tuple], seconds: float, out: int) -> None:
    """Never returns: the child leaves by os._exit, so nothing of the notebook is flushed or closed twice."""

    def send(*message: object) -> None:
        try:
            body = pickle.dumps(message)
        except Exception:
            body = pickle.dumps(("case", Outcome(value=Opaque("object", "that cannot be copied"))))
        if len(body) > LARGEST:
            body = pickle.dumps(("case", Outcome(value=Opaque("result", "of more than 50 MB"))))
        body = struct.pack("!Q", len(body)) + body
        while body:
            body = body[os.write(out, body):]

    try:
        _isolate(seconds)
        screen = _Printed(lambda line: send("line", line))
        sys.stdout = sys.stderr = screen  # type: ignore[assignment]
        send("ready")
        for case in cases:
            send("case", _call(function, case, alone=True))
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
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # its threads did not survive the fork; waiting for them would hang
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
        return [*outcomes, Outcome(problem="The process for your function could not be started.", kind="ours")]
    return [*outcomes, _last_words(child, seconds) if gone else _too_long(seconds)]


def _messages(data: bytearray) -> Iterator[Any]:
    """Take whole messages off the front of `data`: eight bytes of length, then a pickle."""
    while len(data) >= 8 and len(data) >= (end := 8 + struct.unpack("!Q", data[:8])[0]):
        message = unpickle(bytes(data[8:end]))
        del data[:end]
        yield message


def _too_long(seconds: float) -> Outcome:
    return Outcome(
        problem=f"It had not finished after {max(1, round(seconds))} s and was stopped. Does a loop wait for something "
        "that never happens?", kind="stopped",
    )


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
        return _too_long(seconds)
    else:
        name = signal.Signals(status.si_status).name if status.si_status in set(signal.Signals) else "a signal"
        why = "most likely it used too much memory" if name == "SIGKILL" else "an error below Python, in compiled code"
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


# ---------------------------------------------------------------- in this process (elsewhere)


def _run_here(function: Callable[..., Any], cases: Sequence[tuple], seconds: float, here: Session) -> list[Outcome]:
    outcomes: list[Outcome] = []
    screen, rang = _Printed(here.add), threading.Event()
    try:
        with (
            contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen),  # type: ignore[type-var]
            warnings.catch_warnings(action="ignore"), alarm(seconds, rang, _call.__code__),
        ):
            for case in cases:
                outcomes.append(_call(function, case, alone=False))
    except (Stopped, KeyboardInterrupt):
        if not rang.is_set():
            raise
        outcomes.append(_too_long(seconds))
    finally:
        here.unseen += screen.finish()
    return outcomes
