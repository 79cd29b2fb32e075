"""The doctor: looks at a learner's machine and says, one sentence per problem, what to do."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from subprocess import DEVNULL

OLDEST, NEWEST = (3, 11), (3, 13)
MEMORY_WANTED = 1000  # MB: a chapter's kernel stays below this
KERNEL_SECONDS = 30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found, what is wanted, and what to do when it is not well.

    cure: one sentence, empty when all is well. Used from chapter 00.
    """

    name: str
    found: str
    wanted: str
    cure: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.cure


def report() -> int:
    """Print a table of what was looked at and a sentence for each problem; 0 when there is none, else 1.

    Used from chapter 00.
    """
    findings = list(examine())
    rows = [("", "found", "wanted", "well")]
    rows += [(f.name, f.found, f.wanted, "yes" if f.ok else "NO") for f in findings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    problems = [f for f in findings if not f.ok]
    print()
    if not problems:
        print("All is well. Open the course with: make lab")
    for number, problem in enumerate(problems, start=1):
        print(f"{number}. {problem.cure}")
    return 1 if problems else 0


def examine() -> Iterator[Finding]:
    """Everything the doctor looks at, one after the other: a second or two in all. Used from chapter 00."""
    yield python()
    yield from packages()
    yield memory()
    if not _on_colab():  # Colab brings its own kernel and its own way to show widgets
        yield kernel()
        yield widgets()
    yield progress_folder()


def python(found: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """Whether this Python is one the course is made for. Used from chapter 00."""
    said = ".".join(map(str, found))
    oldest, newest = (".".join(map(str, v)) for v in (OLDEST, NEWEST))
    cure = ""
    if not OLDEST <= found[:2] <= NEWEST:
        age = "too old for" if found[:2] < OLDEST else "newer than what was tried with"
        cure = (
            f"Python {said} is {age} this course: install Python 3.11, 3.12 or 3.13, delete the folder "
            ".venv, and run make lab again."
        )
    return Finding("Python", said, f"{oldest} to {newest}", cure)


def packages() -> Iterator[Finding]:
    """Each package the lessons stand on: there, and within its bounds. Used from chapter 00."""
    for name, wanted in sorted(bounds().items(), key=lambda pair: pair[0].lower()):
        yield package(name, wanted)


def package(name: str, wanted: str) -> Finding:
    """Whether the package `name` is there and its version within `wanted`, such as ">=2.0,<2.4".

    Used from chapter 00.
    """
    from packaging.specifiers import SpecifierSet

    found = installed(name)
    shown = ", ".join(sorted(wanted.split(","), reverse=True))
    install = f'{_pip()} "{name}{",".join(sorted(wanted.split(","), reverse=True))}"'
    if found is None:
        return Finding(name, "missing", shown, f"The package {name} is missing: run {install}")
    if not SpecifierSet(wanted).contains(found, prereleases=True):
        reason = " (dowhy fails with numpy 2.4)" if name == "numpy" and found.startswith("2.") else ""
        cure = f"The package {name} {found} does not fit, {shown} is wanted{reason}: run {install}"
        return Finding(name, found, shown, cure)
    return Finding(name, found, shown)


def bounds() -> dict[str, str]:
    """Package name -> bounds such as ">=2.0,<2.4", as the installed package declares them.

    On Colab the hard dependencies only, because a chapter there installs what it needs itself.
    Used from chapter 00.
    """
    from packaging.requirements import Requirement

    wanted = {""} if _on_colab() else {"", "lessons", "dowhy"}
    try:
        lines = [Requirement(line) for line in requires("causalcourse") or []]
    except PackageNotFoundError:
        return {"causalcourse": ">=0.1"}
    for line in lines:  # an extra may name another extra of ours, before the packages of either
        if line.name == "causalcourse" and any(_applies(line, extra) for extra in wanted):
            wanted |= line.extras
    return {
        line.name: str(line.specifier)
        for line in lines
        if line.name != "causalcourse" and any(_applies(line, extra) for extra in wanted)
    }


def _applies(line: object, extra: str) -> bool:
    return line.marker is None or line.marker.evaluate({"extra": extra})  # type: ignore[attr-defined]


def installed(name: str) -> str | None:
    """The installed version of a package, or None. Used from chapter 00."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def memory() -> Finding:
    """Whether enough memory is free for a chapter, in MB. Used from chapter 00."""
    free, wanted = free_memory(), f"{MEMORY_WANTED} MB free"
    if free is None:
        return Finding("memory", "not known", wanted)
    cure = ""
    if free < MEMORY_WANTED:
        cure = (
            f"Only {free} MB of memory are free and a chapter can take {MEMORY_WANTED}: close other "
            "programs, and stop notebooks you no longer use (in JupyterLab: Kernel, Shut Down All Kernels)."
        )
    return Finding("memory", f"{free} MB free", wanted, cure)


def free_memory() -> int | None:
    """Free memory in MB, a container's limit taken into account; None where it cannot be known.

    Used from chapter 00.
    """
    free: list[float] = []
    try:
        import psutil

        free.append(psutil.virtual_memory().available)
    except ImportError:
        pass
    try:
        limit, used = (Path("/sys/fs/cgroup", name).read_text() for name in ("memory.max", "memory.current"))
        free.append(int(limit) - int(used))
    except (OSError, ValueError):  # not Linux, or "max": no limit
        pass
    return round(min(free) / 1e6) if free else None


def kernel() -> Finding:
    """Whether the kernel `python3`, which every notebook names, works. Used from chapter 00."""
    wanted = "python3, starts"
    repair = f"run {Path(sys.executable).name} -m ipykernel install --sys-prefix --name python3"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        cure = f'Jupyter is missing: run {_pip()} "ipykernel" "jupyterlab"'
        return Finding("kernel", "no Jupyter", wanted, cure)
    try:
        KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "none", wanted, f"Jupyter has no kernel named python3: {repair}")
    trouble = start_kernel()
    if trouble:
        cure = f"The kernel python3 does not work ({trouble}): {repair}"
        return Finding("kernel", "python3, fails", wanted, cure)
    return Finding("kernel", "python3, starts", wanted)


def start_kernel() -> str | None:
    """What goes wrong when the kernel starts and imports this package, or None. Used from chapter 00."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    client = None
    try:
        manager.start_kernel(stdout=DEVNULL, stderr=DEVNULL)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=KERNEL_SECONDS)
        reply = client.execute_interactive(
            "import causalcourse", timeout=KERNEL_SECONDS, output_hook=lambda message: None
        )["content"]
        return None if reply["status"] == "ok" else f"{reply['ename']}: {reply['evalue']}"
    except Exception as error:  # a kernel can fail to start in any way; the learner wants the sentence
        return f"{type(error).__name__}: {str(error).strip() or 'no answer'}".splitlines()[0]
    finally:
        if client is not None:
            client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)


