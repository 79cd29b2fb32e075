"""The clinic: severity Z, treatment X, recovery Y. The world that returns from chapter 00 to the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcourse.errors import CourseError
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import numpy as np


def model(
    severe: float = 0.5,
    treated: tuple[int, int] = (2, 8),
    recovery: tuple[tuple[int, int], tuple[int, int]] = ((8, 9), (3, 4)),
    of: int = 10,
    response: str = "robust",
) -> SCM:
    """The clinic as a structural causal model with binary Z (1 severe), X (1 treated), Y (1 recovered).

    `severe`: P(Z = 1). Rates are counts out of `of` patients: `treated[z]` for P(X = 1 | Z = z) and
    `recovery[z][x]` for P(Y = 1 | do(X = x), Z = z). The defaults: doctors treat 2 in 10 mild and 8 in 10 severe
    patients, and treating adds 1 recovery in 10 to either kind.
    `response` is how a patient's two outcomes hang together, which no data on either one can show:
    "robust" (one constitution decides both) or "independent" (two unrelated draws).
    Raises CourseError for a rate that is not a whole number from 0 to `of`. Used from chapter 00.
    """
    for rate in (*treated, *recovery[0], *recovery[1]):
        if rate != int(rate) or not 0 <= rate <= of:
            raise CourseError(f"The clinic's rates are whole numbers from 0 to {of} (out of {of}); got {rate!r}.")
    if response not in ("robust", "independent"):
        raise CourseError(f"response is 'robust' or 'independent', not {response!r}.")

    def rate_of(Z: np.ndarray, x: int) -> np.ndarray:
        return recovery[0][x] * (1 - Z) + recovery[1][x] * Z

    luck = [1 / of] * of
    noise = {"U_Z": [1 - severe, severe], "U_X": luck}
    equations = {
        "Z": lambda U_Z: U_Z,
        "X": lambda Z, U_X: treated[0] * (1 - Z) + treated[1] * Z > U_X,
    }
    if response == "robust":
        noise["U_Y"] = luck
        equations["Y"] = lambda X, Z, U_Y: rate_of(Z, 0) * (1 - X) + rate_of(Z, 1) * X > U_Y
    else:
        noise |= {"U_0": luck, "U_1": luck}
        equations["Y"] = lambda X, Z, U_0, U_1: (rate_of(Z, 0) > U_0) * (1 - X) + (rate_of(Z, 1) > U_1) * X
    return SCM(noise, equations)


def random_model(rng: np.random.Generator, response: str = "robust", of: int = 20) -> SCM:
    """A clinic with rates drawn at random out of `of`, every arm seen in every severity: for checks and tests.

    Used from chapter 00.
    """
    rates = rng.integers(1, of, size=(3, 2)).tolist()
    severe = int(rng.integers(4, 17)) / 20
    return model(severe, tuple(rates[0]), (tuple(rates[1]), tuple(rates[2])), of=of, response=response)
