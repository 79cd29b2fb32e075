"""Statements as code: a claim prints as a ticked sentence and raises when it is false."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from causalcourse.errors import ClaimFailed, CourseError
from causalcourse.speaking import tell

if TYPE_CHECKING:
    import numpy as np


def claim(sentence: str, truth: bool | np.bool_) -> None:
    """Print `✓ sentence` when `truth` is true, raise ClaimFailed when it is false.

    `truth` is one True or False (Python's or NumPy's); anything else raises CourseError, since an array or a
    NaN is neither. When the environment variable CAUSALCOURSE_CLAIMS names a file, every claim is written
    there as a line of JSON and a false one does not raise, so that one run can report them all.
    Used from chapter 00.
    """
    if type(truth).__name__ not in ("bool", "bool_"):
        raise CourseError(
            f"claim({sentence!r}, ...) was given {type(truth).__name__}, which is neither true nor false. "
            "Give one comparison, such as a > b; for an array use (a > b).all()."
        )
    held = bool(truth)
    ledger = os.environ.get("CAUSALCOURSE_CLAIMS")
    if ledger:
        entry = {"sentence": sentence, "held": held, "seed": os.environ.get("CAUSALCOURSE_SEED", "0")}
        with open(ledger, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    elif not held:
        raise ClaimFailed(
            f"This does not hold: {sentence}. If you changed something above, you have found out what the claim "
            "depends on. If you did not, it is a mistake of ours."
        )
    tell(f"{'✓' if held else '✗'} {sentence}")


def say(text: str) -> None:
    """Show a sentence with computed numbers in it: as Markdown in Jupyter, as plain text elsewhere.

    Used from chapter 00.
    """
    tell(str(text), markdown=str(text))
