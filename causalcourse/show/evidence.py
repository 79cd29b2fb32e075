"""What data say about a drawing: each implied independence with what is left of the dependence."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from causalcourse.errors import DataError
from causalcourse.separation import Independence
from causalcourse.show.style import COLOURS, figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NEEDED = ("x", "y", "given", "p", "p_adjusted", "effect", "low", "high", "holds")
_MOST = 40  # rows that a page holds
_WIDE = 24  # letters of a row's name in one line


def independences(table: pd.DataFrame, title: str) -> Axes:
    """Draw the table of `independence.compare_with_data`: one row for each claim, effect with its 95 % interval.

    A claim that holds is a hollow circle, a rejected one a filled square with its p-value in bold; what could not be
    tested has no mark. Of more than 40 claims the ones with the smallest p are drawn, and the axis says so.
    Raises DataError for another table, or one without claims. Taught in chapter 02.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame) or any(name not in table.columns for name in _NEEDED):
        raise DataError(
            "show.independences draws the table that independence.compare_with_data(graph, data) gives; this is "
            f"{'another table' if isinstance(table, pd.DataFrame) else type(table).__name__}."
        )
    if table.empty:
        raise DataError("There is nothing to draw: the graph implies no independence. Leave an arrow out to claim one.")
    drawn = table.loc[table["p"].sort_values(kind="stable").index[:_MOST].sort_values()]
    names = [_name(row) for row in drawn.itertuples()]
    lines = [name.count("\n") + 1 for name in names]
    middles, height = [], 0.0
    for count in lines:
        middles.append(height + (count + 1) / 2)
        height += count + 1
    _, ax = figure(title, xlabel="dependence that is left: effect with 95 % interval (0: none)")
    ax.figure.set_figheight(1.2 + 0.16 * height)
    ax.axvline(0, color=COLOURS["truth"], linestyle="-", linewidth=1, zorder=1)
    verdicts = [_mark(ax, middle, row) for middle, row in zip(middles, drawn.itertuples(), strict=True)]
    _labels(ax, middles, names, verdicts, height)
    few = f"; the {_MOST} with the smallest are drawn" if len(drawn) < len(table) else ""
    if len(table) > 1:
        ax.set_xlabel(f"{ax.get_xlabel()}\np adjusted for {table['p'].notna().sum()} tests{few}")
    return ax


def _name(row: Any) -> str:
    claim = str(Independence(row.x, row.y, tuple(row.given)))
    return textwrap.fill(claim, _WIDE, break_long_words=False)


def _mark(ax: Axes, middle: float, row: Any) -> str:
    """Draw one claim; returns what is written at the end of its row."""
    import pandas as pd

    if pd.isna(row.holds):
        return "not testable"
    ax.plot([row.low, row.high], [middle, middle], color="black", linestyle="-", linewidth=1.4, zorder=2)
    shape, fill, size = ("o", "white", 7) if row.holds else ("s", COLOURS["truth"], 8)
    ax.plot(row.effect, middle, shape, color="black", markerfacecolor=fill, markersize=size, zorder=3)
    p = "p < 0.001" if row.p_adjusted < 0.001 else f"p = {row.p_adjusted:.3f}"
    return p if row.holds else f"rejected, {p}"


def _labels(ax: Axes, middles: list[float], names: list[str], verdicts: list[str], height: float) -> None:
    ax.set_yticks(middles, names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(height, 0)
    ax.margins(x=0.05)
    ax.grid(axis="y", alpha=0.4)
    for middle, verdict in zip(middles, verdicts, strict=True):
        ax.annotate(
            verdict,
            (1.02, middle),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=10,
            weight="bold" if verdict.startswith("rejected") else "normal",
            color="#555555" if verdict == "not testable" else "black",
            annotation_clip=False,
        )
