"""Reading the data files that come with the course, refused unless they are byte for byte the ones we ship."""

from __future__ import annotations

import gzip
import hashlib
import io
from importlib.resources import files
from typing import TYPE_CHECKING

from causalcourse.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

FOLDER: Traversable = files("causalcourse") / "data"


def read_table(folder: Traversable, name: str, sha256: str) -> pd.DataFrame:
    """The gzipped csv file `name` in `folder` as a table. Raises DataError when it is missing or damaged.

    Used from chapter 01.
    """
    import pandas as pd

    cure = "Install the package again, or fetch the file again from the repository."
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DataError(f"The data file {name} cannot be read ({type(error).__name__}). {cure}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            f"The data file {name} is damaged: its contents are not the ones this course ships "
            f"(its SHA-256 checksum differs). {cure}"
        )
    return pd.read_csv(io.BytesIO(gzip.decompress(content)))
