"""Estimates side by side, and whether the two arms can be compared at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalcourse.errors import DataError
from causalcourse.show.style import COLOURS, figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def effects(table: pd.DataFrame, title: str, truth: float | None = None, xlabel: str = "effect") -> Axes:
    """Draw estimates with their intervals, one row for each, and the truth as a thin line where it is known.

    table: as `estimate.effects` gives it, columns value, low, high. Raises DataError for another table.
    Taught in chapter 04.
    """
    if not {"value", "low", "high"} <= set(getattr(table, "columns", ())) or not len(table):
        raise DataError(
            "show.effects draws a table with rows and the columns value, low and high: estimate.effects(...)."
        )
    _, ax = figure(title, xlabel)
    for row, (name, found) in enumerate(table.iterrows()):
        naive = name == "naive"
        ax.plot([found["low"], found["high"]], [row, row], "-", color="black", lw=1.6)
        ax.plot(
            found["value"],
            row,
            "X" if naive else "o",
            mfc="white" if naive else COLOURS["treatment"],
            mec="black",
            ms=9,
        )
    if truth is not None:
        ax.axvline(truth, color=COLOURS["truth"], ls="-", lw=1)
    ax.set_yticks(range(len(table)), [str(name) for name in table.index])
    ax.set_ylim(len(table) - 0.5, -0.5)
    return ax


def overlap(scores: np.ndarray, treated: pd.Series | np.ndarray, title: str) -> Axes:
    """Draw propensity scores, treated units upwards and untreated ones downwards, in shares of each arm.

    scores: P(treated | ...) for each unit; treated: 1 or 0. Both of shape (n,). Raises DataError for other shapes or
    an empty arm. Taught in chapter 04.
    """
    scores, treated = np.asarray(scores, float), np.asarray(treated)
    if scores.ndim != 1 or scores.shape != treated.shape or not (0 < (treated == 1).sum() < len(treated)):
        raise DataError("show.overlap needs a score and a 0/1 treatment for each unit, with some units in either arm.")
    _, ax = figure(title, "propensity score: probability of being treated", "percent of the group")
    bins = np.linspace(0, 1, 26)
    for arm, sign, style in ((1, 1, {"color": COLOURS["treatment"]}), (0, -1, {"color": "white", "hatch": "//"})):
        share, _ = np.histogram(scores[treated == arm], bins)
        ax.bar(bins[:-1], sign * 100 * share / share.sum(), 0.04, align="edge", ec="black", lw=0.7, **style)
    ax.axhline(0, color="black", lw=1)
    most = max(abs(end) for end in ax.get_ylim()) * 1.15
    ax.set(ylim=(-most, most), xlim=(0, 1))
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    for height, words in ((0.95, "treated"), (0.05, "untreated")):
        ax.text(0.5, height, words, transform=ax.transAxes, ha="center", va="top" if height > 0.5 else "bottom")
    return ax
