"""How often each record occurs, from a table of them or from their P(v)."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from causalcourse.lm.causal import Form


def shares(form: Form, records: Any) -> np.ndarray:
    """P(v) of records, shape (2, ..., 2), axes in the order of `form.variables`; `records` as `fit` takes them.

    Raises DataError. Used from chapter 13.
    """
    import pandas as pd

    if not hasattr(form, "variables"):
        raise DataError(f"The form= of a model has its variables, such as model.form; got {form!r}.")
    shape = (2,) * len(form.variables)
    if isinstance(records, np.ndarray):
        if records.shape != shape:
            raise DataError(
                f"P(v) of {', '.join(form.variables)} is an array of shape {shape}; got {records.shape}. Records are a "
                "DataFrame with a column for each variable."
            )
        return _probabilities(records)
    if isinstance(records, pd.Series):
        p = _probabilities(records.to_numpy())
        if len(set(records.index.names)) < records.index.nlevels:
            raise DataError(f"Two columns of P(v) have one name: {list(records.index.names)}. Give each its own.")
        records = records.index.to_frame(index=False)
    elif isinstance(records, pd.DataFrame):
        p = np.full(len(records), 1 / max(1, len(records)))
    else:
        raise DataError(
            "Records are a DataFrame with a column of 0 and 1 for each variable, or their P(v): model.joint(), or an "
            f"array of shape {shape}; got {type(records).__name__}."
        )
    if not len(records):
        raise DataError("There are no records to learn from: the table has no rows.")
    columns = [_binary(records, v) for v in form.variables]
    table = np.zeros(shape)
    np.add.at(table, tuple(columns), p)
    return table


def _probabilities(given: np.ndarray) -> np.ndarray:
    try:
        p = np.array(given, dtype=float)
    except (TypeError, ValueError):
        p = np.array([np.nan])
    if not (np.isfinite(p).all() and (p >= 0).all() and abs(p.sum() - 1) < 1e-6):
        raise DataError(
            f"P(v) is made of probabilities, none below 0, that sum to 1; got {reprlib.repr(given)}. "
            "If these are counts, divide them by their sum."
        )
    return p / p.sum()


def _binary(records: pd.DataFrame, v: str) -> np.ndarray:
    """A column, whole numbers. Raises DataError for one that is missing, has gaps, or values other than 0 and 1."""
    if v not in records:
        known = list(map(str, records.columns))
        raise DataError(
            f"The drawing has '{v}', and the records have not: they have {', '.join(known)}.{did_you_mean(v, known)}"
        )
    column = records[v]
    if column.ndim != 1:
        raise DataError(f"The records have two columns '{v}'. Keep one.")
    if column.isna().any():
        raise DataError(
            f"'{v}' is missing in {column.isna().sum():,} of {len(column):,} records. Drop these first, with "
            "records.dropna(), and think of whom you drop."
        )
    if odd := [x for x in column.tolist() if not isinstance(x, (int, float, np.number, np.bool_)) or x not in (0, 1)]:
        raise DataError(f"'{v}' has the value {odd[0]!r}; this model has words for 0 and 1. Make two groups of them.")
    return column.to_numpy(dtype=int)
