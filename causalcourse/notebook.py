"""What every built notebook asks first: is the installed package new enough for me?"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

from causalcourse.errors import CourseError, NotebookTooNew


def require(version: str) -> None:
    """Print that the package is ready, or refuse when it is older than the notebook's `version` ("0.1.0").

    Raises NotebookTooNew with what to run, and CourseError when `version` is not written as numbers and dots.
    Used from chapter 00.
    """
    from causalcourse import __version__ as found

    if not isinstance(version, str) or not re.fullmatch(r"\d+(\.\d+)*", version):
        raise CourseError(f"require needs a version such as require('0.1.0'), not {version!r}.")
    if found == "0.0.0":  # run from a folder that was never installed: the notebook beside it is as new
        print("causalcourse is ready (from this folder, not installed).")
        return
    if _numbers(found) < _numbers(version):
        raise NotebookTooNew(
            f"This notebook needs causalcourse {version}, and version {found} is installed. "
            "On your own computer, run `git pull` and then `make lab` in the folder of the course. On Colab, "
            f'run `%pip install --upgrade "causalcourse @ git+{_address()}"`, then restart the session.'
        )
    print(f"causalcourse {found} is ready.")


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, zeros at the end left out: "1.2.0.dev1" is (1, 2)."""
    numbers = [int(part) for part in re.match(r"\d+(\.\d+)*", version)[0].split(".")]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _address() -> str:
    """Where the repository is, as pyproject.toml says it."""
    try:
        links = metadata("causalcourse").get_all("Project-URL") or []
    except PackageNotFoundError:
        links = []
    pairs = (link.partition(", ") for link in links)
    return next((url for name, _, url in pairs if name == "Repository"), "the address of this course")
