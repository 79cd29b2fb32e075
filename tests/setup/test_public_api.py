"""What a learner can call is documented, typed and taught; importing is cheap; files stay small."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import causalcourse

HEAVY = ("torch", "pandas", "matplotlib", "pyro", "chirho", "dowhy", "pgmpy", "scipy", "networkx", "IPython")
LINES_ALLOWED = 400


def modules() -> Iterator[ModuleType]:
    yield causalcourse
    for found in pkgutil.walk_packages(causalcourse.__path__, "causalcourse."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def public() -> Iterator[tuple[str, object]]:
    """Every public function and class of the package, under the name of the module that defines it."""
    for module in modules():
        for name, thing in vars(module).items():
            defined_here = getattr(thing, "__module__", None) == module.__name__
            if not name.startswith("_") and defined_here and (inspect.isfunction(thing) or inspect.isclass(thing)):
                yield f"{module.__name__}.{name}", thing


def methods(thing: type) -> Iterator[tuple[str, object]]:
    for name, member in vars(thing).items():
        function = getattr(member, "func", None) or getattr(member, "fget", None) or getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


PUBLIC = dict(public())
FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if inspect.isfunction(thing)} | {
    f"{name}.{method}": function
    for name, thing in PUBLIC.items()
    if inspect.isclass(thing)
    for method, function in methods(thing)
}


def test_the_search_for_public_names_finds_them():
    assert {
        "causalcourse.graph.CausalGraph",
        "causalcourse.randomness.rng",
        "causalcourse.notebook.require",
    } <= set(PUBLIC)
    assert "causalcourse.scm.SCM.do" in FUNCTIONS


@pytest.mark.parametrize("name", [*PUBLIC, *sorted(set(FUNCTIONS) - set(PUBLIC))])
def test_it_says_in_a_sentence_what_it_is(name):
    text = inspect.getdoc(PUBLIC.get(name) or FUNCTIONS[name]) or ""
    first = text.partition("\n\n")[0].strip()
    assert first, f"{name} has no docstring"
    assert re.search(r"[.?!:](\s|$)", first), f"{name}: {first!r} is not a sentence"


@pytest.mark.parametrize("name", PUBLIC)
def test_it_names_the_chapter_that_teaches_or_uses_it(name):
    text = " ".join((inspect.getdoc(PUBLIC[name]) or "").split())
    assert re.search(r"([Tt]aught in|[Uu]sed from) chapter \d\d", text), f"{name} names no chapter"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_and_result_has_a_type(name):
    signature = inspect.signature(FUNCTIONS[name])
    bare = [p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name not in ("self", "cls")]
    assert not bare, f"{name}: no type for {', '.join(bare)}"
    assert signature.return_annotation is not signature.empty, f"{name}: no type for what it returns"


def test_every_name_offered_at_the_top_is_there():
    assert all(getattr(causalcourse, name) is not None for name in causalcourse.__all__)


def test_importing_the_package_loads_nothing_heavy():
    program = f"import causalcourse, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("folder", ["causalcourse", "tools", "tests", "benchmarks"])
def test_no_file_grows_past_400_lines(repository, folder):
    longest = {p: p.read_text(encoding="utf-8").count("\n") for p in (repository / folder).rglob("*.py")}
    over = {str(p.relative_to(repository)): n for p, n in longest.items() if n > LINES_ALLOWED}
    assert longest and not over


def test_no_package_registry_is_named_anywhere(repository):
    """Where packages come from is the business of whoever installs them."""
    # spelt in parts, so that this file does not name them either
    hosts = ["pypi" + ".org", "python" + "hosted", "anaconda" + ".org", "whl" + "/cpu"]
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    found = []
    for name in listed.stdout.splitlines():
        path = repository / name
        if path.is_file() and path.suffix not in (".png", ".gz", ".parquet"):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{name}: {host}" for host in hosts if host in text]
    assert listed.stdout and not found
