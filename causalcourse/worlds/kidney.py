"""Kidney stones, two treatments, 700 patients: the published counts, and two worlds that both fit them. Chapter 03."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from causalcourse.errors import CourseError
from causalcourse.noise import Finite
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

# successes and patients, by Z (1: stone of 2 cm or more) and X (1: open surgery, 0: through the skin)
_COUNTS = {(0, 0): (234, 270), (0, 1): (81, 87), (1, 0): (55, 80), (1, 1): (192, 263)}


def counts() -> pd.DataFrame:
    """The published counts, one row for each combination: Z, X, patients, successes.

    Z: 1 when the stone was 2 cm or more across, else 0. X: 1 open surgery, 0 percutaneous nephrolithotomy.
    Source: Charig, Webb, Payne & Wickham 1986, as retold by Julious & Mullee 1994. Taught in chapter 03.
    """
    import pandas as pd

    return pd.DataFrame([{"Z": z, "X": x, "patients": n, "successes": s} for (z, x), (s, n) in _COUNTS.items()])


def model(third: Literal["before", "after"] = "before") -> SCM:
    """A model with exactly the published shares: Z and X as in `counts`, and Y, 1 when the treatment succeeded.

    third: what Z is. "before": decided before the treatment, and heeded when it was chosen (Z -> X -> Y, Z -> Y), as
    the size of a stone is. "after": brought about by the treatment (X -> Z -> Y, X -> Y). Both fit the same counts.
    Raises CourseError for anything else. Taught in chapter 03.
    """
    if third not in ("before", "after"):
        raise CourseError(f"third is 'before' or 'after', not {third!r}.")
    patients = np.array([[_COUNTS[z, x][1] for x in (0, 1)] for z in (0, 1)])  # [z, x]
    success = np.array([[_COUNTS[z, x][0] / _COUNTS[z, x][1] for x in (0, 1)] for z in (0, 1)])
    u_y, succeeds = coin(success.ravel())
    recovers = {"Y": lambda Z, X, U_Y: succeeds(2 * Z + X, U_Y)}
    if third == "before":
        u_z, is_large = coin([patients[1].sum() / patients.sum()])
        u_x, is_open = coin(patients[:, 1] / patients.sum(1))
        earlier = {"Z": lambda U_Z: is_large(0 * U_Z, U_Z), "X": lambda Z, U_X: is_open(Z, U_X)}
        return SCM({"U_Z": u_z, "U_X": u_x, "U_Y": u_y}, earlier | recovers)
    u_x, is_open = coin([patients[:, 1].sum() / patients.sum()])
    u_z, is_large = coin(patients[1] / patients.sum(0))
    earlier = {"X": lambda U_X: is_open(0 * U_X, U_X), "Z": lambda X, U_Z: is_large(X, U_Z)}
    return SCM({"U_X": u_x, "U_Z": u_z, "U_Y": u_y}, earlier | recovers)


def coin(rates: Iterable[float]) -> tuple[Finite, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """Noise for a variable that is 1 with probability `rates[k]` in case k, and its equation f(k, u).

    A number between 0 and 1 drawn at random is below the rate or not; all that matters of it is between which two of
    the rates it falls. So finite noise is enough, and every answer is exact. Taught in chapter 03.
    """
    thresholds = np.array(list(rates))
    cuts = np.unique([0, *thresholds, 1])
    rank = np.searchsorted(cuts, thresholds)
    return Finite(np.diff(cuts)), lambda k, u: (u < rank[k]).astype(int)
