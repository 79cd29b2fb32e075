"""The results of the longer studies, as `make study` stored them. Chapters 06 and 13."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcourse.errors import CourseError, DataError, did_you_mean
from causalcourse.worlds.shipped import FOLDER

if TYPE_CHECKING:
    import pandas as pd

STUDIES = ("consistency", "bias", "spread", "published", "guides", "places", "efficiency")


def study(name: str) -> pd.DataFrame:
    """The table of one study, one of `STUDIES`; its first line says what made it.

    Raises CourseError for another name, DataError for a file that cannot be read. Taught in chapter 06.
    """
    import pandas as pd

    if name not in STUDIES:
        raise CourseError(f"There is no study {name!r} (studies: {', '.join(STUDIES)})." + did_you_mean(name, STUDIES))
    try:
        with (FOLDER / "studies" / f"{name}.csv").open(encoding="utf-8") as file:
            return pd.read_csv(file, comment="#")
    except (OSError, ValueError) as error:
        raise DataError(
            f"The table of the study '{name}' cannot be read ({type(error).__name__}). Install the package again, or "
            "make it again: make study."
        ) from None
