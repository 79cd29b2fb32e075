"""`make` on a strange machine, with a pretended Python that writes down what it is asked to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = ("sh", "sed", "awk", "echo", "touch", "rm", "id", "mkdir", "cp", "chmod", "cat", "dirname")
# answers `-c` (the question about its version) with its last line; everything else goes into the log
PYTHON = """#!/bin/sh
case "$1" in
  --version) echo "Python {version}"; exit 0;;
  -c) exit {unfit};;
esac
echo "$*" >> "{log}"
[ "$1 $2" = "-m venv" ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python
exit 0
"""


@pytest.fixture
def course(tmp_path: Path, repository: Path) -> Path:
    folder = tmp_path / "a course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "constraints-conda.txt"):
        shutil.copy(repository / name, folder)
    return folder


@pytest.fixture
def make(course: Path, tmp_path: Path, bare_environment) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`make(target, version, unfit)`: run it where the only Python is a pretended one."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (binaries / tool).symlink_to(found)

    def run(*words: str, version: str = "3.12.1", unfit: int = 0) -> subprocess.CompletedProcess[str]:
        python = binaries / "python3"
        if version:
            python.write_text(PYTHON.format(version=version, unfit=unfit, log=tmp_path / "log"))
            python.chmod(0o755)
        environment = {**bare_environment, "PATH": str(binaries)}
        command = [shutil.which("make"), *words]
        return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)

    return run


@pytest.fixture
def log(tmp_path: Path) -> Callable[[], str]:
    """What the pretended Python was asked to do since the last time."""

    def read() -> str:
        file = tmp_path / "log"
        said = file.read_text() if file.exists() else ""
        file.unlink(missing_ok=True)
        return said

    return read


def test_the_first_make_lab_makes_the_environment_installs_and_opens_chapter_00(make, log):
    run = make("lab")
    assert run.returncode == 0, run.stderr
    lines = log().splitlines()
    assert lines[0].startswith("-m venv")
    assert any("pip install" in line and "-c constraints.txt -e .[lessons,dowhy]" in line for line in lines)
    assert lines[-1].startswith("-m jupyterlab")
    assert "default_url=/lab/tree/notebooks/00_ladder.ipynb" in lines[-1]


def test_a_second_make_lab_installs_nothing(make, log):
    make("lab")
    log()
    make("lab")
    assert "pip install" not in (again := log()) and "venv" not in again
    assert "-m jupyterlab" in again


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "constraints-conda.txt"])
def test_a_change_of_what_is_needed_installs_again(make, log, course, name):
    make("lab")
    log()
    os.utime(course / name, (time.time() + 5,) * 2)
    make("lab")
    assert "pip install" in log()


def test_arguments_reach_jupyterlab(make, log):
    make("lab", "ARGS=--no-browser --port=8899")
    assert "--no-browser --port=8899" in log().splitlines()[-1]


def test_no_question_about_news_is_left_for_the_learner(make, log):
    make("lab")
    assert "labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements" in log()


@pytest.mark.parametrize("version", ["3.10.4", "3.14.0"])
def test_an_unfit_python_gets_a_plain_sentence_and_no_environment(make, log, course, version):
    run = make("lab", version=version, unfit=1)
    assert run.returncode != 0
    assert f"needs Python 3.11, 3.12 or 3.13, and finds Python {version}" in run.stderr
    assert log() == "" and not (course / ".venv").exists()


def test_no_python_at_all_gets_the_same_sentence(make, course):
    run = make("lab", version="")
    assert run.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13, and finds no Python" in run.stderr
    assert not (course / ".venv").exists()


def test_a_python_without_venv_says_what_is_missing(make, course, tmp_path):
    python = tmp_path / "half"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\nmkdir -p .venv; exit 1\n')
    python.chmod(0o755)
    run = make("lab", f"PYTHON={python}")
    assert run.returncode != 0
    assert "python3-venv" in run.stderr and not (course / ".venv").exists()


@pytest.mark.parametrize("target", ["test", "test-fast"])
def test_the_tests_install_what_they_need_from_nothing(make, log, target):
    run = make(target)
    assert run.returncode == 0, run.stderr
    said = log()
    assert "-e .[lessons,dowhy,dev]" in said
    assert "-m tools.build --check" in said and "-m pytest -n 2 --dist loadfile" in said


def test_make_test_runs_nbval_over_notebooks_and_solutions(make, log):
    make("test")
    line = next(line for line in log().splitlines() if "-m pytest" in line)
    assert "--nbval" in line and line.endswith("tests notebooks solutions")


def test_a_stale_notebook_fails_make_test_even_when_pytest_passes(make, course, tmp_path):
    python = tmp_path / "picky"
    text = PYTHON.format(version="3.12.1", unfit=0, log=tmp_path / "log")
    python.write_text(text.replace("exit 0\n", 'case "$*" in *tools.build*) exit 1;; esac\nexit 0\n'))
    python.chmod(0o755)
    assert make("test", f"PYTHON={python}").returncode != 0


def test_every_target_has_one_line_of_help(make, repository):
    targets = re.search(r"^\.PHONY: (.*)$", (repository / "Makefile").read_text(), flags=re.MULTILINE)[1].split()
    lines = make("help").stdout.splitlines()
    assert {line.split()[1] for line in lines} == set(targets)
    assert all(len(line.split()) > 3 for line in lines)


def test_make_alone_shows_the_help_and_touches_nothing(make, log, course):
    before = sorted(course.iterdir())
    assert "make lab" in make().stdout
    assert sorted(course.iterdir()) == before and log() == ""
