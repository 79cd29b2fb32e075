"""Laboratories that all write the same press release about their network, and how one errs in judging it.

probe, untrained, control, edited, random, pushed: whether each walk came out right (1) or not (0), in six trials; None
where nobody tried.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causalcourse.checks.compare import Mistake

Data = np.ndarray | None
_TRIALS = ("probe", "untrained", "control", "edited", "random", "pushed")

# how often each was right (None: nobody tried), in the order of the arguments, and the first slip
LABORATORIES: tuple[tuple[tuple[float | None, ...], int], ...] = (
    ((0.93, 0.25, 0.35, 0.85, 0.05, 0.30), 5),
    ((0.40, 0.10, 0.05, 0.60, 0.05, 0.20), 1),
    ((0.90, 0.86, 0.30, 0.80, 0.06, 0.25), 2),
    ((0.88, None, 0.35, 0.85, 0.04, 0.30), 2),
    ((0.92, 0.28, 0.88, 0.82, 0.05, 0.30), 3),
    ((0.95, 0.22, None, 0.90, 0.03, 0.35), 3),
    ((0.97, 0.24, 0.33, 0.84, 0.80, 0.30), 4),
    ((0.93, 0.21, 0.37, 0.86, 0.05, 0.84), 4),
    ((0.94, 0.26, 0.31, 0.06, 0.04, 0.03), 4),
    ((0.96, 0.23, 0.36, 0.88, None, 0.32), 4),
    ((0.92, 0.25, 0.30, 0.83, 0.06, None), 4),
    ((0.95, 0.27, 0.34, None, None, None), 4),
    ((0.96, 0.24, 0.35, 0.45, 0.05, 0.85), 4),  # far from the push, on the wrong side
    ((0.80, 0.22, 0.10, 0.38, 0.03, 0.05), 5),  # few edits do it, and far more than otherwise
    ((0.97, 0.60, 0.62, 0.90, 0.52, 0.55), 5),  # the controls do well, and far less well
)


_FAR, _HALF = 0.2, 0.5  # as the exercise says


def near(rng: np.random.Generator) -> list[tuple[tuple[float, ...], int]]:
    """Laboratories a little on either side of what each sentence asks, and their first slips. Used from chapter 12.

    Each in the form of LABORATORIES; all that is not near is far.
    """
    found: list[tuple[tuple[float, ...], int]] = []
    for side in (-1, 1):

        def little(side: int = side) -> float:
            return side * rng.uniform(0.01, 0.02)  # more than a walk, of 150 or more

        p, e = rng.uniform(0.86, 0.96), rng.uniform(0.84, 0.94)
        found += [
            ((_HALF + little(), 0.12, 0.08, e, 0.05, 0.3), 1 if side < 0 else 5),
            ((p, p - _FAR - little(), 0.3, e, 0.06, 0.25), 2 if side < 0 else 5),
            ((p, 0.25, p - _FAR - little(), e, 0.04, 0.28), 3 if side < 0 else 5),
            ((p, 0.22, 0.34, e, e - _FAR - little(), 0.3), 4 if side < 0 else 5),
            ((p, 0.26, 0.32, e, 0.05, e - _FAR - little()), 4 if side < 0 else 5),
        ]
    return found


def shares(probe: Data, untrained: Data, control: Data, edited: Data, random: Data, pushed: Data) -> str:
    """The six shares in words. Used from chapter 12."""
    named = zip(_TRIALS, (probe, untrained, control, edited, random, pushed), strict=True)
    said = (f"{name} {'None' if data is None else f'{data.mean():.3f}'}" for name, data in named)
    return "the shares " + ", ".join(said)


def laboratory(rates: tuple[float | None, ...], rng: np.random.Generator) -> tuple[np.ndarray | None, ...]:
    """Data with these shares, to a walk, each trial of its own number of walks. Used from chapter 12."""

    def data(rate: float | None) -> np.ndarray | None:
        walks = int(rng.integers(150, 300))
        return None if rate is None else (rng.permutation(walks) < rate * walks).astype(int)

    return tuple(map(data, rates))


def _shown(*data: Data) -> list[bool]:
    """Whether the data show sentences 1 to 4, each told by counting right answers."""
    share = [-np.inf if d is None else np.count_nonzero(d) / d.size for d in data]
    # what was not tried is far from nothing
    second, third, *fourth = (
        np.isfinite(share[i] + share[j]) and share[i] - share[j] > 0.2 for i, j in ((0, 1), (0, 2), (3, 4), (3, 5))
    )
    return [share[0] > 0.5, second, third, all(fourth)]


def first_unshown(probe: Data, untrained: Data, control: Data, edited: Data, random: Data, pushed: Data) -> int:
    """The first sentence that the data do not show; no data of one town show the fifth. Used from chapter 12."""
    shown = _shown(probe, untrained, control, edited, random, pushed)
    return next((k for k, each in enumerate(shown, 1) if not each), 5)


def _first(change: Callable[[list[bool], tuple[Data, ...]], list[bool]]) -> Callable[..., int]:
    """The first slip of somebody who judges the four sentences with a change; 0 if they find none."""

    def found(*data: Data) -> int:
        judged = [*change(_shown(*data), data), False]
        return judged.index(False) + 1

    return found


def _tried_or_shown(shown: list[bool], data: tuple[Data, ...]) -> list[bool]:
    needed = ((0,), (0, 1), (0, 2), (3, 4, 5))
    return [s or any(data[k] is None for k in of) for s, of in zip(shown, needed, strict=True)]


def _often(data: Data) -> bool:
    return data is not None and bool(data.mean() > 0.5)


def _far(more: Data, less: Data) -> bool:
    return more is not None and less is not None and bool(more.mean() - less.mean() > 0.2)


def _none_is_0(*data: Data) -> int:
    return first_unshown(*(np.zeros(1) if d is None else d for d in data))


def _judged(far: float = _FAR, half: float = _HALF, size: Callable[[float], float] = float) -> Callable[..., int]:
    """The first slip of somebody for whom *far* and *half* begin elsewhere, or who takes a difference's size."""

    def change(shown: list[bool], data: tuple[Data, ...]) -> list[bool]:
        share = [np.nan if d is None else float(d.mean()) for d in data]  # nothing is far from NaN
        apart = [size(share[i] - share[j]) > far for i, j in ((0, 1), (0, 2), (3, 4), (3, 5))]
        return [share[0] > half, *apart[:2], all(apart[2:])]

    return _first(change)


