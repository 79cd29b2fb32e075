"""Without a browser the tests say what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_missing_browser_fails_with_its_cure(repository, tmp_path):
    sample = tmp_path / "test_sample.py"
    sample.write_text("def test_it(chromium):\n    pass\n")
    conftest = (repository / "tests" / "browser" / "conftest.py").read_text(encoding="utf-8")
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(sample)]
    environment = {"PATH": "", "CAUSALCOURSE_CHROMIUM": str(tmp_path / "no-such-browser")}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert "apt-get install chromium" in run.stdout.replace("\n", " ")
    assert "Traceback" not in run.stdout
