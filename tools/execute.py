"""Running a notebook in a kernel of its own, and measuring it."""

from __future__ import annotations

import os
import re
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.notebooks import Page
from tools.outputs import clean, not_passed, output_problems, texts
from tools.source import Refused

SECONDS_ALLOWED = 300  # for one cell; a whole chapter should take under 90
# seeds, ledgers and settings of the person who builds must not reach the notebook
UNSET = (
    "MPLBACKEND",
    "CAUSALCOURSE_SEED",
    "CAUSALCOURSE_CLAIMS",
    "CAUSALCOURSE_PROGRESS",
    "COLUMNS",
    "LINES",
)
ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
NOWHERE = "http://127.0.0.1:9"  # nothing listens here: what asks the network fails at once


@dataclass(frozen=True)
class Run:
    """A notebook with its outputs, the seconds it took, and its kernel's peak memory in MB (0: not known)."""

    node: NotebookNode
    seconds: float
    peak_mb: float


def execute(page: Page, root: Path) -> Run:
    """Run every cell of a page in a fresh kernel and an empty home, and clean the outputs.

    Raises Refused, naming the line of the source, when a cell fails or its outputs cannot be stored.
    """
    node = deepcopy(page.node)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="causalcourse-") as home:
        client = NotebookClient(node, timeout=SECONDS_ALLOWED, kernel_name="python3", record_timing=False)
        with client.setup_kernel(cwd=home, env=environment(root, Path(home)), stderr=DEVNULL):
            for index, cell in enumerate(node.cells):
                run_cell(client, cell, index, page.origins[index])
            peak = peak_mb(client.km.provisioner.pid)
    seconds = time.monotonic() - started
    tidy(page, node, root)
    return Run(node, seconds, peak)


def environment(root: Path, home: Path) -> dict[str, str]:
    """The kernel's environment variables: the package of this tree, an empty home, one thread, no network."""
    kept = {key: value for key, value in os.environ.items() if key not in UNSET}
    proxies = {key: NOWHERE for name in ("http_proxy", "https_proxy", "all_proxy") for key in (name, name.upper())}
    return {
        **kept,
        **dict.fromkeys(ONE_THREAD, "1"),
        **proxies,
        "TQDM_DISABLE": "1",  # a bar that moves leaves a stored output that differs at every run
        "HF_HUB_OFFLINE": "1",
        "PIP_NO_INDEX": "1",
        "CAUSALCOURSE_HOME": str(home / "progress"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


def run_cell(client: NotebookClient, cell: NotebookNode, index: int, origin: str) -> None:
    """Run one cell. Raises Refused with its place in the source when it fails, hangs or ends the kernel."""
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        trace = next((o.traceback for o in cell.outputs if o.output_type == "error"), [])
        plain = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(trace))
        line = re.findall(r"^-+> *(\d+)", plain, flags=re.MULTILINE)
        where = f" (line {line[0]} of the cell)" if line else ""
        raise Refused(f"{origin}: the cell fails{where}: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise Refused(f"{origin}: the cell runs longer than {SECONDS_ALLOWED} seconds") from None
    except DeadKernelError:
        raise Refused(f"{origin}: the kernel ended while it ran the cell; out of memory?") from None


def tidy(page: Page, node: NotebookNode, root: Path) -> None:
    """Clean the outputs of an executed notebook in place. Raises Refused when they cannot be stored."""
    node.metadata.clear()
    node.metadata.update(deepcopy(page.node.metadata))  # drops widget states and what the kernel said of itself
    problems, count, said = [], 0, []
    for cell, origin in zip(node.cells, page.origins, strict=True):
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        cell.outputs = clean(cell.outputs, cell.metadata.get("alt"))
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
        problems += output_problems(cell, origin, root)
        said += texts(cell)
    failed = not_passed(page.expected, "\n".join(said))
    problems += [f"{page.path}: the solution of {id} does not pass its own check: {why}" for id, why in failed.items()]
    if problems:
        raise Refused(*problems)


def peak_mb(pid: int) -> float:
    """The most memory the process has held at once, in MB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6
    except (OSError, TypeError):
        import psutil

        memory = psutil.Process(pid).memory_info()
        return getattr(memory, "peak_wset", 0) / 1e6  # Windows has a peak, macOS has none
