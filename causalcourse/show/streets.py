"""The picture of a walled town, of a walk through it, and of how strongly a square is believed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalcourse.errors import DataError
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.lm.town import check_town
from causalcourse.show.style import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causalcourse.lm.town import Town


def town(
    town: Town,
    title: str | None = None,
    walk: np.ndarray | None = None,
    belief: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a town from above: walls heavy, the fountain a circle with an F, north on top.

    walk: the tokens of one walk, drawn as a line that ends in a dot, with a cross at each wall it met. belief: a
    probability for each square, shape (squares,), drawn as grey, with percents where they are at least 5.
    Raises DataError for what does not fit. Taught in chapter 12.
    """
    check_town(town)
    if title is not None and not isinstance(title, str):
        raise DataError(f"title= is text, the message of the picture; got {title!r}.")
    if ax is not None and not hasattr(ax, "plot"):
        raise DataError(f"ax= is one of matplotlib's axes, as plt.subplots() gives; got {type(ax).__name__}.")
    size = town.size
    if ax is None:
        fig, ax = figure(title or "", size="square")
        fig.set_size_inches(6.4, 4.6)
    elif title:
        ax.set_title(title)
    if belief is not None:
        _believed(ax, _shaped(belief, size), size)
    for a, b in [*town.walls, *_outer(size)]:
        (x, y), (u, v) = _centre(a, size), _centre(b, size) if b >= 0 else _beyond(a, b, size)
        middle, along = ((x + u) / 2, (y + v) / 2), ((v - y) / 2, (u - x) / 2)
        ax.plot(*zip(*[[m + s * d for m, d in zip(middle, along, strict=True)] for s in (1, -1)], strict=True), **_WALL)
    _fountain(ax, *_centre(town.start, size))
    if walk is not None:
        _walked(ax, town, walk)
    ax.set(xlim=(-0.6, size - 0.4), ylim=(-0.6, size - 0.4), aspect="equal")
    ax.axis("off")
    return ax


_TURNS = ((0, 1), (1, 0), (0, -1), (-1, 0))  # columns and heights of N, E, S, W, which are the tokens 1 to 4
_WALL = {"color": "black", "lw": 3, "ls": "-", "solid_capstyle": "round"}


def _centre(square: int, size: int) -> tuple[float, float]:
    """Column and height: row 0 is the north."""
    return float(square % size), float(size - 1 - square // size)


def _outer(size: int) -> list[tuple[int, int]]:
    """The wall all round, each piece as a square and the side that it stands on, -1 to -4 for N, E, S, W."""
    sides = []
    for k in range(size):
        sides += [(k, -1), (k * size + size - 1, -2), ((size - 1) * size + k, -3), (k * size, -4)]
    return sides


def _beyond(square: int, side: int, size: int) -> tuple[float, float]:
    x, y = _centre(square, size)
    dx, dy = {-1: (0, 1), -2: (1, 0), -3: (0, -1), -4: (-1, 0)}[side]
    return x + dx, y + dy


def _fountain(ax: Axes, x: float, y: float) -> None:
    ax.plot(x - 0.28, y + 0.28, "o", ms=11, mfc="white", mec="black", mew=1, zorder=4)
    ax.text(x - 0.28, y + 0.27, "F", ha="center", va="center", fontsize=7, zorder=5)


def _walked(ax: Axes, town: Town, walk: np.ndarray) -> None:
    walks = np.atleast_2d(to_tokens(walk))
    if len(walks) != 1:
        raise DataError(f"walk= is one walk, such as walks[0]; got {len(walks)} of them.")
    squares = town.positions(walks)[0]
    x, y = np.array([_centre(s, town.size) for s in squares]).T
    for k in np.flatnonzero(squares[1:] == squares[:-1]):
        east, north = _TURNS[walks[0, 1 + 2 * k] - 1]
        ax.plot(x[k] + 0.38 * east, y[k] + 0.38 * north, "x", color=COLOURS["treatment"], ms=6, mew=1.5, zorder=4)
    # a little aside at each visit, so that a way there and back shows as two lines
    aside = np.linspace(-0.14, 0.14, len(squares))
    ax.plot(x + aside, y + aside, "-", color=COLOURS["treatment"], lw=1.5, zorder=3)
    ax.plot(x[-1] + aside[-1], y[-1] + aside[-1], "o", color=COLOURS["treatment"], zorder=4)


def _shaped(belief: np.ndarray, size: int) -> np.ndarray:
    belief = to_array(belief)
    numbers = belief.dtype.kind in "fiu"
    if not numbers or belief.shape != (size**2,) or not ((belief >= 0) & (belief <= 1)).all():
        raise DataError(f"belief= needs a probability for each of the {size**2} squares; got shape {belief.shape}.")
    return belief


def _believed(ax: Axes, belief: np.ndarray, size: int) -> None:
    for square, p in enumerate(belief):
        x, y = _centre(square, size)
        ax.fill(
            [x - 0.5, x + 0.5, x + 0.5, x - 0.5],
            [y - 0.5, y - 0.5, y + 0.5, y + 0.5],
            color="black",
            alpha=0.7 * p,
            lw=0,
        )
        if p >= 0.05:
            ax.text(x, y, f"{100 * p:.0f}", ha="center", va="center", color="white" if p > 0.5 else "black", zorder=4)
