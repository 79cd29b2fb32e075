"""Examining the two edits that chapter 12 asks for: one that no answer hears, and one that no probe sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from causalcourse.checks.kinds import described

_EXACT = 1e-6


def not_apart(made: Any, probe: np.ndarray, readout: np.ndarray) -> str:
    """What keeps two edits from being `unheard` and `unseen`; "" when nothing does.

    made: two arrays of shape (n,), whatever they are; probe: shape (n,); readout: shape (k, n). Used from chapter 12.
    """
    if problem := _no_edits(made, len(probe)):
        return problem
    unheard, unseen = (np.asarray(edit, dtype=float) for edit in made)
    if not _unheard(unheard, probe, readout) and not _unseen(unseen, probe, readout):
        return ""
    if not _unheard(unseen, probe, readout) and not _unseen(unheard, probe, readout):
        return "Both edits are right, and they have changed places: `unheard` comes first."
    return _unheard(unheard, probe, readout) or "`unheard` is right. " + _unseen(unseen, probe, readout)


def _no_edits(made: Any, n: int) -> str:
    if not isinstance(made, (tuple, list, np.ndarray)) or len(made) != 2:
        return f"Return two edits, (unheard, unseen); this is {described(made)}." + " Is there a return?" * (
            made is None
        )
    try:
        edits = [np.asarray(edit) for edit in made]
    except (TypeError, ValueError, RuntimeError):
        return "Each edit is an array of numbers."
    if odd := [edit.dtype for edit in edits if edit.dtype.kind not in "fiu"]:
        return f"Each edit is an array of numbers; one of yours has the type {odd[0]}."
    shapes = [edit.shape for edit in edits]
    if wrong := [shape for shape in shapes if shape != (n,)]:
        return f"An edit is added to `h`, so it has the shape of `h`, here {(n,)}; one of yours has {wrong[0]}."
    if not all(np.isfinite(edit).all() for edit in edits):
        return "An edit holds NaN, or a number that is infinite. Is something divided by zero?"
    return ""


def _unheard(edit: np.ndarray, probe: np.ndarray, readout: np.ndarray) -> str:
    """What is wrong with the edit that the probe reads as one square and no answer hears."""
    read, heard = float(probe @ edit), np.abs(readout @ edit).max()
    if heard <= _EXACT:
        return _steps(read)
    if np.linalg.matrix_rank(np.stack([probe, edit])) == 1:
        return (
            "`unheard` points along the probe itself. The answers hear that: they change by up to "
            f"{heard:.2g}. A direction may be read by the probe and still be at right angles to every row of `readout`."
        )
    if abs(read) <= _EXACT:
        return (
            f"The probe does not notice `unheard`, and the answers change by up to {heard:.2g}. It is to be the other "
            "way round."
        )
    return f"An answer hears `unheard`: it changes by {heard:.2g}. What must `readout @ unheard` be?"


def _steps(read: float) -> str:
    if abs(read - 1) <= _EXACT:
        return ""
    if abs(read) <= _EXACT:
        return (
            "No answer hears `unheard`, and no more does the probe: it reads what it read before. One square further "
            "east is asked for."
        )
    if abs(read + 1) <= _EXACT:
        return "No answer hears `unheard`, and the probe reads one square further *west*. Turn it round."
    return f"No answer hears `unheard`. The probe reads {read:.3g} squares further east: make it exactly 1."


def _unseen(edit: np.ndarray, probe: np.ndarray, readout: np.ndarray) -> str:
    """What is wrong with the edit that lifts every answer by 1 and that the probe does not see."""
    read, rise = float(probe @ edit), (readout @ edit).round(9) + 0  # no minus zero
    lifted = np.abs(rise - 1).max() <= _EXACT
    if lifted and abs(read) <= _EXACT:
        return ""
    if lifted:
        return (
            f"Every answer rises by 1 with `unseen`, and the probe sees it: it reads {read:+.2g} squares. Did you ask "
            "anything of `probe @ unseen`?"
        )
    if np.abs(rise).max() <= _EXACT:
        return "With `unseen` no answer changes. Every one is to rise by 1."
    if np.ptp(rise) <= _EXACT:
        return f"With `unseen` every answer rises by {rise[0]:.3g}, and exactly 1 is asked for."
    return f"With `unseen` the answers rise by {rise.min():.2g} to {rise.max():.2g}. Each is to rise by exactly 1."
