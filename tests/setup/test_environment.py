"""pyproject.toml, constraints.txt, environment.yml and CITATION.cff say the same things."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet


@pytest.fixture(scope="module")
def project(repository: Path) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def conda(repository: Path) -> dict:
    return yaml.safe_load((repository / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins(repository: Path) -> list[Requirement]:
    return [*read_pins(repository / "constraints.txt"), *read_pins(repository / "constraints-conda.txt")]


def read_pins(path: Path) -> list[Requirement]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-c "))]


def declared(project: dict) -> list[Requirement]:
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def pip_lines(conda: dict) -> list[str]:
    return next(entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))


def test_all_but_torch_is_pinned_for_conda_as_for_everybody(repository):
    assert [pin.name for pin in read_pins(repository / "constraints.txt")] == ["torch"]
    assert "torch" not in {pin.name for pin in read_pins(repository / "constraints-conda.txt")}
    assert "-c constraints-conda.txt" in (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_conda_brings_its_own_torch_within_the_bounds_of_pyproject(conda, project):
    (torch,) = [r for r in declared(project) if r.name == "torch"]
    assert f"pytorch{torch.specifier}" in conda["dependencies"]


def test_conda_installs_this_package_through_the_constraints(conda):
    assert pip_lines(conda)[0] == "-c constraints-conda.txt"
    assert pip_lines(conda)[1].startswith("-e .[")


def test_conda_installs_the_extras_that_make_lab_installs(conda, project, repository):
    wanted = re.search(r'-e "\.\[([\w,]+)\]"', (repository / "Makefile").read_text(encoding="utf-8"))[1]
    assert pip_lines(conda)[1] == f"-e .[{wanted}]"
    assert set(wanted.split(",")) <= set(project["optional-dependencies"])


def test_conda_names_no_package_that_pyproject_does_not(conda, project):
    """Versions belong in pyproject.toml and constraints.txt: anything named here could drift from them."""
    known = {requirement.name for requirement in declared(project)} | {"python", "pip", "pytorch"}
    named = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    assert {re.split(r"[=<>]", entry)[0] for entry in named} <= known
    assert len(pip_lines(conda)) == 2


def test_conda_states_a_python_that_pyproject_allows(conda, project):
    stated = next(e for e in conda["dependencies"] if isinstance(e, str) and e.startswith("python="))
    assert SpecifierSet(project["requires-python"]).contains(stated.removeprefix("python=") + ".0")


def test_binder_caps_its_threads(conda):
    assert conda["variables"]["OMP_NUM_THREADS"] == "1"


def test_no_folder_hides_environment_yml_from_binder(repository):
    assert not (repository / "binder").exists() and not (repository / ".binder").exists()


def test_few_hard_dependencies_and_no_exact_pins(project):
    assert len(project["dependencies"]) <= 6
    for requirement in declared(project):
        assert requirement.name == project["name"] or requirement.specifier, f"{requirement} has no lower bound"
        assert not {"==", "===", "~="} & {s.operator for s in requirement.specifier}, str(requirement)


def test_numpy_is_the_only_ceiling(project):
    capped = {r.name for r in declared(project) if any(s.operator in ("<", "<=") for s in r.specifier)}
    assert capped == {"numpy"}


def test_every_constraint_is_exact_and_within_the_bounds(pins, project):
    bounds = {r.name.lower(): r.specifier for r in declared(project)}
    for pin in pins:
        (specifier,) = pin.specifier
        assert specifier.operator == "==", str(pin)
        if pin.name.lower() in bounds:
            assert bounds[pin.name.lower()].contains(specifier.version), f"{pin} is outside of pyproject.toml"


def test_every_direct_dependency_is_constrained(pins, project):
    pinned = {pin.name.lower().replace("_", "-") for pin in pins}
    wanted = {r.name.lower() for r in declared(project)} - {project["name"]}
    assert wanted <= pinned


def test_torch_is_pinned_to_one_version_wherever_there_is_one(pins):
    (torch,) = [pin for pin in pins if pin.name == "torch"]
    for platform, machine in [
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("win32", "AMD64"),
        ("darwin", "arm64"),
    ]:
        assert torch.marker.evaluate({"sys_platform": platform, "platform_machine": machine})
    assert not torch.marker.evaluate({"sys_platform": "darwin", "platform_machine": "x86_64"})


def test_the_installed_package_has_the_version_of_pyproject(project):
    assert version("causalcourse") == project["version"]


def test_the_citation_has_the_version_and_the_address_of_pyproject(project, repository):
    citation = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == project["version"]
    assert citation["repository-code"] == project["urls"]["Repository"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_the_licences_travel_with_the_package(project, repository):
    assert all((repository / name).stat().st_size > 500 for name in project["license-files"])
    assert "MIT License" in (repository / "LICENSE").read_text(encoding="utf-8")
    assert "CC BY 4.0" in (repository / "LICENSE-CC-BY-4.0").read_text(encoding="utf-8")


def test_the_ci_script_calls_the_readme_s_test_command(repository):
    script = repository / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
    assert "make test" in script.read_text(encoding="utf-8")
    assert "make test" in (repository / "README.md").read_text(encoding="utf-8")
