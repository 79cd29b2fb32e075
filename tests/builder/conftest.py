"""A tiny course to build: a copy of `tree/` that each test may change."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# tools/ is not installed: it is for maintainers
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from tiny import LESSON  # noqa: E402


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The root of a copy of the tiny course."""
    return Path(shutil.copytree(HERE / "tree", tmp_path / "course"))


@pytest.fixture
def edit(tree: Path) -> Callable[[str, str, str], int]:
    """`edit(file, old, new)`: replace the first `old` of a lesson's file; gives the number of its line."""

    def replace(file: str, old: str, new: str) -> int:
        path = tree / LESSON / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
        return text[: text.index(old)].count("\n") + 1

    return replace
