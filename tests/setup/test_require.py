"""The first cell's question: is the package new enough for this notebook?"""

from __future__ import annotations

import pytest

import causalcourse
from causalcourse.errors import CourseError, NotebookTooNew


@pytest.fixture
def installed(monkeypatch):
    return lambda version: monkeypatch.setattr(causalcourse, "__version__", version)


@pytest.mark.parametrize("found", ["0.1.0", "0.1", "0.1.1", "0.2.0", "0.10.0", "1.0.0.dev3"])
def test_a_package_as_new_as_the_notebook_is_ready_in_one_line(installed, capsys, found):
    installed(found)
    causalcourse.require("0.1.0")
    assert capsys.readouterr().out == f"causalcourse {found} is ready.\n"


@pytest.mark.parametrize("found, wanted", [("0.1.0", "0.1.1"), ("0.9.0", "0.10.0"), ("0.1.9", "1.0")])
def test_an_older_package_refuses_and_says_what_to_run(installed, found, wanted):
    installed(found)
    with pytest.raises(NotebookTooNew) as caught:
        causalcourse.require(wanted)
    said = str(caught.value)
    assert wanted in said and found in said
    assert "git pull" in said and "make lab" in said and "%pip install" in said


def test_the_refusal_names_the_address_in_pyproject(installed, repository):
    import tomllib

    address = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    installed("0.0.1")
    with pytest.raises(NotebookTooNew) as caught:
        causalcourse.require("0.1.0")
    assert f"git+{address}" in str(caught.value)


def test_a_folder_that_was_never_installed_is_as_new_as_its_notebooks(installed, capsys):
    installed("0.0.0")
    causalcourse.require("9.9")
    assert "ready" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [None, 0.1, "", "new", ">=0.1"])
def test_what_is_not_a_version_is_told_so(wrong):
    with pytest.raises(CourseError, match=r"require\('0\.1\.0'\)"):
        causalcourse.require(wrong)