def widgets() -> Finding:
    """Whether ipywidgets and anywidget have both their halves, Python and browser. Used from chapter 00."""
    absent = absent_widgets()
    if absent:
        cure = (
            f"Widgets will not show, because {' and '.join(absent)} cannot be found: run {_pip()} "
            "--force-reinstall --no-deps ipywidgets anywidget jupyterlab_widgets, and reload the page."
        )
        return Finding("browser widgets", "incomplete", "both halves", cure)
    return Finding("browser widgets", "both halves", "both halves")


def absent_widgets() -> list[str]:
    """The halves of the widgets that are not there, by name. Used from chapter 00."""
    from importlib import import_module

    absent = []
    for name in ("ipywidgets", "anywidget"):
        try:
            import_module(name)
        except Exception:  # a broken package can raise anything while it is imported
            absent.append(name)
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError:
        return [*absent, "JupyterLab"]
    for name in ("@jupyter-widgets/jupyterlab-manager", "anywidget"):
        if not any(Path(place, name).is_dir() for place in jupyter_path("labextensions")):
            absent.append(f"{name} in JupyterLab")
    return absent


def progress_folder() -> Finding:
    """Whether your progress can be written where it is kept. Used from chapter 00."""
    if os.environ.get("CAUSALCOURSE_PROGRESS", "").lower() == "off":
        return Finding("progress folder", "switched off", "writable")
    try:
        home = os.environ.get("CAUSALCOURSE_HOME")
        folder = Path(home).expanduser() if home else Path.home() / ".causalcourse"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        cure = (
            f"Your progress cannot be kept ({why}): let the environment variable CAUSALCOURSE_HOME name a "
            "folder you may write in, and start JupyterLab again."
        )
        return Finding("progress folder", "not writable", "writable", cure)
    return Finding("progress folder", str(folder), "writable")


def _on_colab() -> bool:
    return "COLAB_RELEASE_TAG" in os.environ


def _pip() -> str:
    """How to install here; through the tested versions where the course's folder is at hand."""
    tested = " -c constraints.txt" if Path("constraints.txt").is_file() else ""
    return f"{Path(sys.executable).name} -m pip install{tested}"
