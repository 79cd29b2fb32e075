"""The one look of every figure: readable in colour, in grey, by colour-blind readers, and from the last row."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Literal

from causalcourse.errors import CourseError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# What a colour means stays the same through the whole course. From dark to light, so that grey keeps them apart.
COLOURS: dict[str, str] = {
    "truth": "#000000",
    "treatment": "#0B4A7F",
    "conditioned": "#0E7C5B",
    "latent": "#8C8C8C",
    "outcome": "#E69F00",
    "muted": "#C9C9C9",
    "observed": "#CFE4F3",
}

_SIZES = {"wide": (6.4, 3.8), "square": (6.4, 5.6)}
_STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "font.family": "DejaVu Sans",  # it comes with matplotlib, so it is on every machine
    "font.size": 11,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "lines.linewidth": 2,
    "lines.markersize": 7,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "axes.prop_cycle": None,  # set in theme(), where matplotlib is loaded
}


def theme() -> None:
    """Give matplotlib the look of the course; calling it again changes nothing. Used from chapter 00."""
    import matplotlib
    from cycler import cycler

    order = [COLOURS[role] for role in ("treatment", "outcome", "conditioned", "latent", "truth")]
    styles = cycler(color=order) + cycler(linestyle=["-", "--", "-.", ":", "-"])
    matplotlib.rcParams.update(_STYLE | {"axes.prop_cycle": styles})


def figure(
    title: str, xlabel: str | None = None, ylabel: str | None = None, size: Literal["wide", "square"] = "wide"
) -> tuple[Figure, Axes]:
    """A figure with one pair of axes, titled with its message; a long title is wrapped. Width 6.4 inches.

    Raises CourseError for an unknown size. Used from chapter 00.
    """
    import matplotlib.pyplot as plt

    if size not in _SIZES:
        raise CourseError(f"size is 'wide' or 'square', not {size!r}.")
    theme()
    fig, ax = plt.subplots(figsize=_SIZES[size], layout="constrained")
    # the title belongs to the figure, not to the axes: it may use the whole width, above the axis labels too
    fig.suptitle(textwrap.fill(title, 64), x=0.01, ha="left")
    ax.set(xlabel=xlabel or "", ylabel=ylabel or "")
    return fig, ax
