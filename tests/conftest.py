"""What every test shares: few threads, a home folder of its own, and no notebooks taken for tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# set while pytest starts, before anything imports NumPy, and handed down to the kernels that nbval starts
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")
for _name in ("CAUSALCOURSE_SEED", "CAUSALCOURSE_CLAIMS", "CAUSALCOURSE_PROGRESS"):
    os.environ.pop(_name, None)
_home = tempfile.TemporaryDirectory(prefix="causalcourse-tests-")
# the tests must not touch what whoever runs them has done in the course
os.environ["CAUSALCOURSE_HOME"] = _home.name

# with --nbval pytest takes every notebook for a test; those below tests/ are samples
collect_ignore_glob = ["*.ipynb"]


def pytest_unconfigure() -> None:
    _home.cleanup()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests measured, shown also when they pass and wherever they ran."""
    reports = [report for group in ("passed", "failed") for report in terminalreporter.stats.get(group, [])]
    measured = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    if measured:
        terminalreporter.section("measured")
        for name, value in measured:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture
def bare_environment() -> Iterator[dict[str, str]]:
    """A copy of the environment without what a virtual environment or pytest has added to it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_")) and k != "MPLBACKEND"}
    for name in (
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "CAUSALCOURSE_HOME",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
    ):
        kept.pop(name, None)
    yield kept