def _slips(k: int) -> Callable[..., int]:
    """Sentence k + 1 is taken as shown."""
    return _first(lambda shown, data: [s or i == k for i, s in enumerate(shown)])


# one for each way to fall on the wrong side of some laboratory
_NOT_FAR = "Where does *far* begin in yours? The exercise says: by more than 0.2, as shares."
_OTHER_FAR = (
    (0.0, "In yours any difference is far."),
    (0.12, "In yours a smaller difference is far."),
    (0.28, "In yours a larger difference is not far yet."),
    (0.5, "In yours a much larger difference is not far yet."),
)
_NOT_HALF = "Where does sentence 1 begin to hold in yours? It says: in more than half of the walks."
_OTHER_HALF = ((0.45, "In yours somewhat fewer will do."), (0.6, "In yours it takes more."))

RELEASE_MISTAKES = (
    Mistake(
        "not tried, so not refuted",
        _first(_tried_or_shown),
        "You let a sentence pass where nobody tried the control. What was not tried shows nothing.",
    ),
    Mistake(
        "None is 0",
        _none_is_0,
        "In yours a control that is None counts as one that failed: it is read as 0, or passed over. Nobody tried it, "
        "so the sentence that needs it is not shown.",
    ),
    Mistake(
        "an edit without a control",
        _first(lambda shown, data: [*shown[:3], _often(data[3])]),
        "For sentence 4 you looked at the shift along the probe alone. What if any shift as long does as much? And "
        "what if few succeed, and none by chance?",
    ),
    Mistake(
        "answer alone not looked at",
        _first(lambda shown, data: [*shown[:3], _far(data[3], data[4])]),
        "For sentence 4 you looked at the random shift alone. What if an edit writes the answer, and moves nobody?",
    ),
    Mistake(
        "random shift not looked at",
        _first(lambda shown, data: [*shown[:3], _far(data[3], data[5])]),
        "For sentence 4 you looked at the push of the answer alone. What if any shift as long does as much?",
    ),
    Mistake(
        "one of two controls",
        _first(lambda shown, data: [*shown[:3], _far(data[3], data[4]) or _far(data[3], data[5])]),
        "For sentence 4 one of the two controls was enough for you. It has an *and*.",
    ),
    Mistake(
        "any push",
        _first(lambda shown, data: [*shown[:3], data[3] is not None]),
        "For sentence 4 you asked whether somebody tried a shift. What came of it, beside the others?",
    ),
    Mistake(
        "nothing wrong",
        lambda *data: 0 if all(_shown(*data)) else first_unshown(*data),
        "Where all controls went well you find no slip. Read sentence 5 again: of how many towns are there data?",
    ),
    Mistake(
        "last that holds",
        lambda *data: first_unshown(*data) - 1,
        "That is the last sentence that the data still show. Asked is the first that they do not.",
    ),
    Mistake(
        "controls below a half",
        _first(
            lambda shown, data: [shown[0], *(d is not None and not _often(d) for d in data[1:3]), shown[3]],
        ),
        "You asked whether the controls are below one half. Sentences 2 and 3 compare them with the probe: by how much "
        "is it better?",
    ),
    Mistake(
        "far, whichever way",
        _judged(size=abs),
        "You took the size of a difference, whichever way it goes. *Far more* than the push is not *far less*.",
    ),
    *(Mistake(f"far from {far}", _judged(far=far), f"{_NOT_FAR} {more}") for far, more in _OTHER_FAR),
    *(Mistake(f"half at {half}", _judged(half=half), f"{_NOT_HALF} {more}") for half, more in _OTHER_HALF),
    *(
        Mistake(f"sentence {k + 1} taken for granted", _slips(k), f"Yours always lets sentence {k + 1} pass. {asked}")
        for k, asked in enumerate(
            (
                "In which laboratory does the probe read the square in fewer than half of the walks?",
                "In which laboratory does an untrained network do nearly as well?",
                "In which laboratory is the probe nearly as good at labels that mean nothing?",
                "Three sentences of rung 1 stand before it, and it is of rung 2.",
            )
        )
    ),
)
