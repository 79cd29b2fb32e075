"""A stranger's computer: a clean clone, `make lab` in it, and a browser without a past."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INSTALL_SECONDS, START_SECONDS = 1800, 60


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs: its address, what it wrote until it was ready, how long it took, a home."""

    address: str
    log: str
    seconds: float
    home: Path


def executable() -> str:
    """The browser of this computer; the test fails with a cure where there is none."""
    named = os.environ.get("CAUSALCOURSE_CHROMIUM")
    found = [named] if named else [path for name in BROWSERS if (path := shutil.which(name))]
    if not found or not Path(found[0]).exists():
        pytest.fail(
            "No browser was found for the browser tests. Install Chromium (on Debian and Ubuntu: apt-get "
            "install chromium) or Chrome, or let the environment variable CAUSALCOURSE_CHROMIUM name its "
            "program.",
            pytrace=False,
        )
    return found[0]


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """A headless browser with an empty profile."""
    from playwright.sync_api import sync_playwright

    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The last commit of this repository, cloned, with no environment in it."""
    folder = tmp_path_factory.mktemp("stranger") / "causalcourse"
    subprocess.run(["git", "clone", "--quiet", str(repository), str(folder)], check=True)
    assert not (folder / ".venv").exists()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)  # its environment alone is two gigabytes


@pytest.fixture(scope="module")
def make_lab(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """`with make_lab() as lab`: JupyterLab as `make lab` starts it in the clone, stopped afterwards."""
    home = tmp_path_factory.mktemp("jupyter")
    return lambda: _running(clone, home)


@contextmanager
def _running(clone: Path, home: Path) -> Iterator[Lab]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / f"lab-{port}.log"
    command = ["make", "lab", f"ARGS=--no-browser --port={port} --ServerApp.port_retries=0"]
    started = time.monotonic()
    with log.open("w") as stream:
        process = subprocess.Popen(
            command,
            cwd=clone,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = wait_for_address(process, log, port)
        yield Lab(address, log.read_text(), time.monotonic() - started, home)
    finally:
        stop(process)


def environment(home: Path) -> dict[str, str]:
    """What a stranger's terminal has: nothing of this environment, no settings of whoever runs the tests."""
    foreign = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MPLBACKEND")
    kept = {key: value for key, value in os.environ.items() if key not in foreign and not key.startswith("PYTEST")}
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    return {
        **kept,
        **{f"JUPYTER_{place}": str(home / place.lower()) for place in places},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "CAUSALCOURSE_HOME": str(home / "progress"),
    }


def wait_for_address(process: subprocess.Popen, log: Path, port: int) -> str:
    """The address that JupyterLab prints when it is ready, with its token."""
    deadline = time.monotonic() + INSTALL_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(rf"http://127\.0\.0\.1:{port}/lab\S*token=\w+", log.read_text()):
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail("`make lab` did not come up. It said:\n" + log.read_text()[-3000:], pytrace=False)


def stop(process: subprocess.Popen) -> None:
    """End JupyterLab and its kernels, and wait until they are gone."""
    family: list[psutil.Process] = []
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=15)
    for left in alive:
        left.kill()
    process.wait(timeout=15)
