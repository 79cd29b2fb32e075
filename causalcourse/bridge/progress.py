"""A bar for what takes long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress(what: str, steps: int) -> Iterator[Any]:
    """A bar that appears when something takes more than two seconds, and leaves when it is done.

    What is yielded is called with how many steps were taken. Used from chapter 06.
    """
    from tqdm.auto import tqdm

    # tqdm's form for notebooks does not look at this variable by itself
    silent = bool(os.environ.get("TQDM_DISABLE"))
    with tqdm(total=steps, desc=what, leave=False, delay=2, disable=silent) as bar:
        yield bar.update
