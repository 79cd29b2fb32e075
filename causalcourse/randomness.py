"""One door for all randomness, so that every claim of the course can be tried under other seeds."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from causalcourse.errors import CourseError

if TYPE_CHECKING:
    import numpy as np


def rng(name: str) -> np.random.Generator:
    """A random generator with a stream of its own for each name; the same name gives the same stream again.

    The environment variable CAUSALCOURSE_SEED (an integer, 0 when unset) reseeds every stream.
    Raises CourseError when the name is not text or the seed is not an integer. Used from chapter 00.
    """
    import numpy as np

    if not isinstance(name, str):
        raise CourseError(f"rng needs a name such as rng('clinic'), not {name!r}.")
    seed = os.environ.get("CAUSALCOURSE_SEED", "0")
    try:
        number = int(seed)
    except ValueError:
        raise CourseError(f"CAUSALCOURSE_SEED is {seed!r}; it must be a whole number such as 7.") from None
    # a hash of both, because Python's own hash of text changes from one run to the next
    digest = hashlib.sha256(f"{number}/{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def generator(given: np.random.Generator | None, name: str) -> np.random.Generator:
    """`given`, or where it is None the stream of that name. Raises CourseError for anything else.

    Used from chapter 06.
    """
    import numpy as np

    if given is not None and not isinstance(given, np.random.Generator):
        raise CourseError(f"rng= needs a generator, such as causalcourse.rng('my fit'); got {given!r}.")
    return rng(name) if given is None else given
