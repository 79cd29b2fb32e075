"""What a reader hands in as numbers: looked at, and made an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalcourse.errors import DataError


def to_array(given: Any) -> np.ndarray:
    """An array of what may be a tensor, or a list. Raises DataError for rows of several lengths, and for what is none.

    Used from chapter 12.
    """
    try:
        if not hasattr(given, "detach"):
            return np.asarray(given)
        given = given.detach().cpu().resolve_conj().contiguous()
        # NumPy has no numbers of 16 bits with so wide a range
        return np.from_dlpack(given.float() if "bfloat16" in str(given.dtype) else given)
    except (ValueError, TypeError, RuntimeError, BufferError, AttributeError):
        raise DataError(
            f"This needs an array of numbers, all its rows of one length; got {type(given).__name__}. Try "
            "np.array([...]), with one list for each row."
        ) from None


def to_tokens(given: Any) -> np.ndarray:
    """An array, and if it holds whole numbers of any size, those of NumPy's usual one. Used from chapter 12."""
    array = to_array(given)
    # without a sign, or of 8 bits, numbers that are taken from each other would wrap round
    return array.astype(np.int64) if array.dtype.kind in "iu" else array
