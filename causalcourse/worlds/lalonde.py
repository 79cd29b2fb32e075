"""LaLonde's job-training data: an experiment, and the comparison one would make without it. Chapter 01."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from causalcourse.errors import CourseError, did_you_mean
from causalcourse.worlds.shipped import FOLDER, read_table

if TYPE_CHECKING:
    import pandas as pd

Group = Literal["experiment", "cps", "observational"]

# what is true of a man before training; the rest of the columns are the treatment and the outcome
BEFORE = ("age", "education", "black", "hispanic", "married", "no_degree", "earnings_1974", "earnings_1975")

_FOLDER = FOLDER
_SHA256 = {
    "lalonde_nsw.csv.gz": "03d972cbb6d0bd6e3990a783f70d17894ba700bd38ba3347c897d361f9730fd0",
    "lalonde_cps.csv.gz": "3a7bcf7cc51c0034c8b68c1ae610827663ed5a9c048a9b8521e4e7c33171e50b",
}


def load(group: Group = "experiment") -> pd.DataFrame:
    """The men of the National Supported Work study, or of a survey, one row for each.

    group: "experiment" (445 men: 185 drawn by lot for the training, 260 not), "cps" (15,992 men of the
    Current Population Survey, none trained), "observational" (the 185 trained, then the 15,992: 16,177 rows).
    Columns: treated (1 trained), age (years), education (years of school), black, hispanic, married,
    no_degree (1 left school without a degree), earnings_1974, earnings_1975 and the outcome earnings_1978:
    real earnings of the year, in US dollars at 1982 prices. The survey caps its earnings: about a quarter of
    its men stand at the highest value of 1978.
    Raises CourseError for another group; DataError when a file is missing or damaged.
    Source: LaLonde 1986; Dehejia and Wahba 1999; see data/README.md. Taught in chapter 01.
    """
    import pandas as pd

    if group not in get_args(Group):
        known = ", ".join(map(repr, get_args(Group)))
        raise CourseError(f"group={group!r} is not one of {known}.{did_you_mean(group, get_args(Group))}")
    if group == "experiment":
        return _read("lalonde_nsw.csv.gz")
    survey = _read("lalonde_cps.csv.gz")
    if group == "cps":
        return survey
    experiment = _read("lalonde_nsw.csv.gz")
    return pd.concat([experiment[experiment["treated"] == 1], survey], ignore_index=True)


def _read(name: str) -> pd.DataFrame:
    return read_table(_FOLDER, name, _SHA256[name])
