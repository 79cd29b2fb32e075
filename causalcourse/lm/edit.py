"""Edits: change what a network holds while it reads, and see whether what it says changes as it should."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcourse.engines.mechanism import library
from causalcourse.errors import DataError, is_whole
from causalcourse.lm.arrays import to_array, to_tokens
from causalcourse.lm.share import Share
from causalcourse.lm.stream import adding, check_layer, finite, stream
from causalcourse.lm.town import BUMPED, MOVED, NORTH, WORDS, Town, check_town
from causalcourse.randomness import generator

if TYPE_CHECKING:
    import pandas as pd

    from causalcourse.lm.model import GPT

_ROWS = 512  # texts that are read at once
_STEPS = np.array([(-1, 0), (0, 1), (1, 0), (0, -1), (0, 0)])
"""Rows and columns that a step leads: N, E, S, W, and a bump."""


def ask(
    model: GPT, walks: np.ndarray, layer: float = 0, change: np.ndarray | None = None, token: int | None = None
) -> np.ndarray:
    """P(x), that the walker bumps, for each of the four moves after each walk, as the model has it: shape (n, 4).

    walks: shape (n, 1 + 2 * moves). change: what is added to the stream at `layer` while the model reads, shape
    (n, width), the same whichever move is asked about, or (n, 4, width); at the token of that number in the text, and
    by default at the move that is asked about, which comes last. P(x) is a share of P(.) + P(x).
    Raises CourseError and DataError for what does not fit. Taught in chapter 12.
    """
    torch = library("torch")
    check_layer(model, layer)
    if model.shape.vocab != len(WORDS.words):
        raise DataError(
            f"This model knows {model.shape.vocab} words, and walks are told in {len(WORDS.words)}. Take one that has "
            "read of a town, such as load('town')."
        )
    walks = to_tokens(walks)
    texts = asked(walks)
    place = texts.shape[1] - 1 if token is None else _place(token, walks)
    if change is not None:
        change = _four(change, len(walks), model.shape.width)
    found = []
    with torch.no_grad():
        for start in range(0, len(texts), _ROWS):
            rows = slice(start, start + _ROWS)
            added = None if change is None else change[rows]
            with adding(model, layer, place, added) as edit:
                logits = model(model.tensor(texts[rows]), edit=edit)[:, -1].double()
                found.append(to_array((logits[:, BUMPED] - logits[:, MOVED]).sigmoid()))  # a softmax over these two
    bumped = np.concatenate(found)
    # a comparison with what is no number is false, which would be counted as an answer
    if np.isnan(bumped).any():
        raise DataError("What the model says is no number: its weights are none, or the change is too large. Try less.")
    return bumped.reshape(len(walks), 4)


def asked(walks: np.ndarray) -> np.ndarray:
    """Each walk four times, with N, E, S and W after it: shape (4 * n, tokens + 1). Used from chapter 12."""
    walks = to_tokens(walks)
    if walks.ndim != 2 or walks.shape[1] % 2 == 0 or not len(walks) or walks.dtype.kind != "i":
        raise DataError(
            "Moves are asked about after whole walks, of shape (n, 1 + 2 * moves), such as town.walks(...) gives; got "
            f"{walks.dtype} of shape {walks.shape}."
        )
    moves = np.tile(np.arange(NORTH, NORTH + 4), len(walks))
    return np.hstack([np.repeat(walks, 4, axis=0), moves[:, None]])


def square_means(model: GPT, town: Town, walks: np.ndarray, layer: float, fewest: int = 10) -> np.ndarray:
    """The mean of the stream at the token of the move asked about, for each square and each move.

    walks: shape (n, 1 + 2 * moves), as long as those that are to be edited: what a model adds up over a text it may
    hold as an average, which is another number after more moves. Shape (squares, 4, width); not a number for a square
    where fewer than `fewest` walks end. Raises as `stream` does, and DataError for walks that are none in this town.
    Taught in chapter 12.
    """
    check_town(town)
    if not is_whole(fewest):
        raise DataError(f"fewest= is a number of walks, such as 10; got {fewest!r}.")
    ends = town.positions(walks)[:, -1]
    held = stream(model, asked(walks), layer)[:, -1].reshape(len(ends), 4, -1)
    count = np.bincount(ends, minlength=town.size**2)
    total = np.zeros((town.size**2, *held.shape[1:]))
    np.add.at(total, ends, held)
    known = (count >= max(1, fewest))[:, None, None]
    return np.where(known, total / np.maximum(1, count)[:, None, None], np.nan)


def plane(means: np.ndarray) -> np.ndarray:
    """The means as a map on paper: two directions, one a step south and one a step east, that come closest to them.

    means: shape (squares, width), numbered row by row; so is what comes back. Squares that are not a number are left
    out, and found where the others say. Raises DataError where these are too few, or in one line.
    Taught in chapter 12.
    """
    means = to_array(means)
    size = isqrt(len(means)) if means.ndim == 2 else 0
    if not size or size**2 != len(means) or means.dtype.kind not in "fiu":
        raise DataError(
            "A plane is laid through the means of a town's squares, of shape (size * size, width), such as "
            f"square_means(...).mean(axis=1) gives; got {means.dtype} of shape {means.shape}."
        )
    row, column = np.divmod(np.arange(len(means)), size)
    where = np.stack([np.ones(len(means)), row, column], axis=1)
    known = np.isfinite(means).all(1)
    if known.sum() < 3 or np.linalg.matrix_rank(where[known]) < 3:
        raise DataError(
            f"A plane needs three squares that are not in one line; {known.sum()} of these means are numbers. Take "
            "more walks: square_means(...)."
        )
    return where @ np.linalg.lstsq(where[known], means[known], rcond=None)[0]


def moved(
    model: GPT,
    walks: np.ndarray,
    layer: float,
    means: np.ndarray,
    from_: np.ndarray,
    to: np.ndarray,
    scale: float = 1.0,
) -> np.ndarray:
    """P(x) for each of the four moves, shape (n, 4), once the believed square is moved `from_` one `to` another.

    The stream at the token of the move asked about is shifted by `scale` times the difference of two means, shape
    (squares, width), one shift whichever move that is; or (squares, 4, width), one for each move. An edit of the last
    outcome does nothing where the model adds up all steps anew at each token. Raises DataError. Source: after Li et
    al. 2023 and Nanda 2023 (edits along a probe's directions). Taught in chapter 12.
    """
    return ask(model, walks, layer, _number(scale) * _shift(means, from_, to))


def success(
    model: GPT,
    town: Town,
    walks: np.ndarray,
    layer: float,
    means: np.ndarray,
    rng: np.random.Generator | None = None,
    scale: float = 1.0,
) -> pd.DataFrame:
    """How often an edit moves the walker, beside what it must be compared with: a row for each kind of edit.

    means: as `square_means` gives them at that layer. Each walk that ends on a square known there is moved to another,
    drawn among those with at least one of four walls different. `one shift`: the same whichever move is asked about;
    `south and east`: the same along two directions alone (`plane`); `a shift for each move`; `answer alone`: the
    difference between bumping and not bumping, of any square, where the answer is to change: an edit that does as well
    as this has changed what is said, not where the walker is; `random directions`: of the length of `one shift`;
    `no edit`. Columns: `all four`, the share whose four answers are those of the other square (P(x) above 1/2 or not),
    `changed` and `unchanged`, the share of right answers among those that differ between the squares and those that do
    not, `stays`, the share with the four answers of the true square. `low` and `high` are 95 % intervals.
    Raises as `moved` does. Taught in chapter 12.
    """
    import pandas as pd

    rng, scale, means = generator(rng, "edits"), _number(scale), _known(means, town)
    walks, from_, to = _pairs(town, walks, np.isfinite(means).all(axis=(1, 2)), rng)
    one = means.mean(axis=1)
    shift = _shift(one, from_, to)
    noise = rng.normal(size=shift.shape)
    noise *= np.linalg.norm(shift, axis=1, keepdims=True) / np.linalg.norm(noise, axis=1, keepdims=True)
    edits = {
        "one shift": shift,
        "south and east": _shift(plane(one), from_, to),
        "a shift for each move": _shift(means, from_, to),
        "answer alone": _answer(means, town, from_, to),
        "random directions": noise,
        "no edit": np.zeros_like(shift),
    }
    rows = [_judged(ask(model, walks, layer, scale * edit) > 1 / 2, town, from_, to) for edit in edits.values()]
    return pd.DataFrame(rows, index=pd.Index(edits, name="edit"))


def _judged(bumps: np.ndarray, town: Town, from_: np.ndarray, to: np.ndarray) -> dict[str, float]:
    there, here = town.bumps[to], town.bumps[from_]
    changed, right = there != here, bumps == there
    full, single = Share.of(right.all(axis=1)), Share.of(right[changed])
    return {
        "all four": full.value,
        "low": full.low,
        "high": full.high,
        "changed": single.value,
        "changed low": single.low,
        "changed high": single.high,
        "unchanged": float(right[~changed].mean()) if not changed.all() else np.nan,
        "stays": float((bumps == here).all(axis=1).mean()),
    }


def _pairs(
    town: Town, walks: np.ndarray, known: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The walks that can be edited, the square each ends on, and another for it."""
    ends = town.positions(walks)[:, -1]
    # which squares have a mean, and another wall than which squares
    others = known & known[:, None] & (town.bumps[:, None] != town.bumps).any(-1)
    kept = others.any(1)[ends]
    if not kept.any():
        raise DataError("These means do not have the squares where the walks end. Take more walks: square_means(...).")
    ends = ends[kept]
    return np.asarray(walks)[kept], ends, np.array([rng.choice(np.flatnonzero(others[q])) for q in ends])


def _answer(means: np.ndarray, town: Town, from_: np.ndarray, to: np.ndarray) -> np.ndarray:
    """From not bumping to bumping or back, whatever the square, for the moves where that changes: (n, 4, width)."""
    bumps = np.where(np.isfinite(means).all(axis=(1, 2))[:, None], town.bumps, -1)
    means = np.nan_to_num(means)
    at = [[(means * (bumps == k)[..., None]).sum(0) / np.maximum(1, (bumps == k).sum(0))[:, None]] for k in (0, 1)]
    turn = town.bumps[to].astype(int) - town.bumps[from_].astype(int)
    return turn[..., None] * (at[1][0] - at[0][0])


def interchange(model: GPT, base: np.ndarray, source: np.ndarray, layer: float, token: int | None = None) -> np.ndarray:
    """P(x) for each of the four moves after the base walks, with what the model held in the source walks put in.

    base and source: walks of shape (n, 1 + 2 * moves). What is held at `layer` at one token, by default that of the
    move asked about, is replaced by what is held there as the source walk is read; shape (n, 4). If the answers become
    those of the source, the model keeps there all that decides them. Raises DataError for walks of two shapes.
    Source: Geiger, Lu, Icard & Potts 2021 (interchange intervention). Taught in chapter 12.
    """
    base, source = to_tokens(base), to_tokens(source)
    if base.shape != source.shape:
        raise DataError(f"Base and source are walks of one shape; got {base.shape} and {source.shape}.")
    if token is None or _place(token, base) == base.shape[1]:
        held = [stream(model, asked(walks), layer)[:, -1].reshape(len(base), 4, -1) for walks in (source, base)]
    else:
        token = _place(token, base)
        held = [stream(model, walks, layer)[:, token] for walks in (source, base)]
    return ask(model, base, layer, held[0] - held[1], token)


def swapped_step(town: Town, base: np.ndarray, source: np.ndarray, move: int) -> np.ndarray:
    """Where the base walks would end, had their step of that number been the source's: squares, shape (n,).

    A step is what came of a move: one square north, east, south or west, or none. Steps are added up and no wall
    stops the others, so a sum may leave the town: then it is -1. move: 1, 2, ... Raises DataError for a move that is
    not there. Taught in chapter 12.
    """
    check_town(town)
    base, source = to_tokens(base), to_tokens(source)
    squares = town.positions(base)
    town.positions(source)
    if not is_whole(move, 1, squares.shape[1] - 1) or base.shape != source.shape:
        raise DataError(f"move= is 1 to {squares.shape[1] - 1}, in walks of one shape; got {move!r}.")
    taken = [np.where(w[:, 2 * move] == BUMPED, 4, w[:, 2 * move - 1] - NORTH) for w in (base, source)]
    where = np.stack(np.divmod(squares[:, -1], town.size), axis=1) - _STEPS[taken[0]] + _STEPS[taken[1]]
    inside = ((where >= 0) & (where < town.size)).all(axis=1)
    return np.where(inside, where[:, 0] * town.size + where[:, 1], -1)


def _known(means: np.ndarray, town: Town) -> np.ndarray:
    check_town(town)
    means = to_array(means)
    if means.ndim != 3 or means.shape[:2] != (town.size**2, 4) or means.dtype.kind not in "fiu":
        raise DataError(
            f"These means are numbers of shape ({town.size**2}, 4, width), as square_means(...) gives; got "
            f"{means.dtype} of shape {means.shape}."
        )
    return means


def _shift(means: np.ndarray, from_: Any, to: Any) -> np.ndarray:
    means, from_, to = to_array(means), to_array(from_), to_array(to)
    if means.ndim not in (2, 3) or means.dtype.kind not in "fiu":
        raise DataError(
            "Means are numbers of shape (squares, width) or (squares, 4, width), as square_means(...) gives; got "
            f"{means.dtype} of shape {means.shape}."
        )
    squares = len(means)
    for name, given in (("from_", from_), ("to", to)):
        if given.ndim != 1 or given.dtype.kind not in "iu" or not ((given >= 0) & (given < squares)).all():
            raise DataError(f"{name}= needs a square, 0 to {squares - 1}, for each walk; got {given}.")
    if len(from_) != len(to):
        raise DataError(f"from_= and to= have a square for each walk; got {len(from_)} and {len(to)}.")
    shift = means[to] - means[from_]
    if not np.isfinite(shift).all():
        raise DataError("These means do not have every square that is needed. Take more walks: square_means(...).")
    return shift


def _four(change: Any, walks: int, width: int) -> np.ndarray:
    """The change for each of the four texts of each walk, shape (4 * walks, width)."""
    change = finite(change, "A change")
    if change.shape == (walks, width):
        return np.repeat(change, 4, axis=0)
    if change.shape != (walks, 4, width):
        raise DataError(f"A change has shape {(walks, width)} or {(walks, 4, width)}; got {change.shape}.")
    return change.reshape(4 * walks, width)


def _place(token: Any, walks: np.ndarray) -> int:
    if not is_whole(token, 0, walks.shape[1]):
        raise DataError(
            f"token= is the number of a token, 0 to {walks.shape[1]} (the move asked about); got {token!r}."
        )
    return int(token)


def _number(scale: Any) -> float:
    number = isinstance(scale, (int, float, np.number)) and not isinstance(scale, bool)
    if not number or not np.isfinite(scale):
        raise DataError(f"scale= is a number, such as 1.5; got {scale!r}.")
    return float(scale)
