"""The package resolves on every supported Python, and on top of what Colab has loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.network, pytest.mark.slow]

PYTHONS = ("3.11", "3.12", "3.13")
COLAB = Path(__file__).with_name("colab.txt")
# what a chapter's first cell may ask Colab for without changing anything that Colab has loaded
SAFE_ON_COLAB = ((), ("engines",), ("referees",), ("lessons",))


def resolve(
    repository: Path, python: str, extras: tuple[str, ...], constraints: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Ask uv which versions it would install; nothing is installed."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv, "uv is missing: it comes with the extra dev"
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", python]
    command += [f"--extra={extra}" for extra in extras]
    command += ["--constraint", str(constraints)] if constraints else []
    # uv does not read pip's settings, so what pip was told in its variables is told to uv in its own
    environment = dict(os.environ)
    if "PIP_FIND_LINKS" in environment:
        environment.setdefault("UV_FIND_LINKS", environment["PIP_FIND_LINKS"])
    return subprocess.run([*command, "pyproject.toml"], cwd=repository, env=environment, capture_output=True, text=True)


def versions(run: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert run.returncode == 0, run.stderr
    lines = (line.split(";")[0].strip() for line in run.stdout.splitlines() if "==" in line)
    return dict(line.split("==") for line in lines)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("extras", [(), ("lessons",), ("dowhy",), ("dev",)], ids=str)
def test_the_package_resolves_with_each_extra(repository, python, extras):
    assert "numpy" in versions(resolve(repository, python, extras))


@pytest.mark.parametrize("python", ["3.11.2", *PYTHONS])
def test_everything_resolves_through_the_constraints(repository, python):
    extras = ("lessons", "dowhy", "dev")
    found = versions(resolve(repository, python, extras, repository / "constraints.txt"))
    assert found["torch"].partition("+")[0] == "2.13.0"
    assert found["numpy"] == "2.3.5"


@pytest.mark.parametrize("python", ["3.12", "3.13"])
@pytest.mark.parametrize("extras", SAFE_ON_COLAB, ids=str)
def test_colab_keeps_what_it_has_loaded(repository, python, extras):
    found = versions(resolve(repository, python, extras, COLAB))
    loaded = dict(line.split("==") for line in COLAB.read_text().splitlines() if "==" in line)
    assert {name: found[name] for name in loaded if name in found} == {
        name: loaded[name] for name in loaded if name in found
    }


def test_dowhy_is_the_one_extra_that_changes_colab_and_cvxpy_is_what_it_changes(repository, tmp_path):
    refused = resolve(repository, "3.13", ("dowhy",), COLAB)
    assert refused.returncode != 0 and "cvxpy" in refused.stderr
    without = tmp_path / "colab_without_cvxpy.txt"
    without.write_text("".join(line for line in COLAB.open() if not line.startswith("cvxpy")))
    assert "dowhy" in versions(resolve(repository, "3.13", ("dowhy",), without))
